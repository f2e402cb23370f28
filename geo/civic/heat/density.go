package heat

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/insight"
)

// Bounds of a density, in metres and nodes. Below the least bandwidth single houses would show; six nodes within the
// bandwidth draw the kernel without steps; more nodes than that are not seen.
const (
	minBandwidth, maxBandwidth = 100, 5000
	nodesPerBandwidth          = 6
	mostNodes                  = 60_000
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
	if bandwidth < minBandwidth || bandwidth > maxBandwidth {
		message := fmt.Sprintf("want %d to %d metres", minBandwidth, maxBandwidth)
		return Density{}, fault.Invalid("insight.bandwidth", "bandwidth: "+message, fault.Field{Path: "bandwidth", Message: message})
	}
	return read(ctx, s, by, q, func(tx pgx.Tx, c *cube) (Density, error) {
		out := Density{Bandwidth: bandwidth, Compare: compare}
		out.About = s.about(c, q, Count)
		out.Unit += "_per_km2"
		scale := 1.0
		if !q.Measure.State() {
			out.Unit += "_per_day"
			scale = 24 / q.To.Sub(q.From).Hours()
		}
		outline, err := outlineOf(ctx, tx, q.Area)
		if err != nil {
			return out, err
		}
		nodes := out.lattice(outline)
		now, n, located := sources(c.cells(q), bandwidth)
		out.N = n
		out.Completeness = append(out.Completeness, Share{"place", located, n})
		fields := []insight.Field{insight.Density(now, nodes.at, bandwidth)}
		if compare {
			earlier, before, _ := sources(c.cells(q.previous()), bandwidth)
			out.Previous = &before
			fields = append(fields, insight.Density(earlier, nodes.at, bandwidth))
		}
		out.fill(nodes, fields, scale)
		return out, nil
	})
}

// binsPerBandwidth is how finely cases are gathered before they are spread: a kernel forty such bins wide does not tell
// where in its bin a case lay.
const binsPerBandwidth = 20

// sources are the cells as a density takes them, their sum, and how much of it has a known place.
func sources(all []cell, bandwidth float64) (out []insight.Source, n, located int) {
	type place struct{ x, y int32 }
	sums := make(map[place]int, len(all))
	for _, c := range all {
		n += c.n
		if c.located() {
			located += c.n
			sums[place{c.x, c.y}] += c.n
		}
	}
	at := make([]insight.Source, 0, len(sums))
	for p, n := range sums {
		if n != 0 {
			at = append(at, insight.Source{At: cell{x: p.x, y: p.y}.center().Metric(), N: float64(n)})
		}
	}
	return insight.Gather(at, bandwidth/binsPerBandwidth), n, located
}

// nodes are those of the lattice that lie in the area.
type nodes struct {
	at    []geo.Metric
	index []int // in Values
}

// lattice spans the area, as fine as the bandwidth wants and the eye can see.
func (d *Density) lattice(outline orb.MultiPolygon) (in nodes) {
	m := newMask(outline)
	d.Bounds = m.bound
	north, south := mercator(m.bound.Max[1]), mercator(m.bound.Min[1])
	sw, ne := geo.WGS84At(m.bound.Min).Metric(), geo.WGS84At(m.bound.Max).Metric()
	wide, high := ne.E-sw.E, ne.N-sw.N
	step := max(d.Bandwidth/nodesPerBandwidth, math.Sqrt(wide*high/mostNodes))
	d.Width, d.Height = max(1, int(math.Ceil(wide/step))), max(1, int(math.Ceil(high/step)))
	d.Values = make([]float64, d.Width*d.Height)
	for row := range d.Height {
		lat := latitude(north + (south-north)*(float64(row)+.5)/float64(d.Height))
		inside := m.row(lat)
		for col := range d.Width {
			i := row*d.Width + col
			d.Values[i] = math.NaN()
			lon := m.bound.Min[0] + (m.bound.Max[0]-m.bound.Min[0])*(float64(col)+.5)/float64(d.Width)
			if inside(lon) {
				in.at = append(in.at, geo.WGS84{Lon: lon, Lat: lat}.Metric())
				in.index = append(in.index, i)
			}
		}
	}
	return in
}

// fill takes the first field, less the second where there is one.
func (d *Density) fill(in nodes, fields []insight.Field, scale float64) {
	var shown []float64
	for j, i := range in.index {
		value, sign, hidden := 0.0, scale, false
		for _, f := range fields {
			hidden = hidden || d.Measure.Personal() && f.Within[j] > 0 && f.Within[j] < insight.K
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
