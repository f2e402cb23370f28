// Package simulate lets things happen in a demo district: incidents are reported and worked off, residents declare, and
// houses change their grade. It works through the same use cases as everybody, as the demo's accounts, and never around
// them. It never runs in a district that is not the demo's.
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
)

// Services are the use cases that the simulation works through.
type Services struct {
	Houses       *house.Service
	Incidents    *incident.Service
	Declarations *declare.Service
}

// Cast are the accounts that act.
type Cast struct{ Desk, Department, Verifier, Station, Worker, Resident account.Actor }

// Options say how fast and how long.
type Options struct {
	Rate  float64 // steps a second, on average
	Seed  uint64
	Steps int // 0 for until the context ends
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
	houses   []house.Building // where things happen, gathered at the start
	types    []incident.Type
	counts   Counts
}

// New prepares a run.
func New(s Services, c Cast, o Options) *Simulation {
	return &Simulation{services: s, cast: c, options: o, random: rand.New(rand.NewPCG(o.Seed, 0x9e3779b97f4a7c15))}
}

// retryAfter is how long the simulation waits when the database does not answer.
const retryAfter = 3 * time.Second

// Run takes steps until there were enough or the context ends, which is no error. What a rule refuses is counted and
// passed over, as people do; what fails is tried again later.
func (s *Simulation) Run(ctx context.Context) (Counts, error) {
	for s.options.Steps == 0 || s.counts.Steps < s.options.Steps {
		wait := time.Duration(s.random.ExpFloat64() / s.options.Rate * float64(time.Second))
		if err := s.step(ctx); err != nil && ctx.Err() == nil {
			if _, refused := fault.KindOf(err); refused {
				s.counts.Refused++
				s.options.Log.DebugContext(ctx, "simulation refused", "error", err)
			} else {
				s.counts.Failed++
				s.options.Log.WarnContext(ctx, "simulation failed", "error", err)
				wait = retryAfter
			}
		}
		s.counts.Steps++
		select {
		case <-ctx.Done():
			return s.counts, nil
		case <-time.After(wait):
		}
	}
	return s.counts, nil
}

func (s *Simulation) step(ctx context.Context) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}
	switch n := s.random.IntN(100); {
	case n < 22:
		return s.report(ctx)
	case n < 62:
		return s.advance(ctx)
	case n < 77:
		return s.declare(ctx)
	case n < 85:
		return s.visit(ctx)
	default:
		return s.grade(ctx)
	}
}

// sample is how many houses of each grade the simulation knows in a street: enough not to repeat itself, few enough to
// read in no time.
const sample = 25

// prepare reads where things can happen, once.
func (s *Simulation) prepare(ctx context.Context) error {
	if len(s.houses) > 0 {
		return nil
	}
	classes, err := s.services.Incidents.Classes(ctx, s.cast.Desk)
	if err != nil {
		return err
	}
	for _, c := range classes {
		s.types = append(s.types, c.Types...)
	}
	for _, grade := range []house.Grade{house.Red, house.Orange, house.Yellow, house.Green} {
		if err := s.gather(ctx, grade); err != nil {
			return err
		}
	}
	if len(s.houses) == 0 || len(s.types) == 0 {
		return errors.New("simulate: the district has no rental houses")
	}
	s.random.Shuffle(len(s.houses), func(i, j int) { s.houses[i], s.houses[j] = s.houses[j], s.houses[i] })
	return nil
}

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
