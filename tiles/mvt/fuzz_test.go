package mvt

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/paulmach/orb"
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

// FuzzEncode builds shapes of every kind from arbitrary bytes, some with ranks of their vertices, and holds the
// specification's rules for every tile they show in; a foreign decoder reads it, and a used encoder writes the same.
func FuzzEncode(f *testing.F) {
	f.Add(uint8(14), []byte{3, 0, 0, 0, 0, 100, 0, 0, 0, 100, 0, 100, 0, 0, 0, 100, 0})
	f.Add(uint8(3), []byte{2, 255, 255, 1, 1, 2, 2, 9, 9})
	f.Add(uint8(18), []byte{1, 7, 7, 7, 7})
	f.Add(uint8(16), []byte{4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 50, 0, 50, 0, 90, 0, 50, 0, 90, 0, 90, 0})
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
		once := encodeTwice(&e, tile, &s, data)
		layers := checkTile(t, "fuzz", once)
		if again := encodeTwice(&e, tile, &s, data); !bytes.Equal(once, again) {
			t.Fatal("a used encoder writes other bytes")
		}
		for _, l := range layers {
			for _, f := range l.Features {
				if f.Kind != int(s.Kind()) {
					t.Fatalf("kind %d, want %d", f.Kind, s.Kind())
				}
			}
		}
	})
}

// encodeTwice writes the shape under two ids and with several values; the bytes are a copy.
func encodeTwice(e *Encoder, tile maptile.Tile, s *live.Shape, data []byte) []byte {
	e.Start(NewFrame(tile))
	e.BeginLayer("l", []string{"k", "text"})
	e.Add(uint64(data[0])+1, s, []Value{Uint(uint64(len(data))), String(string(data))})
	e.Add(uint64(data[0])+2, s, []Value{Uint(uint64(data[0])), {}})
	e.EndLayer()
	return bytes.Clone(e.Bytes())
}

// geometryFrom reads a kind and then points around the tile, some far outside.
func geometryFrom(tile maptile.Tile, data []byte) orb.Geometry {
	kind, data := data[0]%6, data[1:]
	var points orb.LineString
	for i := 0; i+3 < len(data); i += 4 {
		x := float64(int16(binary.LittleEndian.Uint16(data[i:])))
		y := float64(int16(binary.LittleEndian.Uint16(data[i+2:])))
		points = append(points, at(tile, x/4, y/4))
	}
	half := len(points) / 2
	switch kind {
	case 0:
		return orb.MultiPoint(points)
	case 1:
		return points
	case 2:
		return orb.MultiPolygon{{orb.Ring(points[:half])}, {orb.Ring(points[half:])}}
	case 3:
		return orb.MultiLineString{points[:half], points[half:]}
	case 4:
		return orb.Polygon{orb.Ring(points[:half]), orb.Ring(points[half:])}
	default:
		if len(points) == 0 {
			return orb.MultiPoint{}
		}
		return points[0]
	}
}
