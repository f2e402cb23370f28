package city

import (
	"math"
)

// fill builds on the parcel.
func (s *site) fill(what string) {
	switch what {
	case "village":
		s.village()
	case "slab":
		s.slabs()
	case "tower":
		s.towers()
	case "cbd":
		s.skyscraper()
	case "block":
		s.blocks()
	case "mall":
		s.mall()
	case "shops":
		s.shops()
	case "factory":
		s.factory()
	case "dorm":
		s.dormitories()
	case "villa":
		s.villas()
	case "school":
		s.school()
	case "hospital":
		s.hospital()
	case "civic":
		s.civic()
	case "garden":
		s.pavilions()
	}
}

// lie is the frame at the parcel's middle that runs along its longest side.
func (s *site) lie() frame {
	best, u := 0.0, vec{1, 0}
	for i, p := range s.ring {
		d := s.ring[(i+1)%len(s.ring)].sub(p)
		if l := d.len(); l > best {
			best, u = l, d.mul(1/l)
		}
	}
	if u.X < 0 {
		u = u.mul(-1)
	}
	return frame{centroid(s.ring), u}
}

// sunward is the frame whose front (negative y) looks as much to the south as the parcel's lie allows.
func (s *site) sunward() frame {
	f := s.lie()
	if math.Abs(f.u.Y) > math.Abs(f.u.X) {
		f.u = f.u.left()
	}
	if f.u.X < 0 {
		f.u = f.u.mul(-1)
	}
	return f
}

func (s *site) reach(f frame) (lo, hi vec) {
	lo, hi = vec{math.Inf(1), math.Inf(1)}, vec{math.Inf(-1), math.Inf(-1)}
	for _, p := range s.ring {
		d := p.sub(f.o)
		x, y := d.dot(f.u), d.dot(f.u.left())
		lo, hi = vec{min(lo.X, x), min(lo.Y, y)}, vec{max(hi.X, x), max(hi.Y, y)}
	}
	return lo, hi
}

// plots cuts lo to hi into plots of about the given size with gaps between; every so often the gap is a lane. The
// plots fill the stretch exactly, so that a village is built to its very edge.
func (s *site) plots(lo, hi, size, gap, lane float64, every int) []span {
	n := max(1, int((hi-lo+gap)/(size+gap+lane/float64(every))+.5))
	lanes := (n - 1) / every
	w := (hi - lo - float64(n-1)*gap - float64(lanes)*lane) / float64(n)
	if w < size*.6 {
		return nil
	}
	var out []span
	x := lo
	for i := range n {
		bit := 0.0
		if i < n-1 {
			bit = w * (s.rng.Float64() - .5) * .14
		}
		out = append(out, span{x, x + w + bit})
		x += w + gap
		if bit > 0 {
			out[i].hi -= bit // the neighbour's plot begins where it begins
		}
		if i%every == every-1 {
			x += lane
		}
	}
	return out
}

// village is packed with "handshake" houses: a bent lattice of plots, each built up to its edges.
func (s *site) village() {
	f := s.lie()
	lo, hi := s.reach(f)
	size := between(s.rng, 9.6, 11.6)
	cols := s.plots(lo.X, hi.X, size, 1.2, 2.2, 5)
	rows := s.plots(lo.Y, hi.Y, size*1.06, 1.1, 2.4, 3)
	bend := s.rng.Uint64()
	for _, r := range rows {
		for c := 0; c < len(cols); c++ {
			x := cols[c]
			if s.rng.Float64() < .06 && c+1 < len(cols) && cols[c+1].lo-x.hi < 2 {
				x.hi = cols[c+1].hi // two plots under one roof
				c++
			}
			if s.rng.Float64() < .025 {
				continue // a yard, a well, a fallen house
			}
			s.house(f, bend, x, r)
		}
	}
}

func (s *site) house(f frame, bend uint64, x, y span) {
	trim := func() float64 { return s.rng.Float64() * s.rng.Float64() * 1.5 }
	x, y = span{x.lo + trim(), x.hi - trim()}, span{y.lo + trim(), y.hi - trim()}
	levels := 5 + s.rng.IntN(5)
	if s.rng.Float64() < .12 {
		levels = 2 + s.rng.IntN(3)
	}
	corner, keep := s.rng.Float64() < .13, .3+.1*s.rng.Float64()
	w, d := x.hi-x.lo, y.hi-y.lo
	for _, cut := range [][4]float64{{0, 0, 0, 0}, {.3, 0, 0, 0}, {0, .3, 0, 0}, {0, 0, .3, 0}, {0, 0, 0, .3}, {.3, 0, .3, 0}, {0, .3, 0, .3}} {
		ring := s.plan(f, bend, span{x.lo + w*cut[0], x.hi - w*cut[1]}, span{y.lo + d*cut[2], y.hi - d*cut[3]}, corner)
		if s.put(UrbanVillage, levels, float64(levels)*3.1+.8, keep, ring) {
			return // at the first size that fits between the lanes
		}
	}
}

