package live

import (
	"cmp"
	"slices"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/realtime/position"
)

// Feature is one thing on the map. It never changes: a change puts another Feature in its place, so a reader may keep
// what it found for as long as it likes.
type Feature struct {
	ID    uint64
	Code  geo.Code // where it belongs, which alone decides who sees it
	Shape Shape
	Label Vertex   // where its name goes: a point inside a polygon
	Nums  []uint32 // by the layer's Nums
	Texts []string // by the layer's Texts
}

// Same tells whether two features say the same; nil is the same as nil only.
func (f *Feature) Same(o *Feature) bool {
	if f == nil || o == nil {
		return f == o
	}
	return f.ID == o.ID && f.Code == o.Code && slices.Equal(f.Nums, o.Nums) && slices.Equal(f.Texts, o.Texts) && f.Shape.Equal(&o.Shape)
}

// Vertex is a point in world coordinates.
type Vertex struct{ X, Y int32 }

// Compare orders vertices from west to east, and from north to south where they lie below each other.
func (v Vertex) Compare(o Vertex) int { return cmp.Or(cmp.Compare(v.X, o.X), cmp.Compare(v.Y, o.Y)) }

// Spec declares a layer: its name and the names of the values that its features carry.
type Spec struct {
	Name  string
	Nums  []string
	Texts []string
	// Tally names the numeric field by whose values features are counted in cells, "" for none. Its values are
	// below TallyValues.
	Tally string
	// Coded lets features be found by their code, of which each has its own then.
	Coded bool
	// Shared gives the zoom from which on a feature is drawn, in a layer whose polygons and lines share borders: they
	// are simplified by zoom, in the same way for all who share them. nil simplifies nothing.
	Shared func(*Feature) uint8
}

// Num gives the index of a numeric field, or -1.
func (s Spec) Num(name string) int { return slices.Index(s.Nums, name) }

// Text gives the index of a text field, or -1.
func (s Spec) Text(name string) int { return slices.Index(s.Texts, name) }

// Change puts values into a feature, making it where it is not there, or takes it away. What is not named stays.
type Change struct {
	Layer string
	ID    uint64
	Gone  bool
	// Final is the value of the Except column by which a feature goes whose row is still there.
	Final string
	// IfThere leaves the layer as it is where it has no such feature, instead of making one.
	IfThere bool
	Code    geo.Code // "" keeps
	Shape   *Shape   // nil keeps
	Nums    []Num
	Texts   []Text
	// At is the change's own place in the log: its transaction's commit and its ordinal there. Zero where no log tells
	// of it.
	At position.Position

	derived bool
}

// Num sets one numeric field.
type Num struct {
	Field int
	Value uint32
}

// Text sets one text field.
type Text struct {
	Field int
	Value string
}

// Delta is what a change did: Old is nil for a feature that came, New for one that went.
type Delta struct {
	Layer    *Layer
	Old, New *Feature
	At       position.Position // of the change
	Final    string            // the change's, where the feature went
	// Derived says that no row changed: a neighbour's did, and the border between them is simplified in another way.
	Derived bool
}

// Moved tells whether the geometry differs: where it does not, only values did.
func (d Delta) Moved() bool {
	return d.Old == nil || d.New == nil || !d.Old.Shape.Equal(&d.New.Shape)
}

// Made is the feature that a change makes of nothing. It is in no picture.
func (l *Layer) Made(c Change) *Feature { return c.apply(l.Spec, nil) }

// apply gives the feature that the change makes of f, which may be nil. What does not change is shared between the two.
func (c Change) apply(spec Spec, f *Feature) *Feature {
	n := &Feature{ID: c.ID}
	if f != nil {
		*n = *f
	}
	if c.Code != "" {
		n.Code = c.Code
	}
	if c.Shape != nil {
		n.Shape, n.Label = *c.Shape, LabelPoint(c.Shape)
	}
	if f == nil || len(c.Nums) > 0 {
		n.Nums = make([]uint32, len(spec.Nums))
		if f != nil {
			copy(n.Nums, f.Nums)
		}
		for _, v := range c.Nums {
			n.Nums[v.Field] = v.Value
		}
	}
	if f == nil || len(c.Texts) > 0 {
		n.Texts = make([]string, len(spec.Texts))
		if f != nil {
			copy(n.Texts, f.Texts)
		}
		for _, v := range c.Texts {
			n.Texts[v.Field] = v.Value
		}
	}
	return n
}
