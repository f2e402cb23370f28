package api

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/situation"
)

// KeyFigure is one key figure of an area.
type KeyFigure struct {
	Key       situation.Key    `json:"key" enum:"overdue,open,reported,closed_on_time,risky,self_declared"`
	Now       situation.Ratio  `json:"now"`
	Yesterday *situation.Ratio `json:"yesterday,omitempty" doc:"At the same time a day ago; absent where nothing was kept to tell it from."`
	Series    []int            `json:"series,omitempty" doc:"24 values an hour apart, the last one now: what stood at the hour's end, or happened within it."`
}

type keyFiguresOutput struct {
	Body struct {
		AsOf    time.Time   `json:"as_of"`
		Figures []KeyFigure `json:"figures"`
	}
}

// PastEvent is one thing that happened.
type PastEvent struct {
	At       time.Time `json:"at"`
	Topic    string    `json:"topic" enum:"incident,declaration,grade"`
	ID       int64     `json:"id" doc:"Of the incident, the declaration or the building."`
	Code     geo.Code  `json:"code"`
	Action   string    `json:"action,omitempty" doc:"What was done; absent for a change of grade."`
	Was      string    `json:"was,omitempty" doc:"Status or grade before; absent for none."`
	Now      string    `json:"now,omitempty" doc:"Status or grade after; absent for none."`
	Type     string    `json:"type,omitempty" doc:"Minor class of an incident."`
	Severity int       `json:"severity,omitempty" doc:"Of an incident; 1 is worst."`
	Lon      *float64  `json:"lon,omitempty"`
	Lat      *float64  `json:"lat,omitempty"`
	NameZh   string    `json:"name_zh,omitempty" doc:"Of the building whose grade changed."`
	NameEn   string    `json:"name_en,omitempty"`
}

// PastGrade is a grade that a building had.
type PastGrade struct {
	ID    int64  `json:"id"`
	Grade string `json:"grade" doc:"Empty for none."`
}

// PastIncident is an incident as it was.
type PastIncident struct {
	ID         int64      `json:"id"`
	Code       geo.Code   `json:"code"`
	Type       string     `json:"type"`
	Severity   int        `json:"severity"`
	Status     string     `json:"status"`
	ReportedAt time.Time  `json:"reported_at"`
	DueAt      *time.Time `json:"due_at,omitempty" doc:"Where the ledger kept it."`
	Lon        float64    `json:"lon"`
	Lat        float64    `json:"lat"`
}

// ActivitySlot is how much happened in one slot of a histogram.
type ActivitySlot struct {
	At           time.Time `json:"at" doc:"The slot's beginning."`
	Incidents    int       `json:"incidents"`
	Declarations int       `json:"declarations"`
	Grades       int       `json:"grades"`
}

type situationAPI struct{ s *situation.Service }

func registerSituation(api huma.API, d Deps) {
	s := situationAPI{d.Situation}
	get(api, "areaFigures", "/api/v1/areas/{code}/figures", "Key figures of an area, and those of a day ago", "situation", s.figures)
	get(api, "areaHistory", "/api/v1/areas/{code}/history", "What happened in an area between two times", "situation", s.history)
	get(api, "areaActivity", "/api/v1/areas/{code}/activity", "How much happened in an area, by slots of time", "situation", s.activity)
	get(api, "areaPast", "/api/v1/areas/{code}/past", "How things stood in an area at a time", "situation", s.past)
}

func (s situationAPI) figures(ctx context.Context, in *codeInput) (*keyFiguresOutput, error) {
	code, err := pathCode(in.Code)
	if err != nil {
		return nil, err
	}
	all, at, err := s.s.Figures(ctx, actorOf(ctx), code)
	if err != nil {
		return nil, err
	}
	out := &keyFiguresOutput{}
	out.Body.AsOf, out.Body.Figures = at, make([]KeyFigure, len(all))
	for i, f := range all {
		out.Body.Figures[i] = KeyFigure(f)
	}
	return out, nil
}

func pathCode(s string) (geo.Code, error) {
	code, err := geo.ParseCode(s)
	if err != nil {
		return "", fault.InvalidField("area.code", "code", err)
	}
	return code, nil
}

type historyInput struct {
	Code   string    `path:"code"`
	From   time.Time `query:"from" doc:"At or after; by default a day before the end."`
	To     time.Time `query:"to" doc:"Before; by default now."`
	Order  string    `query:"order" enum:"oldest,newest" default:"oldest" doc:"Which come first."`
	Topics []string  `query:"topics" enum:"incident,declaration,grade" doc:"Of these; all where left out."`
	Limit  int       `query:"limit" minimum:"1" maximum:"1000" default:"200"`
	Cursor string    `query:"cursor" doc:"The next of the page before, with the same times, order and topics."`
}

