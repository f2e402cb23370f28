package city

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// planCity draws all ten districts: Futian as it is alone, and nine around it whose streets are invented.
func planCity(seed uint64) (*plan, error) {
	g := &ground{seed: seed, scale: Everything, urban: cityUrban(seed)}
	outline, strokes, names := futianStrokes(seed)
	roads := len(strokes)
	west, east := shores(seed+52, westShores()), shores(seed+53, eastShores())
	river := ragged(seed+54, luohuRiver(), 30)
	for _, shore := range slices.Concat([][]vec{river}, west, east) {
		strokes = append(strokes, stroke{shore, 0})
	}
	for i, b := range cityBorders() {
		line := ragged(seed+55+uint64(i), b, 110)
		strokes = append(strokes, stroke{line, int32(len(names))})
		names = append(names, roadway{Class: Arterial})
	}
	m := arrange(strokes, names, func(mid vec, road int32) bool {
		return road <= 1 || inside(outline, mid) == (int(road) < roads-1)
	})
	g.land = []vec{{-46000, -31000}, {76000, -31000}, {76000, 46000}, {-46000, 46000}}
	g.futianWater(outline, river[1:])
	g.sea = citySeas(slices.Concat(west...), slices.Concat(east...), outline)
	g.lakes(append(futianLakes(), cityLakes()...))
	g.hills(append(futianHills(), cityHills()...))
	p := &plan{}
	p.prepare(g, m)
	return p, p.settleCity(outline)
}

func shores(seed uint64, through [][]vec) [][]vec {
	var out [][]vec
	for _, t := range through {
		out = append(out, ragged(seed, t, 80))
	}
	return out
}

// settleCity divides the districts in the order of their codes.
func (p *plan) settleCity(outline []vec) error {
	var futian []int32
	for f := range p.mesh.faces {
		if inside(outline, somewhereIn(p.mesh.ring(int32(f)))) {
			futian = append(futian, int32(f))
		}
	}
	faces, err := p.quarterFaces()
	if err != nil {
		return err
	}
	p.plantWoods(faces)
	words := newWords(p.seed)
	spare := Everything.Counts().Communities - Futian.Counts().Communities
	for i, q := range quarters() {
		if i == 1 {
			p.districts = append(p.districts, place{code: "440304", zh: "福田区", en: "Futian District"})
			if err := p.settleFutian(futian, Futian.Counts().Grids); err != nil {
				return err
			}
		}
		if err := p.settleQuarter(q, faces[i], communitiesOf(i, spare), words); err != nil {
			return err
		}
	}
	return p.number()
}

// communitiesOf deals the communities outside Futian to the districts by their grids.
func communitiesOf(i, total int) int {
	var weights []float64
	var least []int
	for _, q := range quarters() {
		weights, least = append(weights, float64(q.grids)), append(least, q.streets)
	}
	return apportion(total, weights, least)[i]
}

// somewhereIn is a point inside a ring: its centroid, or the middle of a chord through it.
func somewhereIn(ring []vec) vec {
	c := centroid(ring)
	if inside(ring, c) {
		return c
	}
	for _, s := range spans(ring, frame{c, vec{1, 0}}, 0) {
		return frame{c, vec{1, 0}}.at((s.lo+s.hi)/2, 0)
	}
	return c
}

// wildness is what woods go by: far from centres, in patches.
func (g *ground) wildness(v vec) float64 {
	return -g.urban(v) - .55*noise(g.seed+61, v.X/900, v.Y/900) - .25*noise(g.seed+62, v.X/330, v.Y/330)
}

// plantWoods leaves about half of the ground between the hills to woods and orchards, whatever the seed.
func (p *plan) plantWoods(faces []int32) {
	var found []float64
	for _, f := range faces {
		ring := p.mesh.ring(f)
		b := boxOf(ring)
		for y := b.lo.Y; y < b.hi.Y; y += 350 {
			for x := b.lo.X; x < b.hi.X; x += 350 {
				if v := (vec{x, y}); inside(ring, v) && p.density(v) > .03 {
					found = append(found, p.wildness(v))
				}
			}
		}
	}
	slices.Sort(found)
	p.wooded = found[len(found)*52/100]
}

// quarterFaces finds the face of each district, before any is divided.
func (p *plan) quarterFaces() ([]int32, error) {
	var out []int32
	for _, q := range quarters() {
		at := slices.IndexFunc(p.mesh.faces, func(h int32) bool { return inside(p.mesh.ring(p.mesh.face[h]), q.at) })
		if at < 0 || slices.Contains(out, int32(at)) {
			return nil, fmt.Errorf("city plan: no face of its own holds %s at %.0f,%.0f", q.en, q.at.X, q.at.Y)
		}
		out = append(out, int32(at))
	}
	return out, nil
}

func (p *plan) settleQuarter(q quarter, face int32, communities int, words *words) error {
	p.districts = append(p.districts, place{code: q.code, zh: q.zh, en: q.en})
	rng := stream(p.seed, label("quarter"), label(q.code))
	faces, err := p.divider.divide(face, uneven(rng, q.streets), func(parts int) Class {
		if parts > 4 {
			return Expressway
		}
		return Arterial
	})
	if err != nil {
		return err
	}
	weights, least := make([]float64, len(faces)), make([]int, len(faces))
	for i, f := range faces {
		weights[i], least[i] = p.gridWeight(f), 1
	}
	var mine []*community
	for i, n := range apportion(communities, weights, least) {
		s := words.street(fmt.Sprintf("%s%03d", q.code, i+1))
		p.streets = append(p.streets, s)
		made, err := p.settleStreet(s, faces[i], n, words, rng)
		if err != nil {
			return err
		}
		mine = append(mine, made...)
	}
	p.communities = append(p.communities, mine...)
	return p.cutGrids(mine, q.grids)
}

func uneven(rng *rand.Rand, n int) []share {
	out := make([]share, n)
	for i := range out {
		out[i].weight = between(rng, .65, 1.4)
	}
	return out
}

func (p *plan) settleStreet(s place, face int32, n int, words *words, rng *rand.Rand) ([]*community, error) {
	faces, err := p.divider.divide(face, uneven(rng, n), func(int) Class { return Arterial })
	if err != nil {
		return nil, err
	}
	var out []*community
	for i, f := range faces {
		c := &community{place: words.community(fmt.Sprintf("%s%03d", s.code, i+1)), faces: []int32{f}}
		c.fabric = p.fabricAt(rng, somewhereIn(p.mesh.ring(f)))
		out = append(out, c)
	}
	return out, nil
}

// fabricAt draws a community's way of building: villages and factories outside, towers towards the centres.
func (p *plan) fabricAt(rng *rand.Rand, at vec) byte {
	letters, odds := "VISTR", []float64{46, 27, 15, 10, 2}
	if p.urban(at) > .95 {
		letters, odds = "CTSVE", []float64{14, 30, 26, 26, 4}
	}
	return letters[weighted(rng, odds)]
}
