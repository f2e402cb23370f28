package mvt

import (
	"encoding/binary"
	"slices"

	"github.com/gridweave/gridweave/geo/live"
)

// Geometry commands.
const (
	moveTo    = 1
	lineTo    = 2
	closePath = 7
)

// low and high are the edges of the buffered tile in tile units.
const (
	low  = -Buffer
	high = live.Extent + Buffer
)

// geometry encodes one feature's geometry; its buffers are reused from feature to feature.
type geometry struct {
	out         []byte
	cursorX     int32
	cursorY     int32
	part, spare []int32
}

// encode writes the shape as commands into out and gives its kind, or Empty where nothing of it shows.
func (g *geometry) encode(f *Frame, s *live.Shape) live.Kind {
	g.out, g.cursorX, g.cursorY = g.out[:0], 0, 0
	switch s.Kind() {
	case live.Points:
		g.points(f, s)
	case live.Lines:
		g.lines(f, s)
	case live.Polygon:
		g.polygons(f, s)
	case live.Empty:
	}
	if len(g.out) == 0 {
		return live.Empty
	}
	return s.Kind()
}

// points keeps those within the tile itself: each point of the world shows in one tile of a zoom.
func (g *geometry) points(f *Frame, s *live.Shape) {
	g.part = g.part[:0]
	for i := range s.Parts() {
		p := s.Part(i)
		if x, y := f.project(p[0], p[1]); x >= 0 && y >= 0 && x < live.Extent && y < live.Extent {
			g.part = append(g.part, x, y)
		}
	}
	if len(g.part) > 0 {
		g.command(moveTo, len(g.part)/2)
		g.deltas(g.part)
	}
}

// point is points for a single one.
func (g *geometry) point(f *Frame, v live.Vertex) live.Kind {
	x, y := f.project(v.X, v.Y)
	if x < 0 || y < 0 || x >= live.Extent || y >= live.Extent {
		g.out = g.out[:0]
		return live.Empty
	}
	g.at(x, y)
	return live.Points
}

func (g *geometry) at(x, y int32) {
	g.out = appendZigzag(appendZigzag(append(g.out[:0], 1<<3|moveTo), x), y)
}

func (g *geometry) square(x, y, side int32) {
	g.at(x, y)
	g.out = append(g.out, 3<<3|lineTo)
	for _, d := range [6]int32{side, 0, 0, side, -side, 0} {
		g.out = appendZigzag(g.out, d)
	}
	g.out = append(g.out, 1<<3|closePath)
}

func (g *geometry) lines(f *Frame, s *live.Shape) {
	inside := f.inner.Contains(s.Bounds())
	for i := range s.Parts() {
		g.project(f, s.Part(i), s.Ranks(i))
		if inside {
			g.line(g.part)
			continue
		}
		g.clipLine(g.part)
	}
}

func (g *geometry) line(xy []int32) {
	if len(xy) < 4 {
		return
	}
	g.command(moveTo, 1)
	g.deltas(xy[:2])
	g.command(lineTo, len(xy)/2-1)
	g.deltas(xy[2:])
}

func (g *geometry) polygons(f *Frame, s *live.Shape) {
	inside := f.inner.Contains(s.Bounds())
	outerShown := false
	for i := range s.Parts() {
		hole := s.Hole(i)
		if hole && !outerShown {
			continue
		}
		shown := false
		if ranks := s.Ranks(i); inside && ranks == nil {
			shown = g.wholeRing(f, s.Part(i), hole)
		} else {
			g.project(f, s.Part(i), ranks)
			if !inside {
				g.clipRing()
			}
			shown = g.ring(hole)
		}
		if !hole {
			outerShown = shown
		}
	}
}

// wholeRingMost is the number of points up to which the count of a ring takes at most two bytes.
const wholeRingMost = 1 << 11

