package mvt

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	orbmvt "github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"
	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo/live"
)

// futian is a tile in the middle of the district.
func futian(z maptile.Zoom) maptile.Tile { return maptile.At(orb.Point{114.0415, 22.5462}, z) }

func quantise(t testing.TB, g orb.Geometry) *live.Shape {
	t.Helper()
	s, err := live.Quantise(g)
	if err != nil {
		t.Fatal(err)
	}
	return &s
}

// at gives the position of a point of the tile, in tile units, in degrees.
func at(tile maptile.Tile, x, y float64) orb.Point {
	n := float64(int64(1) << tile.Z)
	lon := (float64(tile.X)+x/live.Extent)/n*360 - 180
	lat := math.Atan(math.Sinh(math.Pi*(1-2*(float64(tile.Y)+y/live.Extent)/n))) * 180 / math.Pi
	return orb.Point{lon, lat}
}

// ring is a closed ring through points in tile units.
func ring(tile maptile.Tile, units ...float64) orb.Ring {
	var r orb.Ring
	for i := 0; i < len(units); i += 2 {
		r = append(r, at(tile, units[i], units[i+1]))
	}
	return append(r, r[0])
}

// encodeOne encodes a single feature and decodes it with orb; nil where nothing shows.
func encodeOne(t testing.TB, tile maptile.Tile, g orb.Geometry) orb.Geometry {
	t.Helper()
	var e Encoder
	e.Start(NewFrame(tile))
	e.BeginLayer("test", nil)
	shown := e.Add(7, quantise(t, g), nil)
	e.EndLayer()
	layers, err := orbmvt.Unmarshal(e.Bytes())
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	if !shown {
		if len(layers) != 0 {
			t.Fatalf("nothing shows, yet there are %d layers", len(layers))
		}
		return nil
	}
	if len(layers) != 1 || len(layers[0].Features) != 1 {
		t.Fatalf("%d layers", len(layers))
	}
	return layers[0].Features[0].Geometry
}

