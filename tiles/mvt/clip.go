package mvt

// edge is one side of the buffered tile: the axis it lies across (0 x, 1 y), where, and which side is kept.
type edge struct {
	axis  int
	at    int32
	above bool
}

func edges() [4]edge {
	return [4]edge{{0, low, true}, {0, high, false}, {1, low, true}, {1, high, false}}
}

func (e edge) keeps(v int32) bool {
	if e.above {
		return v >= e.at
	}
	return v <= e.at
}

// clipRing cuts the ring in part to the buffered tile (Sutherland and Hodgman, 1974), one edge after the other. Where
// a ring leaves and comes back, the cut runs along the buffer's edge, which no map draws.
func (g *geometry) clipRing() {
	for _, e := range edges() {
		if len(g.part) < 6 {
			g.part = g.part[:0]
			return
		}
		g.clipRingAt(e)
	}
}

func (g *geometry) clipRingAt(e edge) {
	in, out := g.part, g.spare[:0]
	n := len(in)
	px, py := in[n-2], in[n-1]
	for i := 0; i < n; i += 2 {
		x, y := in[i], in[i+1]
		was, is := e.keeps([2]int32{px, py}[e.axis]), e.keeps([2]int32{x, y}[e.axis])
		if was != is {
			cx, cy := e.cross(px, py, x, y)
			out = appendPoint(out, cx, cy)
		}
		if is {
			out = appendPoint(out, x, y)
		}
		px, py = x, y
	}
	g.part, g.spare = out, in
}

func appendPoint(xy []int32, x, y int32) []int32 {
	if n := len(xy); n >= 2 && xy[n-2] == x && xy[n-1] == y {
		return xy
	}
	return append(xy, x, y)
}

// cross is where the segment meets the edge, rounded to the grid. Its ends are put in order first: a border shared by
// two polygons runs in opposite directions and must be cut at the same point.
func (e edge) cross(ax, ay, bx, by int32) (x, y int32) {
	if ax > bx || ax == bx && ay > by {
		ax, ay, bx, by = bx, by, ax, ay
	}
	if e.axis == 0 {
		return e.at, ay + scale(by-ay, e.at-ax, bx-ax)
	}
	return ax + scale(bx-ax, e.at-ay, by-ay), e.at
}

// scale is v × num ÷ den, rounded to the nearest.
func scale(v, num, den int32) int32 {
	p, d := int64(v)*int64(num), int64(den)
	if d < 0 {
		p, d = -p, -d
	}
	if p >= 0 {
		return int32((p + d/2) / d)
	}
	return int32(-((-p + d/2) / d))
}

// clipLine writes the pieces of a line that lie in the buffered tile.
func (g *geometry) clipLine(xy []int32) {
	piece := g.spare[:0]
	for i := 0; i+3 < len(xy); i += 2 {
		ax, ay, bx, by, ok := clipSegment(xy[i], xy[i+1], xy[i+2], xy[i+3])
		if !ok {
			continue
		}
		if n := len(piece); n >= 2 && (piece[n-2] != ax || piece[n-1] != ay) {
			g.line(piece)
			piece = piece[:0]
		}
		piece = appendPoint(appendPoint(piece, ax, ay), bx, by)
	}
	g.line(piece)
	g.spare = piece
}

// clipSegment cuts a segment at each edge in turn; false where nothing of it is left.
func clipSegment(ax, ay, bx, by int32) (cax, cay, cbx, cby int32, ok bool) {
	for _, e := range edges() {
		a, b := e.keeps([2]int32{ax, ay}[e.axis]), e.keeps([2]int32{bx, by}[e.axis])
		switch {
		case !a && !b:
			return 0, 0, 0, 0, false
		case !a:
			ax, ay = e.cross(ax, ay, bx, by)
		case !b:
			bx, by = e.cross(ax, ay, bx, by)
		}
	}
	return ax, ay, bx, by, true
}
