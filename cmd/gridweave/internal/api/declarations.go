package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Declaration is one declaration of residence, its person masked.
type Declaration struct {
	ID          int64            `json:"id"`
	Code        geo.Code         `json:"code" doc:"The room."`
	Status      declare.Status   `json:"status"`
	Source      declare.Source   `json:"source"`
	Name        string           `json:"name_masked"`
	Number      string           `json:"id_masked"`
	Phone       string           `json:"phone_masked,omitempty"`
	MovedIn     string           `json:"moved_in_on" format:"date"`
	MovedOut    *string          `json:"moved_out_on,omitempty" format:"date"`
	Checks      []declare.Check  `json:"checks"`
	SubmittedAt time.Time        `json:"submitted_at"`
	DecidedAt   *time.Time       `json:"decided_at,omitempty"`
	DueAt       *time.Time       `json:"due_at,omitempty"`
	Visits      int              `json:"visits"`
	Actions     []declare.Action `json:"actions" doc:"What the caller may do now."`
}

type declarationAPI struct{ d Deps }

func registerDeclarations(api huma.API, d Deps) {
	a := declarationAPI{d}
	get(api, "listDeclarations", "/api/v1/declarations", "Declarations, newest first", "declarations", a.list)
	post(api, "declareResidence", "/api/v1/declarations", "Declare residence", "declarations", http.StatusCreated, a.submit)
	get(api, "getDeclaration", "/api/v1/declarations/{id}", "One declaration", "declarations", a.one)
	get(api, "declarationEvidence", "/api/v1/declarations/{id}/evidence", "The ledger on a declaration", "declarations", a.evidence)
	post(api, "actOnDeclaration", "/api/v1/declarations/{id}/{action}", "Take a step", "declarations", http.StatusOK, a.act)
}

func (a declarationAPI) show(ctx context.Context, x declare.Declaration) Declaration {
	out := Declaration{
		ID: x.ID, Code: x.Code, Status: x.Status, Source: x.Source, Name: x.Name, Number: x.Number, Phone: x.Phone,
		MovedIn: x.MovedIn.Format(time.DateOnly), Checks: x.Checks, SubmittedAt: x.SubmittedAt, DecidedAt: x.DecidedAt,
		DueAt: x.DueAt, Visits: x.Visits, Actions: append([]declare.Action{}, declare.Actions(x, actorOf(ctx))...),
	}
	if x.MovedOut != nil {
		day := x.MovedOut.Format(time.DateOnly)
		out.MovedOut = &day
	}
	return out
}

type listDeclarationsInput struct {
	Page
	Code   string    `query:"code" doc:"Only within this area, building or room."`
	Status string    `query:"status" enum:"submitted,accepted,doubtful,rejected,moved_out,expired,superseded"`
	Since  time.Time `query:"since" doc:"Submitted at or after."`
}

func (a declarationAPI) list(ctx context.Context, in *listDeclarationsInput) (*listOutput[Declaration], error) {
	within, err := optionalCode("code", in.Code)
	if err != nil {
		return nil, err
	}
	before, err := in.number()
	if err != nil {
		return nil, err
	}
	all, err := a.d.Declarations.List(ctx, actorOf(ctx), declare.Filter{
		Within: within, Status: declare.Status(in.Status), Since: optionalTime(in.Since), Before: before, Limit: in.Limit + 1,
	})
	if err != nil {
		return nil, err
	}
	key := func(x declare.Declaration) string { return strconv.FormatInt(x.ID, 10) }
	return answerPage(in.Page, all, key, func(x declare.Declaration) Declaration { return a.show(ctx, x) }), nil
}

type declarationOutput struct{ Body Declaration }

func (a declarationAPI) one(ctx context.Context, in *IDInput) (*declarationOutput, error) {
	x, err := a.d.Declarations.Get(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &declarationOutput{Body: a.show(ctx, x)}, nil
}

func (a declarationAPI) evidence(ctx context.Context, in *IDInput) (*evidenceOutput, error) {
	return answerEvidence(a.d.Declarations.Evidence(ctx, actorOf(ctx), in.ID))
}

type submitInput struct {
	Body struct {
		Room    string `json:"room" doc:"25-digit house code, as on the QR plate."`
		Name    string `json:"name" minLength:"1" maxLength:"50"`
		Number  string `json:"id_number" doc:"Identity number (GB 11643)."`
		Phone   string `json:"phone,omitempty" maxLength:"30"`
		MovedIn string `json:"moved_in_on,omitempty" format:"date" doc:"Today where left out."`
	}
}

func (a declarationAPI) submit(ctx context.Context, in *submitInput) (*written[Declaration], error) {
	f := declare.Form{Room: in.Body.Room, Name: in.Body.Name, Number: in.Body.Number, Phone: in.Body.Phone}
	if in.Body.MovedIn != "" {
		day, err := time.Parse(time.DateOnly, in.Body.MovedIn)
		if err != nil {
			return nil, fault.InvalidField("declaration.day", "moved_in_on", err)
		}
		f.MovedIn = &day
	}
	x, pos, err := a.d.Declarations.Submit(ctx, actorOf(ctx), f)
	if err != nil {
		return nil, err
	}
	return answerWrite(pos, a.show(ctx, x)), nil
}

type actOnDeclarationInput struct {
	IDInput
	Action string `path:"action" enum:"accept,doubt,verify,refute,absent,move-out"`
	Body   struct {
		Reason string `json:"reason,omitempty" maxLength:"1000"`
	}
}

func (a declarationAPI) act(ctx context.Context, in *actOnDeclarationInput) (*written[Declaration], error) {
	x, pos, err := a.d.Declarations.Act(ctx, actorOf(ctx), in.ID, declare.Action(in.Action), in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return answerWrite(pos, a.show(ctx, x)), nil
}
