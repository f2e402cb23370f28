package mvt

import (
	"encoding/binary"
	"testing"

	"github.com/paulmach/orb"
	orbmvt "github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo/live"
)

// eachPoint walks the encoded geometry as a decoder would.
func (g *geometry) eachPoint(visit func(x, y int32)) {
	b := g.out
	next := func() uint64 {
		v, n := binary.Uvarint(b)
		b = b[n:]
		return v
	}
	var x, y int32
	for len(b) > 0 {
		command := next()
		if command&7 == closePath {
			continue
		}
		for range command >> 3 {
			x += unzigzag(next())
			y += unzigzag(next())
			visit(x, y)
		}
	}
}

func unzigzag(u uint64) int32 { return int32(uint32(u)>>1) ^ -int32(u&1) }

// FuzzEncode builds shapes from arbitrary bytes and holds what every tile must hold: a foreign decoder reads it, each
// coordinate lies within the buffer, rings have at least three points, areas and wind as the specification says.
func FuzzEncode(f *testing.F) {
	f.Add(uint8(14), []byte{3, 0, 0, 0, 0, 100, 0, 0, 0, 100, 0, 100, 0, 0, 0, 100, 0})
	f.Add(uint8(3), []byte{2, 255, 255, 1, 1, 2, 2, 9, 9})
	f.Add(uint8(18), []byte{1, 7, 7, 7, 7})
	f.Fuzz(func(t *testing.T, zoom uint8, data []byte) {
		if len(data) == 0 {
			return
		}
		tile := futian(maptile.Zoom(zoom % (live.WorldZoom + 1)))
		s, err := live.Quantise(geometryFrom(tile, data))
		if err != nil {
			t.Fatal(err)
		}
		var e Encoder
		e.Start(NewFrame(tile))
		e.BeginLayer("l", []string{"k"})
		shown := e.Add(uint64(data[0])+1, &s, []Value{Uint(uint64(len(data)))})
		e.EndLayer()
		layers, err := orbmvt.Unmarshal(e.Bytes())
		if err != nil {
			t.Fatalf("decode: %v", err)
		}
		if shown != (len(layers) == 1) {
			t.Fatalf("shown %v but %d layers", shown, len(layers))
		}
		if shown {
			checkGeometry(t, &e, s.Kind(), layers[0].Features[0].Geometry)
		}
	})
}

// geometryFrom reads a kind and then points around the tile, some far outside.
func geometryFrom(tile maptile.Tile, data []byte) orb.Geometry {
	kind, data := data[0]%3, data[1:]
	var points orb.LineString
	for i := 0; i+3 < len(data); i += 4 {
		x := float64(int16(binary.LittleEndian.Uint16(data[i:])))
		y := float64(int16(binary.LittleEndian.Uint16(data[i+2:])))
		points = append(points, at(tile, x/4, y/4))
	}
	switch kind {
	case 0:
		return orb.MultiPoint(points)
	case 1:
		return points
	default:
		half := len(points) / 2
		return orb.MultiPolygon{{orb.Ring(points[:half])}, {orb.Ring(points[half:])}}
	}
}

func checkGeometry(t *testing.T, e *Encoder, kind live.Kind, decoded orb.Geometry) {
	e.feature.eachPoint(func(x, y int32) {
		if x < low || y < low || x > high || y > high {
			t.Fatalf("point %d, %d lies outside the buffer", x, y)
		}
	})
	if kind != live.Polygon {
		return
	}
	polygons, ok := decoded.(orb.MultiPolygon)
	if !ok {
		polygons = orb.MultiPolygon{decoded.(orb.Polygon)}
	}
	for _, p := range polygons {
		for i, r := range p {
			if len(r) < 4 || !r.Closed() {
				t.Fatalf("ring of %d points", len(r))
			}
			// orb's orientation is for y up; a tile's y runs down.
			if outside := r.Orientation() == orb.CCW; outside != (i == 0) {
				t.Fatalf("ring %d winds the wrong way: %v", i, r)
			}
		}
	}
}
