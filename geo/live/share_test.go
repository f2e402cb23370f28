package live

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/realtime/position"
)

// quilt is a plane of patches with crooked seams, each 2 × 2 of them within one wider patch: neighbours have the same
// vertices, and wider patches those of their own.
type quilt struct {
	side   int
	corner map[[2]int]Vertex
	seam   map[[2][2]int][]Vertex // from the west or north corner to the other
}

const patch = 1 << 14 // world units: 500 metres

func drawQuilt(t *rapid.T) *quilt {
	jitter := rapid.Int32Range(-patch/8, patch/8)
	q := &quilt{side: 2 * rapid.IntRange(1, 3).Draw(t, "side"), corner: map[[2]int]Vertex{}, seam: map[[2][2]int][]Vertex{}}
	for x := range q.side + 1 {
		for y := range q.side + 1 {
			q.corner[[2]int{x, y}] = Vertex{1<<29 + int32(x)*patch + jitter.Draw(t, "x"), 1<<28 + int32(y)*patch + jitter.Draw(t, "y")}
		}
	}
	for x := range q.side + 1 {
		for y := range q.side + 1 {
			for _, to := range [][2]int{{x + 1, y}, {x, y + 1}} {
				if to[0] <= q.side && to[1] <= q.side {
					q.stitch(t, [2]int{x, y}, to)
				}
			}
		}
	}
	return q
}

// stitch draws the seam between two corners anew.
func (q *quilt) stitch(t *rapid.T, from, to [2]int) {
	a, b := q.corner[from], q.corner[to]
	n := rapid.IntRange(0, 9).Draw(t, "stitches")
	wide := rapid.SampledFrom([]int32{0, 3, 40, 300, patch / 16}).Draw(t, "wide")
	var seam []Vertex
	for i := range n {
		f := float64(i+1) / float64(n+1)
		off := rapid.Int32Range(-wide, wide).Draw(t, "off")
		v := Vertex{a.X + int32(f*float64(b.X-a.X)), a.Y + int32(f*float64(b.Y-a.Y))}
		if to[1] == from[1] {
			v.Y += off
		} else {
			v.X += off
		}
		seam = append(seam, v)
	}
	q.seam[[2][2]int{from, to}] = seam
}

// outline is the ring around the patches from x, y on, so many a side.
func (q *quilt) outline(x, y, n int) Shape {
	var ring []int32
	walk := func(from, to [2]int) {
		seam, forth := q.seam[[2][2]int{from, to}]
		ring = append(ring, q.corner[from].X, q.corner[from].Y)
		if !forth {
			seam = slices.Clone(q.seam[[2][2]int{to, from}])
			slices.Reverse(seam)
		}
		for _, v := range seam {
			ring = append(ring, v.X, v.Y)
		}
	}
	for i := range n {
		walk([2]int{x + i, y}, [2]int{x + i + 1, y})
	}
	for i := range n {
		walk([2]int{x + n, y + i}, [2]int{x + n, y + i + 1})
	}
	for i := range n {
		walk([2]int{x + n - i, y + n}, [2]int{x + n - i - 1, y + n})
	}
	for i := range n {
		walk([2]int{x, y + n - i}, [2]int{x, y + n - i - 1})
	}
	return Shape{kind: Polygon, xy: ring, bound: boundsOf(ring)}
}

// changes put every patch and every wider one into the layer.
func (q *quilt) changes() (all []Change) {
	for x := range q.side {
		for y := range q.side {
			s := q.outline(x, y, 1)
			all = append(all, Change{Layer: "area", ID: uint64(x*q.side+y) + 1, Code: geo.Code(fmt.Sprintf("4403040010%02d%02d", x, y)), Shape: &s})
			if x%2 == 0 && y%2 == 0 {
				s := q.outline(x, y, 2)
				all = append(all, Change{Layer: "area", ID: uint64(1000 + x*q.side + y), Code: geo.Code(fmt.Sprintf("44030400%d%d", x, y)[:9]), Shape: &s})
			}
		}
	}
	return all
}

func sharedSpec() Spec {
	return Spec{Name: "area", Shared: func(f *Feature) uint8 {
		if len(f.Code) > 9 {
			return 13
		}
		return 9
	}}
}

// ranksByVertex holds that whoever has a vertex has its rank.
func ranksByVertex(t *rapid.T, features []*Feature) map[Vertex]uint8 {
	ranks := map[Vertex]uint8{}
	for _, f := range features {
		for i := range f.Shape.Parts() {
			part, of := f.Shape.Part(i), f.Shape.Ranks(i)
			if len(of) != len(part)/2 {
				t.Fatalf("%d ranks for %d vertices", len(of), len(part)/2)
			}
			for j, r := range of {
				v := Vertex{part[2*j], part[2*j+1]}
				if known, ok := ranks[v]; ok && known != r {
					t.Fatalf("vertex %v is drawn from zoom %d on by one, from %d on by another", v, known, r)
				}
				ranks[v] = r
			}
		}
	}
	return ranks
}

