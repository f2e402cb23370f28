package mvt

import (
	"encoding/binary"

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
func (g *geometry) encode(f Frame, s *live.Shape) live.Kind {
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
func (g *geometry) points(f Frame, s *live.Shape) {
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

func (g *geometry) lines(f Frame, s *live.Shape) {
	inside := inner(f).Contains(s.Bounds())
	for i := range s.Parts() {
		g.project(f, s.Part(i))
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

func (g *geometry) polygons(f Frame, s *live.Shape) {
	inside := inner(f).Contains(s.Bounds())
	outerShown := false
	for i := range s.Parts() {
		ring := s.Part(i)
		hole := s.Hole(i)
		if hole && !outerShown {
			continue
		}
		g.project(f, ring)
		if !inside {
			g.clipRing()
		}
		shown := g.ring(hole)
		if !hole {
			outerShown = shown
		}
	}
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

// project brings a part to tile units, leaving out points that fall on the one before.
func (g *geometry) project(f Frame, xy []int32) {
	part := g.part[:0]
	lastX, lastY := int32(0), int32(0)
	for i := 0; i+1 < len(xy); i += 2 {
		x, y := f.project(xy[i], xy[i+1])
		if i > 0 && x == lastX && y == lastY {
			continue
		}
		part = append(part, x, y)
		lastX, lastY = x, y
	}
	g.part = part
}

// inner is the world box whose shapes need no clipping: the buffered tile.
func inner(f Frame) live.Box {
	b := f.Box()
	return live.Box{MinX: b.MinX + f.half, MinY: b.MinY + f.half, MaxX: b.MaxX - f.half, MaxY: b.MaxY - f.half}
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
