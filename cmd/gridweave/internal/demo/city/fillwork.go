package city

import "math"

// skyscraper is a podium that fills the parcel with one or two towers standing in it; the podium has a hole for each,
// since no two footprints may overlap.
func (s *site) skyscraper() {
	f := s.lie()
	lo, hi := s.reach(f)
	w := min(hi.X-lo.X, hi.Y-lo.Y)
	if w < 26 {
		s.shops()
		return
	}
	side := max(18, min(52, w*between(s.rng, .42, .58)))
	spots := []frame{{f.at((lo.X+hi.X)/2, (lo.Y+hi.Y)/2), f.u}}
	if hi.X-lo.X > side*2.9 {
		q := (hi.X - lo.X) / 4
		spots = []frame{{f.at(lo.X+q, (lo.Y+hi.Y)/2), f.u}, {f.at(hi.X-q, (lo.Y+hi.Y)/2), f.u}}
	}
	height := 70 + 70*s.heat*s.rng.Float64() + 190*s.heat*math.Pow(s.rng.Float64(), 3)
	var holes [][]vec
	for i, at := range spots {
		h := height * (1 - .12*float64(i))
		if tower := s.officeTower(at, side); s.put(s.officeKind(), int(h/4.2), h, 1.2, tower) {
			holes = append(holes, swollen(tower, .7))
		}
	}
	s.podium(holes)
}

func (s *site) officeTower(at frame, w float64) []vec {
	switch s.rng.IntN(6) {
	case 0:
		return at.oval(w, w*.9, 20)
	case 1:
		return at.chamfered(w, w, w*.2)
	case 2:
		return at.cross(w, w*.6)
	case 3:
		return at.rect(w*1.2, w*.75)
	}
	return at.chamfered(w, w*.85, w*.08)
}

func (s *site) officeKind() Kind {
	switch x := s.rng.Float64(); {
	case x < .13:
		return Apartment
	case x < .2:
		return Commercial
	}
	return Office
}

// podium covers most of the parcel around the holes; where it cannot hold them, the towers stand on a plaza.
func (s *site) podium(holes [][]vec) {
	base := lot{s.ring, make([]float64, len(s.ring))}.inset(between(s.rng, 1, 7))
	if base == nil || s.rng.Float64() < .2 {
		return
	}
	rings := [][]vec{base}
	for _, h := range holes {
		if !within(base, h) {
			return
		}
		rings = append(rings, h)
	}
	n := 3 + s.rng.IntN(4)
	s.put(Commercial, n, float64(n)*5, 1.1, rings...)
}

// blocks are the deep buildings of an electronics market: they fill the parcel to its edges, cut through by yards.
func (s *site) blocks() {
	f := s.lie()
	lo, hi := s.reach(f)
	for _, x := range s.cuts(lo.X, hi.X, between(s.rng, 38, 70)) {
		for _, y := range s.cuts(lo.Y, hi.Y, between(s.rng, 34, 60)) {
			ring := s.ring
			ring = clip(ring, f.at(x.lo, 0), f.u.left().mul(-1))
			ring = clip(ring, f.at(x.hi, 0), f.u.left())
			ring = clip(ring, f.at(0, y.lo), f.u)
			ring = clip(ring, f.at(0, y.hi), f.u.mul(-1))
			s.block(f, ring)
		}
	}
}

func (s *site) block(_ frame, ring []vec) {
	if len(ring) < 3 || area(ring) < 260 || plump(ring) > .9 {
		return
	}
	ring = lot{ring, make([]float64, len(ring))}.inset(.4)
	if ring == nil || !simple(ring) {
		return
	}
	rings := [][]vec{ring}
	if area(ring) > 2200 && s.rng.Float64() < .4 {
		if yard := (lot{ring, make([]float64, len(ring))}).inset(17); yard != nil {
			rings = append(rings, yard)
		}
	}
	n := 6 + s.rng.IntN(9)
	s.put(s.blockKind(), n, float64(n)*3.9+2, .9, rings...)
}

// cuts are stretches of about the given size from lo to hi with yards between.
func (s *site) cuts(lo, hi, size float64) []span {
	n := max(1, int((hi-lo)/size+.5))
	w := (hi - lo) / float64(n)
	var out []span
	for i := range n {
		a, b := lo+float64(i)*w, lo+float64(i+1)*w
		if i > 0 {
			a += between(s.rng, 3, 5.5)
		}
		if i < n-1 {
			b -= between(s.rng, 3, 5.5)
		}
		out = append(out, span{a, b})
	}
	return out
}

func (s *site) blockKind() Kind {
	return pick(s.rng, []Kind{Commercial, Commercial, Office, Industrial, Apartment})
}

