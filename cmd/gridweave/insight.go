package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/heat"
)

type insightCommand struct {
	Check   insightCheck   `cmd:"" help:"Compare the heatmaps' counts with the rows they count."`
	Rebuild insightRebuild `cmd:"" help:"Count everything for the heatmaps anew."`
	Bench   insightBench   `cmd:"" help:"Measure how long the heatmaps' questions take, of the whole area that is loaded."`
}

type insightCheck struct{ place }

// Run fails where a count is not what the rows say.
func (i *insightCheck) Run(c *console) error {
	return i.with(c, func(o *opened) error {
		wrong, err := differences(c, o)
		if err != nil {
			return err
		}
		if i.JSON {
			if err := c.printJSON(map[string]any{"differences": wrong}); err != nil {
				return err
			}
		}
		for _, w := range wrong {
			if !i.JSON {
				c.printLine("%s", w)
			}
		}
		if len(wrong) > 0 {
			return errors.New("counts differ from the rows: `gridweave insight rebuild` counts anew")
		}
		if !i.JSON {
			c.printLine("every count is what the rows say")
		}
		return nil
	})
}

// mostDifferences are enough to see what is wrong.
const mostDifferences = 50

func differences(ctx context.Context, o *opened) ([]string, error) {
	rows, err := o.Admin.Query(ctx, `select format('%s %s: %s, by the rows %s', which, key, kept, counted) from heat_check() limit $1`, mostDifferences)
	if err != nil {
		return nil, fmt.Errorf("insight check: %w", err)
	}
	wrong, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("insight check: %w", err)
	}
	return wrong, nil
}

type insightRebuild struct{ place }

// Run counts anew; who writes meanwhile waits.
func (i *insightRebuild) Run(c *console) error {
	return i.with(c, func(o *opened) error {
		began := time.Now()
		if _, err := o.Admin.Exec(c, `select heat_rebuild()`); err != nil {
			return fmt.Errorf("insight rebuild: %w", err)
		}
		if i.JSON {
			return c.printJSON(map[string]any{"took_ms": time.Since(began).Milliseconds()})
		}
		c.printLine("counted in %s", time.Since(began).Round(time.Millisecond))
		return nil
	})
}

type insightBench struct {
	place
	Runs int `default:"15" help:"How often each question is asked."`
}

// question is one of the measurements.
type question struct {
	name string
	ask  func(heat.Query) error
}

// timing is how long a question took over all runs, in milliseconds.
type timing struct {
	Question string  `json:"question"`
	Days     int     `json:"days"`
	Median   float64 `json:"median_ms"`
	Worst    float64 `json:"worst_ms"`
}

// Run asks every question of the last day, week and thirty days.
func (i *insightBench) Run(c *console) error {
	return i.with(c, func(o *opened) error {
		root, err := o.root(c)
		if err != nil {
			return err
		}
		var all []timing
		for _, q := range questions(c, heat.NewService(o.DB, time.Now), account.Actor{Name: "bench", Role: account.Leader, Scope: root}) {
			for _, days := range []int{1, 7, 30} {
				t, err := i.measure(q, root, days)
				if err != nil {
					return fmt.Errorf("insight bench: %s: %w", q.name, err)
				}
				all = append(all, t)
			}
		}
		if i.JSON {
			return c.printJSON(all)
		}
		c.printLine("%-34s %5s %10s %10s", "question, of "+string(root), "days", "median ms", "worst ms")
		for _, t := range all {
			c.printLine("%-34s %5d %10.1f %10.1f", t.Question, t.Days, t.Median, t.Worst)
		}
		return nil
	})
}

func (i *insightBench) measure(q question, root geo.Code, days int) (timing, error) {
	to := time.Now().UTC().Truncate(time.Hour).Add(time.Hour)
	query := heat.Query{Area: root, From: to.AddDate(0, 0, -days), To: to}
	var took []time.Duration
	for range i.Runs {
		began := time.Now()
		if err := q.ask(query); err != nil {
			return timing{}, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return timing{q.name, days, ms(took[len(took)/2]), ms(took[len(took)-1])}, nil
}

// questions are what the page asks, at the width and bandwidth that it takes for such an area.
func questions(ctx context.Context, s *heat.Service, by account.Actor) []question {
	width, fine := 400.0, geo.Grid
	if by.Scope.Level() < geo.District { // a city
		width, fine = 1000, geo.Community
	}
	areas := func(m heat.Measure, class string, level geo.Level, v heat.View) func(heat.Query) error {
		return func(q heat.Query) error {
			q.Measure, q.Class = m, class
			_, err := s.Areas(ctx, by, q, level, v)
			return err
		}
	}
	count, rate := heat.View{Value: heat.Count}, heat.View{Value: heat.PerResident, Smooth: true, Compare: true}
	return []question{
		{"incidents by street", areas(heat.Incidents, "", geo.Street, count)},
		{"incidents by community", areas(heat.Incidents, "", geo.Community, count)},
		{"incidents by grid", areas(heat.Incidents, "", geo.Grid, count)},
		{"fires by grid", areas(heat.Incidents, "05", geo.Grid, count)},
		{"incidents, rates compared", areas(heat.Incidents, "", geo.Community, rate)},
		{"declarations by grid", areas(heat.Declarations, "accepted", geo.Grid, count)},
		{"undeclared rentals by grid", areas(heat.Undeclared, "", geo.Grid, heat.View{Value: heat.PerRoom})},
		{"risky houses by grid, compared", areas(heat.Grades, heat.Risky, geo.Grid, heat.View{Value: heat.PerHouse, Compare: true})},
		{fmt.Sprintf("incidents by hexagons of %g m", width), func(q heat.Query) error {
			q.Measure = heat.Incidents
			_, err := s.Hexes(ctx, by, q, width, false)
			return err
		}},
		{fmt.Sprintf("density within %g m", width), func(q heat.Query) error {
			q.Measure = heat.Incidents
			_, err := s.Density(ctx, by, q, width, false)
			return err
		}},
		{"incidents by day", func(q heat.Query) error {
			q.Measure = heat.Incidents
			_, err := s.Series(ctx, by, q, 24)
			return err
		}},
		{"film of days by " + fine.String(), func(q heat.Query) error {
			q.Measure = heat.Incidents
			_, err := s.Film(ctx, by, q, fine, 24, count)
			return err
		}},
		{"top houses and types", func(q heat.Query) error {
			q.Measure = heat.Incidents
			_, err := s.Top(ctx, by, q)
			return err
		}},
	}
}
