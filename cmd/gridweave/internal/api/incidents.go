package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/incident"
)

// Incident is one case.
type Incident struct {
	ID          int64             `json:"id"`
	Code        geo.Code          `json:"code" doc:"Grid, building or room that it happened in."`
	BuildingID  *int64            `json:"building_id,omitempty"`
	Location    [2]float64        `json:"location" doc:"Longitude and latitude."`
	Type        IncidentTypeName  `json:"type"`
	Status      incident.Status   `json:"status"`
	Source      incident.Source   `json:"source"`
	Description string            `json:"description"`
	Department  string            `json:"department,omitempty"`
	Handler     *incident.Person  `json:"handler,omitempty"`
	Verifier    *incident.Person  `json:"verifier,omitempty"`
	PhoneMasked string            `json:"reporter_phone_masked,omitempty"`
	RejectedFor string            `json:"rejected_because,omitempty"`
	Resolution  string            `json:"resolution,omitempty"`
	ReportedAt  time.Time         `json:"reported_at"`
	FiledAt     *time.Time        `json:"filed_at,omitempty"`
	AssignedAt  *time.Time        `json:"assigned_at,omitempty"`
	RespondedAt *time.Time        `json:"responded_at,omitempty"`
	ResolvedAt  *time.Time        `json:"resolved_at,omitempty"`
	VerifiedAt  *time.Time        `json:"verified_at,omitempty"`
	ClosedAt    *time.Time        `json:"closed_at,omitempty"`
	DueAt       *time.Time        `json:"due_at,omitempty" doc:"Deadline of the timer that runs."`
	FinishBy    *time.Time        `json:"finish_by,omitempty"`
	Overdue     bool              `json:"overdue"`
	Returns     int               `json:"returns"`
	Reworks     int               `json:"reworks"`
	Reopenings  int               `json:"reopenings"`
	Actions     []incident.Action `json:"actions" doc:"What the caller may do now."`
}

// IncidentTypeName names a minor class.
type IncidentTypeName struct {
	Code     string `json:"code"`
	NameZh   string `json:"name_zh"`
	NameEn   string `json:"name_en"`
	Severity int    `json:"severity" minimum:"1" maximum:"4" doc:"1 is worst."`
}

// IncidentClass is a major class with its minor ones.
type IncidentClass struct {
	Code   string         `json:"code"`
	NameZh string         `json:"name_zh"`
	NameEn string         `json:"name_en"`
	Types  []IncidentType `json:"types"`
}

// IncidentType is a minor class with the minutes each stage may take.
type IncidentType struct {
	IncidentTypeName
	Department string         `json:"department"`
	Limits     map[string]int `json:"limits" doc:"Minutes for accept, assign, respond, finish, verify."`
}

type incidentAPI struct{ d Deps }

func registerIncidents(api huma.API, d Deps) {
	i := incidentAPI{d}
	get(api, "incidentTypes", "/api/v1/incident-types", "The classification of incidents", "incidents", i.types)
	get(api, "listIncidents", "/api/v1/incidents", "Incidents, newest first", "incidents", i.list)
	post(api, "reportIncident", "/api/v1/incidents", "Report an incident", "incidents", http.StatusCreated, i.report)
	get(api, "getIncident", "/api/v1/incidents/{id}", "One incident", "incidents", i.one)
	get(api, "incidentEvidence", "/api/v1/incidents/{id}/evidence", "The ledger on an incident", "incidents", i.evidence)
	get(api, "incidentHandlers", "/api/v1/incidents/{id}/handlers", "Who an incident can be assigned to", "incidents", i.handlers)
	post(api, "actOnIncident", "/api/v1/incidents/{id}/{action}", "Take a step", "incidents", http.StatusOK, i.act)
}

