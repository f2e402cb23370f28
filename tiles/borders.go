package tiles

import (
	"cmp"
	"slices"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles/mvt"
)

// segment is one side of a ring, its ends in order, so that both neighbours have the same.
type segment struct{ a, b live.Vertex }

// borderKey is the attribute of borders.
const borderKey = "level"

// borders gathers the sides of polygons, each once, under the widest level that has it. A border drawn once for each
// neighbour would be stroked twice.
type borders struct {
	levels map[segment]geo.Level
	chains map[geo.Level][]segment
	ring   []live.Vertex // the vertices of one that are drawn
}

func (r *Renderer) drawBorders(recipe Recipe, features []*live.Feature) {
	b := &r.borders
	if b.levels == nil {
		b.levels, b.chains = map[segment]geo.Level{}, map[geo.Level][]segment{}
	}
	clear(b.levels)
	clear(b.chains)
	frame := r.encoder.Frame()
	for _, f := range features {
		b.gather(f, frame.Box(), frame.Zoom())
	}
	for s, level := range b.levels {
		b.chains[level] = append(b.chains[level], s)
	}
	r.encoder.BeginLayer(recipe.To, []string{borderKey})
	for _, level := range geo.Levels() {
		if segments := b.chains[level]; len(segments) > 0 {
			lines := live.LinesShape(chain(segments))
			r.encoder.Add(0, &lines, []mvt.Value{mvt.String(level.String())})
		}
	}
	r.encoder.EndLayer()
}

// gather takes the sides, between vertices that are drawn at the zoom, whose box touches the tile's.
func (b *borders) gather(f *live.Feature, box live.Box, zoom uint8) {
	level := f.Code.Level()
	for i := range f.Shape.Parts() {
		ring := b.drawn(f.Shape.Part(i), f.Shape.Ranks(i), zoom)
		for j, v := range ring {
			s := segment{v, ring[(j+1)%len(ring)]}
			if s.a == s.b || !box.Intersects(s.box()) {
				continue
			}
			s = s.ordered()
			if widest, known := b.levels[s]; !known || level < widest {
				b.levels[s] = level
			}
		}
	}
}

func (b *borders) drawn(xy []int32, ranks []uint8, zoom uint8) []live.Vertex {
	b.ring = b.ring[:0]
	for i := 0; i+1 < len(xy); i += 2 {
		if ranks == nil || ranks[i/2] <= zoom {
			b.ring = append(b.ring, live.Vertex{X: xy[i], Y: xy[i+1]})
		}
	}
	return b.ring
}

func (s segment) box() live.Box {
	return live.Box{MinX: min(s.a.X, s.b.X), MinY: min(s.a.Y, s.b.Y), MaxX: max(s.a.X, s.b.X), MaxY: max(s.a.Y, s.b.Y)}
}

func (s segment) ordered() segment {
	if s.a.Compare(s.b) > 0 {
		return segment{s.b, s.a}
	}
	return s
}

// chain joins segments into lines where exactly two meet; where more meet, or one ends, lines begin. The order of
// segments makes no difference to the lines.
func chain(segments []segment) [][]live.Vertex {
	slices.SortFunc(segments, func(s, t segment) int {
		return cmp.Or(s.a.Compare(t.a), s.b.Compare(t.b))
	})
	at := map[live.Vertex][]int{}
	for i, s := range segments {
		at[s.a] = append(at[s.a], i)
		at[s.b] = append(at[s.b], i)
	}
	c := chainer{segments: segments, at: at, used: make([]bool, len(segments))}
	var lines [][]live.Vertex
	// First from junctions and ends; what is left then are closed rings.
	for i, s := range segments {
		for _, start := range []live.Vertex{s.a, s.b} {
			if !c.used[i] && len(at[start]) != 2 {
				lines = append(lines, c.follow(i, start))
			}
		}
	}
	for i, s := range segments {
		if !c.used[i] {
			lines = append(lines, c.follow(i, s.a))
		}
	}
	return lines
}

type chainer struct {
	segments []segment
	at       map[live.Vertex][]int
	used     []bool
}

// follow walks from start along segment i until a junction, an end, or the ring is closed.
func (c *chainer) follow(i int, start live.Vertex) []live.Vertex {
	line := []live.Vertex{start}
	for {
		c.used[i] = true
		here := c.segments[i].b
		if here == line[len(line)-1] {
			here = c.segments[i].a
		}
		line = append(line, here)
		next := c.at[here]
		if len(next) != 2 {
			return line
		}
		if i = next[0]; c.used[i] {
			i = next[1]
		}
		if c.used[i] {
			return line
		}
	}
}
