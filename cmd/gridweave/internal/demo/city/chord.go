package city

import (
	"math"
	"slices"
)

// chord is a line across a ring: it begins on segment from of the ring, ends on segment to, and touches the ring
// nowhere else.
type chord struct {
	path     []vec
	from, to int
}

// runner draws chords along the grain.
type runner struct {
	ring  []vec
	node  []bool // by vertex of the ring: another border already ends there
	grain *grain
	step  float64
	snap  float64 // ends this close to a node go to the node, which makes a crossing of four
	clear float64 // the chord keeps this far from the ring, its ends apart
}

// through draws the chord through start that sets out along dir (and backwards against it).
func (r *runner) through(start, dir vec) (chord, bool) {
	fore, to, ok := r.run(start, dir)
	if !ok {
		return chord{}, false
	}
	back, from, ok := r.run(start, dir.mul(-1))
	if !ok {
		return chord{}, false
	}
	slices.Reverse(back)
	c := chord{append(append(back, start), fore...), from, to}
	r.settle(&c)
	return c, r.valid(c)
}

// run goes from start along the grain until it meets the ring; it returns the points after start and the segment met.
func (r *runner) run(start, dir vec) ([]vec, int, bool) {
	var path []vec
	p := start
	for range 400 {
		dir = r.grain.ahead(p, dir)
		q := p.add(dir.mul(r.step))
		if at, seg, hit := r.hit(p, q); hit {
			return append(path, at), seg, true
		}
		path = append(path, q)
		p = q
	}
	return nil, 0, false
}

// hit is the first point of the ring on the way from p to q.
func (r *runner) hit(p, q vec) (vec, int, bool) {
	first, seg := math.Inf(1), -1
	lo := vec{min(p.X, q.X), min(p.Y, q.Y)}
	hi := vec{max(p.X, q.X), max(p.Y, q.Y)}
	for i, a := range r.ring {
		b := r.ring[(i+1)%len(r.ring)]
		if max(a.X, b.X) < lo.X || min(a.X, b.X) > hi.X || max(a.Y, b.Y) < lo.Y || min(a.Y, b.Y) > hi.Y {
			continue
		}
		if s, _, ok := meet(p, q, a, b); ok && s < first && s > 1e-9 {
			first, seg = s, i
		}
	}
	return p.lerp(q, min(first, 1)), seg, seg >= 0
}

// settle thins the path and moves its ends to vertices that are near.
func (r *runner) settle(c *chord) {
	c.path = thin(c.path, min(1.5, r.step/8))
	c.from = r.dock(c.path, c.from)
	slices.Reverse(c.path)
	c.to = r.dock(c.path, c.to)
	slices.Reverse(c.path)
}

// dock bends the beginning of the path to the nearest vertex worth ending at, if there is one; the bend fades out
// along the path, so that the road swings in instead of kinking.
func (r *runner) dock(path []vec, seg int) int {
	at, d := r.berth(path[0])
	if at < 0 {
		return seg
	}
	shift := r.ring[at].sub(path[0])
	reach := max(6*d, 2*r.step)
	gone, prev := 0.0, path[0]
	for i := range path[:len(path)-1] {
		gone += path[i].dist(prev)
		prev = path[i]
		path[i] = path[i].add(shift.mul(max(0, 1-gone/reach)))
	}
	return at
}

// berth finds the vertex of the ring that a chord ending at p should end at instead: a node within snap, or any
// vertex so near that a corner would be left over; -1 for none.
func (r *runner) berth(p vec) (int, float64) {
	best, at := math.Inf(1), -1
	for i, v := range r.ring {
		d := v.dist(p)
		near := d < .6
		if r.node != nil && r.node[i] {
			near = d < r.snap
		}
		if near && d < best {
			best, at = d, i
		}
	}
	return at, best
}

// valid holds that the path meets the ring at its ends only and leaves no sliver between.
func (r *runner) valid(c chord) bool {
	n := len(c.path)
	if n < 2 || c.from == c.to || !r.apart(c.path[0], c.from) || !r.apart(c.path[n-1], c.to) {
		return false
	}
	if r.touches(c) {
		return false
	}
	return r.keepsClear(c.path)
}

// keepsClear allows the path to come near the ring only as it nears its own ends.
func (r *runner) keepsClear(path []vec) bool {
	total, lead := lengthOf(path), 0.0
	if total < 2*r.clear {
		return false
	}
	for i := 1; i < len(path); i++ {
		l := path[i].dist(path[i-1])
		end := min(lead+l/2, total-lead-l/2)
		if toRing(path[i-1].lerp(path[i], .5), r.ring) < min(r.clear, end*.45) {
			return false
		}
		lead += l
	}
	return true
}

// apart holds that an end either lies on a vertex or well away from both ends of its segment's nodes.
func (r *runner) apart(p vec, seg int) bool {
	if p == r.ring[seg] {
		return true
	}
	for i, v := range r.ring {
		if r.node != nil && r.node[i] && v.dist(p) < r.clear {
			return false
		}
	}
	return true
}

func (r *runner) touches(c chord) bool {
	n := len(c.path)
	for k := 1; k < n; k++ {
		a, b := c.path[k-1], c.path[k]
		if k == 1 {
			a = a.lerp(b, 1e-3)
		}
		if k == n-1 {
			b = b.lerp(a, 1e-3)
		}
		if _, _, hit := r.hit(a, b); hit {
			return true
		}
	}
	return false
}

// halves are the two rings on the left and the right of the chord.
func (r *runner) halves(c chord) (left, right []vec) {
	n := len(r.ring)
	left = append(left, c.path...)
	for i := (c.to + 1) % n; i != (c.from+1)%n; i = (i + 1) % n {
		left = append(left, r.ring[i])
	}
	for i := len(c.path) - 1; i >= 0; i-- {
		right = append(right, c.path[i])
	}
	for i := (c.from + 1) % n; i != (c.to+1)%n; i = (i + 1) % n {
		right = append(right, r.ring[i])
	}
	return dedupe(left), dedupe(right)
}

// dedupe drops vertices that repeat the one before, which happens where a chord ends on a vertex.
func dedupe(ring []vec) []vec {
	out := ring[:0]
	for i, p := range ring {
		if p != ring[(i+len(ring)-1)%len(ring)] || len(ring) == 1 {
			out = append(out, p)
		}
	}
	return out
}
