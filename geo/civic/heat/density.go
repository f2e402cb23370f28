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
	Bounds        orb.Bound
	Width, Height int
	Values        []float64 // row by row from the north-west; NaN beyond the area and where fewer than K lie within the bandwidth
	Classes       insight.Classes
}

// Density estimates how dense a query's count lies, with a bandwidth in metres.
func (s *Service) Density(ctx context.Context, by account.Actor, q Query, bandwidth float64) (Density, error) {
	if bandwidth < minBandwidth || bandwidth > maxBandwidth {
		message := fmt.Sprintf("want %d to %d metres", minBandwidth, maxBandwidth)
		return Density{}, fault.Invalid("insight.bandwidth", "bandwidth: "+message, fault.Field{Path: "bandwidth", Message: message})
	}
	return read(ctx, s, by, q, func(tx pgx.Tx) (Density, error) {
		out := Density{Bandwidth: bandwidth}
		var err error
		if out.About, err = s.about(ctx, tx, q, Count); err != nil {
			return out, err
		}
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
		all, err := cells(ctx, tx, q)
		if err != nil {
			return out, err
		}
		located := 0
		sources := make([]insight.Source, 0, len(all))
		for _, c := range all {
			out.N += c.n
			if c.located() {
				located += c.n
				sources = append(sources, insight.Source{At: c.center().Metric(), N: float64(c.n)})
			}
		}
		out.Completeness = append(out.Completeness, Share{"place", located, out.N})
		out.fill(outline, sources, scale)
		return out, nil
	})
}

func (d *Density) fill(outline orb.MultiPolygon, sources []insight.Source, scale float64) {
	m := newMask(outline)
	d.Bounds = m.bound
	north, south := mercator(m.bound.Max[1]), mercator(m.bound.Min[1])
	sw, ne := geo.WGS84At(m.bound.Min).Metric(), geo.WGS84At(m.bound.Max).Metric()
	wide, high := ne.E-sw.E, ne.N-sw.N
	step := max(d.Bandwidth/nodesPerBandwidth, math.Sqrt(wide*high/mostNodes))
	d.Width, d.Height = max(1, int(math.Ceil(wide/step))), max(1, int(math.Ceil(high/step)))
	d.Values = make([]float64, d.Width*d.Height)
	var nodes []geo.Metric
	var where []int
	for row := range d.Height {
		lat := latitude(north + (south-north)*(float64(row)+.5)/float64(d.Height))
		inside := m.row(lat)
		for col := range d.Width {
			i := row*d.Width + col
			d.Values[i] = math.NaN()
			lon := m.bound.Min[0] + (m.bound.Max[0]-m.bound.Min[0])*(float64(col)+.5)/float64(d.Width)
			if inside(lon) {
				nodes = append(nodes, geo.WGS84{Lon: lon, Lat: lat}.Metric())
				where = append(where, i)
			}
		}
	}
	f := insight.Density(sources, nodes, d.Bandwidth)
	var shown []float64
	for j, i := range where {
		if d.Measure.Personal() && f.Within[j] > 0 && f.Within[j] < insight.K {
			d.Suppressed++
			continue
		}
		d.Values[i] = f.PerKm2[j] * scale
		if d.Values[i] > 0 {
			shown = append(shown, d.Values[i])
		}
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
