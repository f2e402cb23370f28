// Package simulate lets things happen in a demo district: incidents are reported and worked off, residents declare, and
// houses change their grade, as much in each hour of the day, of such kinds and in such places, and worked on for as
// long, as in the demo's written history: what is open and overdue stays what it was. It works through the same use
// cases as everybody, as the demo's accounts, and never around them. It never runs in a district that is not the demo's.
//
// A Simulation belongs to one goroutine.
package simulate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/civic/incident"
	"github.com/gridweave/gridweave/geo/postgis"
)

// Services are the use cases that the simulation works through, and the database whose history it goes on from.
type Services struct {
	DB           *postgis.DB
	Houses       *house.Service
	Incidents    *incident.Service
	Declarations *declare.Service
}

// Cast are the accounts that act. Worker and Resident go everywhere. Handlers are all who may be given a case; a
// department that has nobody among them is stood in for by the first.
type Cast struct {
	Desk, Verifier, Worker, Resident account.Actor
	Handlers                         []account.Actor
}

// Options say how fast and how long.
type Options struct {
	Speed float64 // times as fast as the history; 1 where it is 0
	Seed  uint64
	Steps int   // 0 for until the context ends
	Clock Clock // the wall's where it is nil
	Log   *slog.Logger
}

// Counts is what was done.
type Counts struct {
	Steps        int `json:"steps"`
	Reported     int `json:"reported"`
	Advanced     int `json:"advanced"`
	Declarations int `json:"declarations"`
	Visits       int `json:"visits"`
	Grades       int `json:"grades"`
	Refused      int `json:"refused"` // by a rule, as it happens to people
	Failed       int `json:"failed"`  // by the database or ourselves
}

// Simulation is one run.
type Simulation struct {
	services Services
	cast     Cast
	options  Options
	random   *rand.Rand
	past     *Past
	houses   []house.Building // where people live and grades change, gathered at the start
	kinds    map[string]incident.Type
	agenda   agenda
	waiting  map[duty]map[int64]bool // cases and declarations on the agenda
	counts   Counts
}

// New prepares a run.
func New(s Services, c Cast, o Options) *Simulation {
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.Clock == nil {
		o.Clock = Wall{}
	}
	return &Simulation{
		services: s, cast: c, options: o, random: rand.New(rand.NewPCG(o.Seed, 0x9e3779b97f4a7c15)),
		waiting: map[duty]map[int64]bool{toAdvance: {}, toDecide: {}},
	}
}

// retryAfter is how long the simulation waits when the database does not answer.
const retryAfter = 3 * time.Second

// Run does what is to be done until there was enough or the context ends, which is no error. What a rule refuses is
// counted and passed over, as people do; what fails is tried again later.
func (s *Simulation) Run(ctx context.Context) (Counts, error) {
	for s.options.Steps == 0 || s.counts.Steps < s.options.Steps {
		if s.past == nil {
			if err := s.prepare(ctx); err != nil && !s.fails(ctx, err) {
				return s.counts, nil
			}
			continue
		}
		e := s.agenda.next()
		if !s.options.Clock.Until(ctx, e.at) {
			return s.counts, nil
		}
		err := s.do(ctx, e)
		if e.duty != toLook {
			s.counts.Steps++
		}
		if err == nil {
			continue
		}
		if _, refused := fault.KindOf(err); refused {
			s.counts.Refused++
			s.options.Log.DebugContext(ctx, "simulation refused", "error", err)
		} else if !s.fails(ctx, err) {
			return s.counts, nil
		}
	}
	return s.counts, nil
}

// fails notes what went wrong and waits; false where the context has ended.
func (s *Simulation) fails(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	s.counts.Failed++
	s.options.Log.WarnContext(ctx, "simulation failed", "error", err)
	return s.options.Clock.Until(ctx, s.options.Clock.Now().Add(retryAfter))
}

// prepare reads the history and what is open, once, and begins the agenda.
func (s *Simulation) prepare(ctx context.Context) error {
	past, err := Recall(ctx, s.services.DB, s.cast.Desk.Scope)
	if err != nil {
		return err
	}
	classes, err := s.services.Incidents.Classes(ctx, s.cast.Desk)
	if err != nil {
		return err
	}
	s.kinds = map[string]incident.Type{}
	for _, c := range classes {
		for _, t := range c.Types {
			s.kinds[t.Code] = t
		}
	}
	s.houses = nil
	for _, grade := range []house.Grade{house.Red, house.Orange, house.Yellow, house.Green} {
		if err := s.gather(ctx, grade); err != nil {
			return err
		}
	}
	if len(s.houses) == 0 || len(s.kinds) == 0 {
		return errors.New("simulate: the district has no rental houses")
	}
	s.random.Shuffle(len(s.houses), func(i, j int) { s.houses[i], s.houses[j] = s.houses[j], s.houses[i] })
	if err := s.takeUp(ctx); err != nil {
		return err
	}
	s.past = past
	now := s.options.Clock.Now()
	for d, r := range s.rhythms() {
		s.again(d, r, now)
	}
	s.agenda.add(errand{at: now.Add(lookEvery), duty: toLook})
	return nil
}

func (s *Simulation) rhythms() map[duty]*Rhythm {
	return map[duty]*Rhythm{toReport: &s.past.Reports, toDeclare: &s.past.Declarations, toGrade: &s.past.Grades}
}

// again puts the next thing of a kind on the agenda.
func (s *Simulation) again(d duty, r *Rhythm, after time.Time) {
	if at, ok := r.Next(after, s.options.Speed, s.random); ok {
		s.agenda.add(errand{at: at, duty: d})
	}
}

// do does what an errand is about, and plans what follows from it.
func (s *Simulation) do(ctx context.Context, e errand) error {
	if r, ok := s.rhythms()[e.duty]; ok {
		s.again(e.duty, r, e.at)
	}
	switch e.duty {
	case toReport:
		return s.report(ctx)
	case toDeclare:
		return s.declare(ctx)
	case toGrade:
		return s.grade(ctx)
	case toAdvance:
		return s.advance(ctx, e)
	case toDecide:
		return s.decide(ctx, e)
	case toLook:
		return s.look(ctx)
	}
	return nil
}

// sample is how many houses of each grade the simulation knows in a street: enough not to repeat itself, few enough to
// read in no time.
const sample = 25

// gather reads houses of a grade, some of each street: a list comes in the order of codes, and its beginning alone would
// have everything happen in one street.
func (s *Simulation) gather(ctx context.Context, grade house.Grade) error {
	f := house.Filter{Grades: []house.Grade{grade}, Limit: sample}
	for {
		found, err := s.services.Houses.List(ctx, s.cast.Desk, f)
		if err != nil || len(found) == 0 {
			return err
		}
		first, ok := found[0].Code.At(geo.Street)
		if !ok {
			return fmt.Errorf("simulate: building %s lies in no street", found[0].Code)
		}
		for _, b := range found {
			if first.Covers(b.Code) {
				s.houses = append(s.houses, b)
			}
		}
		_, end := first.Range()
		f.After.Code = geo.Code(end)
	}
}

// somewhere prefers few houses to many: trouble gathers.
func (s *Simulation) somewhere() house.Building {
	n := float64(len(s.houses))
	return s.houses[int(n*s.random.Float64()*s.random.Float64())]
}
