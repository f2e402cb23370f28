package tiles

import (
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles/mvt"
)

// crowdSide is how many squares a tile has a side for crowds: each is 32 pixels wide on a map of 512-pixel tiles, about
// as much as a symbol with a number needs.
const crowdSide = 16

// crowd is what is known of the features in one square.
type crowd struct {
	n      int
	x, y   int64 // sums of the label points
	counts live.Counts
	least  []mvt.Value
}

// crowds are the squares of one tile, used again for the next.
type crowds [crowdSide * crowdSide]crowd

// drawCrowds draws those who share a square, and gives those who stand alone or lie outside the tile, and how many
// were drawn together.
func (r *Renderer) drawCrowds(c *Crowd, features []*live.Feature) (alone []*live.Feature, drawn int) {
	frame := r.encoder.Frame()
	r.crowds.gather(c, features, frame)
	r.encoder.BeginLayer(c.To, append(countKeys(), keyNames(c.Least)...))
	for i := range r.crowds {
		square := &r.crowds[i]
		if square.n < 2 {
			continue
		}
		r.countValues(square.counts)
		r.values[0] = mvt.Uint(uint64(square.n))
		r.values = append(r.values, square.least...)
		middle := live.PointShape(live.Vertex{X: int32(square.x / int64(square.n)), Y: int32(square.y / int64(square.n))})
		r.encoder.Add(uint64(i)+1, &middle, r.values)
		drawn += square.n
	}
	r.encoder.EndLayer()
	alone = features[:0]
	for _, f := range features {
		if i := squareOf(f.Label, frame); i < 0 || r.crowds[i].n < 2 {
			alone = append(alone, f)
		}
	}
	return alone, drawn
}

func (s *crowds) gather(c *Crowd, features []*live.Feature, frame mvt.Frame) {
	for i := range s {
		s[i] = crowd{least: s[i].least[:0]}
	}
	for _, f := range features {
		if i := squareOf(f.Label, frame); i >= 0 {
			s[i].add(c, f)
		}
	}
}

func (s *crowd) add(c *Crowd, f *live.Feature) {
	s.n++
	s.x += int64(f.Label.X)
	s.y += int64(f.Label.Y)
	if v := f.Nums[c.Count]; v < live.TallyValues {
		s.counts[v]++
	}
	for i, k := range c.Least {
		v := k.Value(f)
		if i >= len(s.least) {
			s.least = append(s.least, v)
		} else if v.Less(s.least[i]) {
			s.least[i] = v
		}
	}
}

// squareOf is the square of the tile that shows the point, row by row, or -1 where another tile shows it. It rounds as
// the encoder does, so that a point on the edge is not counted in one tile and drawn in the next.
func squareOf(v live.Vertex, frame mvt.Frame) int {
	x, y := frame.Unit(v)
	if x < 0 || y < 0 || x >= live.Extent || y >= live.Extent {
		return -1
	}
	const side = live.Extent / crowdSide
	return int(y/side*crowdSide + x/side)
}
