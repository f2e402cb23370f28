package live

import "slices"

// LabelPoint is a point for a shape's name: of a polygon the middle of the widest stretch inside along a line halfway
// up, which always lies inside; of anything else its middle vertex.
func LabelPoint(s *Shape) Vertex {
	if len(s.xy) == 0 {
		return Vertex{}
	}
	if s.kind != Polygon {
		i := len(s.xy) / 4 * 2
		return Vertex{s.xy[i], s.xy[i+1]}
	}
	// Half a unit beside the middle no vertex lies on the line, so that every crossing is a true one.
	y := (int64(s.bound.MinY)+int64(s.bound.MaxY))/2*2 + 1
	var room [64]int64
	crossings := s.crossings(y, room[:0])
	best, at := int64(-1), Vertex{s.xy[0], s.xy[1]}
	for i := 0; i+1 < len(crossings); i += 2 {
		if width := crossings[i+1] - crossings[i]; width > best {
			best, at = width, Vertex{int32((crossings[i] + crossings[i+1]) / 2), int32(y / 2)}
		}
	}
	return at
}

// crossings adds to xs those x at which the rings cross the horizontal line at half of y2, in order.
func (s *Shape) crossings(y2 int64, xs []int64) []int64 {
	for i := range s.Parts() {
		ring := s.Part(i)
		n := len(ring)
		for j, k := n-2, 0; k < n; j, k = k, k+2 {
			ay, by := 2*int64(ring[j+1]), 2*int64(ring[k+1])
			if (ay < y2) == (by < y2) {
				continue
			}
			ax, bx := int64(ring[j]), int64(ring[k])
			xs = append(xs, ax+(bx-ax)*(y2-ay)/(by-ay))
		}
	}
	slices.Sort(xs)
	return xs
}
