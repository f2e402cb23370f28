package mvt

import (
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo/live"
)

// Buffer is how far polygons and lines reach beyond the tile's edge, in tile units, so that strokes and outlines
// meet across tiles.
const Buffer = 64

// Frame is where a tile lies in world coordinates, and the scale between them: a tile unit is 2^shift world units.
type Frame struct {
	x, y  int32
	shift uint
	half  int32
	zoom  uint8
	box   live.Box
	inner live.Box // shapes within need no clipping
}

// NewFrame is the frame of a tile of zoom 0 to live.WorldZoom.
func NewFrame(t maptile.Tile) Frame {
	shift := uint(live.WorldZoom) - uint(t.Z)
	f := Frame{x: int32(t.X) << (shift + 12), y: int32(t.Y) << (shift + 12), shift: shift, zoom: uint8(t.Z)}
	if shift > 0 {
		f.half = 1 << (shift - 1)
	}
	// In 64 bits: at zoom 0 the side alone is all but the largest number.
	reach, side := int64(Buffer)<<shift, int64(live.Extent)<<shift
	f.inner = boxOf(int64(f.x)-reach, int64(f.y)-reach, int64(f.x)+side+reach, int64(f.y)+side+reach)
	reach += int64(f.half)
	f.box = boxOf(int64(f.x)-reach, int64(f.y)-reach, int64(f.x)+side+reach, int64(f.y)+side+reach)
	return f
}

func boxOf(minX, minY, maxX, maxY int64) live.Box {
	return live.Box{MinX: clamp(minX), MinY: clamp(minY), MaxX: clamp(maxX), MaxY: clamp(maxY)}
}

// Box is the part of the world whose features can show in the tile, its buffer included. It reaches half a tile unit
// further than the buffer, for what rounds onto its edge.
func (f *Frame) Box() live.Box { return f.box }

// Zoom is the tile's.
func (f *Frame) Zoom() uint8 { return f.zoom }

func clamp(v int64) int32 { return int32(max(-1<<31, min(1<<31-1, v))) }

// project turns a world coordinate into a tile unit, rounding halves up so that neighbours round alike.
func (f *Frame) project(x, y int32) (px, py int32) {
	return (x - f.x + f.half) >> f.shift, (y - f.y + f.half) >> f.shift
}

// Unit is where a point lies, in tile units.
func (f *Frame) Unit(v live.Vertex) (x, y int32) { return f.project(v.X, v.Y) }