func (i incidentAPI) show(ctx context.Context, x incident.Incident) (Incident, error) {
	now := time.Now()
	phone, err := i.d.Incidents.Phone(x)
	if err != nil {
		return Incident{}, err
	}
	return Incident{
		ID: x.ID, Code: x.Code, BuildingID: x.BuildingID, Location: lonLat(x.Place),
		Type:   IncidentTypeName{x.Type.Code, x.Type.NameZh, x.Type.NameEn, x.Type.Severity},
		Status: x.Status, Source: x.Source, Description: x.Description, Department: x.Department, Handler: x.Handler,
		Verifier: x.Verifier, PhoneMasked: phone, RejectedFor: x.RejectedFor, Resolution: x.Resolution,
		ReportedAt: x.ReportedAt, FiledAt: x.FiledAt, AssignedAt: x.AssignedAt, RespondedAt: x.RespondedAt,
		ResolvedAt: x.ResolvedAt, VerifiedAt: x.VerifiedAt, ClosedAt: x.ClosedAt, DueAt: x.DueAt, FinishBy: x.FinishBy,
		Overdue: x.Overdue(now), Returns: x.Returns, Reworks: x.Reworks, Reopenings: x.Reopenings,
		Actions: append([]incident.Action{}, incident.Actions(x, actorOf(ctx), now)...),
	}, nil
}

type classesOutput struct {
	Body struct {
		Classes []IncidentClass `json:"classes"`
	}
}

func (i incidentAPI) types(ctx context.Context, _ *struct{}) (*classesOutput, error) {
	all, err := i.d.Incidents.Classes(ctx, actorOf(ctx))
	if err != nil {
		return nil, err
	}
	out := &classesOutput{}
	out.Body.Classes = []IncidentClass{}
	for _, c := range all {
		class := IncidentClass{Code: c.Code, NameZh: c.NameZh, NameEn: c.NameEn}
		for _, t := range c.Types {
			class.Types = append(class.Types, showType(t))
		}
		out.Body.Classes = append(out.Body.Classes, class)
	}
	return out, nil
}

func showType(t incident.Type) IncidentType {
	minutes := func(d time.Duration) int { return int(d / time.Minute) }
	return IncidentType{
		IncidentTypeName: IncidentTypeName{t.Code, t.NameZh, t.NameEn, t.Severity}, Department: t.Department,
		Limits: map[string]int{
			"accept": minutes(t.Limits.Accept), "assign": minutes(t.Limits.Assign), "respond": minutes(t.Limits.Respond),
			"finish": minutes(t.Limits.Finish), "verify": minutes(t.Limits.Verify),
		},
	}
}

type listIncidentsInput struct {
	Page
	Code    string    `query:"code" doc:"Only within this area or building."`
	Status  string    `query:"status" enum:"reported,merged,rejected,filed,assigned,returned,acknowledged,arrived,in_progress,suspended,resolved,verified,rework,closed"`
	Type    string    `query:"type" maxLength:"4"`
	Open    bool      `query:"open" doc:"Only those whose clock runs."`
	Overdue bool      `query:"overdue" doc:"Only those whose clock has run out."`
	Since   time.Time `query:"since" doc:"Reported at or after."`
	Until   time.Time `query:"until" doc:"Reported before."`
}

func (i incidentAPI) list(ctx context.Context, in *listIncidentsInput) (*listOutput[Incident], error) {
	within, err := optionalCode("code", in.Code)
	if err != nil {
		return nil, err
	}
	before, err := in.number()
	if err != nil {
		return nil, err
	}
	all, err := i.d.Incidents.List(ctx, actorOf(ctx), incident.Filter{
		Within: within, Status: incident.Status(in.Status), Type: in.Type, Open: in.Open, Overdue: in.Overdue,
		Since: optionalTime(in.Since), Until: optionalTime(in.Until), Before: before, Limit: in.Limit + 1,
	})
	if err != nil {
		return nil, err
	}
	shown := make([]Incident, len(all))
	for n, x := range all {
		if shown[n], err = i.show(ctx, x); err != nil {
			return nil, err
		}
	}
	key := func(x Incident) string { return strconv.FormatInt(x.ID, 10) }
	return answerPage(in.Page, shown, key, func(x Incident) Incident { return x }), nil
}

func optionalTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// IDInput names a case. It is exported because huma reads embedded structs only then.
type IDInput struct {
	ID int64 `path:"id" minimum:"1"`
}

type incidentOutput struct{ Body Incident }

func (i incidentAPI) one(ctx context.Context, in *IDInput) (*incidentOutput, error) {
	x, err := i.d.Incidents.Get(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	shown, err := i.show(ctx, x)
	return &incidentOutput{Body: shown}, err
}

func (i incidentAPI) evidence(ctx context.Context, in *IDInput) (*evidenceOutput, error) {
	return answerEvidence(i.d.Incidents.Evidence(ctx, actorOf(ctx), in.ID))
}

type handlersOutput struct {
	Body struct {
		Items []incident.Candidate `json:"items" doc:"The department that it belongs to first."`
	}
}

func (i incidentAPI) handlers(ctx context.Context, in *IDInput) (*handlersOutput, error) {
	all, err := i.d.Incidents.Handlers(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &handlersOutput{}
	out.Body.Items = append([]incident.Candidate{}, all...)
	return out, nil
}

type reportInput struct {
	Body struct {
		Type        string   `json:"type" minLength:"4" maxLength:"4" doc:"Code of the minor class."`
		Description string   `json:"description,omitempty" maxLength:"4000"`
		Lon         *float64 `json:"lon,omitempty" minimum:"-180" maximum:"180"`
		Lat         *float64 `json:"lat,omitempty" minimum:"-90" maximum:"90"`
		Building    string   `json:"building,omitempty" doc:"Code of a building (19 digits) or of a room (25), instead of a point."`
		Source      string   `json:"source,omitempty" enum:"resident,grid_worker,sensor,hotline"`
		Phone       string   `json:"reporter_phone,omitempty" maxLength:"30"`
	}
}

func (i incidentAPI) report(ctx context.Context, in *reportInput) (*written[Incident], error) {
	building, err := optionalCode("building", in.Body.Building)
	if err != nil {
		return nil, err
	}
	r := incident.Report{
		Type: in.Body.Type, Description: in.Body.Description, Building: building, Source: incident.Source(in.Body.Source),
		Phone: in.Body.Phone,
	}
	if (in.Body.Lon == nil) != (in.Body.Lat == nil) {
		return nil, fault.Invalid("incident.place", "lon and lat go together", fault.Field{Path: "lon", Message: "lon and lat go together"})
	}
	if in.Body.Lon != nil {
		r.Place = &orb.Point{*in.Body.Lon, *in.Body.Lat}
	}
	x, pos, err := i.d.Incidents.Report(ctx, actorOf(ctx), r)
	if err != nil {
		return nil, err
	}
	shown, err := i.show(ctx, x)
	return answerWrite(pos, shown), err
}

type actInput struct {
	IDInput
	Action string `path:"action" enum:"file,reject,assign,return,acknowledge,resolve,verify,rework,close,reopen"`
	Body   struct {
		Reason     string `json:"reason,omitempty" maxLength:"1000"`
		Handler    string `json:"handler,omitempty" maxLength:"64" doc:"For assign: the account that handles it."`
		Resolution string `json:"resolution,omitempty" maxLength:"4000" doc:"For resolve: what was done."`
	}
}

func (i incidentAPI) act(ctx context.Context, in *actInput) (*written[Incident], error) {
	x, pos, err := i.d.Incidents.Act(ctx, actorOf(ctx), in.ID, incident.Order{
		Action: incident.Action(in.Action), Reason: in.Body.Reason, Handler: in.Body.Handler, Resolution: in.Body.Resolution,
	})
	if err != nil {
		return nil, err
	}
	shown, err := i.show(ctx, x)
	if err != nil {
		return nil, fmt.Errorf("incident %d: %w", in.ID, err)
	}
	return answerWrite(pos, shown), nil
}
