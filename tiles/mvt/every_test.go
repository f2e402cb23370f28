package mvt

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	orbmvt "github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo/geotest"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles/mvt/mvttest"
)

var update = flag.Bool("update", false, "write the tile of every geometry and what it means")

// Every kind of geometry there is, nothing and empties included, encodes to a valid tile at every zoom, or to none.
func TestEveryGeometryIsValid(t *testing.T) {
	shown := map[live.Kind]int{}
	for _, g := range geotest.AllGeometries() {
		s, err := live.Quantise(g)
		if err != nil {
			continue // a mixture, which no layer takes
		}
		for zoom := range maptile.Zoom(live.WorldZoom + 1) {
			for _, at := range []orb.Point{{114.05, 22.54}, {114.06, 22.55}, {0, 0}} {
				var e Encoder
				e.Start(NewFrame(maptile.At(at, zoom)))
				e.BeginLayer("l", []string{"k"})
				if e.Add(9, &s, []Value{Uint(1)}) {
					shown[s.Kind()]++
				}
				e.EndLayer()
				checkTile(t, fmt.Sprintf("%T %v in %d around %v", g, g, zoom, at), e.Bytes())
			}
		}
	}
	if shown[live.Points] == 0 || shown[live.Lines] == 0 || shown[live.Polygon] == 0 {
		t.Errorf("shown by kind: %v", shown)
	}
}

// checkTile holds the specification's rules and that a foreign decoder reads the tile.
func checkTile(t testing.TB, where string, tile []byte) []mvttest.Layer {
	t.Helper()
	layers, err := mvttest.Check(tile, Buffer)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	if _, err := orbmvt.Unmarshal(tile); err != nil {
		t.Fatalf("%s: orb: %v", where, err)
	}
	return layers
}

// decoded is a feature as a decoder reads it, for every decoder to agree on.
type decoded struct {
	Layer      string         `json:"layer"`
	ID         float64        `json:"id"`
	Properties map[string]any `json:"properties"`
	Geometry   any            `json:"geometry"` // GeoJSON in tile units
}

// every is a tile with each kind of geometry and of value in it.
func every(t *testing.T) []byte {
	tile := futian(16)
	square := func(x, y, side float64) orb.Ring { return ring(tile, x, y, x+side, y, x+side, y+side, x, y+side) }
	hole := func(x, y, side float64) orb.Ring { return ring(tile, x, y, x, y+side, x+side, y+side, x+side, y) }
	var e Encoder
	e.Start(NewFrame(tile))
	e.BeginLayer("geometries", []string{"name", "n"})
	for i, g := range []orb.Geometry{
		at(tile, 0, 0),
		at(tile, 4095, 4095),
		orb.MultiPoint{at(tile, 10, 20), at(tile, 30, 10), at(tile, 30, 10)},
		orb.LineString{at(tile, 0, 0), at(tile, 100, 0), at(tile, 100, 100)},
		orb.LineString{at(tile, -500, 50), at(tile, 5000, 60)},
		orb.MultiLineString{{at(tile, 1, 1), at(tile, 2, 2)}, {at(tile, 9, 9), at(tile, 9, 300)}},
		orb.Polygon{square(100, 100, 50)},
		orb.Polygon{square(200, 200, 100), hole(220, 220, 20), hole(260, 260, 20)},
		orb.MultiPolygon{{square(400, 400, 50)}, {square(500, 400, 100), hole(520, 420, 30)}, {square(700, 400, 9)}},
		orb.Polygon{square(-300, -300, 700), hole(-100, -100, 200)},
		orb.Polygon{square(-900, -900, 9000)},
	} {
		e.Add(uint64(i+1), quantise(t, g), []Value{String(g.GeoJSONType()), Uint(uint64(i))})
	}
	e.EndLayer()
	e.BeginLayer("values", []string{"text", "uint", "int", "float", "yes", "no"})
	e.Add(1, quantise(t, at(tile, 5, 5)), []Value{String("福田 Futian"), Uint(1 << 40), Int(-1 << 40), Float(-0.125), Bool(true), Bool(false)})
	e.Add(1<<53-1, quantise(t, at(tile, 6, 6)), []Value{String("福田 Futian"), Uint(0), Int(-1), Float(1e300), Bool(false), Bool(true)})
	e.EndLayer()
	return e.Bytes()
}

// The tile of every geometry and value never changes by a byte, and what is in it is written beside it as a foreign
// decoder reads it. The front end's tests read the same two files with the reference decoder, vector-tile-js.
func TestEveryGeometryAsOthersReadIt(t *testing.T) {
	tile := every(t)
	checkTile(t, "every", tile)
	layers, err := orbmvt.Unmarshal(tile)
	if err != nil {
		t.Fatal(err)
	}
	var all []decoded
	for _, l := range layers {
		for _, f := range l.Features {
			id, _ := f.ID.(float64)
			all = append(all, decoded{l.Name, id, f.Properties, f.Geometry})
		}
	}
	meaning := encodeJSON(t, all)
	const file = "testdata/every"
	if *update {
		for name, data := range map[string][]byte{file + ".mvt": tile, file + ".json": meaning} {
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	wantTile, errTile := os.ReadFile(file + ".mvt")
	want, err := os.ReadFile(file + ".json")
	if err != nil || errTile != nil {
		t.Fatal(err, errTile)
	}
	if !bytes.Equal(wantTile, tile) {
		t.Error("the tile has other bytes than before")
	}
	if diff := cmp.Diff(string(want), string(meaning)); diff != "" {
		t.Errorf("(-kept +now):\n%s", diff)
	}
}

// encodeJSON writes one feature a line, geometries as GeoJSON.
func encodeJSON(t *testing.T, all []decoded) []byte {
	t.Helper()
	var out bytes.Buffer
	for i, d := range all {
		d.Geometry = map[string]any{"type": d.Geometry.(orb.Geometry).GeoJSONType(), "coordinates": d.Geometry}
		line, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString(map[bool]string{true: "[\n", false: ",\n"}[i == 0])
		out.Write(line)
	}
	out.WriteString("\n]\n")
	return out.Bytes()
}