// plan is a house's outline on the bent lattice; with corner, one corner is left open for light.
func (s *site) plan(f frame, bend uint64, x, y span, corner bool) []vec {
	at := func(u, v float64) vec {
		return f.at(u+2.4*noise(bend, u/46, v/46), v+3*noise(bend+1, u/46, v/46))
	}
	ring := []vec{at(x.lo, y.lo), at(x.hi, y.lo), at(x.hi, y.hi), at(x.lo, y.hi)}
	if corner {
		u, v := x.hi-(x.hi-x.lo)*.35, y.hi-(y.hi-y.lo)*.35
		ring = []vec{ring[0], ring[1], at(x.hi, v), at(u, v), at(u, y.hi), ring[3]}
	}
	return ring
}

// slabs are rows that look south, of staircases side by side.
func (s *site) slabs() {
	f := s.sunward()
	f.u = f.u.turn(angled((s.rng.Float64() - .5) * .08))
	lo, hi := s.reach(f)
	levels := pick(s.rng, []int{6, 7, 7, 7, 8, 9, 11, 12, 17, 18})
	depth := between(s.rng, 10.5, 13.5)
	apart := depth + max(8, min(21, float64(levels)*1.7*between(s.rng, .8, 1.1)))
	unit := between(s.rng, 11, 15)
	stagger := s.rng.Float64() < .4
	for y := lo.Y + depth/2 + s.rng.Float64()*3; y < hi.Y; y += apart {
		for _, b := range band(s.ring, f, y, depth+.5) {
			if stagger {
				b.lo += s.rng.Float64() * 9
			}
			s.row(f, b, y, depth, unit, levels)
		}
	}
	s.extras(f)
}

func (s *site) row(f frame, b span, y, depth, unit float64, levels int) {
	for b.hi-b.lo > unit*.95 {
		units := min(2+s.rng.IntN(4), int((b.hi-b.lo)/unit))
		if units < 1 {
			return
		}
		l := float64(units) * unit
		at := frame{f.at(b.lo+l/2, y+(s.rng.Float64()-.5)*1.2), f.u}
		n := max(3, levels+s.rng.IntN(2)-s.rng.IntN(2))
		s.put(Residential, n, float64(n)*2.95+1, .6, at.slab(l, depth, units, between(s.rng, .9, 1.6)))
		b.lo += l + between(s.rng, 5, 11)
	}
}

// extras are the gatehouse, the substation, the clubhouse: small, and the first to go where there are too many.
func (s *site) extras(f frame) {
	lo, hi := s.reach(f)
	for range 1 + s.rng.IntN(4) {
		at := frame{f.at(between(s.rng, lo.X, hi.X), between(s.rng, lo.Y, hi.Y)), f.u}
		w, d := between(s.rng, 5, 14), between(s.rng, 4, 9)
		if s.free(at.rect(w+3, d+3)) {
			n := 1 + s.rng.IntN(2)
			s.put(Other, n, float64(n)*3.6, .1*s.rng.Float64(), at.rect(w, d))
		}
	}
}

// free is true where nothing of this parcel stands yet.
func (s *site) free(shape []vec) bool {
	b := boxOf(shape)
	for i := len(s.out.prints) - 1; i >= 0 && s.out.prints[i].parcel == s.index; i-- {
		if o := s.out.prints[i].rings[0]; boxOf(o).touches(b) && overlaps(o, shape) {
			return false
		}
	}
	return true
}

// towers stand apart, staggered, often above a strip of shops along the street.
func (s *site) towers() {
	f := s.sunward()
	s.podiumStrip()
	lo, hi := s.reach(f)
	w := between(s.rng, 21, 30)
	apart := w + between(s.rng, 9, 18)
	levels := 15 + s.rng.IntN(14) + int(s.heat*8*s.rng.Float64())
	shape := s.rng.IntN(5)
	row := 0
	for y := lo.Y + w/2 + 1; y < hi.Y; y += apart * .95 {
		shift := float64(row%2) * apart / 2
		for x := lo.X + w/2 + 1 + shift; x < hi.X; x += apart {
			at := frame{f.at(x+(s.rng.Float64()-.5)*6, y+(s.rng.Float64()-.5)*5), f.u}
			if ring := towerPlan(at, shape, w); s.free(swollen(ring, 4)) {
				n := max(9, levels-s.rng.IntN(5))
				s.put(s.towerKind(), n, float64(n)*3+3, .8, ring)
			}
		}
		row++
	}
	s.extras(f)
}

func (s *site) towerKind() Kind {
	if s.rng.Float64() < .14 {
		return Apartment
	}
	return Residential
}

func towerPlan(f frame, shape int, w float64) []vec {
	switch shape {
	case 0:
		return f.cross(w, w*.42)
	case 1:
		return f.butterfly(w*1.1, w*.9, w*.3)
	case 2:
		return f.aitch(w, w*.8, w*.3)
	case 3:
		return f.chamfered(w*.9, w*.8, w*.14)
	}
	return f.slab(w*1.2, w*.62, 2, 3)
}

// podiumStrip lays two storeys of shops along one side of the parcel.
func (s *site) podiumStrip() {
	if s.rng.Float64() < .35 {
		return
	}
	f := s.lie()
	lo, _ := s.reach(f)
	for _, b := range band(s.ring, f, lo.Y+8, 12) {
		for b.hi-b.lo > 26 {
			l := min(b.hi-b.lo, between(s.rng, 26, 62))
			at := frame{f.at(b.lo+l/2, lo.Y+8), f.u}
			s.put(Commercial, 2, 9, .45, at.rect(l-4, 11))
			b.lo += l
		}
	}
}
