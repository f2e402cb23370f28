package city

import "slices"

// mesh is a planar map of half-edges. Each border is stored once, as a line of shared vertices, and the areas on
// its two sides walk the same line in opposite directions: that is why areas tile exactly, whatever is split where.
// Half-edge h belongs to edge h/2; h^1 is its twin. Even half-edges run along the edge's line, odd ones against it.
type mesh struct {
	lines []([]pt)  // by edge
	roads []int32   // by edge: the road that runs along it
	next  []int32   // by half-edge: the following one around the same face
	prev  []int32   // by half-edge
	face  []int32   // by half-edge: the face on its left, or outer
	faces []int32   // by face: one of its half-edges
	names []roadway // by road
}

const outer = int32(-1)

func twin(h int32) int32 { return h ^ 1 }

// from is the vertex where half-edge h begins.
func (m *mesh) from(h int32) pt {
	line := m.lines[h/2]
	if h&1 == 0 {
		return line[0]
	}
	return line[len(line)-1]
}

// walk calls fn for each half-edge around a face, beginning with the one it is filed under.
func (m *mesh) walk(f int32, fn func(h int32)) {
	first := m.faces[f]
	for h := first; ; {
		fn(h)
		if h = m.next[h]; h == first {
			return
		}
	}
}

// along is the half-edge's line in its own direction.
func (m *mesh) along(h int32) []pt {
	line := m.lines[h/2]
	if h&1 == 0 {
		return line
	}
	back := slices.Clone(line)
	slices.Reverse(back)
	return back
}

// rim is a face's border with, for each vertex, the half-edge that leaves it and the place in that half-edge's line.
type rim struct {
	ring []vec
	half []int32
	seg  []int // the segment's number, counted in the direction of the half-edge
	node []bool
}

func (m *mesh) rim(f int32) rim {
	var r rim
	m.walk(f, func(h int32) {
		line := m.along(h)
		for i, p := range line[:len(line)-1] {
			r.ring = append(r.ring, p.vec())
			r.half = append(r.half, h)
			r.seg = append(r.seg, i)
			r.node = append(r.node, i == 0)
		}
	})
	return r
}

func (m *mesh) ring(f int32) []vec { return m.rim(f).ring }

// addEdge stores a line and its two half-edges, not yet linked to anything.
func (m *mesh) addEdge(line []pt, road int32) int32 {
	m.lines = append(m.lines, line)
	m.roads = append(m.roads, road)
	m.next = append(m.next, -1, -1)
	m.prev = append(m.prev, -1, -1)
	m.face = append(m.face, outer, outer)
	return int32(len(m.lines)-1) * 2
}

func (m *mesh) link(a, b int32) { m.next[a], m.prev[b] = b, a }

// nodeOn makes vertex p, on segment seg of half-edge h, the end of an edge; both neighbours get it. It returns the
// half-edge that begins there and goes on in h's direction.
func (m *mesh) nodeOn(h int32, seg int, p pt) int32 {
	line := m.along(h)
	if p == line[0] {
		return h
	}
	if p == line[len(line)-1] {
		return m.next[h]
	}
	if p == line[seg] {
		return m.splitEdge(h, line[:seg+1], line[seg:])
	}
	if p == line[seg+1] {
		return m.splitEdge(h, line[:seg+2], line[seg+1:])
	}
	head := append(slices.Clone(line[:seg+1]), p)
	tail := append([]pt{p}, line[seg+1:]...)
	return m.splitEdge(h, head, tail)
}

// splitEdge cuts h's edge into head and tail (given in h's direction); h keeps the head.
func (m *mesh) splitEdge(h int32, head, tail []pt) int32 {
	head, tail = slices.Clone(head), slices.Clone(tail)
	e := m.addEdge(tail, m.roads[h/2])
	if h&1 == 1 { // the stored line runs the other way
		slices.Reverse(head)
		slices.Reverse(tail)
		e++
	}
	m.lines[h/2] = head
	t := twin(h)
	m.face[e], m.face[twin(e)] = m.face[h], m.face[t]
	m.link(e, m.next[h])
	m.link(h, e)
	m.link(m.prev[t], twin(e))
	m.link(twin(e), t)
	return e
}

// splitFace draws path from the start of half-edge a to the start of half-edge b, both around face f. The part left
// of the path becomes a new face, which is returned; f keeps the rest.
func (m *mesh) splitFace(f, a, b int32, path []pt, road int32) int32 {
	e := m.addEdge(path, road)
	beforeA, beforeB := m.prev[a], m.prev[b]
	m.link(beforeA, e)
	m.link(e, b)
	m.link(beforeB, twin(e))
	m.link(twin(e), a)
	made := int32(len(m.faces))
	m.faces = append(m.faces, e)
	m.faces[f] = twin(e)
	m.face[twin(e)] = f
	m.walk(made, func(h int32) { m.face[h] = made })
	return made
}

// outlines gives the rings around the set of faces for which in is true: outer rings counter-clockwise, holes
// clockwise, each vertex of the mesh on them kept, so that neighbouring sets share every vertex.
func (m *mesh) outlines(faces []int32, in func(f int32) bool) [][]pt {
	seen := map[int32]bool{}
	var rings [][]pt
	for _, f := range faces {
		m.walk(f, func(h int32) {
			if !seen[h] && !m.within(twin(h), in) {
				rings = append(rings, m.trace(h, in, seen))
			}
		})
	}
	return rings
}

func (m *mesh) within(h int32, in func(int32) bool) bool {
	return m.face[h] != outer && in(m.face[h])
}

// trace follows the border of the set from half-edge first, stepping over borders inside the set.
func (m *mesh) trace(first int32, in func(int32) bool, seen map[int32]bool) []pt {
	var ring []pt
	for h := first; ; {
		seen[h] = true
		line := m.along(h)
		ring = append(ring, line[:len(line)-1]...)
		h = m.next[h]
		for m.within(twin(h), in) {
			h = m.next[twin(h)]
		}
		if h == first {
			return ring
		}
	}
}
