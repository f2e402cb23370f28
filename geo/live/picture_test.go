package live

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/realtime/position"
)

// model is what a picture must agree with: a map, searched by looking at everything.
type model map[uint64]*Feature

func spec() Spec {
	return Spec{Name: "house", Nums: []string{"grade", "rooms"}, Texts: []string{"name"}, Tally: "grade"}
}

func drawChange(t *rapid.T) Change {
	c := Change{Layer: "house", ID: rapid.OneOf(rapid.Uint64Range(1, 40), rapid.Uint64Range(190, 200)).Draw(t, "id")}
	if rapid.IntRange(0, 4).Draw(t, "op") == 0 {
		c.Gone = true
		return c
	}
	c.Code = geo.Code(rapid.SampledFrom([]string{
		"4403040010010100001", "4403040010010200001", "4403040020010100001", "4403050010010100001",
	}).Draw(t, "code"))
	if rapid.Bool().Draw(t, "shaped") {
		west := 114 + rapid.Float64Range(0, 0.1).Draw(t, "west")
		s, err := Quantise(orb.Polygon{square(west, 22.5+rapid.Float64Range(0, 0.1).Draw(t, "south"), 0.0003)})
		if err != nil {
			t.Fatal(err)
		}
		c.Shape = &s
	}
	if rapid.Bool().Draw(t, "graded") {
		c.Nums = []Num{{0, rapid.Uint32Range(0, 5).Draw(t, "grade")}, {1, rapid.Uint32Range(0, 90).Draw(t, "rooms")}}
	}
	if rapid.Bool().Draw(t, "named") {
		c.Texts = []Text{{0, rapid.SampledFrom([]string{"", "甲", "乙"}).Draw(t, "name")}}
	}
	return c
}

func (m model) apply(c Change) {
	if c.Gone {
		delete(m, c.ID)
		return
	}
	m[c.ID] = c.apply(spec(), m[c.ID])
}

func (m model) within(b Box) []uint64 {
	var ids []uint64
	for id, f := range m {
		if f.Shape.Kind() != Empty && f.Shape.Bounds().Intersects(b) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (m model) total(scope geo.Code) (c Counts) {
	for _, f := range m {
		if f.Shape.Kind() != Empty && scope.Covers(f.Code) {
			c[f.Nums[0]]++
		}
	}
	return c
}

func (m model) from(after uint64) []uint64 {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(m)), func(id uint64) bool { return id <= after })
}

func (m model) extent(scope geo.Code) (box Box, n int) {
	for _, f := range m {
		if f.Shape.Kind() == Empty || !scope.Covers(f.Code) {
			continue
		}
		if n++; n == 1 {
			box = f.Shape.Bounds()
		}
		box = box.Union(f.Shape.Bounds())
	}
	return box, n
}

func compareExtent(t *rapid.T, name string, extent func(geo.Code) (Box, int), m model, scope geo.Code) {
	box, n := extent(scope)
	if wantBox, wantN := m.extent(scope); box != wantBox || n != wantN {
		t.Fatalf("extent of %s: %d in %v, want %d in %v", name, n, box, wantN, wantBox)
	}
}

func TestPictureAgreesWithLookingAtEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := New(spec())
		if err != nil {
			t.Fatal(err)
		}
		m := model{}
		for lsn := range uint64(rapid.IntRange(1, 30).Draw(t, "transactions")) {
			changes := rapid.SliceOfN(rapid.Custom(drawChange), 0, 8).Draw(t, "changes")
			at := position.Position{LSN: lsn}
			if _, err := p.Apply(at, changes); err != nil {
				t.Fatal(err)
			}
			for _, c := range changes {
				m.apply(c)
			}
			compare(t, p, m, at)
		}
	})
}