// mall fills the parcel; a big one gets a courtyard.
func (s *site) mall() {
	ring := lot{s.ring, make([]float64, len(s.ring))}.inset(3)
	if ring == nil {
		return
	}
	rings := [][]vec{ring}
	if area(ring) > 3500 {
		deep := lot{ring, make([]float64, len(ring))}.inset(between(s.rng, 17, 24))
		if deep != nil && area(deep) > 300 {
			rings = append(rings, deep)
		}
	}
	n := 4 + s.rng.IntN(4)
	s.put(Commercial, n, float64(n)*5, 1.1, rings...)
}

// shops are low buildings along a street with a yard behind.
func (s *site) shops() {
	f := s.lie()
	lo, hi := s.reach(f)
	for _, y := range []float64{lo.Y + 9, hi.Y - 9} {
		for _, b := range band(s.ring, f, y, 14) {
			for b.hi-b.lo > 14 {
				l := min(b.hi-b.lo, between(s.rng, 14, 40))
				n := 2 + s.rng.IntN(4)
				at := frame{f.at(b.lo+l/2, y), f.u}
				if ring := at.rect(l-1.5, between(s.rng, 9, 13)); s.free(ring) {
					s.put(Commercial, n, float64(n)*4, .5, ring)
				}
				b.lo += l + .5
			}
		}
	}
}

// factory is halls in file with a dormitory at the end of the yard.
func (s *site) factory() {
	f := s.lie()
	lo, hi := s.reach(f)
	depth := between(s.rng, 18, 34)
	for y := lo.Y + depth/2 + 1; y < hi.Y; y += depth + between(s.rng, 10, 16) {
		for _, b := range band(s.ring, f, y, depth) {
			for b.hi-b.lo > 22 {
				l := min(b.hi-b.lo, between(s.rng, 40, 90))
				at := frame{f.at(b.lo+l/2, y), f.u}
				n := 1 + s.rng.IntN(6)
				if l < 32 {
					s.put(Dormitory, 6, 20, .6, at.slab(l-3, 13, 2, 1.5))
				} else {
					s.put(Industrial, n, float64(n)*4.6+2, .7, s.hall(at, l-4, depth-2))
				}
				b.lo += l + between(s.rng, 6, 12)
			}
		}
	}
	s.extras(f)
}

func (s *site) hall(at frame, w, d float64) []vec {
	if s.rng.Float64() < .2 {
		return at.ell(w, d, d*.55)
	}
	return at.rect(w, d)
}

func (s *site) dormitories() {
	f := s.sunward()
	lo, hi := s.reach(f)
	depth := between(s.rng, 12, 15)
	for y := lo.Y + depth/2; y < hi.Y; y += depth + between(s.rng, 9, 14) {
		for _, b := range band(s.ring, f, y, depth) {
			for b.hi-b.lo > 20 {
				l := min(b.hi-b.lo, between(s.rng, 34, 58))
				n := 5 + s.rng.IntN(4)
				s.put(Dormitory, n, float64(n)*3.2+1, .6, frame{f.at(b.lo+l/2, y), f.u}.slab(l-2, depth-1, max(1, int(l/9)), 1.1))
				b.lo += l + 6
			}
		}
	}
}

func (s *site) villas() {
	f := s.lie()
	lo, hi := s.reach(f)
	for y := lo.Y + 9; y < hi.Y; y += between(s.rng, 20, 24) {
		for x := lo.X + 9; x < hi.X; x += between(s.rng, 17, 22) {
			at := frame{f.at(x, y+(s.rng.Float64()-.5)*3), f.u.turn(angled((s.rng.Float64() - .5) * .3))}
			n := 2 + s.rng.IntN(2)
			s.put(Residential, n, float64(n)*3.4+1, .35, at.ell(between(s.rng, 11, 14), between(s.rng, 10, 13), 6.5))
		}
	}
}

// school is a comb or a U of classrooms, a hall and a running track.
func (s *site) school() {
	f := s.sunward()
	lo, hi := s.reach(f)
	mid, w := f.at((lo.X+hi.X)/2, 0), min(95, (hi.X-lo.X)*.62)
	d := min(60, (hi.Y-lo.Y)*.36)
	if w < 24 || d < 16 {
		s.shops()
		return
	}
	at := frame{mid.add(f.u.left().mul(hi.Y - d/2 - 4)), f.u}
	for n := range 6 {
		k := 1 - float64(n)*.09
		if s.put(School, 5, 20, 1, s.classrooms(at, w*k, d*k)) {
			break
		}
		at.o = at.o.sub(f.u.left().mul(3))
	}
	s.track(frame{f.at((lo.X+hi.X)/2, lo.Y+(hi.Y-lo.Y)*.3), f.u}, hi.X-lo.X, hi.Y-lo.Y)
	hall := frame{f.at(lo.X+(hi.X-lo.X)*.16, lo.Y+(hi.Y-lo.Y)*.3), f.u}.rect(22, 30)
	if s.free(swollen(hall, 3)) {
		s.put(School, 2, 12, .8, hall)
	}
}

