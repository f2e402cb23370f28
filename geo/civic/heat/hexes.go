package heat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/insight"
	"github.com/gridweave/gridweave/geo/postgis"
)

// Bounds of what can be asked for, in metres and in how much is drawn.
const (
	minWidth, maxWidth = 100, 5000
	mostHexes          = 60_000 // two megabytes on the way to a browser
	falseShare         = .05    // of the hot spots shown, how many may be due to chance
)

// Hexes is a map of hexagons of the same area.
type Hexes struct {
	About
	Width   float64 // in metres, from side to side
	AreaKm2 float64 // of each
	Classes insight.Classes
	Rows    []HexRow
}

// HexRow is a hexagon's figures. Those without any count are left out, unless they are a cold spot.
type HexRow struct {
	insight.Hex
	Ring       [7]orb.Point // WGS-84, closed
	Code       geo.Code     // the grid that most of it happened in; of a hexagon without any, ""
	N          *int
	Previous   *int
	Value      *float64
	Spot       int     // 1 hot, -1 cold, 0 neither, after Benjamini and Hochberg
	Z          float64 // Gi*
	Suppressed bool
}

// Hexes counts by hexagons of a width in metres.
func (s *Service) Hexes(ctx context.Context, by account.Actor, q Query, width float64, compare bool) (Hexes, error) {
	if width < minWidth || width > maxWidth {
		message := fmt.Sprintf("want %d to %d metres", minWidth, maxWidth)
		return Hexes{}, fault.Invalid("insight.width", "width: "+message, fault.Field{Path: "width", Message: message})
	}
	return read(ctx, s, by, q, func(tx pgx.Tx, c *cube) (Hexes, error) {
		tiling := insight.Hexes{Width: width}
		out := Hexes{Width: width, AreaKm2: tiling.AreaKm2()}
		out.About = s.about(c, q, Count)
		outline, err := outlineOf(ctx, tx, q.Area)
		if err != nil {
			return out, err
		}
		b := newBins(tiling, outline)
		if len(b.all) > mostHexes {
			return out, fault.Invalid("insight.width", fmt.Sprintf("%d hexagons are too many: widen them", len(b.all)),
				fault.Field{Path: "width", Message: "too narrow for so large an area"})
		}
		out.N = b.add(c.cells(q), func(h *bin) *int { return &h.n }, &out.About)
		if compare {
			sum := b.add(c.cells(q.previous()), func(h *bin) *int { return &h.before }, nil)
			out.Previous = &sum
		}
		out.fill(b, compare)
		return out, nil
	})
}

// bin is a hexagon that is being filled.
type bin struct {
	insight.Hex
	n, before int
	grids     map[site]int // of both times
}

// bins are the hexagons of an area: those whose middle lies inside, and those that something happened in.
type bins struct {
	tiling insight.Hexes
	at     map[insight.Hex]*bin
	all    []*bin
}

func newBins(tiling insight.Hexes, outline orb.MultiPolygon) *bins {
	b := &bins{tiling: tiling, at: map[insight.Hex]*bin{}}
	m := newMask(outline)
	w, e := geo.WGS84At(m.bound.Min).Metric(), geo.WGS84At(m.bound.Max).Metric()
	step := tiling.Width * 0.8660254 // between rows
	for n := w.N; n <= e.N+step; n += step {
		row := tiling.Center(tiling.At(geo.Metric{E: w.E, N: n}))
		inside := m.row(row.WGS84().Lat)
		for h := tiling.At(row); ; h.Q++ {
			c := tiling.Center(h)
			if c.E > e.E+tiling.Width {
				break
			}
			if inside(c.WGS84().Lon) {
				b.get(h)
			}
		}
	}
	return b
}

func (b *bins) get(h insight.Hex) *bin {
	x := b.at[h]
	if x == nil {
		x = &bin{Hex: h, grids: map[site]int{}}
		b.at[h] = x
		b.all = append(b.all, x)
	}
	return x
}

// add puts cells into their hexagons. With an About it says how many have a known place.
func (b *bins) add(all []cell, field func(*bin) *int, about *About) (sum int) {
	located := 0
	for _, c := range all {
		sum += c.n
		if !c.located() {
			continue
		}
		located += c.n
		h := b.get(b.tiling.At(c.center().Metric()))
		*field(h) += c.n
		h.grids[c.site/site(span(geo.Grid))] += c.n
	}
	if about != nil {
		about.Completeness = append(about.Completeness, Share{"place", located, sum})
	}
	return sum
}

func (o *Hexes) fill(b *bins, compare bool) {
	slices.SortFunc(b.all, func(x, y *bin) int { return cmp.Or(cmp.Compare(x.R, y.R), cmp.Compare(x.Q, y.Q)) })
	z, believed := spots(b)
	view := View{Value: Count, Compare: compare}
	var shown []float64
	for i, h := range b.all {
		row := HexRow{Hex: h.Hex, Z: z[i], Code: busiest(h.grids)}
		if believed[i] && z[i] > 0 {
			row.Spot = 1
		} else if believed[i] {
			row.Spot = -1
		}
		if h.n == 0 && h.before == 0 && row.Spot == 0 {
			continue
		}
		row.Ring = ring(b.tiling, h.Hex)
		row.Suppressed = o.Measure.Personal() && (insight.Small(h.n) || insight.Small(h.before))
		if row.Suppressed {
			o.Suppressed++
		} else {
			value := float64(h.n - h.before)
			row.N, row.Value = &h.n, &value
			if compare {
				row.Previous = &h.before
			}
			shown = append(shown, value)
		}
		o.Rows = append(o.Rows, row)
	}
	o.Classes = view.classes(shown)
}

// spots are Gi* over all hexagons, empty ones too, each with its six neighbours.
func spots(b *bins) (z []float64, believed []bool) {
	index := map[insight.Hex]int{}
	values := make([]float64, len(b.all))
	for i, h := range b.all {
		index[h.Hex], values[i] = i, float64(h.n)
	}
	near := make(insight.Neighbours, len(b.all))
	for i, h := range b.all {
		near[i] = []int{i}
		for _, o := range h.Neighbours() {
			if j, ok := index[o]; ok {
				near[i] = append(near[i], j)
			}
		}
	}
	z = insight.GiStar(values, near)
	p := make([]float64, len(z))
	for i := range z {
		p[i] = insight.TwoSided(z[i])
	}
	return z, insight.Discoveries(p, falseShare)
}

func busiest(grids map[site]int) geo.Code {
	var best site
	for grid, n := range grids {
		if best == 0 || n > grids[best] || n == grids[best] && grid < best {
			best = grid
		}
	}
	if best == 0 {
		return ""
	}
	return geo.Code(strconv.FormatInt(int64(best), 10))
}

func ring(t insight.Hexes, h insight.Hex) (out [7]orb.Point) {
	for i, c := range t.Corners(h) {
		out[i] = c.WGS84().Point()
	}
	out[6] = out[0]
	return out
}

// outlineOf is an area's outline in WGS-84.
func outlineOf(ctx context.Context, tx pgx.Tx, code geo.Code) (orb.MultiPolygon, error) {
	var g postgis.Geom
	err := tx.QueryRow(ctx, `select geom from area where code = $1`, code).Scan(&g)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.NotFound("area", code)
	}
	if err != nil {
		return nil, fmt.Errorf("heat outline: %w", err)
	}
	outline, _ := g.Geometry.(orb.MultiPolygon)
	return outline, nil
}
