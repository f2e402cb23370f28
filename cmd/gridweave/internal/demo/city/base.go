package city

import "github.com/paulmach/orb"

// Base lists the base map that does not belong to one community: land, water, hills, parks and the roads between
// grids, each road as one line from end to end.
func (c *City) Base() []Feature {
	out := []Feature{{Kind: "land", Class: "land", Geom: orb.Polygon{closedRing(anticlockwise(c.land))}}}
	for _, set := range [][]patch{c.sea, c.patches} {
		for _, s := range set {
			out = append(out, Feature{s.kind, s.class, s.zh, s.en, patchZoom(s), orb.Polygon{closedRing(anticlockwise(s.ring))}})
		}
	}
	for f := range c.gridOf {
		if park, ok := c.parks[int32(f)]; ok {
			out = append(out, Feature{"park", "park", park.zh, park.en, 10, orb.Polygon{closedRing(c.mesh.ring(int32(f)))}})
		}
	}
	return append(out, c.roadFeatures()...)
}

func patchZoom(p patch) int {
	switch p.class {
	case "sea", "river", "hill":
		return 0
	}
	return 12
}

// roadFeatures joins each road's edges, which other roads have cut, back into lines.
func (c *City) roadFeatures() []Feature {
	byRoad := make([][]int32, len(c.mesh.names))
	for e, road := range c.mesh.roads {
		byRoad[road] = append(byRoad[road], int32(e))
	}
	var out []Feature
	for road, edges := range byRoad {
		r := c.mesh.names[road]
		if r.Class == Border {
			continue
		}
		for _, line := range c.joined(edges, r.Class == Collector || r.Class == Path) {
			out = append(out, Feature{"road", string(r.Class), r.ZH, r.EN, r.Class.minZoom(), lineString(vecs(line))})
		}
	}
	return out
}

// joined are the edges' lines put together; a minor road is not drawn across a lake, where the border runs on alone.
func (c *City) joined(edges []int32, minor bool) [][]pt {
	var pieces []piece
	for _, e := range edges {
		line := c.mesh.lines[e]
		for i := 1; i < len(line); i++ {
			if minor && c.inLake(line[i-1].vec().lerp(line[i].vec(), .5)) {
				continue
			}
			pieces = append(pieces, piece{line[i-1], line[i], 0})
		}
	}
	var out [][]pt
	for _, ch := range chains(pieces) {
		out = append(out, ch.pts)
	}
	return out
}

func (g *ground) inLake(v vec) bool {
	for i := range g.patches {
		if g.patches[i].class == "lake" && g.patches[i].has(v) {
			return true
		}
	}
	return false
}

// roadHeads finds where each road begins, which its house numbers count from.
func (p *plan) roadHeads() {
	p.heads = make([]vec, len(p.mesh.names))
	seen := make([]bool, len(p.mesh.names))
	for e, road := range p.mesh.roads {
		v := p.mesh.lines[e][0].vec()
		if !seen[road] || v.X-v.Y < p.heads[road].X-p.heads[road].Y {
			p.heads[road], seen[road] = v, true
		}
	}
}

func laneFeatures(l *layout) []Feature {
	out := make([]Feature, 0, len(l.lanes))
	for _, s := range l.lanes {
		out = append(out, Feature{"road", string(s.class), s.name.zh, s.name.en, s.class.minZoom(), lineString(s.line)})
	}
	return out
}

func blockFeatures(l *layout) []Feature {
	out := make([]Feature, 0, len(l.parcels))
	for _, p := range l.parcels {
		kind, class := "block", p.fabric
		if class == "garden" || class == "pitch" || class == "wood" {
			kind = "park"
		}
		out = append(out, Feature{kind, class, p.name.zh, p.name.en, 13, orb.Polygon{closedRing(p.ring)}})
	}
	return out
}
