package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/roster"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/simulate"
	"github.com/gridweave/gridweave/geo/civic/account"
)

type simulateCommand struct {
	place
	Speed float64       `default:"1" help:"Times as fast as the demo's written history, to show more in less time."`
	Seed  uint64        `default:"1" help:"The same seed makes the same choices."`
	Steps int           `help:"Stop after so many steps."`
	For   time.Duration `help:"Stop after this time, such as 10m."`
}

// Run simulates until it was enough or it is interrupted, and tells what was done.
func (s *simulateCommand) Run(c *console) error {
	if s.Speed <= 0 {
		return errors.New("--speed: more than 0 times as fast")
	}
	return s.with(c, func(o *opened) error {
		v, err := newServices(o)
		if err != nil {
			return err
		}
		posts, err := o.demoPosts(c)
		if err != nil {
			return err
		}
		members, err := roster.Ensure(c, v.accounts, o.keys, posts)
		if err != nil {
			return err
		}
		ctx := context.Context(c)
		if s.For > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(c, s.For)
			defer cancel()
		}
		counts, err := newSimulation(o, v, members, simulate.Options{Speed: s.Speed, Seed: s.Seed, Steps: s.Steps, Log: o.log}).Run(ctx)
		if err != nil {
			return err
		}
		if s.JSON {
			return c.printJSON(counts)
		}
		c.printLine("%d steps: %d incidents reported, %d steps of cases, %d declarations, %d visits, %d grades; %d refused, %d failed",
			counts.Steps, counts.Reported, counts.Advanced, counts.Declarations, counts.Visits, counts.Grades, counts.Refused, counts.Failed)
		return nil
	})
}

func newSimulation(o *opened, v services, members []roster.Member, options simulate.Options) *simulate.Simulation {
	as := func(name string) account.Actor {
		i := slices.IndexFunc(members, func(m roster.Member) bool { return m.Name == name })
		return members[i].Actor()
	}
	cast := simulate.Cast{Desk: as("duty"), Verifier: as("verifier"), Worker: as("mobile"), Resident: as("resident")}
	for _, m := range members {
		if m.Role == account.Department || m.Role == account.GridWorker {
			cast.Handlers = append(cast.Handlers, m.Actor())
		}
	}
	return simulate.New(simulate.Services{
		DB: o.DB, Houses: v.houses, Incidents: v.incidents, Declarations: v.declarations,
	}, cast, options)
}