func (s *site) classrooms(at frame, w, d float64) []vec {
	t := max(7, min(12, d*.28))
	switch s.rng.IntN(3) {
	case 0:
		return at.comb(w, d, t)
	case 1:
		return at.ell(w, d, t)
	}
	return at.yoo(w, d, t)
}

// track is the sports ground; it is a parcel of its own so that the map can show it.
func (s *site) track(at frame, w, d float64) {
	l, b := min(150, w*.55), min(75, d*.4)
	ring := at.chamfered(l, b, b*.3)
	if ring = snapped(ring); l > 40 && simple(ring) && within(s.ring, ring) && s.free(ring) && !s.blocked(ring) {
		s.out.parcels = append(s.out.parcels, parcel{fabric: "pitch", ring: ring})
	}
}

func (s *site) hospital() {
	f := s.sunward()
	lo, hi := s.reach(f)
	w, d := min(110, (hi.X-lo.X)*.7), min(70, (hi.Y-lo.Y)*.45)
	ward := frame{f.at((lo.X+hi.X)/2, lo.Y+(hi.Y-lo.Y)*.68), f.u}
	s.put(Hospital, 14, 56, 1.1, ward.rect(w*.8, d*.42))
	clinic := frame{f.at((lo.X+hi.X)/2, lo.Y+(hi.Y-lo.Y)*.28), f.u}
	if ring := clinic.comb(w, d*.8, max(8, d*.2)); s.free(swollen(ring, 3)) {
		s.put(Hospital, 5, 22, 1.1, ring)
	}
	s.extras(f)
}

func (s *site) civic() {
	f := s.lie()
	lo, hi := s.reach(f)
	w, d := (hi.X-lo.X)*.6, (hi.Y-lo.Y)*.5
	at := frame{f.at((lo.X+hi.X)/2, (lo.Y+hi.Y)/2), f.u}
	var ring []vec
	switch s.rng.IntN(4) {
	case 0:
		ring = at.oval(w, d, 28)
	case 1:
		ring = at.aitch(w, d, max(9, d*.3))
	case 2:
		ring = at.yoo(w, d, max(9, d*.34))
	default:
		ring = at.chamfered(w, d, min(w, d)*.25)
	}
	n := 3 + s.rng.IntN(8)
	s.put(Public, n, float64(n)*4.2, 1, ring)
	s.extras(f)
}

func (s *site) pavilions() {
	f := s.lie()
	lo, hi := s.reach(f)
	for range 1 + s.rng.IntN(3) {
		at := frame{f.at(between(s.rng, lo.X, hi.X), between(s.rng, lo.Y, hi.Y)), f.u}
		w := between(s.rng, 7, 16)
		if ring := at.chamfered(w, w*.8, w*.2); s.free(swollen(ring, 3)) {
			s.put(Public, 1, 5, .2, ring)
		}
	}
}

// landmark is a building everybody would look for.
type landmark struct {
	named
	at         vec
	wide, deep float64
	levels     int
	height     float64
	wings      bool
}

func landmarks() []landmark {
	return []landmark{
		{named{"市民中心", "Civic Center"}, vec{1450, -60}, 430, 118, 8, 84, true},
		{named{"会展中心", "Convention Center"}, vec{1440, -1600}, 420, 240, 6, 60, false},
	}
}

// landmarkIn finds the landmark whose place the lot is; only Futian has any.
func (p *plan) landmarkIn(ring []vec) (landmark, bool) {
	if p.scale == Tiny {
		return landmark{}, false
	}
	for _, m := range landmarks() {
		if inside(ring, m.at) {
			return m, true
		}
	}
	return landmark{}, false
}

// erect gives the landmark the whole lot, as large as fits.
func (p *plan) erect(out *layout, m landmark, l lot, wild []*patch) {
	ring := l.inset(8)
	if ring == nil {
		return
	}
	s := &site{ring: ring, wild: wild, index: len(out.parcels), out: out}
	out.parcels = append(out.parcels, parcel{fabric: "civic", ring: ring, name: m.named})
	f := frame{centroid(ring), vec{1, 0}}
	for k := 1.0; k > .2; k *= .93 {
		w, d := m.wide*k, max(m.deep*k, 30)
		shape := f.chamfered(w, d, 12*k)
		if m.wings {
			shape = f.wings(w, d)
		}
		if s.put(Public, m.levels, m.height, 9, shape) {
			return
		}
	}
}

// wings is a long roof that sweeps up at both ends, seen from above.
func (f frame) wings(w, d float64) []vec {
	var lower, upper []float64
	const n = 16
	for i := range n + 1 {
		t := float64(i)/n*2 - 1
		y := d * (.5*t*t - .25)
		half := d * (.22 - .08*math.Abs(t))
		lower = append(lower, t*w/2, y-half)
		upper = append(upper, -t*w/2, y+half)
	}
	return f.poly(append(lower, upper...)...)
}
