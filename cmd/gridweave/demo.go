package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/roster"
	"github.com/gridweave/gridweave/geo/civic/account"
)

// demoFlags say which city is generated.
type demoFlags struct {
	Scale string `enum:"tiny,futian,city" default:"futian" help:"futian (30,000 buildings), city (640,000) or tiny (600, for tests)."`
	Seed  uint64 `default:"1" help:"The same seed makes the same city."`
}

type demoCommand struct {
	place
	demoFlags
}

// Run generates a district into an empty database.
func (d *demoCommand) Run(c *console) error {
	return d.with(c, func(o *opened) error {
		summary, err := d.generate(c, o, func(stage string) { _, _ = fmt.Fprintln(c.stderr, stage) })
		if err != nil {
			return err
		}
		if d.JSON {
			return c.printJSON(summary)
		}
		c.printLine("%s, seed %d: %d areas, %d buildings, %d rooms, %d residents in %s", summary.Scale, summary.Seed,
			summary.Areas, summary.Buildings, summary.Rooms, summary.Residents, summary.Took.Round(time.Millisecond))
		return nil
	})
}

// generate tells each stage as it begins.
func (d demoFlags) generate(ctx context.Context, o *opened, say func(stage string)) (demo.Summary, error) {
	sealer, err := o.sealer()
	if err != nil {
		return demo.Summary{}, err
	}
	last := ""
	return demo.Write(ctx, o.DB, demo.Options{
		Scale: city.Scale(d.Scale), Seed: d.Seed, Sealer: sealer,
		Progress: func(p demo.Progress) {
			if p.Stage != last {
				last = p.Stage
				say(p.Stage)
			}
		},
	})
}

// prepareDemo fills an empty district and makes sure of its accounts.
func (s *serveCommand) prepareDemo(ctx context.Context, o *opened, accounts *account.Service) ([]roster.Member, error) {
	say := func(stage string) { o.log.InfoContext(ctx, "demo", "stage", stage) }
	if _, err := s.generate(ctx, o, say); err != nil && !errors.Is(err, demo.ErrNotEmpty) {
		return nil, err
	}
	posts, err := o.demoPosts(ctx)
	if err != nil {
		return nil, err
	}
	return roster.Ensure(ctx, accounts, o.keys, posts)
}

// demoPosts picks what gets an account: the whole district, the street, community and grid with the most houses to let,
// and each department.
func (o *opened) demoPosts(ctx context.Context) (p roster.Posts, err error) {
	if p.Root, err = o.root(ctx); err != nil {
		return p, err
	}
	err = o.Admin.QueryRow(ctx, `
		select left(code, 9), left(code, 12), left(code, 14) from building_state
		group by 1, 2, 3 order by sum(rental_rooms) desc, 3 limit 1`).Scan(&p.Street, &p.Community, &p.Grid)
	if err != nil {
		return p, fmt.Errorf("demo accounts: the district has no buildings: %w", err)
	}
	rows, err := o.Admin.Query(ctx, `
		select code, name_zh, name_en from department where code in (select department from incident_type) order by code`)
	if err == nil {
		p.Departments, err = pgx.CollectRows(rows, pgx.RowToStructByPos[roster.Department])
	}
	if err != nil {
		return p, fmt.Errorf("demo accounts: departments: %w", err)
	}
	return p, nil
}
