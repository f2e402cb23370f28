package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/roster"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/simulate"
	"github.com/gridweave/gridweave/geo/civic/account"
)

// simulateRate is a modest day of a district: a step every second and a half.
const simulateRate = 0.7

type simulateCommand struct {
	place
	Rate  float64       `default:"0.7" help:"Steps a second, on average."`
	Seed  uint64        `default:"1" help:"The same seed makes the same choices."`
	Steps int           `help:"Stop after so many steps."`
	For   time.Duration `help:"Stop after this time, such as 10m."`
}

// Run simulates until it was enough or it is interrupted, and tells what was done.
func (s *simulateCommand) Run(c *console) error {
	if s.Rate <= 0 {
		return errors.New("--rate: more than 0 steps a second")
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
		counts, err := newSimulation(v, members, s.Rate, s.Seed, s.Steps, o.log).Run(ctx)
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

func newSimulation(v services, members []roster.Member, rate float64, seed uint64, steps int, log *slog.Logger) *simulate.Simulation {
	as := func(name string) account.Actor {
		i := slices.IndexFunc(members, func(m roster.Member) bool { return m.Name == name })
		return members[i].Actor()
	}
	return simulate.New(simulate.Services{Houses: v.houses, Incidents: v.incidents, Declarations: v.declarations}, simulate.Cast{
		Desk: as("duty"), Department: as("urban"), Verifier: as("verifier"), Station: as("station"), Worker: as("grid"),
		Resident: as("resident"),
	}, simulate.Options{Rate: rate, Seed: seed, Steps: steps, Log: log})
}
