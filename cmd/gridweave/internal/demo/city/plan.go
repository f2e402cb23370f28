package city

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// community is one community (社区) of the plan with its faces of the mesh.
type community struct {
	place
	faces []int32 // before grids: what the community got; afterwards: all of its grids' faces
	grids []*gridPlan
}

// gridPlan is one grid (网格): the faces it is made of, and what is asked of it.
type gridPlan struct {
	code   string
	faces  []int32
	fabric byte
	park   bool
	// exhibits says that the grid holds the showpieces.
	exhibits bool
	// Decided by the second look at the whole: how many buildings and rooms stand here.
	buildings, rooms int
}

// plan is the city from above: ground, mesh, and who owns which face.
type plan struct {
	*ground
	mesh        *mesh
	districts   []place
	streets     []place
	communities []*community
	gridOf      []*gridPlan // by face
	heads       []vec       // by road: where its house numbers begin
	byCode      []int32     // the faces in the order of their grids' codes
	parks       map[int32]place
	divider     *divider
}

func newPlan(o Options) (*plan, error) {
	switch o.Scale {
	case Tiny:
		return planTiny(o.Seed)
	case Futian:
		return planFutian(o.Seed)
	case Everything:
		return planCity(o.Seed)
	}
	return nil, fmt.Errorf("city plan: unknown scale %q", o.Scale)
}

func (p *plan) prepare(g *ground, m *mesh) {
	p.ground, p.mesh, p.parks = g, m, map[int32]place{}
	p.divider = &divider{mesh: m, density: g.density, nearby: g.nearby, seed: g.seed}
}

func planFutian(seed uint64) (*plan, error) {
	g := &ground{seed: seed, scale: Futian, urban: futianUrban}
	outline, strokes, names := futianStrokes(seed)
	g.land = []vec{{-13000, -11000}, {13000, -11000}, {13000, 11000}, {-13000, 11000}}
	g.futianWater(outline, []vec{{6900, -1350}, {7900, -900}})
	g.lakes(futianLakes())
	g.hills(futianHills())
	m := arrange(strokes, names, func(mid vec, road int32) bool { return road <= 1 || inside(outline, mid) })
	p := &plan{}
	p.prepare(g, m)
	p.districts = []place{{code: "440304", zh: "福田区", en: "Futian District"}}
	faces := make([]int32, len(m.faces))
	for i := range faces {
		faces[i] = int32(i)
	}
	if err := p.settleFutian(faces, Futian.Counts().Grids); err != nil {
		return nil, err
	}
	return p, p.number()
}

// futianUrban is densest in the centre and thins out a little towards the west.
func futianUrban(p vec) float64 {
	d := p.sub(vec{1500, -1200}).len()
	return .75 + .55*math.Exp(-d*d/(2600*2600)) + .15*math.Exp(-p.sub(vec{4600, -300}).len()/900)
}

// settleFutian gives the faces between Futian's main roads to its communities and cuts them into grids.
func (p *plan) settleFutian(faces []int32, grids int) error {
	p.streets = append(p.streets, futianStreets()...)
	places, err := futianPlaces()
	if err != nil {
		return err
	}
	p.markParks(faces)
	mine := make([]*community, len(places))
	for i, pl := range places {
		pl.zh, pl.en = pl.zh+"社区", pl.en+" Community"
		mine[i] = &community{place: pl}
	}
	p.communities = append(p.communities, mine...)
	rest, err := p.shareFaces(faces, mine)
	if err != nil {
		return err
	}
	p.adopt(rest, mine)
	return p.cutGrids(mine, grids)
}

func (p *plan) markParks(faces []int32) {
	for _, park := range futianParks() {
		for _, f := range faces {
			if ring := p.mesh.ring(f); inside(ring, park.site) {
				p.parks[f] = park
			}
		}
	}
}

// shareFaces divides each face among the communities sited in it and gives back the faces that hold none.
func (p *plan) shareFaces(faces []int32, all []*community) ([]int32, error) {
	var rest []int32
	taken := map[*community]bool{}
	for _, f := range faces {
		ring := p.mesh.ring(f)
		var here []*community
		var shares []share
		for _, c := range all {
			if !taken[c] && inside(ring, c.site) {
				taken[c] = true
				here, shares = append(here, c), append(shares, share{1, c.site, true})
			}
		}
		if len(here) == 0 {
			rest = append(rest, f)
			continue
		}
		parts, err := p.divider.divide(f, shares, func(int) Class { return Collector })
		if err != nil {
			return nil, err
		}
		for i, c := range here {
			c.faces = append(c.faces, parts[i])
		}
	}
	for _, c := range all {
		if len(c.faces) == 0 {
			return nil, fmt.Errorf("city plan: community %s at %.0f,%.0f lies in no face", c.code, c.site.X, c.site.Y)
		}
	}
	return rest, nil
}

