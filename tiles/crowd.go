package tiles

import (
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles/mvt"
)

// crowd is what is known of the features in one square.
type crowd struct {
	n      int
	x, y   int64 // sums of the label points, in tile units
	counts live.Counts
	least  []mvt.Value
}

// drawCrowds draws those who share a square, and gives those who stand alone, or whose label another tile shows.
func (r *Renderer) drawCrowds(c *Crowd, j *job) (alone []*live.Feature) {
	frame := r.encoder.Frame()
	r.gather(c, j.shown, frame)
	r.encoder.BeginLayer(c.To, append(countKeys(), keyNames(c.Least)...))
	for i := range r.crowds {
		if square := &r.crowds[i]; square.n > 1 {
			r.drawCrowd(c, square, i)
			j.stands += square.n
		}
	}
	r.encoder.EndLayer()
	r.alone = r.alone[:0]
	for _, f := range j.shown {
		if i := c.squareOf(f.Label, frame); i < 0 || r.crowds[i].n < 2 {
			r.alone = append(r.alone, f)
		}
	}
	return r.alone
}

func (r *Renderer) drawCrowd(c *Crowd, square *crowd, i int) {
	if c.Squares {
		units := live.Extent / c.Side
		r.encoder.Square(int32(i%c.Side*units), int32(i/c.Side*units), int32(units))
	} else {
		n := int64(square.n)
		r.encoder.At(int32((square.x+n/2)/n), int32((square.y+n/2)/n))
	}
	r.writeCounts(square.counts)
	for i, v := range square.least {
		r.encoder.Value(len(square.counts)+1+i, v)
	}
	r.encoder.Feature(uint64(i) + 1)
}

func (r *Renderer) gather(c *Crowd, features []*live.Feature, frame *mvt.Frame) {
	if n := c.Side * c.Side; cap(r.crowds) < n {
		r.crowds = make([]crowd, n)
	} else {
		r.crowds = r.crowds[:n]
	}
	for i := range r.crowds {
		r.crowds[i] = crowd{least: r.crowds[i].least[:0]}
	}
	for _, f := range features {
		if i := c.squareOf(f.Label, frame); i >= 0 {
			x, y := frame.Unit(f.Label)
			r.crowds[i].add(c, f, x, y)
		}
	}
}

func (s *crowd) add(c *Crowd, f *live.Feature, x, y int32) {
	s.n++
	s.x += int64(x)
	s.y += int64(y)
	// A value beyond those that are counted must not be missing from the sum.
	s.counts[min(f.Nums[c.Count], live.TallyValues-1)]++
	for i := range c.Least {
		v := c.Least[i].Value(f)
		if i >= len(s.least) {
			s.least = append(s.least, v)
		} else if v.Less(s.least[i]) {
			s.least[i] = v
		}
	}
}

// squareOf is the square of the tile that shows the point, row by row, or -1 where another tile shows it. It rounds as
// the encoder does, so that a point on the edge is not counted in one tile and drawn in the next.
func (c *Crowd) squareOf(v live.Vertex, frame *mvt.Frame) int {
	x, y := frame.Unit(v)
	if x < 0 || y < 0 || x >= live.Extent || y >= live.Extent {
		return -1
	}
	side := live.Extent / int32(c.Side)
	return int(y/side*int32(c.Side) + x/side)
}
