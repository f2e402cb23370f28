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

// Bounds of a film. mostFigures: areas times slices that are worked out for one, a tenth of a second's work for a city's
// grids. mostChanges: how many changes it may tell; a browser holds them all, to play without asking.
const (
	mostFigures = 1_000_000
	mostChanges = 400_000
)

// Series is a query's count slice by slice. Of a state it is the state at each slice's end. What is suppressed is nil.
type Series struct {
	About
	Step time.Duration
	N    []*int
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

// FilmRow is an area's value slice by slice, told by its changes: Values[i] holds from slice At[i] on, nil where it is
// suppressed; before the first one it is 0. Areas that are 0 all the time, or have no base, have no row.
type FilmRow struct {
	ID     int64
	Code   geo.Code
	At     []int
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
		out := Series{Step: time.Duration(hours) * time.Hour, N: make([]*int, n)}
		out.About = s.about(c, q, Count)
		level := q.Area.Level()
		found := c.secrecy(q, level, hours, n)
		for i := range out.N {
			v, hidden := found.of(q.Area, i)
			if !q.Measure.State() {
				out.About.N += v
			} else if i == n-1 {
				out.About.N = v
			}
			if hidden {
				out.Suppressed++
				continue
			}
			out.N[i] = &v
		}
		out.Hidden = c.isSecret(q)
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
		found := c.secrecy(q, level, hours, n)
		out.Hidden = c.isSecret(q)
		if out.fill(all, found, n) > mostChanges {
			return out, fault.Invalid("insight.film", fmt.Sprintf("more than %d changes are too many to play: take a wider level or longer slices", mostChanges),
				fault.Field{Path: "step", Message: "too many changes"})
		}
		return out, nil
	})
}

// fill tells how many changes there are.
func (f *Film) fill(all []place, found *secrecy, n int) (changes int) {
	rows := make([]FilmRow, len(all))
	last := make([]*float64, len(all))
	nothing, of := new(float64), found.beside(all)
	for i := range last {
		last[i] = nothing
	}
	var shown []float64
	for t := range n {
		counts, values, hidden := f.View.column(all, of, t)
		for i, p := range all {
			if !f.Measure.State() || t == n-1 {
				f.N += counts[i]
			}
			if f.View.Value.per() > 0 && p.base(f.View.Value) == 0 {
				continue
			}
			var now *float64
			if hidden[i] {
				f.Suppressed++
			} else {
				now = &values[i]
				shown = append(shown, values[i])
			}
			if now == last[i] || now != nil && last[i] != nil && *now == *last[i] {
				continue
			}
			rows[i].At, rows[i].Values = append(rows[i].At, t), append(rows[i].Values, now)
			last[i], changes = now, changes+1
		}
	}
	for i, p := range all {
		if r := rows[i]; len(r.At) > 0 {
			f.Rows = append(f.Rows, FilmRow{ID: p.id, Code: p.code, At: r.At, Values: r.Values})
		}
	}
	f.Classes = f.View.classes(shown)
	return changes
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
