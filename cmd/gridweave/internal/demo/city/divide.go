package city

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// share is a part wanted from a division: how much of the weight it gets and, if sited, roughly where it lies.
type share struct {
	weight float64
	site   vec
	sited  bool
}

// divider splits faces of the mesh into parts by roads.
type divider struct {
	mesh    *mesh
	density func(vec) float64 // people to expect here; it decides how much ground a part gets
	nearby  func(box) []pull  // hills and shores, which bend the roads near them
	seed    uint64
}

// divide splits face f into as many faces as there are shares and gives them in that order. class names the road
// that a cut makes, by the number of parts the cut face still has to give.
func (d *divider) divide(f int32, shares []share, class func(parts int) Class) ([]int32, error) {
	if len(shares) == 1 {
		return []int32{f}, nil
	}
	work := d.survey(f, shares)
	best, ok := work.best()
	if !ok {
		return nil, fmt.Errorf("city divide: no road fits through a face of %.0f m² at %.0f,%.0f",
			area(work.rim.ring), work.mid.X, work.mid.Y)
	}
	road := int32(len(d.mesh.names))
	d.mesh.names = append(d.mesh.names, roadway{Class: class(len(shares))})
	if d.wilderness(best.path) > .5 {
		d.mesh.names[road].Class = Path
	}
	made := d.cut(f, work.rim, best.chord, road)
	left, right := best.high, best.low
	a, err := d.divide(made, pickShares(shares, left), class)
	if err != nil {
		return nil, err
	}
	b, err := d.divide(f, pickShares(shares, right), class)
	if err != nil {
		return nil, err
	}
	out := make([]int32, len(shares))
	for i, n := range left {
		out[n] = a[i]
	}
	for i, n := range right {
		out[n] = b[i]
	}
	return out, nil
}

// wilderness is how much of a line runs through hills, parks or water, by its vertices.
func (d *divider) wilderness(line []vec) float64 {
	n := 0
	for _, p := range line {
		if d.density(p) < .03 {
			n++
		}
	}
	return float64(n) / float64(len(line))
}

func pickShares(shares []share, which []int) []share {
	out := make([]share, len(which))
	for i, n := range which {
		out[i] = shares[n]
	}
	return out
}

// cut puts the chord into the mesh.
func (d *divider) cut(f int32, r rim, c chord, road int32) int32 {
	line := make([]pt, 0, len(c.path))
	for _, v := range c.path {
		if p := v.pt(); len(line) == 0 || line[len(line)-1] != p {
			line = append(line, p)
		}
	}
	first, last := line[0], line[len(line)-1]
	var a, b int32
	if r.half[c.from] == r.half[c.to] && r.seg[c.from] > r.seg[c.to] {
		a = d.mesh.nodeOn(r.half[c.from], r.seg[c.from], first)
		b = d.mesh.nodeOn(r.half[c.to], r.seg[c.to], last)
	} else {
		b = d.mesh.nodeOn(r.half[c.to], r.seg[c.to], last)
		a = d.mesh.nodeOn(r.half[c.from], r.seg[c.from], first)
	}
	return d.mesh.splitFace(f, a, b, line, road)
}

// survey is one face about to be cut.
type survey struct {
	rim
	runner
	mid    vec
	size   float64
	shares []share
	points []vec
	weight []float64
	total  float64
	wild   func([]vec) float64
	rng    *rand.Rand
}

// attempt is a chord with what speaks against it.
type attempt struct {
	chord
	cost      float64
	high, low []int // shares left and right of the chord
}

func (d *divider) survey(f int32, shares []share) *survey {
	s := &survey{rim: d.mesh.rim(f), shares: shares, wild: d.wilderness}
	s.mid, s.size = centroid(s.rim.ring), math.Sqrt(area(s.rim.ring))
	v := s.mid.pt()
	s.rng = stream(d.seed, label("divide"), uint64(uint32(v.X)), uint64(uint32(v.Y)), uint64(len(shares)))
	g := &grain{
		pulls: pullsOf(s.rim.ring, true, 1, 70), soft: max(25, s.size*.15),
		seed: d.seed + 17, twist: .34, wave: 650,
	}
	g.pulls = append(g.pulls, d.nearby(boxOf(s.rim.ring).grow(400))...)
	s.runner = runner{
		ring: s.rim.ring, node: s.rim.node, grain: g,
		step: max(10, min(90, s.size/14)), snap: max(8, min(70, s.size*.13)), clear: max(6, min(60, s.size*.09)),
	}
	s.sample(d.density)
	return s
}