// adopt gives each face without a community to a neighbouring one: the nearest by site of those across its borders.
func (p *plan) adopt(rest []int32, all []*community) {
	owner := map[int32]*community{}
	for _, c := range all {
		for _, f := range c.faces {
			owner[f] = c
		}
	}
	for len(rest) > 0 {
		var later []int32
		for _, f := range rest {
			if c := p.nearestAcross(f, owner); c != nil {
				owner[f], c.faces = c, append(c.faces, f)
			} else {
				later = append(later, f)
			}
		}
		if len(later) == len(rest) {
			return
		}
		rest = later
	}
}

func (p *plan) nearestAcross(f int32, owner map[int32]*community) *community {
	mid := centroid(p.mesh.ring(f))
	var best *community
	p.mesh.walk(f, func(h int32) {
		c := owner[p.mesh.face[twin(h)]]
		if p.mesh.face[twin(h)] == outer || c == nil {
			return
		}
		if best == nil || c.site.dist(mid) < best.site.dist(mid) {
			best = c
		}
	})
	return best
}

// cutGrids cuts the communities' faces into exactly so many grids, by how many people to expect.
func (p *plan) cutGrids(all []*community, grids int) error {
	var lots []int32
	var weights []float64
	least := make([]int, 0, len(all))
	for _, c := range all {
		for _, f := range c.faces {
			lots = append(lots, f)
			weights = append(weights, p.gridWeight(f))
			least = append(least, 1)
		}
	}
	counts := apportion(grids, weights, least)
	if counts == nil {
		return fmt.Errorf("city plan: %d grids are too few for %d faces", grids, len(lots))
	}
	n := 0
	for _, c := range all {
		var made []int32
		for _, f := range c.faces {
			parts, err := p.cutFace(f, counts[n])
			if err != nil {
				return err
			}
			n++
			made = append(made, parts...)
			for _, part := range parts {
				g := &gridPlan{faces: []int32{part}, fabric: c.fabric}
				_, g.park = p.parks[part]
				c.grids = append(c.grids, g)
			}
		}
		c.faces = made
	}
	return nil
}

func (p *plan) cutFace(f int32, parts int) ([]int32, error) {
	shares := make([]share, parts)
	for i := range shares {
		shares[i].weight = 1
	}
	return p.divider.divide(f, shares, func(parts int) Class {
		if parts > 12 {
			return Arterial
		}
		return Collector
	})
}

// gridWeight is the people to expect in a face, in ordinary hectares; a park is one grid.
func (p *plan) gridWeight(f int32) float64 {
	if _, park := p.parks[f]; park {
		return 0
	}
	ring := p.mesh.ring(f)
	b := boxOf(ring)
	gap := max(15, math.Sqrt(area(ring))/14)
	var sum float64
	for y := b.lo.Y + gap/2; y < b.hi.Y; y += gap {
		for x := b.lo.X + gap/2; x < b.hi.X; x += gap {
			if v := (vec{x, y}); inside(ring, v) {
				sum += p.density(v)
			}
		}
	}
	return sum * gap * gap / 1e4
}

// apportion deals total out in proportion to weights (largest remainder), nobody below least; nil if that is too much.
func apportion(total int, weights []float64, least []int) []int {
	out := slices.Clone(least)
	left, sum := total, 0.0
	for i, n := range least {
		left -= n
		sum += weights[i]
	}
	if left < 0 || sum <= 0 {
		return nil
	}
	want := make([]float64, len(weights))
	order := make([]int, len(weights))
	given := 0
	for i, w := range weights {
		want[i] = w / sum * float64(left)
		n := int(want[i])
		out[i] += n
		given += n
		want[i] -= float64(n)
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(want[b], want[a]) })
	for _, i := range order[:left-given] {
		out[i]++
	}
	return out
}

// number gives the grids their codes and files them by face.
func (p *plan) number() error {
	p.gridOf = make([]*gridPlan, len(p.mesh.faces))
	for _, c := range p.communities {
		if len(c.grids) > 99 {
			return fmt.Errorf("city plan: community %s has %d grids; its codes end at 99", c.code, len(c.grids))
		}
		for i, g := range c.grids {
			g.code = fmt.Sprintf("%s%02d", c.code, i+1)
			for _, f := range g.faces {
				p.gridOf[f] = g
			}
		}
	}
	for f, g := range p.gridOf {
		if g == nil {
			return fmt.Errorf("city plan: face %d belongs to no grid", f)
		}
		p.byCode = append(p.byCode, int32(f))
	}
	slices.SortStableFunc(p.byCode, func(a, b int32) int { return cmp.Compare(p.gridOf[a].code, p.gridOf[b].code) })
	return nil
}
