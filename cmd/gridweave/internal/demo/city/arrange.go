package city

import (
	"cmp"
	"math"
	"slices"
)

// stroke is a line of the first drawing: a road or a border through the given points.
type stroke struct {
	line []vec
	road int32
}

// arrange turns strokes that cross each other into a mesh: they are cut where they cross, edges that keep refuses
// (by their middle) are dropped, and so are dead ends. What remains must hang together.
func arrange(strokes []stroke, names []roadway, keep func(mid vec, road int32) bool) *mesh {
	for _, s := range strokes {
		for i, v := range s.line {
			s.line[i] = v.pt().vec() // or a shared end could round to two vertices a centimetre apart
		}
	}
	pieces := cutAtCrossings(strokes)
	pieces = slices.DeleteFunc(pieces, func(p piece) bool {
		return p.a == p.b || !keep(p.a.vec().lerp(p.b.vec(), .5), p.road)
	})
	pieces = withoutDeadEnds(unique(pieces))
	m := &mesh{names: names}
	for _, line := range chains(pieces) {
		m.addEdge(line.pts, line.road)
	}
	m.linkAround()
	m.findFaces()
	return m
}

type piece struct {
	a, b pt
	road int32
}

func cutAtCrossings(strokes []stroke) []piece {
	var out []piece
	for i, s := range strokes {
		for k := 1; k < len(s.line); k++ {
			out = append(out, cutSegment(strokes, i, k)...)
		}
	}
	return out
}

// cutSegment cuts one segment of stroke i at its crossings with every other stroke. Both strokes compute the crossing
// in the same order of arguments, and so round it to the same vertex.
func cutSegment(strokes []stroke, i, k int) []piece {
	a, b := strokes[i].line[k-1], strokes[i].line[k]
	type cut struct {
		t float64
		p pt
	}
	cuts := []cut{{0, a.pt()}, {1, b.pt()}}
	for j, o := range strokes {
		for l := 1; l < len(o.line) && j != i; l++ {
			c, d := o.line[l-1], o.line[l]
			if apart(a.X, b.X, c.X, d.X) || apart(a.Y, b.Y, c.Y, d.Y) {
				continue
			}
			if t, p, ok := crossing(a, b, c, d, i < j); ok {
				cuts = append(cuts, cut{t, p})
			}
		}
	}
	slices.SortStableFunc(cuts, func(x, y cut) int { return cmp.Compare(x.t, y.t) })
	var out []piece
	for n := 1; n < len(cuts); n++ {
		out = append(out, piece{cuts[n-1].p, cuts[n].p, strokes[i].road})
	}
	return out
}

// apart is true when the stretches a-b and c-d have nothing in common.
func apart(a, b, c, d float64) bool { return max(a, b) < min(c, d) || max(c, d) < min(a, b) }

func crossing(a, b, c, d vec, first bool) (float64, pt, bool) {
	if first {
		s, _, ok := meet(a, b, c, d)
		return s, a.lerp(b, s).pt(), ok
	}
	s, t, ok := meet(c, d, a, b)
	return t, c.lerp(d, s).pt(), ok
}

// unique drops a piece that was drawn twice; the earlier stroke's road wins.
func unique(pieces []piece) []piece {
	type key struct{ a, b pt }
	seen := map[key]bool{}
	return slices.DeleteFunc(pieces, func(p piece) bool {
		drawn := seen[key{p.a, p.b}] || seen[key{p.b, p.a}]
		seen[key{p.a, p.b}] = true
		return drawn
	})
}

func withoutDeadEnds(pieces []piece) []piece {
	for {
		degree := map[pt]int{}
		for _, p := range pieces {
			degree[p.a]++
			degree[p.b]++
		}
		n := len(pieces)
		pieces = slices.DeleteFunc(pieces, func(p piece) bool { return degree[p.a] == 1 || degree[p.b] == 1 })
		if len(pieces) == n {
			return pieces
		}
	}
}

type chain struct {
	pts  []pt
	road int32
}

// chains joins pieces of the same road that meet at a vertex where nothing else does.
func chains(pieces []piece) []chain {
	at := map[pt][]int{}
	for i, p := range pieces {
		at[p.a] = append(at[p.a], i)
		at[p.b] = append(at[p.b], i)
	}
	used := make([]bool, len(pieces))
	plain := func(p pt) bool {
		return len(at[p]) == 2 && pieces[at[p][0]].road == pieces[at[p][1]].road
	}
	var out []chain
	follow := func(i int, start pt) {
		c := chain{pts: []pt{start}, road: pieces[i].road}
		for here := start; ; {
			used[i] = true
			if here == pieces[i].a {
				here = pieces[i].b
			} else {
				here = pieces[i].a
			}
			c.pts = append(c.pts, here)
			if !plain(here) {
				break
			}
			if next := at[here][0] + at[here][1] - i; !used[next] {
				i = next
				continue
			}
			break
		}
		out = append(out, c)
	}
	for i, p := range pieces {
		for _, end := range []pt{p.a, p.b} {
			if !used[i] && !plain(end) {
				follow(i, end)
			}
		}
	}
	return out
}

// linkAround orders the half-edges around each vertex, so that each is followed by the next one clockwise.
func (m *mesh) linkAround() {
	out := map[pt][]int32{}
	var order []pt
	for h := range int32(len(m.lines) * 2) {
		p := m.from(h)
		if out[p] == nil {
			order = append(order, p)
		}
		out[p] = append(out[p], h)
	}
	for _, p := range order {
		spokes := out[p]
		slices.SortFunc(spokes, func(a, b int32) int { return cmp.Compare(m.bearing(a), m.bearing(b)) })
		for i, h := range spokes {
			m.link(twin(spokes[(i+1)%len(spokes)]), h)
		}
	}
}

func (m *mesh) bearing(h int32) float64 {
	line := m.along(h)
	d := line[1].vec().sub(line[0].vec())
	return math.Atan2(d.Y, d.X)
}

// findFaces numbers the loops that run counter-clockwise; the clockwise one is the outside.
func (m *mesh) findFaces() {
	seen := make([]bool, len(m.next))
	for first := range m.next {
		if seen[first] {
			continue
		}
		m.faces = append(m.faces, int32(first))
		f := int32(len(m.faces) - 1)
		m.walk(f, func(h int32) { seen[h] = true })
		if area(m.ring(f)) <= 0 {
			m.faces = m.faces[:f]
			continue
		}
		m.walk(f, func(h int32) { m.face[h] = f })
	}
}
