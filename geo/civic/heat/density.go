package heat

import (
	"context"
	"maps"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/insight"
)

// Nodes of a density: six within the bandwidth draw the kernel without steps; more nodes than that are not seen.
const (
	nodesPerBandwidth = 6
	mostNodes         = 60_000
)

// Density is a field on a lattice that is even in Web Mercator, so that it can be laid on a map as it is. Values are per
// square kilometre, those of events also per day, so that hours and weeks share a legend.
type Density struct {
	About
	Bandwidth     float64 // in metres
	Compare       bool    // values are differences from the time before
	Bounds        orb.Bound
	Width, Height int
	Values        []float64 // row by row from the north-west; NaN beyond the area and where 1 to 4 lie within the bandwidth
	Classes       insight.Classes
}

// Density estimates how dense a query's count lies, with a bandwidth in metres, or how that differs from the time before.
func (s *Service) Density(ctx context.Context, by account.Actor, q Query, bandwidth float64, compare bool) (Density, error) {
	if err := metres("bandwidth", bandwidth); err != nil {
		return Density{}, err
	}
	return read(ctx, s, by, q, func(tx pgx.Tx, c *cube) (Density, error) {
		out := Density{Bandwidth: bandwidth, Compare: compare}
		out.About = s.about(c, q, Count)
		out.Unit += q.densityUnit()
		ground, err := s.latticeOf(ctx, tx, q.Area, bandwidth)
		if err != nil {
			return out, err
		}
		out.Bounds, out.Width, out.Height = ground.bounds, ground.width, ground.height
		asked := []Query{q}
		if compare {
			asked = append(asked, q.previous())
		}
		fields := abreast(asked, func(q Query) field { return c.fieldOf(q, ground, bandwidth) })
		out.N = fields[0].n
		out.Completeness = append(out.Completeness, Share{"place", fields[0].located, fields[0].n})
		out.Hidden = c.isSecret(q)
		if compare && !c.isSecret(q.previous()) {
			out.Previous = &fields[1].n
		}
		out.fill(ground, fields, perDay(q.Measure, q.hours()))
		return out, nil
	})
}

// latticeOf is where an area's densities are worked out.
func (s *Service) latticeOf(ctx context.Context, tx pgx.Tx, area geo.Code, bandwidth float64) (*lattice, error) {
	return groundOf(ctx, &s.grounds, tx, groundKey{area: area, form: 'd', metres: bandwidth},
		func(outline orb.MultiPolygon) (*lattice, error) { return newLattice(outline, bandwidth), nil })
}

// densityUnit is what a count's unit becomes.
func (q Query) densityUnit() string {
	if q.Measure.State() {
		return "_per_km2"
	}
	return "_per_km2_per_day"
}

// perDay turns what happened in so many hours into what happens in a day; a state is what it is.
func perDay(m Measure, hours int) float64 {
	if m.State() {
		return 1
	}
	return 24 / float64(hours)
}

// field is a query's density at a lattice's nodes, its count, and how much of that has a known place.
type field struct {
	insight.Field
	n, located int
}

// few tells whether a node's density rests on so little that it is not to be shown.
func (f field) few(node int) bool { return f.Within[node] > 0 && f.Within[node] < insight.K }

// fieldOf is a query's density.
func (c *cube) fieldOf(q Query, over *lattice, bandwidth float64) field {
	g := gather(bandwidth)
	g.add(c.cells(q), 1)
	return field{insight.Density(g.sources(), over.nodes, bandwidth), g.n, g.located}
}

// binsPerBandwidth is how finely cases are gathered before they are spread: a kernel twenty such bins wide does not tell
// where in its bin a case lay.
const binsPerBandwidth = 10

// binned are cells as a density takes them: what lies in the same bin is put together at its middle. What is taken out
// again leaves nothing behind.
type binned struct {
	side       int32 // of a bin, in decimetres
	patches    map[[2]int32]*patch
	n, located int // their sum, and how much of it has a known place
	last       int // how many sources there were the last time
}

func gather(bandwidth float64) *binned {
	return &binned{side: int32(bandwidth / binsPerBandwidth * perMetre), patches: map[[2]int32]*patch{}}
}