func TestGeometries(t *testing.T) {
	tile := futian(16)
	for name, c := range map[string]struct {
		in   orb.Geometry
		want orb.Geometry
	}{
		"point":             {at(tile, 100, 200), orb.Point{100, 200}},
		"point outside":     {at(tile, -1, 200), nil},
		"point on far edge": {at(tile, 4096, 0), nil},
		"points":            {orb.MultiPoint{at(tile, 1, 2), at(tile, 9000, 0), at(tile, 3, 4)}, orb.MultiPoint{{1, 2}, {3, 4}}},
		"line":              {orb.LineString{at(tile, 0, 0), at(tile, 10, 0), at(tile, 10, 10)}, orb.LineString{{0, 0}, {10, 0}, {10, 10}}},
		"line that leaves and comes back": {
			orb.LineString{at(tile, 0, 0), at(tile, 0, -128), at(tile, 128, -128), at(tile, 128, 0)},
			orb.MultiLineString{{{0, 0}, {0, -64}}, {{128, -64}, {128, 0}}},
		},
		"polygon": {
			orb.Polygon{ring(tile, 0, 0, 10, 0, 10, 10, 0, 10)},
			orb.Polygon{{{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}},
		},
		"polygon with a hole": {
			orb.Polygon{ring(tile, 0, 0, 100, 0, 100, 100, 0, 100), ring(tile, 10, 10, 20, 10, 20, 20, 10, 20)},
			orb.Polygon{
				{{0, 0}, {100, 0}, {100, 100}, {0, 100}, {0, 0}},
				{{10, 20}, {20, 20}, {20, 10}, {10, 10}, {10, 20}},
			},
		},
		"two polygons": {
			orb.MultiPolygon{{ring(tile, 0, 0, 10, 0, 10, 10, 0, 10)}, {ring(tile, 20, 0, 30, 0, 30, 10, 20, 10)}},
			orb.MultiPolygon{
				{{{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}}, {{{20, 0}, {30, 0}, {30, 10}, {20, 10}, {20, 0}}},
			},
		},
		"polygon over the corner": {
			orb.Polygon{ring(tile, -200, -200, 50, -200, 50, 50, -200, 50)},
			orb.Polygon{{{-64, -64}, {50, -64}, {50, 50}, {-64, 50}, {-64, -64}}},
		},
		"polygon around the tile": {
			orb.Polygon{ring(tile, -900, -900, 9000, -900, 9000, 9000, -900, 9000)},
			orb.Polygon{{{-64, -64}, {4160, -64}, {4160, 4160}, {-64, 4160}, {-64, -64}}},
		},
		"polygon elsewhere": {orb.Polygon{ring(tile, 5000, 0, 5100, 0, 5100, 100, 5000, 100)}, nil},
		"sliver":            {orb.Polygon{ring(tile, 0, 0, 0.3, 0, 0.3, 50, 0, 50)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := encodeOne(t, tile, c.in)
			if diff := cmp.Diff(canonical(c.want), canonical(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// canonical turns each ring to begin at its least point: where a ring begins is not part of its meaning.
func canonical(g orb.Geometry) orb.Geometry {
	switch g := g.(type) {
	case orb.Polygon:
		out := orb.Polygon{}
		for _, r := range g {
			out = append(out, turned(r))
		}
		return out
	case orb.MultiPolygon:
		out := orb.MultiPolygon{}
		for _, p := range g {
			out = append(out, canonical(p).(orb.Polygon))
		}
		return out
	}
	return g
}

func turned(r orb.Ring) orb.Ring {
	open, least := r[:len(r)-1], 0
	for i, p := range open {
		if p[0] < open[least][0] || p[0] == open[least][0] && p[1] < open[least][1] {
			least = i
		}
	}
	out := append(append(orb.Ring{}, open[least:]...), open[:least]...)
	return append(out, out[0])
}

func TestAttributesAndLayers(t *testing.T) {
	tile := futian(16)
	var e Encoder
	e.Start(NewFrame(tile))
	e.BeginLayer("first", []string{"grade", "name", "score", "delta", "open", "unused"})
	e.Add(1, quantise(t, at(tile, 1, 1)), []Value{Uint(3), String("福田"), Float(0.5), Int(-4), Bool(true), {}})
	e.Add(2, quantise(t, at(tile, 2, 2)), []Value{Uint(3), {}, Float(0.5), Int(70000), Bool(false), {}})
	if n := e.EndLayer(); n != 2 {
		t.Fatalf("%d features", n)
	}
	e.BeginLayer("empty", nil)
	e.EndLayer()
	e.BeginLayer("second", []string{"g"})
	e.Add(0, quantise(t, at(tile, 3, 3)), []Value{Uint(1)})
	e.EndLayer()
	layers, err := orbmvt.Unmarshal(e.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	type feature struct {
		Layer string
		ID    any
		Props map[string]any
	}
	var got []feature
	for _, l := range layers {
		if l.Version != 2 || l.Extent != live.Extent {
			t.Errorf("layer %s: version %d, extent %d", l.Name, l.Version, l.Extent)
		}
		for _, f := range l.Features {
			got = append(got, feature{l.Name, f.ID, f.Properties})
		}
	}
	want := []feature{
		{"first", 1.0, map[string]any{"grade": 3.0, "name": "福田", "score": 0.5, "delta": -4.0, "open": true}},
		{"first", 2.0, map[string]any{"grade": 3.0, "score": 0.5, "delta": 70000.0, "open": false}},
		{"second", nil, map[string]any{"g": 1.0}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A reused encoder must not remember the tile before: its values, keys and buffers.
func TestReuseGivesTheSameBytes(t *testing.T) {
	tile := futian(15)
	encode := func(e *Encoder, seed int) string {
		e.Start(NewFrame(tile))
		e.BeginLayer("l", []string{"a", "b"})
		for i := range 40 {
			x := float64((i*seed*37)%4000) + 3
			e.Add(uint64(i+1), quantise(t, orb.Polygon{ring(tile, x, x, x+20, x, x+20, x+9, x, x+9)}),
				[]Value{Uint(uint64(i * seed)), String(string(rune('a' + i%7)))})
		}
		e.EndLayer()
		return string(e.Bytes())
	}
	var used, fresh Encoder
	for seed := 1; seed < 60; seed++ {
		encode(&used, seed)
	}
	if encode(&used, 5) != encode(&fresh, 5) {
		t.Error("a used encoder writes other bytes than a fresh one")
	}
}

// Neighbours share a border's points; after rounding and clipping at any zoom they must still share them.
func TestNeighboursNeverGape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tile := futian(maptile.Zoom(rapid.IntRange(8, 18).Draw(t, "zoom")))
		unit := rapid.Float64Range(-300, 4400)
		border := orb.LineString{}
		for range rapid.IntRange(2, 8).Draw(t, "points") {
			border = append(border, at(tile, unit.Draw(t, "x"), unit.Draw(t, "y")))
		}
		forth := rapidLine(t, tile, border)
		back := rapidLine(t, tile, reverse(border))
		if diff := cmp.Diff(forth, back); diff != "" {
			t.Fatalf("the border cut in one direction and in the other (-forth +back):\n%s", diff)
		}
	})
}

func reverse(ls orb.LineString) orb.LineString {
	c := ls.Clone()
	c.Reverse()
	return c
}

// rapidLine is the set of points of an encoded line.
func rapidLine(t *rapid.T, tile maptile.Tile, ls orb.LineString) map[orb.Point]bool {
	s, err := live.Quantise(ls)
	if err != nil {
		t.Fatal(err)
	}
	var g geometry
	f := NewFrame(tile)
	g.encode(&f, &s)
	points := map[orb.Point]bool{}
	g.eachPoint(func(x, y int32) { points[orb.Point{float64(x), float64(y)}] = true })
	return points
}

// benchHouses is how many buildings a tile of the inner city has.
const benchHouses = 4000

func house(tile maptile.Tile, i int) orb.Polygon {
	x, y := float64(i%64)*64+3, float64(i/64)*64+5
	return orb.Polygon{ring(tile, x, y, x+30, y, x+30, y+18, x+12, y+18, x+12, y+25, x, y+25)}
}

// BenchmarkEncodeBuildings encodes a tile of buildings with three attributes, and tells how many times as long
// orb/encoding/mvt takes for the same ones in the same run, geometry in degrees being what it takes.
func BenchmarkEncodeBuildings(b *testing.B) {
	tile := futian(14)
	shapes := make([]live.Shape, benchHouses)
	for i := range shapes {
		shapes[i] = *quantise(b, house(tile, i))
	}
	var e Encoder
	keys := []string{"g", "u", "h"}
	frame := NewFrame(tile)
	b.ReportAllocs()
	for b.Loop() {
		e.Start(frame)
		e.BeginLayer("building", keys)
		for i := range shapes {
			if !e.Shape(&shapes[i]) {
				continue
			}
			e.Uint(0, uint64(i%5+1))
			e.Uint(1, uint64(i%7))
			e.Uint(2, uint64(i%90))
			e.Feature(uint64(i + 1))
		}
		e.EndLayer()
	}
	each := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / benchHouses
	b.ReportMetric(each, "ns/feature")
	b.ReportMetric(float64(len(e.Bytes())), "bytes/tile")
	b.ReportMetric(orbEncodes(b, tile)/each, "x-orb")
}

// orbEncodes is how many nanoseconds orb takes for a feature of the same tile.
func orbEncodes(b *testing.B, tile maptile.Tile) float64 {
	b.Helper()
	const rounds = 5
	var all [rounds]orbmvt.Layers // made beforehand: orb changes what it is given
	for r := range all {
		fc := geojson.NewFeatureCollection()
		for i := range benchHouses {
			f := geojson.NewFeature(house(tile, i))
			f.ID = uint64(i + 1)
			f.Properties = geojson.Properties{"g": i%5 + 1, "u": i % 7, "h": i % 90}
			fc.Append(f)
		}
		all[r] = orbmvt.Layers{orbmvt.NewLayer("building", fc)}
	}
	began := time.Now()
	for _, layers := range all {
		layers.ProjectToTile(tile)
		layers.Clip(orbmvt.MapboxGLDefaultExtentBound)
		if _, err := orbmvt.Marshal(layers); err != nil {
			b.Fatal(err)
		}
	}
	return float64(time.Since(began).Nanoseconds()) / rounds / benchHouses
}