// sample spreads about 220 points over the face, each with the density found there.
func (s *survey) sample(density func(vec) float64) {
	b := boxOf(s.rim.ring)
	gap := s.size / 15
	for y := b.lo.Y + gap/2; y < b.hi.Y; y += gap {
		for x := b.lo.X + gap/2; x < b.hi.X; x += gap {
			p := vec{x + gap*(s.rng.Float64()-.5)*.8, y + gap*(s.rng.Float64()-.5)*.8}
			if inside(s.rim.ring, p) {
				w := density(p)
				s.points, s.weight, s.total = append(s.points, p), append(s.weight, w), s.total+w
			}
		}
	}
}

// best tries roads in both directions of the grain and keeps the one that leaves the best two faces.
func (s *survey) best() (attempt, bool) {
	along := angled(s.grain.at(s.mid))
	best := attempt{cost: math.Inf(1)}
	for _, dir := range []vec{along, along.left()} {
		s.direction(dir, &best)
	}
	for n := 0; math.IsInf(best.cost, 1) && n < 60; n++ {
		if n == 20 {
			s.clear, s.snap, s.step = s.clear/3, s.snap/3, s.step/2
		}
		if n == 40 {
			s.grain = &grain{} // straight, as the last resort
		}
		s.direction(angled(s.rng.Float64()*math.Pi), &best)
	}
	return best, !math.IsInf(best.cost, 1)
}

// direction lays roads along dir, moving them sideways until the two sides weigh what they should.
func (s *survey) direction(dir vec, best *attempt) {
	normal := dir.left()
	high, low, want := s.halve(normal)
	order := s.ordered(normal)
	aim := 1 - want
	for range 4 {
		start, ok := s.start(order, dir, aim)
		if !ok {
			return
		}
		c, ok := s.through(start, dir)
		if !ok {
			aim = 1 - want + (s.rng.Float64()-.5)*.3
			continue
		}
		left, right := s.halves(c)
		got := s.shareOf(left)
		cost := 3*math.Abs(got-want)/min(want, 1-want) + plump(left) + plump(right) + s.skew(c) + .8*s.wild(c.path)
		if cost < best.cost {
			*best = attempt{c, cost, high, low}
		}
		aim = max(.05, min(.95, aim+(got-want)))
	}
}

// halve deals the shares to the two sides of a road with the given normal: sited ones by where they lie.
func (s *survey) halve(normal vec) (high, low []int, want float64) {
	order := make([]int, len(s.shares))
	var total float64
	for i := range order {
		order[i] = i
		total += s.shares[i].weight
	}
	if s.shares[0].sited {
		slices.SortStableFunc(order, func(a, b int) int {
			return cmp.Compare(s.shares[b].site.dot(normal), s.shares[a].site.dot(normal))
		})
	}
	goal := total / 2
	if len(order) > 3 {
		goal = total * between(s.rng, .38, .62)
	}
	var sum float64
	n := 0
	for n < len(order)-1 && (n == 0 || sum+s.shares[order[n]].weight/2 < goal) {
		sum += s.shares[order[n]].weight
		n++
	}
	return order[:n], order[n:], sum / total
}

// ordered sorts the sample by how far it lies along the normal.
func (s *survey) ordered(normal vec) []int {
	order := make([]int, len(s.points))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Compare(s.points[a].dot(normal), s.points[b].dot(normal))
	})
	return order
}

// start is a sample point below which the part aim of the weight lies, the most central of those about there.
func (s *survey) start(order []int, dir vec, aim float64) (vec, bool) {
	if len(order) < 8 {
		return s.mid, inside(s.rim.ring, s.mid)
	}
	sum, at := 0.0, 0
	for at < len(order)-1 && sum < aim*s.total {
		sum += s.weight[order[at]]
		at++
	}
	near := order[max(0, at-4):min(len(order), at+4)]
	var mean float64
	for _, i := range near {
		mean += s.points[i].dot(dir) / float64(len(near))
	}
	best, off := near[0], math.Inf(1)
	for _, i := range near {
		if o := math.Abs(s.points[i].dot(dir) - mean); o < off {
			best, off = i, o
		}
	}
	return s.points[best], true
}

func (s *survey) shareOf(ring []vec) float64 {
	var sum float64
	b := boxOf(ring)
	for i, p := range s.points {
		if b.has(p) && inside(ring, p) {
			sum += s.weight[i]
		}
	}
	return sum / s.total
}

// plump is 0 for a square and grows as the ring gets long or ragged.
func plump(ring []vec) float64 {
	p := perimeter(ring)
	return max(0, p*p/(16*area(ring))-1)
}

// skew speaks against roads that meet others at a sharp angle.
func (s *survey) skew(c chord) float64 {
	n := len(c.path)
	return s.sharp(c.path[1].sub(c.path[0]), c.from) + s.sharp(c.path[n-1].sub(c.path[n-2]), c.to)
}

func (s *survey) sharp(d vec, seg int) float64 {
	side := s.rim.ring[(seg+1)%len(s.rim.ring)].sub(s.rim.ring[seg])
	return max(0, .8-math.Abs(d.unit().cross(side.unit())))
}