const aDay = 24 * time.Hour

// window fills in what was left out.
func (in *historyInput) window() (situation.Window, error) {
	w := situation.Window{
		To: in.To, From: in.From, NewestFirst: in.Order == "newest", Topics: in.Topics, Limit: in.Limit + 1,
	}
	if w.To.IsZero() {
		w.To = time.Now().UTC()
	}
	if w.From.IsZero() {
		w.From = w.To.Add(-aDay)
	}
	if in.Cursor == "" {
		return w, nil
	}
	w.After = &situation.Mark{}
	raw, err := base64.RawURLEncoding.DecodeString(in.Cursor)
	if err == nil {
		err = json.Unmarshal(raw, w.After)
	}
	if err != nil {
		return w, fault.Invalid("list.cursor", "the cursor is not one that a list gave", fault.Field{Path: "cursor", Message: "unknown"})
	}
	return w, nil
}

func (s situationAPI) history(ctx context.Context, in *historyInput) (*listOutput[PastEvent], error) {
	code, err := pathCode(in.Code)
	if err != nil {
		return nil, err
	}
	w, err := in.window()
	if err != nil {
		return nil, err
	}
	all, err := s.s.History(ctx, actorOf(ctx), code, w)
	if err != nil {
		return nil, err
	}
	key := func(e situation.Event) string {
		mark, _ := json.Marshal(situation.Mark{At: e.At, Topic: e.Topic, Seq: e.Seq}) //nolint:errchkjson // three plain values
		return string(mark)
	}
	return answerPage(Page{Limit: in.Limit}, all, key, showEvent), nil
}

func showEvent(e situation.Event) PastEvent {
	return PastEvent{
		At: e.At, Topic: e.Topic, ID: e.ID, Code: e.Code, Action: e.Action, Was: e.Was, Now: e.Now, Type: e.Type,
		Severity: e.Severity, Lon: e.Lon, Lat: e.Lat, NameZh: e.NameZh, NameEn: e.NameEn,
	}
}

type activityInput struct {
	Code string    `path:"code"`
	From time.Time `query:"from" doc:"By default a day before the end."`
	To   time.Time `query:"to" doc:"By default now."`
	Step int       `query:"step" minimum:"60" maximum:"86400" default:"900" doc:"A slot's width in seconds."`
}

type activityOutput struct {
	Body struct {
		Slots []ActivitySlot `json:"slots"`
	}
}

func (s situationAPI) activity(ctx context.Context, in *activityInput) (*activityOutput, error) {
	code, err := pathCode(in.Code)
	if err != nil {
		return nil, err
	}
	times, err := (&historyInput{From: in.From, To: in.To}).window()
	if err != nil {
		return nil, err
	}
	width := time.Duration(cmp.Or(in.Step, 900)) * time.Second
	all, err := s.s.Activity(ctx, actorOf(ctx), code, times.From, times.To, width)
	if err != nil {
		return nil, err
	}
	out := &activityOutput{}
	out.Body.Slots = make([]ActivitySlot, len(all))
	for i, x := range all {
		out.Body.Slots[i] = ActivitySlot(x)
	}
	return out, nil
}

type pastInput struct {
	Code string    `path:"code"`
	At   time.Time `query:"at" required:"true" doc:"Within the last two days."`
}

type pastOutput struct {
	Body struct {
		Grades    []PastGrade    `json:"grades" doc:"Buildings that had another grade than now."`
		Incidents []PastIncident `json:"incidents" doc:"What was open."`
	}
}

func (s situationAPI) past(ctx context.Context, in *pastInput) (*pastOutput, error) {
	code, err := pathCode(in.Code)
	if err != nil {
		return nil, err
	}
	p, err := s.s.Past(ctx, actorOf(ctx), code, in.At)
	if err != nil {
		return nil, err
	}
	out := &pastOutput{}
	out.Body.Grades, out.Body.Incidents = make([]PastGrade, len(p.Grades)), make([]PastIncident, len(p.Incidents))
	for i, g := range p.Grades {
		out.Body.Grades[i] = PastGrade{ID: g.BuildingID, Grade: g.Grade}
	}
	for i, x := range p.Incidents {
		out.Body.Incidents[i] = PastIncident(x)
	}
	return out, nil
}