// add puts cells in; with a sign of -1 it takes them out.
func (g *binned) add(all []cell, sign int) {
	var last [2]int32
	var here *patch // of the last case: neighbours follow each other
	for _, c := range all {
		n := sign * c.n
		g.n += n
		if !c.located() {
			continue
		}
		g.located += n
		col, row := c.e/g.side, c.north/g.side
		if key := [2]int32{col / patchSide, row / patchSide}; here == nil || key != last {
			if here = g.patches[key]; here == nil {
				here = new(patch)
				g.patches[key] = here
			}
			last = key
		}
		b := &here[row%patchSide*patchSide+col%patchSide]
		b.n += int64(n)
		b.e += int64(n) * int64(c.e)
		b.north += int64(n) * int64(c.north)
	}
}

// sources are in an order of their own, so that the same counts give the same densities to the last bit.
func (g *binned) sources() (out []insight.Source) {
	keys := slices.SortedFunc(maps.Keys(g.patches), func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) })
	out = make([]insight.Source, 0, g.last+g.last/8)
	for _, key := range keys {
		for _, b := range g.patches[key] {
			if b.n != 0 {
				m := float64(b.n) * perMetre
				out = append(out, insight.Source{At: geo.Metric{E: float64(b.e) / m, N: float64(b.north) / m}, N: float64(b.n)})
			}
		}
	}
	g.last = len(out)
	return out
}

// patch is a square of bins, in whole numbers, so that what cancels leaves nothing.
type patch [patchSide * patchSide]struct{ n, e, north int64 }

const patchSide = 32

// lattice spans an area, as fine as the bandwidth wants and the eye can see. It never changes.
type lattice struct {
	bounds        orb.Bound
	width, height int
	nodes         []geo.Metric // those that lie in the area
	index         []int        // which of all nodes they are
}

func newLattice(outline orb.MultiPolygon, bandwidth float64) *lattice {
	m := newMask(outline)
	north, south := mercator(m.bound.Max[1]), mercator(m.bound.Min[1])
	sw, ne := geo.WGS84At(m.bound.Min).Metric(), geo.WGS84At(m.bound.Max).Metric()
	wide, high := ne.E-sw.E, ne.N-sw.N
	step := max(bandwidth/nodesPerBandwidth, math.Sqrt(wide*high/mostNodes))
	l := &lattice{bounds: m.bound, width: max(1, int(math.Ceil(wide/step))), height: max(1, int(math.Ceil(high/step)))}
	for row := range l.height {
		lat := latitude(north + (south-north)*(float64(row)+.5)/float64(l.height))
		inside := m.row(lat)
		for col := range l.width {
			lon := m.bound.Min[0] + (m.bound.Max[0]-m.bound.Min[0])*(float64(col)+.5)/float64(l.width)
			if inside(lon) {
				l.nodes = append(l.nodes, geo.WGS84{Lon: lon, Lat: lat}.Metric())
				l.index = append(l.index, row*l.width+col)
			}
		}
	}
	return l
}

// fill takes the first field, less the second where there is one.
func (d *Density) fill(in *lattice, fields []field, scale float64) {
	d.Values = make([]float64, d.Width*d.Height)
	for i := range d.Values {
		d.Values[i] = math.NaN()
	}
	var shown []float64
	for j, i := range in.index {
		value, sign, hidden := 0.0, scale, false
		for _, f := range fields {
			hidden = hidden || d.Measure.Personal() && f.few(j)
			value += sign * f.PerKm2[j]
			sign = -scale
		}
		if hidden {
			d.Suppressed++
			continue
		}
		d.Values[i] = value
		if value > 0 || d.Compare && value != 0 {
			shown = append(shown, value)
		}
	}
	if d.Compare {
		d.Classes = insight.Diverging(shown, 3)
		return
	}
	d.Classes = insight.Natural(shown, classCount)
}

// mercator is the spherical Mercator ordinate of a latitude in degrees; latitude undoes it.
func mercator(lat float64) float64 { return math.Asinh(math.Tan(lat * math.Pi / 180)) }

func latitude(y float64) float64 { return math.Atan(math.Sinh(y)) * 180 / math.Pi }

// Node is where the i-th value lies.
func (d *Density) Node(i int) orb.Point {
	north, south := mercator(d.Bounds.Max[1]), mercator(d.Bounds.Min[1])
	row, col := i/d.Width, i%d.Width
	return orb.Point{
		d.Bounds.Min[0] + (d.Bounds.Max[0]-d.Bounds.Min[0])*(float64(col)+.5)/float64(d.Width),
		latitude(north + (south-north)*(float64(row)+.5)/float64(d.Height)),
	}
}
