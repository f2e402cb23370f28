package tilesets_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// straightened is by how many tile units borders may be straightened at zooms where no footprints are drawn.
const straightened = 4

func compareLayers(t *testing.T, where string, within float64, want, got map[string]feature) {
	t.Helper()
	for id, w := range want {
		g, ok := got[id]
		if !ok {
			// PostGIS and we may round a point on the tile's edge, or a sliver in the buffer, to different sides.
			if !marginal(w.geometry) {
				t.Errorf("%s: %s is missing", where, id)
			}
			continue
		}
		if diff := cmp.Diff(w.properties, g.properties); diff != "" {
			t.Errorf("%s: %s: attributes (-PostGIS +ours):\n%s", where, id, diff)
		}
		if off := distance(w.geometry, g.geometry); off > within {
			t.Errorf("%s: %s is off by %.2f units\nPostGIS %v\nours    %v", where, id, off, w.geometry, g.geometry)
		}
	}
	for id, g := range got {
		if _, ok := want[id]; !ok && !marginal(g.geometry) {
			t.Errorf("%s: %s is there and should not be", where, id)
		}
	}
}

// marginal is a geometry that hardly shows: within two units of the buffer's edge, or thinner than a unit.
func marginal(g orb.Geometry) bool {
	b := g.Bound()
	return b.Max[0] <= -62 || b.Max[1] <= -62 || b.Min[0] >= 4158 || b.Min[1] >= 4158 ||
		b.Max[0]-b.Min[0] <= 1 || b.Max[1]-b.Min[1] <= 1 || planar.Area(g) != 0 && math.Abs(planar.Area(g)) < 4
}

// distance is how far any vertex of one lies from the lines of the other within the tile itself, along an axis.
func distance(a, b orb.Geometry) float64 { return math.Max(reach(a, b), reach(b, a)) }

func reach(from, to orb.Geometry) float64 {
	worst := 0.0
	segments := segmentsOf(to)
	for _, p := range pointsOf(from) {
		if p[0] < 0 || p[1] < 0 || p[0] > 4096 || p[1] > 4096 {
			continue // in the buffer each cuts in its own way
		}
		nearest := math.Inf(1)
		for _, s := range segments {
			nearest = math.Min(nearest, toSegment(p, s[0], s[1]))
		}
		worst = math.Max(worst, nearest)
	}
	return worst
}

func pointsOf(g orb.Geometry) (ps []orb.Point) {
	for _, s := range segmentsOf(g) {
		ps = append(ps, s[0])
	}
	return ps
}

func segmentsOf(g orb.Geometry) (ss [][2]orb.Point) {
	line := func(ls []orb.Point) {
		for i := range len(ls) - 1 {
			ss = append(ss, [2]orb.Point{ls[i], ls[i+1]})
		}
	}
	switch g := g.(type) {
	case orb.Point:
		ss = append(ss, [2]orb.Point{g, g})
	case orb.LineString:
		line(g)
	case orb.MultiLineString:
		for _, ls := range g {
			line(ls)
		}
	case orb.Polygon:
		for _, r := range g {
			line(r)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			ss = append(ss, segmentsOf(p)...)
		}
	}
	return ss
}

func toSegment(p, a, b orb.Point) float64 {
	d := orb.Point{b[0] - a[0], b[1] - a[1]}
	f := 0.0
	if l := d[0]*d[0] + d[1]*d[1]; l > 0 {
		f = math.Max(0, math.Min(1, ((p[0]-a[0])*d[0]+(p[1]-a[1])*d[1])/l))
	}
	// The nearest point need not be the one nearest along each axis: an end may be.
	return math.Min(alongAxis(p, orb.Point{a[0] + f*d[0], a[1] + f*d[1]}), math.Min(alongAxis(p, a), alongAxis(p, b)))
}

func alongAxis(p, q orb.Point) float64 { return math.Max(math.Abs(p[0]-q[0]), math.Abs(p[1]-q[1])) }
