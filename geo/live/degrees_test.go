package live

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// What was quantised comes back within a unit (4 cm), with the same kind, parts and holes, and quantises to itself.
func TestDegreesUndoQuantising(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, s := 114+rapid.Float64Range(0, 0.1).Draw(t, "west"), 22.5+rapid.Float64Range(0, 0.1).Draw(t, "south")
		hole := square(w+0.0002, s+0.0002, 0.0002)
		for _, g := range []orb.Geometry{
			orb.Point{w, s},
			orb.MultiPoint{{w, s}, {w + 0.001, s}},
			orb.LineString{{w, s}, {w + 0.001, s + 0.002}},
			orb.MultiLineString{{{w, s}, {w + 0.001, s}}, {{w, s + 0.01}, {w + 0.001, s + 0.01}}},
			orb.Polygon{square(w, s, 0.001), hole},
			orb.MultiPolygon{{square(w, s, 0.001), hole}, {square(w+0.01, s, 0.001)}},
		} {
			shape, err := Quantise(g)
			if err != nil {
				t.Fatal(err)
			}
			back := shape.Degrees()
			if back.GeoJSONType() != g.GeoJSONType() {
				t.Fatalf("%s became %s", g.GeoJSONType(), back.GeoJSONType())
			}
			a, b := g.Bound(), back.Bound()
			for _, d := range []float64{a.Min[0] - b.Min[0], a.Min[1] - b.Min[1], a.Max[0] - b.Max[0], a.Max[1] - b.Max[1]} {
				if math.Abs(d) > 5e-7 {
					t.Fatalf("%s: %v became %v", g.GeoJSONType(), a, b)
				}
			}
			if p, ok := back.(orb.Polygon); ok && (len(p) != 2 || p[0].Orientation() != orb.CCW || p[1].Orientation() != orb.CW) {
				t.Fatalf("rings %v", p)
			}
			again, err := Quantise(back)
			if err != nil || again.Bounds() != shape.Bounds() || again.Parts() != shape.Parts() {
				t.Fatalf("%s: %v quantised again is %v (%v)", g.GeoJSONType(), shape, again, err)
			}
		}
	})
	if (&Shape{}).Degrees() != nil {
		t.Error("nothing became something")
	}
}
