package simulate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/incident"
)

// page is how many cases or declarations are read at once.
const page = 200

// lookEvery is how often the simulation looks for what people have begun beside it, and newest at how many of each.
const (
	lookEvery = 5 * time.Minute
	newest    = 50
)

// takeUp plans what is to be done about everything that is open.
func (s *Simulation) takeUp(ctx context.Context) error {
	s.agenda = nil
	s.waiting = map[duty]map[int64]bool{toAdvance: {}, toDecide: {}}
	err := inPages(func(before int64) ([]incident.Incident, error) {
		return s.services.Incidents.List(ctx, s.cast.Desk, incident.Filter{Open: true, Before: before, Limit: page})
	}, func(i incident.Incident) int64 { return i.ID }, s.planCases)
	for _, status := range []declare.Status{declare.Submitted, declare.Doubtful} {
		if err != nil {
			return err
		}
		err = inPages(func(before int64) ([]declare.Declaration, error) {
			return s.services.Declarations.List(ctx, s.cast.Desk, declare.Filter{Status: status, Before: before, Limit: page})
		}, func(d declare.Declaration) int64 { return d.ID }, s.planDeclarations)
	}
	return err
}

// inPages reads a list to its end, newest first, and hands on each page.
func inPages[T any](read func(before int64) ([]T, error), id func(T) int64, use func([]T)) error {
	for before := int64(0); ; {
		got, err := read(before)
		if err != nil {
			return err
		}
		use(got)
		if len(got) < page {
			return nil
		}
		before = id(got[len(got)-1])
	}
}

// look plans what people have begun: the newest cases and doubtful declarations.
func (s *Simulation) look(ctx context.Context) error {
	s.agenda.add(errand{at: s.options.Clock.Now().Add(lookEvery), duty: toLook})
	open, err := s.services.Incidents.List(ctx, s.cast.Desk, incident.Filter{Open: true, Limit: newest})
	if err != nil {
		return err
	}
	s.planCases(open)
	doubtful, err := s.services.Declarations.List(ctx, s.cast.Desk, declare.Filter{Status: declare.Doubtful, Limit: newest})
	if err != nil {
		return err
	}
	s.planDeclarations(doubtful)
	return nil
}

func (s *Simulation) planCases(open []incident.Incident) {
	for _, i := range open {
		if !s.waiting[toAdvance][i.ID] {
			s.plan(s.advanceAt(i, 0))
		}
	}
}

func (s *Simulation) planDeclarations(waiting []declare.Declaration) {
	for _, d := range waiting {
		if !s.waiting[toDecide][d.ID] {
			s.plan(s.decideAt(d))
		}
	}
}

func (s *Simulation) plan(e errand) {
	s.waiting[e.duty][e.id] = true
	s.agenda.add(e)
}

// report lets somebody report what has happened about this time of day before, where it has.
func (s *Simulation) report(ctx context.Context) error {
	at, ok := s.scene()
	if !ok {
		return nil
	}
	kind, known := s.kinds[at.kind]
	if !known {
		return nil // the type was taken out of use
	}
	by := s.cast.Desk
	switch at.source {
	case incident.FromResident:
		by = s.cast.Resident
	case incident.FromGridWorker:
		by = s.cast.Worker
	case incident.FromHotline, incident.FromSensor:
	}
	r := incident.Report{
		Type: kind.Code, Source: at.source, Description: fmt.Sprintf("%s / %s", kind.NameZh, kind.NameEn), Place: &at.place,
	}
	if at.code.Level() >= geo.Building {
		r.Place, r.Building = nil, at.code
	}
	made, _, err := s.services.Incidents.Report(ctx, by, r)
	if err != nil {
		return err
	}
	s.counts.Reported++
	s.plan(s.advanceAt(made, 0))
	return nil
}

// advance takes the next step of a case, as whoever would take it. What somebody has done to it meanwhile counts.
func (s *Simulation) advance(ctx context.Context, e errand) error {
	delete(s.waiting[toAdvance], e.id)
	i, err := s.services.Incidents.Get(ctx, s.cast.Desk, e.id)
	if err != nil {
		s.keep(e, err)
		return err
	}
	by, order := s.next(i)
	if by.Name == "" {
		return nil
	}
	after, _, err := s.services.Incidents.Act(ctx, by, i.ID, order)
	if err != nil {
		s.keep(e, err)
		return err
	}
	s.counts.Advanced++
	if after.DueAt != nil {
		s.plan(s.advanceAt(after, e.pace))
	}
	return nil
}

// keep leaves on the agenda what failed, and what was refused: by somebody who was faster, or who is not in the cast.
func (s *Simulation) keep(e errand, err error) {
	e.at = s.sooner(s.options.Clock.Now(), s.about(leftLying))
	if kind, refused := fault.KindOf(err); !refused {
		e.at = s.options.Clock.Now()
	} else if kind == fault.KindNotFound {
		return
	}
	s.plan(e)
}

// How often a case takes a turn that is not straight on: seldom, since the history takes almost none.
const (
	rejected  = .05 // as in the history
	turnsBack = .02
)

// next is who does what to a case in its state.
func (s *Simulation) next(i incident.Incident) (account.Actor, incident.Order) {
	chance := s.random.Float64()
	switch i.Status {
	case incident.Reported:
		if chance < rejected {
			return s.cast.Desk, incident.Order{Action: incident.Reject, Reason: "重复或不属实 / a repetition, or not so"}
		}
		return s.cast.Desk, incident.Order{Action: incident.File}
	case incident.Filed, incident.Returned:
		return s.cast.Desk, incident.Order{Action: incident.Assign, Handler: s.handlerOf(i).Name}
	case incident.Assigned:
		if chance < turnsBack {
			return s.handlerOf(i), incident.Order{Action: incident.Return, Reason: "不属本部门职责 / not ours"}
		}
		return s.handlerOf(i), incident.Order{Action: incident.Acknowledge}
	case incident.Acknowledged, incident.Rework:
		return s.handlerOf(i), incident.Order{Action: incident.Resolve, Resolution: "已现场处置 / dealt with on the spot"}
	case incident.Resolved:
		if chance < turnsBack {
			return s.cast.Verifier, incident.Order{Action: incident.Redo, Reason: "未整改到位 / not mended"}
		}
		return s.cast.Verifier, incident.Order{Action: incident.Verify}
	case incident.Verified:
		return s.cast.Verifier, incident.Order{Action: incident.Close}
	case incident.Rejected, incident.Closed:
	}
	return account.Actor{}, incident.Order{}
}

// handlerOf is whom a case was given to, or who works for the department that it belongs to.
func (s *Simulation) handlerOf(i incident.Incident) account.Actor {
	all := s.cast.Handlers
	if i.Handler != nil {
		if n := slices.IndexFunc(all, func(a account.Actor) bool { return a.Name == i.Handler.Name }); n >= 0 {
			return all[n]
		}
	}
	n := slices.IndexFunc(all, func(a account.Actor) bool { return a.Department != "" && a.Department == i.Department })
	return all[max(0, n)]
}
