package crsdetect

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/tidwall/rtree"

	"github.com/gridweave/gridweave/geo"
)

const (
	budget     = 8000 // points sampled in all: enough to tell one footprint in a thousand, small enough for a second
	mostFine   = 3000 // fine shapes sampled
	maxLattice = 70
	anyShape   = -1
)

// trial lays samples of the finer side into the coarser side under each candidate.
type trial struct {
	candidates []Candidate
	uploadFine bool // the upload is the finer side
	byCode     bool
	samples    []sample
	fields     []field
}

// sample is the interior of one fine shape.
type sample struct {
	points []orb.Point // as they stand in their file
	want   int         // index of the coarse shape they belong to, or anyShape
}

func newTrial(upload, reference []Shape, candidates []Candidate, byCode bool) *trial {
	t := &trial{candidates: candidates, byCode: byCode}
	t.uploadFine = medianArea(upload) <= medianArea(reference)
	fine, coarse := reference, upload
	if t.uploadFine {
		fine, coarse = upload, reference
	}
	for _, c := range candidates {
		convert := c.ToWGS84
		if t.uploadFine {
			convert = nil
		}
		t.fields = append(t.fields, newField(coarse, convert))
		if convert == nil { // one field serves all
			for len(t.fields) < len(candidates) {
				t.fields = append(t.fields, t.fields[0])
			}
			break
		}
	}
	t.sample(fine, coarse)
	return t
}

func medianArea(shapes []Shape) float64 {
	areas := make([]float64, len(shapes))
	for i, s := range shapes {
		areas[i] = math.Abs(planar.Area(s.Geom))
	}
	slices.Sort(areas)
	if len(areas) == 0 {
		return 0
	}
	return areas[len(areas)/2]
}

func (t *trial) sample(fine, coarse []Shape) {
	byCode := map[geo.Code]int{}
	for i, s := range coarse {
		if s.Code != "" {
			byCode[s.Code] = i
		}
	}
	n := min(maxLattice, max(2, int(math.Ceil(math.Sqrt(1.5*float64(budget)/float64(min(max(len(fine), 1), mostFine)))))))
	for i := 0; i < len(fine); i += 1 + len(fine)/mostFine {
		s := fine[i]
		want := anyShape
		if t.byCode {
			if want = owner(byCode, s.Code); want == anyShape {
				continue
			}
		}
		if points := interior(s.Geom, n); len(points) > 0 {
			t.samples = append(t.samples, sample{points: points, want: want})
		}
	}
}

// owner finds the nearest coarse shape that covers the code.
func owner(byCode map[geo.Code]int, code geo.Code) int {
	if code == "" {
		return anyShape
	}
	if i, ok := byCode[code]; ok {
		return i
	}
	ancestors := code.Ancestors()
	for _, a := range slices.Backward(ancestors) {
		if i, ok := byCode[a]; ok {
			return i
		}
	}
	return anyShape
}

// interior lays an n×n lattice over the shape and keeps what falls inside; its centroid where nothing does.
func interior(g orb.MultiPolygon, n int) []orb.Point {
	b := g.Bound()
	var out []orb.Point
	for i := range n {
		for j := range n {
			p := orb.Point{
				b.Min[0] + (float64(i)+0.5)/float64(n)*(b.Max[0]-b.Min[0]),
				b.Min[1] + (float64(j)+0.5)/float64(n)*(b.Max[1]-b.Min[1]),
			}
			if planar.MultiPolygonContains(g, p) {
				out = append(out, p)
			}
		}
	}
	if len(out) == 0 && len(g) > 0 {
		c, area := planar.CentroidArea(g)
		if area != 0 {
			out = append(out, c)
		}
	}
	return out
}

// comparable tells whether codes matched anything.
func (t *trial) comparable() bool { return len(t.samples) > 0 }

// misses gives, for each sample, how many of its points disagree under the candidate, the upload being moved by the
// shift (degrees) after its conversion.
func (t *trial) misses(candidate int, shift orb.Point) []int {
	out := make([]int, len(t.samples))
	for i, s := range t.samples {
		out[i] = len(s.points) - t.fields[candidate].hits(s, func(p orb.Point) orb.Point {
			if !t.uploadFine {
				return orb.Point{p[0] - shift[0], p[1] - shift[1]}
			}
			p = t.candidates[candidate].ToWGS84(p)
			return orb.Point{p[0] + shift[0], p[1] + shift[1]}
		})
	}
	return out
}

// field is the coarser side, indexed.
type field struct {
	shapes []orb.MultiPolygon
	bounds []orb.Bound
	index  *rtree.RTreeG[int]
}

// newField converts the shapes; convert may be nil.
func newField(shapes []Shape, convert func(orb.Point) orb.Point) field {
	f := field{index: &rtree.RTreeG[int]{}}
	for i, s := range shapes {
		g := s.Geom
		if convert != nil {
			g = mapPoints(g, convert)
		}
		f.shapes = append(f.shapes, g)
		b := g.Bound()
		f.bounds = append(f.bounds, b)
		f.index.Insert(b.Min, b.Max, i)
	}
	return f
}

// holds tells whether the i-th shape contains the point: by crossings of a ray eastwards, holes and parts alike. orb's
// own test measures every ring anew for every point, which is most of the work here.
func (f field) holds(i int, p orb.Point) bool {
	if !f.bounds[i].Contains(p) {
		return false
	}
	inside := false
	for _, polygon := range f.shapes[i] {
		for _, ring := range polygon {
			for k := 1; k < len(ring); k++ {
				a, b := ring[k-1], ring[k]
				if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < a[0]+(p[1]-a[1])/(b[1]-a[1])*(b[0]-a[0]) {
					inside = !inside
				}
			}
		}
	}
	return inside
}

func mapPoints(g orb.MultiPolygon, convert func(orb.Point) orb.Point) orb.MultiPolygon {
	g = g.Clone()
	for _, polygon := range g {
		for _, ring := range polygon {
			for i, p := range ring {
				ring[i] = convert(p)
			}
		}
	}
	return g
}

// hits counts the sample's points in the shape they belong to, or in the one shape that holds most of them.
func (f field) hits(s sample, place func(orb.Point) orb.Point) int {
	if s.want != anyShape {
		n := 0
		for _, p := range s.points {
			if f.holds(s.want, place(p)) {
				n++
			}
		}
		return n
	}
	counts := map[int]int{}
	for _, p := range s.points {
		at := place(p)
		f.index.Search(at, at, func(_, _ [2]float64, i int) bool {
			if f.holds(i, at) {
				counts[i]++
			}
			return true
		})
	}
	most := 0
	for _, n := range counts {
		most = max(most, n)
	}
	return most
}

// byMisses orders scores best first.
func byMisses(a, b Score) int { return cmp.Compare(a.Misses, b.Misses) }
