package city

import (
	"math"
	"math/rand/v2"
)

// Kind is what a building is, in the words of the schema.
type Kind string

// The kinds of buildings.
const (
	Residential  Kind = "residential"
	UrbanVillage Kind = "urban_village" // 城中村
	Dormitory    Kind = "dormitory"
	Apartment    Kind = "apartment"
	Office       Kind = "office"
	Commercial   Kind = "commercial"
	Industrial   Kind = "industrial"
	School       Kind = "school"
	Hospital     Kind = "hospital"
	Public       Kind = "public"
	Other        Kind = "other"
)

// footprint is a building as the layout sees it.
type footprint struct {
	rings  [][]vec // outer ring counter-clockwise, then holes
	kind   Kind
	levels int
	height float64
	keep   float64 // what goes last where the city holds more than it should
	parcel int
}

// parcel is the ground of one estate, village block, school or garden.
type parcel struct {
	fabric string
	ring   []vec
	name   named
}

type street struct {
	class Class
	line  []vec
	name  named
}

type named struct{ zh, en string }

// layout is the inside of one grid: lanes, parcels, buildings.
type layout struct {
	lanes   []street
	parcels []parcel
	prints  []footprint
}

// site is one parcel being built on.
type site struct {
	rng   *rand.Rand
	ring  []vec
	wild  []*patch
	heat  float64 // how sought-after the place is: 0 at the edge, about 1 in the centre
	index int
	out   *layout
}

// put builds unless the shape leaves the parcel or stands in a park or in water.
func (s *site) put(kind Kind, levels int, height, keep float64, rings ...[]vec) bool {
	if !within(s.ring, rings[0]) || s.blocked(rings[0]) {
		return false
	}
	for i, r := range rings {
		if rings[i] = snapped(r); !simple(rings[i]) || (i > 0 && !within(rings[0], rings[i])) {
			return false
		}
	}
	s.out.prints = append(s.out.prints, footprint{rings, kind, levels, math.Round(height*10) / 10, keep, s.index})
	return true
}

// snapped is the ring as it will be stored: on whole units, no vertex twice.
func snapped(ring []vec) []vec {
	out := make([]vec, len(ring))
	for i, v := range ring {
		out[i] = v.pt().vec()
	}
	return dedupe(out)
}

func (s *site) blocked(shape []vec) bool {
	b := boxOf(shape)
	for _, w := range s.wild {
		if w.box.touches(b) && overlaps(w.ring, shape) {
			return true
		}
	}
	return false
}

// layout builds up one grid. The same grid comes out the same each time it is asked for.
func (p *plan) layout(g *gridPlan) *layout {
	out := &layout{}
	rng := stream(p.seed, label("grid"), label(g.code))
	for _, f := range g.faces {
		l := p.lotOf(f)
		wild := p.wild(boxOf(l.ring))
		heat := p.urban(centroid(l.ring))
		style := fabricOf(g.fabric)
		if g.fabric == 'V' && rng.Float64() > style.villageShare {
			style = fabricOf('S')
		}
		if m, ok := p.landmarkIn(l.ring); ok {
			p.erect(out, m, l, wild)
			continue
		}
		if g.park {
			p.garden(out, l, wild, rng)
			continue
		}
		p.build(out, l, style, wild, heat, rng)
	}
	return out
}

// build splits the lot by lanes until its parcels have the right size, and builds on each.
func (p *plan) build(out *layout, l lot, style fabric, wild []*patch, heat float64, rng *rand.Rand) {
	if p.isWood(l.ring) {
		if ring := l.inset(1); ring != nil {
			out.parcels = append(out.parcels, parcel{fabric: "wood", ring: ring})
		}
		return
	}
	if a := area(l.ring); a > style.parcel*between(rng, .9, 1.7) && a > 2500 {
		if left, right, lane, ok := l.split(rng, style.lane.half()); ok {
			if !barred(wild, lane) {
				out.lanes = append(out.lanes, street{class: style.lane, line: lane})
			}
			p.build(out, left, style, wild, heat, rng)
			p.build(out, right, style, wild, heat, rng)
			return
		}
	}
	ring := l.inset(style.setback)
	if ring == nil {
		return
	}
	use := pickUse(rng, style)
	if p.onAxis(ring) {
		use = "garden"
	}
	s := &site{rng, ring, wild, heat, len(out.parcels), out}
	out.parcels = append(out.parcels, parcel{fabric: use, ring: ring})
	s.fill(use)
}

