package heat

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/insight"
)

// mostFigures bounds the figures of a film: areas times frames. A browser holds them all, to play without asking.
const mostFigures = 250_000

// Series is a query's count slice by slice. Of a state it is the state at each slice's end.
type Series struct {
	About
	Step time.Duration
	N    []int
}

// Film is a choropleth slice by slice, with one legend for all.
type Film struct {
	About
	Level   geo.Level
	View    View
	Step    time.Duration
	Classes insight.Classes
	Rows    []FilmRow
}

// FilmRow is an area's value in each slice; nil where it is suppressed or has no base.
type FilmRow struct {
	ID     int64
	Code   geo.Code
	Values []*float64
}

// steps checks that a time falls into whole slices and gives their number.
func steps(q Query, hours int) (int, error) {
	length := int(q.To.Sub(q.From) / time.Hour)
	if hours < 1 || length%hours != 0 {
		message := fmt.Sprintf("%d hours are no whole number of slices of %d", length, hours)
		return 0, fault.Invalid("insight.step", "step: "+message, fault.Field{Path: "step", Message: message})
	}
	return length / hours, nil
}

// Series counts the whole area in slices of so many hours.
func (s *Service) Series(ctx context.Context, by account.Actor, q Query, hours int) (Series, error) {
	n, err := steps(q, hours)
	if err != nil {
		return Series{}, err
	}
	return read(ctx, s, by, q, func(_ pgx.Tx, c *cube) (Series, error) {
		out := Series{Step: time.Duration(hours) * time.Hour}
		out.About = s.about(c, q, Count)
		if out.N = c.frames(q, q.Area.Level(), hours, n)[q.Area]; out.N == nil {
			out.N = make([]int, n)
		}
		for i, v := range out.N {
			if !q.Measure.State() {
				out.About.N += v
			} else if i == n-1 {
				out.About.N = v
			}
		}
		return out, nil
	})
}

// Film counts by the areas of a level in slices of so many hours.
func (s *Service) Film(ctx context.Context, by account.Actor, q Query, level geo.Level, hours int, v View) (Film, error) {
	n, err := steps(q, hours)
	if err == nil {
		err = below(q, level)
	}
	if err != nil {
		return Film{}, err
	}
	v.Compare = false
	return read(ctx, s, by, q, func(tx pgx.Tx, c *cube) (Film, error) {
		out := Film{Level: level, View: v, Step: time.Duration(hours) * time.Hour}
		out.About = s.about(c, q, v.Value)
		all, err := places(ctx, tx, q.Area, level)
		if err != nil {
			return out, err
		}
		if len(all)*n > mostFigures {
			return out, fault.Invalid("insight.film", fmt.Sprintf("%d areas in %d slices are too many: take a wider level or longer slices", len(all), n),
				fault.Field{Path: "step", Message: "too many slices"})
		}
		out.fill(all, c.frames(q, level, hours, n), n)
		return out, nil
	})
}

func (f *Film) fill(all []place, by map[geo.Code][]int, n int) {
	for _, p := range all {
		f.Rows = append(f.Rows, FilmRow{ID: p.id, Code: p.code, Values: make([]*float64, n)})
	}
	var shown []float64
	for t := range n {
		now := byCode{}
		for code, ns := range by {
			now[code] = ns[t]
			if !f.Measure.State() || t == n-1 {
				f.N += ns[t]
			}
		}
		slice := Areas{About: About{Query: f.Query}, View: f.View}
		slice.fill(all, now, nil)
		f.Suppressed += slice.Suppressed
		for i, row := range slice.Rows {
			if row.Value != nil {
				f.Rows[i].Values[t] = row.Value
				shown = append(shown, *row.Value)
			}
		}
	}
	f.Classes = f.View.classes(shown)
}

// frames gives, for each area that has any, its count in each of n slices; of a state, the state at each slice's end.
func (c *cube) frames(q Query, level geo.Level, hours, n int) map[geo.Code][]int {
	out := c.sliced(q, level, hours, n)
	if !q.Measure.State() {
		return out
	}
	end := c.counts(q, level)
	for code, changes := range out {
		out[code] = backwards(changes, end[code])
	}
	for code, last := range end {
		if out[code] == nil {
			out[code] = backwards(make([]int, n), last)
		}
	}
	return out
}

// backwards turns changes into states from the last one back.
func backwards(changes []int, last int) []int {
	states := make([]int, len(changes))
	for i := len(changes) - 1; i >= 0; i-- {
		states[i] = last
		last -= changes[i]
	}
	return states
}