func compare(t *rapid.T, p *Picture, m model, at position.Position) {
	x, y := World(114.05, 22.55)
	boxes := []Box{{0, 0, WorldSize - 1, WorldSize - 1}, {x - 2e5, y - 2e5, x + 2e5, y + 2e5}, {x, y, x, y}}
	got := p.Read(func(layer func(string) *Layer) {
		l := layer("house")
		if l.Len() != len(m) {
			t.Fatalf("%d features, want %d", l.Len(), len(m))
		}
		for id, want := range m {
			f, _ := l.Get(id)
			if diff := cmp.Diff(want, f, cmp.AllowUnexported(Shape{}, parts{})); diff != "" {
				t.Fatalf("feature %d (-want +got):\n%s", id, diff)
			}
		}
		for _, b := range boxes {
			var ids []uint64
			for _, f := range l.Within(b, nil) {
				ids = append(ids, f.ID)
			}
			slices.Sort(ids)
			if diff := cmp.Diff(m.within(b), ids); diff != "" {
				t.Fatalf("within %v (-want +got):\n%s", b, diff)
			}
		}
		for _, scope := range []geo.Code{"440304", "440304001", "44030400200101", ""} {
			if diff := cmp.Diff(m.total(scope), tallied(l, scope)); diff != "" {
				t.Fatalf("tally of %q (-want +got):\n%s", scope, diff)
			}
			compareExtent(t, fmt.Sprintf("%q", scope), l.Extent, m, scope)
		}
		compareExtent(t, "one house", l.Extent, m, "4403040010010100001")
		compareExtent(t, "everything", func(geo.Code) (Box, int) { return l.Bounds() }, m, "4403")
		after := uint64(len(m) / 2)
		var ids []uint64
		l.From(after, func(f *Feature) bool { ids = append(ids, f.ID); return true })
		if want := m.from(after); !slices.Equal(ids, want) {
			t.Fatalf("from %d on %v, want %v", after, ids, want)
		}
	})
	if got != at {
		t.Fatalf("position %v, want %v", got, at)
	}
}

// tallied sums the cells of the tiles of zoom 8 around the features.
func tallied(l *Layer, scope geo.Code) (total Counts) {
	x, y := World(114.05, 22.55)
	for tx := uint32(x)>>22 - 1; tx <= uint32(x)>>22+1; tx++ {
		for ty := uint32(y)>>22 - 1; ty <= uint32(y)>>22+1; ty++ {
			l.TallyCells(scope, 8, tx, ty, func(_ Cell, c Counts) {
				for v, n := range c {
					total[v] += n
				}
			})
		}
	}
	return total
}

func TestDeltasTellOldAndNew(t *testing.T) {
	p, err := New(spec())
	if err != nil {
		t.Fatal(err)
	}
	s, err := Quantise(orb.Polygon{square(114, 22.5, 0.001)})
	if err != nil {
		t.Fatal(err)
	}
	came, _ := p.Apply(position.Position{LSN: 1}, []Change{{Layer: "house", ID: 5, Code: "44030400100101", Shape: &s}})
	recoloured, _ := p.Apply(position.Position{LSN: 2}, []Change{{Layer: "house", ID: 5, Nums: []Num{{0, 4}}}})
	went, _ := p.Apply(position.Position{LSN: 3}, []Change{{Layer: "house", ID: 5, Gone: true}, {Layer: "house", ID: 6, Gone: true}})
	if len(came) != 1 || came[0].Old != nil || !came[0].Moved() {
		t.Errorf("came: %+v", came)
	}
	if len(recoloured) != 1 || recoloured[0].Moved() || recoloured[0].Old.Nums[0] != 0 || recoloured[0].New.Nums[0] != 4 {
		t.Errorf("recoloured: %+v", recoloured)
	}
	if len(went) != 1 || went[0].New != nil || went[0].Old.Nums[0] != 4 {
		t.Errorf("went: %+v", went)
	}
	if _, err := p.Apply(position.Position{LSN: 4}, []Change{{Layer: "house", ID: 7}, {Layer: "nowhere", ID: 1}}); err == nil {
		t.Error("a layer that is not declared was accepted")
	}
	if at := p.Read(func(func(string) *Layer) {}); at.LSN != 3 {
		t.Errorf("a refused transaction moved the position to %d", at.LSN)
	}
}

func TestLabelPointLiesInside(t *testing.T) {
	u := orb.Polygon{{{114, 22}, {114.03, 22}, {114.03, 22.03}, {114.02, 22.03}, {114.02, 22.01}, {114.01, 22.01}, {114.01, 22.03}, {114, 22.03}, {114, 22}}}
	for name, g := range map[string]orb.Geometry{
		"U":      u,
		"square": orb.Polygon{square(114, 22, 0.01)},
		"ring":   orb.Polygon{square(114, 22, 0.1), square(114.01, 22.01, 0.08)},
	} {
		s, err := Quantise(g)
		if err != nil {
			t.Fatal(err)
		}
		lon, lat := LonLat(LabelPoint(&s).X, LabelPoint(&s).Y)
		if !inside(g.(orb.Polygon), orb.Point{lon, lat}) {
			t.Errorf("%s: label at %g, %g lies outside", name, lon, lat)
		}
	}
}

// inside counts crossings of a ray over all rings: odd is inside.
func inside(p orb.Polygon, at orb.Point) bool {
	in := false
	for _, r := range p {
		for i := range len(r) - 1 {
			a, b := r[i], r[i+1]
			if (a[1] > at[1]) != (b[1] > at[1]) && at[0] < (b[0]-a[0])*(at[1]-a[1])/(b[1]-a[1])+a[0] {
				in = !in
			}
		}
	}
	return in
}
