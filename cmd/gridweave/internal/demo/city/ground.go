package city

import (
	"math"

	"github.com/paulmach/orb"
)

// Feature is a piece of the base map.
type Feature struct {
	Kind    string // land, water, park, block, road
	Class   string // a road's Class; otherwise what it is: sea, river, lake, hill, garden, wetland, residential …
	ZH, EN  string
	MinZoom int
	Geom    orb.Geometry // WGS-84: a polygon, or a line for a road
}

// patch is ground that is not built on: a hill, a park or water.
type patch struct {
	kind, class, zh, en string
	ring                []vec
	box                 box
}

func newPatch(kind, class, zh, en string, ring []vec) patch {
	return patch{kind, class, zh, en, ring, boxOf(ring)}
}

func (p *patch) has(v vec) bool { return p.box.has(v) && inside(p.ring, v) }

// ground is what nature and the first planners left: outlines, shores, hills, lakes.
type ground struct {
	seed    uint64
	scale   Scale
	patches []patch // not to be built on
	shores  []pull  // what bends roads nearby
	sea     []patch // beyond the outline; drawn, never built on
	land    []vec
	urban   func(vec) float64 // density without hills and water
	wooded  float64           // where the wildness of the outer districts is above this, there are woods
}

// density is how many people to expect at p, as a factor of an ordinary neighbourhood.
func (g *ground) density(p vec) float64 {
	for i := range g.patches {
		if g.patches[i].has(p) {
			if g.patches[i].kind == "water" {
				return .01
			}
			return .025
		}
	}
	return g.urban(p)
}

func (g *ground) wild(b box) []*patch {
	var out []*patch
	for i := range g.patches {
		if g.patches[i].box.touches(b) {
			out = append(out, &g.patches[i])
		}
	}
	return out
}

func (g *ground) nearby(b box) []pull {
	var out []pull
	for _, p := range g.shores {
		if b.has(p.at) {
			out = append(out, p)
		}
	}
	return out
}

func (g *ground) add(p patch) {
	g.patches = append(g.patches, p)
	if p.class == "hill" || p.class == "lake" {
		g.shores = append(g.shores, pullsOf(p.ring, true, 2.5, 60)...)
	}
}

// knoll is a hill or a lake by its middle, its two radii and its turn.
type knoll struct {
	x, y, rx, ry, turn float64
	zh, en             string
}

// outline draws the knoll with spurs and gullies.
func (k knoll) outline(seed uint64, rough float64) []vec {
	n := int(max(24, min(160, (k.rx+k.ry)*3.1/35)))
	u := angled(k.turn)
	ring := make([]vec, n)
	for i := range ring {
		c := angled(2 * math.Pi * float64(i) / float64(n))
		w := 1 + rough*(noise(seed, k.x+c.X*1.6, k.y+c.Y*1.6)+.45*noise(seed+1, k.x+c.X*4, k.y+c.Y*4)+
			.2*noise(seed+2, k.x+c.X*9, k.y+c.Y*9))
		ring[i] = vec{k.x, k.y}.add(vec{c.X * k.rx * w, c.Y * k.ry * w}.turn(u))
	}
	return ring
}

func (g *ground) hills(ks []knoll) {
	for _, k := range ks {
		g.add(newPatch("park", "hill", k.zh, k.en, k.outline(g.seed+3, .33)))
	}
}

func (g *ground) lakes(ks []knoll) {
	for _, k := range ks {
		g.add(newPatch("water", "lake", k.zh, k.en, k.outline(g.seed+4, .28)))
	}
}

// ragged is a shore or a ridge through the given points: a curve with bays and spurs of a few dozen metres.
func ragged(seed uint64, through []vec, amplitude float64) []vec {
	line := rounded(through, 70)
	for i := 1; i < len(line)-1; i++ {
		n := line[i+1].sub(line[i-1]).unit().left()
		p := line[i]
		d := noise(seed, p.X/450, p.Y/450) + .22*noise(seed+1, p.X/150, p.Y/150)
		line[i] = p.add(n.mul(d * amplitude * min(1, float64(min(i, len(line)-1-i))/9)))
	}
	return line
}

// ribbon is the strip between two lines that run left and right of the given one.
func ribbon(line []vec, left, right float64) []vec {
	out := make([]vec, 0, 2*len(line))
	for i := range line {
		out = append(out, sidestep(line, i, -right))
	}
	for i := len(line) - 1; i >= 0; i-- {
		out = append(out, sidestep(line, i, left))
	}
	return out
}

func sidestep(line []vec, i int, d float64) vec {
	a, b := line[max(0, i-1)], line[min(len(line)-1, i+1)]
	return line[i].add(b.sub(a).unit().left().mul(d))
}
