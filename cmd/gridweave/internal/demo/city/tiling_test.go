package city

import (
	"fmt"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// vertex is a corner in whole 1e-7 degrees.
type vertex [2]int64

func vertexOf(p orb.Point) vertex {
	return vertex{int64(math.Round(p[0] * 1e7)), int64(math.Round(p[1] * 1e7))}
}

// sides counts the directed sides of areas.
type sides map[[2]vertex]int

func (s sides) add(m orb.MultiPolygon) {
	for _, p := range m {
		for _, r := range p {
			for i := 1; i < len(r); i++ {
				s[[2]vertex{vertexOf(r[i-1]), vertexOf(r[i])}]++
			}
		}
	}
}

// open are the sides that no neighbour runs along in the other direction.
func (s sides) open(t *testing.T) sides {
	out := sides{}
	for side, n := range s {
		if n != 1 {
			t.Errorf("side %v is used %d times in one direction", side, n)
		}
		if back := s[[2]vertex{side[1], side[0]}]; back == 0 {
			out[side]++
		}
	}
	return out
}

// TestAreasTileExactly takes each level's sides: those that two areas share cancel out, and the rest must be exactly
// the border of the level above. No gap, no overlap and no T-junction without a vertex passes that.
func TestAreasTileExactly(t *testing.T) {
	for _, s := range []Scale{Tiny, Futian} {
		t.Run(string(s), func(t *testing.T) { checkTiling(t, draw(t, s, 2).Areas()) })
	}
}

func checkTiling(t *testing.T, areas []Area) {
	parents := map[string]sides{}
	children := map[string]sides{}
	for _, a := range areas {
		own := sides{}
		own.add(a.Geom)
		parents[a.Code] = own
		if len(a.Geom) != 1 {
			t.Errorf("%s %s is in %d pieces", a.Code, a.EN, len(a.Geom))
		}
		for _, digits := range []int{4, 6, 9, 12} {
			if above := map[int]int{6: 4, 9: 6, 12: 9, 14: 12}[len(a.Code)]; above == digits {
				up := a.Code[:digits]
				if children[up] == nil {
					children[up] = sides{}
				}
				children[up].add(a.Geom)
			}
		}
	}
	for code, kids := range children {
		if parents[code] == nil {
			continue // the city around a lone district
		}
		rest := kids.open(t)
		if len(rest) != len(parents[code]) {
			t.Errorf("%s: its parts leave %d sides open, its own border has %d", code, len(rest), len(parents[code]))
		}
		for side := range rest {
			if parents[code][side] != 1 {
				t.Errorf("%s: side %v of a part is not on its border", code, side)
			}
		}
	}
}

func TestFutianIsWhereItIs(t *testing.T) {
	areas := draw(t, Futian, 1).Areas()
	ring := areas[0].Geom[0][0]
	var line []vec
	for _, p := range ring[1:] {
		line = append(line, metres(p))
	}
	if km2 := area(line) / 1e6; math.Abs(km2-79.6) > 1.2 {
		t.Errorf("the district covers %.1f km², want about 79.6", km2)
	}
	if c := centroid(line); c.len() > 300 {
		t.Errorf("its middle lies %.0f m off", c.len())
	}
}

// TestFootprintsKeepApart holds every footprint against its neighbours and the roads between grids.
func TestFootprintsKeepApart(t *testing.T) {
	c := draw(t, Futian, 3)
	type thing struct {
		what string
		ring []vec
		line []vec
	}
	var tree rtree.RTreeG[thing]
	insert := func(g thing, pts []vec) {
		b := boxOf(pts)
		tree.Insert([2]float64{b.lo.X, b.lo.Y}, [2]float64{b.hi.X, b.hi.Y}, g)
	}
	for _, f := range c.Base() {
		if l, ok := f.Geom.(orb.LineString); ok {
			for i := 1; i < len(l); i++ {
				seg := []vec{metres(l[i-1]), metres(l[i])}
				insert(thing{"road " + f.EN, nil, seg}, seg)
			}
		}
	}
	n := 0
	for m := range each(t, c) {
		for i := range m.Buildings {
			b := &m.Buildings[i]
			rings := ringsOf(b)
			box := boxOf(rings[0])
			tree.Search([2]float64{box.lo.X, box.lo.Y}, [2]float64{box.hi.X, box.hi.Y}, func(_, _ [2]float64, o thing) bool {
				if problem := conflict(rings, o.ring, o.line); problem {
					n++
					if n < 10 {
						t.Errorf("building %s %s and %s meet", b.Code, b.EN, o.what)
					}
				}
				return true
			})
			insert(thing{fmt.Sprintf("building %s %s", b.Code, b.EN), rings[0], nil}, rings[0])
		}
	}
	if n > 0 {
		t.Errorf("%d conflicts", n)
	}
}

func ringsOf(b *Building) [][]vec {
	var out [][]vec
	for _, r := range b.Geom[0] {
		var ring []vec
		for _, p := range r[1:] {
			ring = append(ring, metres(p))
		}
		out = append(out, ring)
	}
	return out
}

// conflict is true where the shape meets another's outer ring, its holes apart, or a road.
func conflict(rings [][]vec, other, line []vec) bool {
	if line != nil {
		for i, a := range rings[0] {
			if _, _, ok := meet(a, rings[0][(i+1)%len(rings[0])], line[0], line[1]); ok {
				return true
			}
		}
		return false
	}
	if !overlaps(rings[0], other) {
		return false
	}
	for _, h := range rings[1:] {
		if inside(h, other[0]) && !crosses(h, other) {
			return false
		}
	}
	return true
}

// TestBaseMapIsValid: a renderer and ST_IsValid both want rings that do not cross themselves.
func TestBaseMapIsValid(t *testing.T) {
	for _, s := range []Scale{Tiny, Futian} {
		c := draw(t, s, 1)
		features := c.Base()
		for m := range each(t, c) {
			features = append(append(features, m.Blocks...), m.Lanes...)
		}
		checkFeatures(t, features)
	}
}

func checkFeatures(t *testing.T, features []Feature) {
	for _, f := range features {
		switch g := f.Geom.(type) {
		case orb.Polygon:
			for _, r := range g {
				var ring []vec
				for _, p := range r[1:] {
					ring = append(ring, metres(p))
				}
				if !simple(ring) || area(ring) == 0 {
					t.Errorf("%s %s %s crosses itself", f.Kind, f.Class, f.EN)
				}
			}
		case orb.LineString:
			if len(g) < 2 {
				t.Errorf("%s %s has %d points", f.Class, f.EN, len(g))
			}
		default:
			t.Errorf("%s %s is a %T", f.Kind, f.EN, g)
		}
	}
}
