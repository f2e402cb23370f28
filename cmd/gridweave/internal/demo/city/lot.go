package city

import (
	"math"
	"math/rand/v2"
)

// lot is ground between streets: a ring, and for each of its sides half the width of the street that runs there.
type lot struct {
	ring []vec
	half []float64
}

// lotOf is the ground of one face of the mesh.
func (p *plan) lotOf(f int32) lot {
	r := p.mesh.rim(f)
	l := lot{ring: r.ring, half: make([]float64, len(r.ring))}
	for i, h := range r.half {
		l.half[i] = p.mesh.names[p.mesh.roads[h/2]].Class.half()
	}
	return l
}

// split lays a lane of the given half width across the lot, roughly through its middle and across its longer way.
func (l lot) split(rng *rand.Rand, half float64) (a, b lot, lane []vec, ok bool) {
	mid, size := centroid(l.ring), math.Sqrt(area(l.ring))
	g := &grain{pulls: pullsOf(l.ring, true, 1, 40), soft: size * .2, seed: 5, twist: .16, wave: 160}
	along := angled(g.at(mid))
	if extent(l.ring, along) > extent(l.ring, along.left()) {
		along = along.left() // a lane runs across the longer way
	}
	r := &runner{ring: l.ring, grain: g, step: max(6, size/9), clear: size * .16}
	for n := range 8 {
		off := (rng.Float64() - .5) * .35 * size
		start := mid.add(along.left().mul(off))
		if n == 5 {
			along = along.left()
		}
		if !inside(l.ring, start) {
			continue
		}
		if c, ok := r.through(start, along); ok {
			a, b = l.halves(c, half)
			return a, b, c.path, true
		}
	}
	return lot{}, lot{}, nil, false
}

func extent(ring []vec, dir vec) float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range ring {
		d := p.dot(dir)
		lo, hi = min(lo, d), max(hi, d)
	}
	return hi - lo
}

// halves are the lots left and right of a lane.
func (l lot) halves(c chord, half float64) (left, right lot) {
	n := len(l.ring)
	for i, p := range c.path {
		h := half
		if i == len(c.path)-1 {
			h = l.half[c.to]
		}
		left.push(p, h)
	}
	for i := (c.to + 1) % n; i != (c.from+1)%n; i = (i + 1) % n {
		left.push(l.ring[i], l.half[i])
	}
	for i := len(c.path) - 1; i >= 0; i-- {
		h := half
		if i == 0 {
			h = l.half[c.from]
		}
		right.push(c.path[i], h)
	}
	for i := (c.from + 1) % n; i != (c.to+1)%n; i = (i + 1) % n {
		right.push(l.ring[i], l.half[i])
	}
	return left.tidy(), right.tidy()
}

func (l *lot) push(p vec, half float64) {
	if n := len(l.ring); n > 0 && l.ring[n-1] == p {
		l.half[n-1] = half
		return
	}
	l.ring, l.half = append(l.ring, p), append(l.half, half)
}

func (l lot) tidy() lot {
	if n := len(l.ring); n > 1 && l.ring[0] == l.ring[n-1] {
		l.ring, l.half = l.ring[:n-1], l.half[:n-1]
	}
	return l
}

// inset is the ground that is left when the streets and a further setback are taken off; nil if nothing is.
func (l lot) inset(setback float64) []vec {
	ring, off := l.plain(setback)
	for range 12 {
		out, flipped := offset(ring, off)
		if flipped < 0 {
			if area(out) > 120 && simple(out) && l.clearOf(out, setback) {
				return out
			}
			break
		}
		if len(ring) <= 3 {
			return nil
		}
		ring = append(ring[:flipped:flipped], ring[flipped+1:]...)
		off = append(off[:flipped:flipped], off[flipped+1:]...)
	}
	return l.core(setback)
}

// plain thins the lot's ring and gives each remaining side the widest street along it.
func (l lot) plain(setback float64) ([]vec, []float64) {
	ring := thinRing(l.ring, 1)
	off := make([]float64, len(ring))
	at := 0
	for i := range ring {
		for l.ring[at] != ring[i] {
			at++
		}
		end := ring[(i+1)%len(ring)]
		for k := at; ; {
			off[i] = max(off[i], l.half[k]+setback)
			if k = (k + 1) % len(l.ring); l.ring[k] == end {
				break
			}
		}
	}
	return ring, off
}

