package live

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"pgregory.net/rapid"
)

func TestWorldAgreesWithTiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lon := rapid.Float64Range(-179.999, 179.999).Draw(t, "lon")
		lat := rapid.Float64Range(-84.9, 84.9).Draw(t, "lat")
		x, y := World(lon, lat)
		tile := maptile.Fraction(orb.Point{lon, lat}, WorldZoom)
		if dx := math.Abs(float64(x) - tile[0]*Extent); dx > 0.5001 {
			t.Fatalf("x off by %g units", dx)
		}
		if dy := math.Abs(float64(y) - tile[1]*Extent); dy > 0.5001 {
			t.Fatalf("y off by %g units", dy)
		}
		backLon, backLat := LonLat(x, y)
		if math.Abs(backLon-lon) > 1e-6 || math.Abs(backLat-lat) > 1e-6 {
			t.Fatalf("back at %g, %g", backLon, backLat)
		}
	})
}

func square(west, south, side float64) orb.Ring {
	return orb.Ring{{west, south}, {west + side, south}, {west + side, south + side}, {west, south + side}, {west, south}}
}

func TestQuantiseWindsRings(t *testing.T) {
	outer, hole := square(114, 22.5, 0.01), square(114.002, 22.502, 0.002)
	for name, p := range map[string]orb.Polygon{
		"as GeoJSON winds":  {outer, reversed(hole)},
		"the other way":     {reversed(outer), hole},
		"both the same way": {outer, hole},
	} {
		s, err := Quantise(p)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if s.Parts() != 2 || DoubleArea(s.Part(0)) <= 0 || DoubleArea(s.Part(1)) >= 0 {
			t.Errorf("%s: areas %d and %d, want positive outside and negative for the hole",
				name, DoubleArea(s.Part(0)), DoubleArea(s.Part(1)))
		}
		if len(s.Part(0)) != 8 {
			t.Errorf("%s: outer ring has %d numbers, want 8: the first point is not repeated", name, len(s.Part(0)))
		}
	}
}

func reversed(r orb.Ring) orb.Ring {
	c := r.Clone()
	c.Reverse()
	return c
}

func TestQuantiseLeavesOutWhatCollapses(t *testing.T) {
	tiny := square(114, 22.5, 1e-9)
	for name, g := range map[string]orb.Geometry{
		"nothing":            nil,
		"empty polygon":      orb.Polygon{},
		"empty multipolygon": orb.MultiPolygon{},
		"tiny ring":          orb.Polygon{tiny},
		"tiny with hole":     orb.Polygon{tiny, tiny},
		"line of one point":  orb.LineString{{114, 22}, {114, 22}},
		"empty collection":   orb.Collection{},
		"flat ring":          orb.Ring{{114, 22}, {115, 22}, {114, 22}},
	} {
		s, err := Quantise(g)
		if err != nil || s.Parts() != 0 || s.Kind() != Empty {
			t.Errorf("%s: %d parts of kind %d, error %v; want an empty shape", name, s.Parts(), s.Kind(), err)
		}
	}
}

func TestQuantiseRefuses(t *testing.T) {
	for name, g := range map[string]orb.Geometry{
		"NaN":      orb.Point{math.NaN(), 22},
		"infinity": orb.LineString{{114, 22}, {math.Inf(1), 22}},
		"mixture":  orb.Collection{orb.Point{114, 22}, orb.LineString{{114, 22}, {115, 23}}},
	} {
		if _, err := Quantise(g); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestShapeParts(t *testing.T) {
	s, err := Quantise(orb.MultiPolygon{{square(114, 22, 0.1), square(114.02, 22.02, 0.01)}, {square(115, 22, 0.1)}})
	if err != nil {
		t.Fatal(err)
	}
	var lengths []int
	for i := range s.Parts() {
		lengths = append(lengths, len(s.Part(i)))
	}
	if diff := cmp.Diff([]int{8, 8, 8}, lengths); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	x, y := World(115.1, 22.1)
	if b := s.Bounds(); b.MaxX != x || b.MinY != y {
		t.Errorf("bounds %+v do not reach %d, %d", b, x, y)
	}
}
