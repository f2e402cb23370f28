package city

import "math"

// box is an upright rectangle in metres.
type box struct{ lo, hi vec }

func boxOf(ring []vec) box {
	b := box{vec{math.Inf(1), math.Inf(1)}, vec{math.Inf(-1), math.Inf(-1)}}
	for _, p := range ring {
		b.lo = vec{min(b.lo.X, p.X), min(b.lo.Y, p.Y)}
		b.hi = vec{max(b.hi.X, p.X), max(b.hi.Y, p.Y)}
	}
	return b
}

func (b box) touches(o box) bool {
	return b.lo.X <= o.hi.X && o.lo.X <= b.hi.X && b.lo.Y <= o.hi.Y && o.lo.Y <= b.hi.Y
}

func (b box) has(p vec) bool {
	return p.X >= b.lo.X && p.X <= b.hi.X && p.Y >= b.lo.Y && p.Y <= b.hi.Y
}

func (b box) grow(d float64) box {
	return box{vec{b.lo.X - d, b.lo.Y - d}, vec{b.hi.X + d, b.hi.Y + d}}
}

// area is signed: positive for counter-clockwise rings. Rings are open (the first vertex is not repeated).
func area(ring []vec) float64 {
	var sum float64
	for i, p := range ring {
		sum += p.cross(ring[(i+1)%len(ring)])
	}
	return sum / 2
}

func centroid(ring []vec) vec {
	var c vec
	var sum float64
	base := ring[0]
	for i := range ring {
		p, q := ring[i].sub(base), ring[(i+1)%len(ring)].sub(base)
		w := p.cross(q)
		sum += w
		c = c.add(p.add(q).mul(w))
	}
	if sum == 0 {
		return base
	}
	return base.add(c.mul(1 / (3 * sum)))
}

func perimeter(ring []vec) float64 {
	var sum float64
	for i, p := range ring {
		sum += p.dist(ring[(i+1)%len(ring)])
	}
	return sum
}

// inside is true for points within the ring (even-odd rule).
func inside(ring []vec, p vec) bool {
	in := false
	j := len(ring) - 1
	for i := range ring {
		a, b := ring[i], ring[j]
		if (a.Y > p.Y) != (b.Y > p.Y) && p.X < (b.X-a.X)*(p.Y-a.Y)/(b.Y-a.Y)+a.X {
			in = !in
		}
		j = i
	}
	return in
}

// meet finds where segment a-b crosses segment c-d: the parameters along each, if both lie in 0..1.
func meet(a, b, c, d vec) (s, t float64, ok bool) {
	r, q := b.sub(a), d.sub(c)
	den := r.cross(q)
	if den == 0 {
		return 0, 0, false
	}
	w := c.sub(a)
	s, t = w.cross(q)/den, w.cross(r)/den
	return s, t, s >= 0 && s <= 1 && t >= 0 && t <= 1
}

func toSegment(p, a, b vec) float64 {
	d := b.sub(a)
	l := d.dot(d)
	if l == 0 {
		return p.dist(a)
	}
	t := max(0, min(1, p.sub(a).dot(d)/l))
	return p.dist(a.add(d.mul(t)))
}

// toLine is the distance from p to the nearest segment of an open line.
func toLine(p vec, line []vec) float64 {
	best := math.Inf(1)
	for i := 1; i < len(line); i++ {
		best = min(best, toSegment(p, line[i-1], line[i]))
	}
	return best
}

func toRing(p vec, ring []vec) float64 {
	return min(toLine(p, ring), toSegment(p, ring[len(ring)-1], ring[0]))
}

func lengthOf(line []vec) float64 {
	var sum float64
	for i := 1; i < len(line); i++ {
		sum += line[i].dist(line[i-1])
	}
	return sum
}

// within is true when the whole shape lies inside the ring.
func within(ring, shape []vec) bool {
	for _, p := range shape {
		if !inside(ring, p) {
			return false
		}
	}
	return !crosses(ring, shape)
}

func crosses(a, b []vec) bool {
	for i := range a {
		p, q := a[i], a[(i+1)%len(a)]
		for j := range b {
			if _, _, ok := meet(p, q, b[j], b[(j+1)%len(b)]); ok {
				return true
			}
		}
	}
	return false
}

// overlaps is true when two simple shapes share any point.
func overlaps(a, b []vec) bool {
	return crosses(a, b) || inside(a, b[0]) || inside(b, a[0])
}

// simple is true when no two sides of the ring cross or touch, neighbours apart.
func simple(ring []vec) bool {
	n := len(ring)
	if n < 3 {
		return false
	}
	for i := range n {
		for j := i + 2; j < n; j++ {
			if i == 0 && j == n-1 {
				continue
			}
			if _, _, ok := meet(ring[i], ring[i+1], ring[j], ring[(j+1)%n]); ok {
				return false
			}
		}
	}
	return true
}

// thin drops vertices that lie within tolerance of the line without them (Douglas and Peucker); the ends stay.
func thin(line []vec, tolerance float64) []vec {
	if len(line) < 3 {
		return line
	}
	far, at := 0.0, 0
	for i := 1; i < len(line)-1; i++ {
		if d := toSegment(line[i], line[0], line[len(line)-1]); d > far {
			far, at = d, i
		}
	}
	if far <= tolerance {
		return []vec{line[0], line[len(line)-1]}
	}
	head := thin(line[:at+1], tolerance)
	return append(head[:len(head):len(head)], thin(line[at:], tolerance)[1:]...)
}

// thinRing thins a ring from the corner farthest from its first vertex, so that it keeps its extent.
func thinRing(ring []vec, tolerance float64) []vec {
	far, at := 0.0, 0
	for i, p := range ring {
		if d := p.dist(ring[0]); d > far {
			far, at = d, i
		}
	}
	if at == 0 {
		return ring
	}
	head := thin(ring[:at+1], tolerance)
	tail := thin(append(append([]vec{}, ring[at:]...), ring[0]), tolerance)
	return append(head[:len(head):len(head)], tail[1:len(tail)-1]...)
}

// rounded draws a smooth curve (Catmull-Rom) through the points, a vertex about every step metres.
func rounded(through []vec, step float64) []vec {
	out := []vec{through[0]}
	at := func(i int) vec { return through[max(0, min(len(through)-1, i))] }
	for i := range len(through) - 1 {
		a, b, c, d := at(i-1), at(i), at(i+1), at(i+2)
		n := max(1, int(b.dist(c)/step))
		for k := 1; k <= n; k++ {
			t := float64(k) / float64(n)
			out = append(out, catmull(a, b, c, d, t))
		}
	}
	return out
}

func catmull(a, b, c, d vec, t float64) vec {
	p := b.mul(2).add(c.sub(a).mul(t))
	p = p.add(a.mul(2).sub(b.mul(5)).add(c.mul(4)).sub(d).mul(t * t))
	p = p.add(b.mul(3).sub(a).sub(c.mul(3)).add(d).mul(t * t * t))
	return p.mul(.5)
}

// nearest is the index of the vertex closest to p.
func nearest(line []vec, p vec) int {
	at := 0
	for i, v := range line {
		if v.dist(p) < line[at].dist(p) {
			at = i
		}
	}
	return at
}