// offset moves each side of a ring inwards by its distance. flipped is the first side that turned round, which must
// go before another try, or -1.
func offset(ring []vec, off []float64) (out []vec, flipped int) {
	n := len(ring)
	out = make([]vec, n)
	for i, p := range ring {
		before, after := p.sub(ring[(i+n-1)%n]).unit(), ring[(i+1)%n].sub(p).unit()
		out[i] = p.add(mitre(before, after, off[(i+n-1)%n], off[i]))
	}
	for i := range ring {
		j := (i + 1) % n
		if out[j].sub(out[i]).dot(ring[j].sub(ring[i])) <= 0 {
			return out, i
		}
	}
	return out, -1
}

// mitre is how far a corner moves when the side before it moves in by a and the side after it by b.
func mitre(before, after vec, a, b float64) vec {
	n, m := before.left(), after.left()
	det := n.cross(m)
	if math.Abs(det) < .12 {
		return n.add(m).unit().mul(max(a, b))
	}
	v := vec{(a*m.Y - b*n.Y) / det, (n.X*b - m.X*a) / det}
	if far := 4 * max(math.Abs(a), math.Abs(b)); v.len() > far {
		return v.mul(far / v.len())
	}
	return v
}

// clearOf makes sure no corner of the inset came nearer to a street than it should.
func (l lot) clearOf(ring []vec, setback float64) bool {
	for _, p := range ring {
		if !inside(l.ring, p) {
			return false
		}
		for i, a := range l.ring {
			if toSegment(p, a, l.ring[(i+1)%len(l.ring)]) < l.half[i]+setback-1.8 {
				return false
			}
		}
	}
	return true
}

// core is the convex ground that lies far enough inside every side; it is what crooked lots fall back to.
func (l lot) core(setback float64) []vec {
	b := boxOf(l.ring)
	out := []vec{b.lo, {b.hi.X, b.lo.Y}, b.hi, {b.lo.X, b.hi.Y}}
	ring, off := l.plain(setback)
	for i, a := range ring {
		d := ring[(i+1)%len(ring)].sub(a).unit()
		if out = clip(out, a.add(d.left().mul(off[i]+1)), d); len(out) < 3 {
			return nil
		}
	}
	if area(out) < 120 || !within(l.ring, out) {
		return nil
	}
	return out
}

// clip keeps what lies left of the line through o along d.
func clip(ring []vec, o, d vec) []vec {
	var out []vec
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sp, sq := d.cross(p.sub(o)), d.cross(q.sub(o))
		if sp >= 0 {
			out = append(out, p)
		}
		if (sp > 0 && sq < 0) || (sp < 0 && sq > 0) {
			out = append(out, p.lerp(q, sp/(sp-sq)))
		}
	}
	return out
}

// span is a stretch from lo to hi.
type span struct{ lo, hi float64 }

// spans are the stretches of the line v across (in the frame) that lie inside the ring.
func spans(ring []vec, f frame, v float64) []span {
	var xs []float64
	o := f.o.add(f.u.left().mul(v))
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		sa, sb := f.u.cross(a.sub(o)), f.u.cross(b.sub(o))
		if (sa > 0) != (sb > 0) {
			xs = append(xs, a.lerp(b, sa/(sa-sb)).sub(o).dot(f.u))
		}
	}
	sortFloats(xs)
	var out []span
	for i := 0; i+1 < len(xs); i += 2 {
		out = append(out, span{xs[i], xs[i+1]})
	}
	return out
}

// band are the stretches that a row of the given depth around v can use.
func band(ring []vec, f frame, v, depth float64) []span {
	out := spans(ring, f, v)
	for _, w := range []float64{v - depth/2, v + depth/2} {
		out = common(out, spans(ring, f, w))
	}
	return out
}

func common(a, b []span) []span {
	var out []span
	for _, x := range a {
		for _, y := range b {
			if lo, hi := max(x.lo, y.lo), min(x.hi, y.hi); lo < hi {
				out = append(out, span{lo, hi})
			}
		}
	}
	return out
}
