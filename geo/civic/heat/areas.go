package heat

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/insight"
)

// classCount is how many classes a legend has: more are hard to tell apart.
const classCount = 5

// View says how counts of areas are shown.
type View struct {
	Value   Value
	Smooth  bool // rates drawn towards the whole's where their base is small
	Compare bool // the difference from the time before
	Natural bool // natural breaks instead of quantiles
}

// Areas is a choropleth (分级统计图): the areas of a level with their figures.
type Areas struct {
	About
	Level   geo.Level
	View    View
	Classes insight.Classes
	Rows    []Row
}

// Row is an area's figures. What is suppressed, or has no base, is nil.
type Row struct {
	ID             int64 // feature id in tiles
	Code           geo.Code
	NameZh, NameEn string
	N              *int
	Previous       *int
	Base           int      // residents, rental rooms or houses; 0 for a count
	Value          *float64 // what the map shows
	Suppressed     bool
}

// Areas counts by the areas of a level.
func (s *Service) Areas(ctx context.Context, by account.Actor, q Query, level geo.Level, v View) (Areas, error) {
	if err := below(q, level); err != nil {
		return Areas{}, err
	}
	return read(ctx, s, by, q, func(tx pgx.Tx, c *cube) (Areas, error) {
		out := Areas{Level: level, View: v}
		out.About = s.about(c, q, v.Value)
		all, err := places(ctx, tx, q.Area, level)
		if err != nil {
			return out, err
		}
		asked := []Query{q}
		if v.Compare {
			asked = append(asked, q.previous())
		}
		found := abreast(asked, func(q Query) *secrecy { return c.secrecy(q, level, q.hours(), 1) })
		out.fill(all, found)
		out.history(c, all)
		return out, nil
	})
}

// history tells how many of the houses with a grade have one whose history is known.
func (a *Areas) history(c *cube, all []place) {
	if a.Measure != Grades {
		return
	}
	every := a.Query
	every.Class = ""
	share := Share{Of: "history", Have: c.counts(every, every.Area.Level())[every.Area]}
	for _, p := range all {
		share.Want += p.graded
	}
	a.Completeness = append(a.Completeness, share)
}

// fill turns counts into rows; the second ones, where there are any, are those to compare with.
func (a *Areas) fill(all []place, found []*secrecy) {
	n, values, hidden := a.View.column(all, found[0].beside(all), 0)
	a.Hidden = found[0].own[0]
	var earlier []int
	if len(found) > 1 {
		var other []float64
		var also []bool
		earlier, other, also = a.View.column(all, found[1].beside(all), 0)
		sum := 0
		for i := range all {
			hidden[i] = hidden[i] || also[i]
			values[i] -= other[i]
			sum += earlier[i]
		}
		if !found[1].own[0] {
			a.Previous = &sum
		}
	}
	known := 0
	var shown []float64
	for i, p := range all {
		row := Row{ID: p.id, Code: p.code, NameZh: p.zh, NameEn: p.en, Base: int(p.base(a.View.Value)), Suppressed: hidden[i]}
		a.N += n[i]
		based := a.View.Value.per() == 0 || row.Base > 0
		if based {
			known++
		}
		if !hidden[i] {
			row.N = &n[i]
			if earlier != nil {
				row.Previous = &earlier[i]
			}
			if based {
				row.Value = &values[i]
				shown = append(shown, values[i])
			}
		} else {
			a.Suppressed++
		}
		a.Rows = append(a.Rows, row)
	}
	if a.View.Value.per() > 0 {
		a.Completeness = append(a.Completeness, Share{"base", known, len(all)})
	}
	a.Classes = a.View.classes(shown)
}

// column is each area's count in a slice, what is shown of it, and whether it is not to be shown.
func (v View) column(all []place, of aligned, slice int) (n []int, values []float64, hidden []bool) {
	n, values, hidden = make([]int, len(all)), make([]float64, len(all)), make([]bool, len(all))
	base := make([]float64, len(all))
	for i, p := range all {
		n[i], hidden[i] = of.of(i, slice)
		values[i] = float64(n[i])
		base[i] = p.base(v.Value)
	}
	per := v.Value.per()
	if per == 0 {
		return n, values, hidden
	}
	if v.Smooth {
		values = insight.Smooth(values, base)
		for i := range values {
			values[i] *= per
		}
		return n, values, hidden
	}
	for i := range values {
		values[i], _ = insight.Rate(values[i], base[i], per)
	}
	return n, values, hidden
}

// classes makes the legend from all that is shown, zeros aside: they have a colour of their own.
func (v View) classes(shown []float64) insight.Classes {
	if v.Compare {
		return insight.Diverging(shown, 3)
	}
	positive := make([]float64, 0, len(shown))
	for _, x := range shown {
		if x > 0 {
			positive = append(positive, x)
		}
	}
	if v.Natural {
		return insight.Natural(positive, classCount)
	}
	return insight.Quantiles(positive, classCount)
}