func (q *quilt) check(t *rapid.T, features []*Feature) {
	ranks := ranksByVertex(t, features)
	for at, v := range q.corner {
		want := uint8(13)
		if at[0]%2 == 0 && at[1]%2 == 0 {
			want = 9
		}
		if interior := at[0] > 0 && at[1] > 0 && at[0] < q.side && at[1] < q.side; interior && ranks[v] > want {
			t.Fatalf("where four meet, at %v, is drawn from zoom %d on, want %d", at, ranks[v], want)
		}
	}
	for _, f := range features {
		ring, of := f.Shape.Part(0), f.Shape.Ranks(0)
		for z := sharedSpec().Shared(f); z <= sharedZoom; z++ {
			if off := straightened(ring, of, z); z == sharedZoom && off > 0 || off > 2*sharedTolerance*math.Exp2(float64(WorldZoom-z)) {
				t.Fatalf("feature %d at zoom %d: a vertex that is not drawn stands out by %.0f", f.ID, z, off)
			}
		}
	}
}

// straightened is how far a vertex that is not drawn lies from the line that is.
func straightened(ring []int32, ranks []uint8, z uint8) (worst float64) {
	var drawn, left []Vertex
	for i, r := range ranks {
		if v := (Vertex{ring[2*i], ring[2*i+1]}); r <= z {
			drawn = append(drawn, v)
		} else {
			left = append(left, v)
		}
	}
	for _, v := range left {
		nearest := math.Inf(1)
		for i, a := range drawn {
			nearest = min(nearest, squaredDistance(v, a, drawn[(i+1)%len(drawn)]))
		}
		worst = max(worst, math.Sqrt(nearest))
	}
	return worst
}

// However borders are redrawn, neighbours have the same vertices at every zoom, and the picture is the one that loading
// everything anew would make. What changed without a row says so.
func TestNeighboursShareVertices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuilt(t)
		p, err := New(sharedSpec())
		if err != nil {
			t.Fatal(err)
		}
		touched := map[uint64]bool{}
		for _, c := range q.changes() {
			touched[c.ID] = true
		}
		q.apply(t, p, q.changes(), touched)
		for range rapid.IntRange(0, 4).Draw(t, "redraws") {
			x, y := rapid.IntRange(0, q.side-1).Draw(t, "x"), rapid.IntRange(0, q.side).Draw(t, "y")
			q.stitch(t, [2]int{x, y}, [2]int{x + 1, y})
			var changes []Change
			touched := map[uint64]bool{}
			for _, c := range q.changes() {
				p.Read(func(layer func(string) *Layer) {
					if old, _ := layer("area").Get(c.ID); !slices.Equal(old.Shape.xy, c.Shape.xy) {
						changes, touched[c.ID] = append(changes, c), true
					}
				})
			}
			q.apply(t, p, changes, touched)
		}
	})
}

func (q *quilt) apply(t *rapid.T, p *Picture, changes []Change, touched map[uint64]bool) {
	deltas, err := p.Apply(position.Position{LSN: 1}, changes)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range deltas {
		if d.Derived == touched[d.New.ID] {
			t.Fatalf("feature %d: derived %v", d.New.ID, d.Derived)
		}
	}
	var features []*Feature
	p.Read(func(layer func(string) *Layer) {
		layer("area").All(func(f *Feature) { features = append(features, f) })
	})
	q.check(t, features)
	newNetwork().rankAll(features, sharedSpec().Shared, func(f *Feature, ranks []uint8) {
		if diff := cmp.Diff(ranks, f.Shape.Ranks(0)); diff != "" {
			t.Fatalf("feature %d (-anew +kept):\n%s", f.ID, diff)
		}
	})
}

// A change of name is no redraw, although the log tells of the outline as well.
func TestSameOutlineKeepsItsRanks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := New(sharedSpec())
		if err != nil {
			t.Fatal(err)
		}
		all := drawQuilt(t).changes()
		if _, err := p.Apply(position.Position{LSN: 1}, all); err != nil {
			t.Fatal(err)
		}
		deltas, err := p.Apply(position.Position{LSN: 2}, all)
		if err != nil || len(deltas) != len(all) {
			t.Fatalf("%d deltas of %d changes, %v", len(deltas), len(all), err)
		}
		for _, d := range deltas {
			if d.Derived || d.Moved() || d.New.Shape.Ranks(0) == nil {
				t.Fatalf("feature %d: derived %v, moved %v", d.New.ID, d.Derived, d.Moved())
			}
		}
	})
}

// What shares no border is still the same whichever way it is wound and wherever its ring begins.
func TestIslandIsSharedWithItsHole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ring []int32
		n := rapid.IntRange(3, 40).Draw(t, "n")
		for i := range n {
			angle := 2 * math.Pi * float64(i) / float64(n)
			radius := rapid.Float64Range(2000, 9000).Draw(t, "radius")
			ring = append(ring, 1<<29+int32(radius*math.Cos(angle)), 1<<28+int32(radius*math.Sin(angle)))
		}
		hole := slices.Clone(ring)
		reverse(hole)
		turn := 2 * rapid.IntRange(0, n-1).Draw(t, "turn")
		hole = append(hole[turn:], hole[:turn]...)
		around := []int32{1 << 28, 1 << 27, 1<<29 + 1<<20, 1 << 27, 1<<29 + 1<<20, 1<<28 + 1<<20, 1 << 28, 1<<28 + 1<<20}
		end := int32(len(around))
		land := Shape{kind: Polygon, xy: append(around, hole...), more: &parts{ends: []int32{end << 1, (end+int32(len(hole)))<<1 | 1}}}
		features := []*Feature{{ID: 1, Shape: land}, {ID: 2, Shape: Shape{kind: Polygon, xy: ring}}}
		newNetwork().rankAll(features, func(*Feature) uint8 { return 0 }, func(f *Feature, ranks []uint8) {
			f.Shape = f.Shape.ranked(slices.Clone(ranks))
		})
		ranksByVertex(t, features)
	})
}