// wholeRing writes a ring that needs no clipping in one pass, as nearly every ring is: projecting, leaving out repeated
// points, summing the area and writing. Where it turns out that the ring collapses, or that its count takes another
// number of bytes than was left for it, what it wrote is forgotten.
func (g *geometry) wholeRing(f *Frame, xy []int32, hole bool) bool {
	points := len(xy) / 2
	if points > wholeRingMost {
		g.project(f, xy, nil)
		return g.ring(hole)
	}
	start, room := len(g.out), 2*len(xy)+8
	out := slices.Grow(g.out, room)[:start+room]
	x0, y0 := f.project(xy[0], xy[1])
	out[start] = 1<<3 | moveTo
	k := putZigzag(out, start+1, x0-g.cursorX)
	k = putZigzag(out, k, y0-g.cursorY)
	head := k
	k += countLen(points - 1)
	px, py, written, area := x0, y0, 0, int64(0)
	for i := 2; i+1 < len(xy); i += 2 {
		x, y := f.project(xy[i], xy[i+1])
		if x == px && y == py {
			continue
		}
		k = putZigzag(out, k, x-px)
		k = putZigzag(out, k, y-py)
		area += int64(px)*int64(y) - int64(x)*int64(py)
		px, py = x, y
		written++
	}
	area += int64(px)*int64(y0) - int64(x0)*int64(py)
	if px == x0 && py == y0 || countLen(written) != countLen(points-1) {
		g.project(f, xy, nil)
		return g.ring(hole)
	}
	if written < 2 || area == 0 || (area < 0) != hole {
		return false
	}
	putCount(out, head, written)
	out[k] = 1<<3 | closePath
	g.out, g.cursorX, g.cursorY = out[:k+1], px, py
	return true
}

// countLen is the number of bytes of a command with a count below wholeRingMost.
func countLen(count int) int {
	if count < 1<<4 {
		return 1
	}
	return 2
}

// putCount writes a command to draw so many lines.
func putCount(b []byte, k, count int) {
	c := count<<3 | lineTo
	b[k] = byte(c)
	if count >= 1<<4 {
		b[k], b[k+1] = byte(c)|0x80, byte(c>>7)
	}
}

// putZigzag writes a difference within a buffered tile, which takes one byte or two, and gives the place behind it. It
// has no branch to guess wrong: the second byte is always written, and passed over where it is needed.
func putZigzag(b []byte, k int, d int32) int {
	u := uint32(d<<1) ^ uint32(d>>31)
	long := (127 - u) >> 31 // 1 where u takes two bytes
	_ = b[k+1]
	b[k] = byte(u) | byte(long<<7)
	b[k+1] = byte(u >> 7)
	return k + 1 + int(long)
}

// ring writes the ring in part, unless it collapsed to nothing or turned over when its points moved to the grid.
func (g *geometry) ring(hole bool) bool {
	xy := dropRepeats(g.part)
	if len(xy) < 6 {
		return false
	}
	if area := live.DoubleArea(xy); area == 0 || (area < 0) != hole {
		return false
	}
	g.command(moveTo, 1)
	g.deltas(xy[:2])
	g.command(lineTo, len(xy)/2-1)
	g.deltas(xy[2:])
	g.command(closePath, 1)
	return true
}

// project brings a part to tile units, leaving out points that are not drawn at the tile's zoom and those that fall on
// the one before.
func (g *geometry) project(f *Frame, xy []int32, ranks []uint8) {
	part := g.part[:0]
	lastX, lastY := int32(0), int32(0)
	for i := 0; i+1 < len(xy); i += 2 {
		if ranks != nil && ranks[i/2] > f.zoom {
			continue
		}
		x, y := f.project(xy[i], xy[i+1])
		if len(part) > 0 && x == lastX && y == lastY {
			continue
		}
		part = append(part, x, y)
		lastX, lastY = x, y
	}
	g.part = part
}

// dropRepeats ends a ring before its last point where that is the first again.
func dropRepeats(xy []int32) []int32 {
	for n := len(xy); n >= 4 && xy[n-2] == xy[0] && xy[n-1] == xy[1]; n = len(xy) {
		xy = xy[:n-2]
	}
	return xy
}

func (g *geometry) command(id, count int) {
	g.out = binary.AppendUvarint(g.out, uint64(count<<3|id))
}

// deltas writes points as differences from the cursor, in zigzag varints.
func (g *geometry) deltas(xy []int32) {
	out, cx, cy := g.out, g.cursorX, g.cursorY
	for i := 0; i+1 < len(xy); i += 2 {
		out = appendZigzag(out, xy[i]-cx)
		out = appendZigzag(out, xy[i+1]-cy)
		cx, cy = xy[i], xy[i+1]
	}
	g.out, g.cursorX, g.cursorY = out, cx, cy
}

// appendZigzag has the one- and two-byte cases spelled out: they are nearly all there are.
func appendZigzag(b []byte, d int32) []byte {
	u := uint32(d<<1) ^ uint32(d>>31)
	switch {
	case u < 1<<7:
		return append(b, byte(u))
	case u < 1<<14:
		return append(b, byte(u)|0x80, byte(u>>7))
	default:
		return binary.AppendUvarint(b, uint64(u))
	}
}