// garden lays out a park: a path around it, one or two across, a few pavilions.
func (p *plan) garden(out *layout, l lot, wild []*patch, rng *rand.Rand) {
	ring := l.inset(14)
	if ring == nil {
		return
	}
	s := &site{rng, ring, wild, 0, len(out.parcels), out}
	out.parcels = append(out.parcels, parcel{fabric: "garden", ring: ring})
	for range 3 {
		s.pavilions()
	}
	if walk := l.inset(45); walk != nil {
		out.lanes = append(out.lanes, street{class: Path, line: rounded(append(walk, walk[0]), 25)})
	}
	for range 2 {
		if _, _, lane, ok := l.split(rng, 2); ok {
			for i := 1; i < len(lane)-1; i++ {
				v := lane[i]
				lane[i] = v.add(vec{noise(p.seed+21, v.X/190, v.Y/190), noise(p.seed+22, v.X/190, v.Y/190)}.mul(38))
			}
			out.lanes = append(out.lanes, street{class: Path, line: rounded(lane, 25)})
		}
	}
}

// isWood is true where the outer districts are still orchards and woods: in patches of some hundred metres, more of
// them the farther from a centre.
func (p *plan) isWood(ring []vec) bool {
	if p.scale != Everything || area(ring) > 45000 {
		return false
	}
	c := centroid(ring)
	return !inFutian(c) && p.wildness(c) > p.wooded
}

// onAxis is true on the green axis that runs from the hill park through the civic centre to the convention centre.
func (p *plan) onAxis(ring []vec) bool {
	c := centroid(ring)
	return p.scale != Tiny && c.X > 1360 && c.X < 1530 && c.Y > -1450 && c.Y < 300
}

func barred(wild []*patch, lane []vec) bool {
	for _, w := range wild {
		for _, p := range lane {
			if w.has(p) {
				return true
			}
		}
	}
	return false
}

// fabric is a way of building: how finely it is cut up and what stands there.
type fabric struct {
	parcel       float64 // m² aimed at
	lane         Class
	setback      float64
	villageShare float64 // how many grids of such a community are village; the others are estates
	uses         []use
}

type use struct {
	what string
	odds float64
}

func pickUse(rng *rand.Rand, f fabric) string {
	odds := make([]float64, len(f.uses))
	for i, u := range f.uses {
		odds[i] = u.odds
	}
	return f.uses[weighted(rng, odds)].what
}

// fabricOf is the table of ways of building, by the letter in the list of communities.
func fabricOf(letter byte) fabric {
	switch letter {
	case 'V', 'W': // urban village, in part or whole
		return fabric{5200, Alley, .8, .44, []use{{"village", 88}, {"shops", 4}, {"school", 2}, {"civic", 1}, {"garden", 2}, {"slab", 3}}}
	case 'T': // tower estates
		return fabric{15000, Lane, 3.5, 0, []use{{"tower", 64}, {"slab", 12}, {"mall", 6}, {"school", 4.5}, {"civic", 2}, {"garden", 6}}}
	case 'C': // central business
		return fabric{13500, Lane, 6, 0, []use{{"cbd", 62}, {"mall", 12}, {"tower", 10}, {"civic", 4}, {"garden", 7}}}
	case 'E': // electronics blocks
		return fabric{9500, Lane, 3, 0, []use{{"block", 66}, {"cbd", 10}, {"slab", 13}, {"mall", 8}, {"garden", 3}}}
	case 'I': // industry and logistics
		return fabric{17000, Lane, 5, 0, []use{{"factory", 56}, {"dorm", 20}, {"block", 14}, {"shops", 4}, {"garden", 6}}}
	case 'R': // villas by lake and golf course
		return fabric{26000, Lane, 5, 0, []use{{"villa", 34}, {"tower", 24}, {"slab", 16}, {"school", 6}, {"garden", 20}}}
	}
	return fabric{13000, Lane, 3, 0, []use{{"slab", 62}, {"tower", 9}, {"shops", 5}, {"mall", 3}, {"school", 5}, {"civic", 2.5}, {"hospital", 1.2}, {"garden", 5}}}
}
