package live

import (
	"fmt"
	"sync"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/realtime/position"
)

// Picture is the district in memory, as of one position.
type Picture struct {
	mu       sync.RWMutex
	layers   map[string]*Layer
	order    []*Layer
	position position.Position
}

// Layer is one kind of feature. Its methods are the picture's: call them within Read.
type Layer struct {
	Spec    Spec
	slots   []*Feature // nil where free
	free    []uint32   // slots to use again
	byID    idIndex
	coded   codeIndex // nil where the layer is not asked by code
	tree    tree
	tally   *tally
	extents extents
	// network is that of the layer's borders, nil where they are not shared. It is who applies changes who has it.
	network *network
}

// New makes an empty picture of the given layers.
func New(specs ...Spec) (*Picture, error) {
	p := &Picture{layers: map[string]*Layer{}}
	for _, s := range specs {
		if p.layers[s.Name] != nil {
			return nil, fmt.Errorf("live: layer %q is declared twice", s.Name)
		}
		if s.Tally != "" && s.Num(s.Tally) < 0 {
			return nil, fmt.Errorf("live: layer %q counts by %q, which it does not have", s.Name, s.Tally)
		}
		l := newLayer(s)
		p.layers[s.Name] = l
		p.order = append(p.order, l)
	}
	return p, nil
}

func newLayer(s Spec) *Layer {
	l := &Layer{
		Spec: s, byID: idIndex{pages: map[uint64]*[idPage]uint32{}}, extents: extents{groups: map[geo.Code]*extent{}},
	}
	if s.Tally != "" {
		l.tally = newTally(s.Num(s.Tally))
	}
	if s.Coded {
		l.coded = codeIndex{}
	}
	if s.Shared != nil {
		l.network = newNetwork()
	}
	return l
}

// Apply makes one transaction's changes visible, all at once, and tells what they did. A change that names a layer
// that is not declared is an error, and then nothing of the transaction is applied.
func (p *Picture) Apply(at position.Position, changes []Change) ([]Delta, error) {
	for _, c := range changes {
		if p.layers[c.Layer] == nil {
			return nil, fmt.Errorf("live: no layer %q", c.Layer)
		}
	}
	// Only who applies changes the picture, so that reading it needs no lock here.
	changes = p.share(changes)
	deltas := make([]Delta, 0, len(changes))
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range changes {
		l := p.layers[c.Layer]
		if d, changed := l.apply(c); changed {
			deltas = append(deltas, d)
		}
	}
	for _, l := range p.order {
		l.tighten()
	}
	p.position = at
	return deltas, nil
}

// Replace forgets every feature and makes the loaded ones visible instead, all at once.
func (p *Picture) Replace(at position.Position, loaded *Loading) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.layers, p.order, p.position = loaded.layers, loaded.order, at
}

// Advance says that nothing changed up to at.
func (p *Picture) Advance(at position.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.position = at
}

// Read calls look while the picture stands still, and tells its position. look must not keep a Layer; features it may.
func (p *Picture) Read(look func(layer func(name string) *Layer)) position.Position {
	p.mu.RLock()
	defer p.mu.RUnlock()
	look(func(name string) *Layer { return p.layers[name] })
	return p.position
}

func (l *Layer) apply(c Change) (Delta, bool) {
	slot, known := l.byID.get(c.ID)
	var old *Feature
	if known {
		old = l.slots[slot]
	}
	if !known && (c.Gone || c.IfThere) {
		return Delta{}, false
	}
	if c.Gone {
		l.remove(slot, old)
		return Delta{Layer: l, Old: old, At: c.At, Final: c.Final}, true
	}
	f := c.apply(l.Spec, old)
	if !known {
		slot = l.take(c.ID)
	}
	l.reindex(slot, old, f)
	l.slots[slot] = f
	return Delta{Layer: l, Old: old, New: f, At: c.At, Derived: c.derived}, true
}

// take finds a slot for a new feature.
func (l *Layer) take(id uint64) uint32 {
	var slot uint32
	if n := len(l.free); n > 0 {
		slot = l.free[n-1]
		l.free = l.free[:n-1]
	} else {
		slot = uint32(len(l.slots))
		l.slots = append(l.slots, nil)
	}
	l.byID.put(id, slot)
	return slot
}

func (l *Layer) remove(slot uint32, old *Feature) {
	l.reindex(slot, old, nil)
	l.byID.remove(old.ID)
	l.slots[slot] = nil
	l.free = append(l.free, slot)
}

// reindex keeps tree, tally and extents in step. A feature that only changed its values stays where it is in the tree.
func (l *Layer) reindex(slot uint32, old, f *Feature) {
	if l.tally != nil {
		l.tally.count(old, -1)
		l.tally.count(f, +1)
	}
	l.recode(slot, old, f)
	l.extents.move(old, f)
	was, is := old != nil && old.Shape.kind != Empty, f != nil && f.Shape.kind != Empty
	if was && is && old.Shape.bound == f.Shape.bound {
		return
	}
	if was {
		l.tree.remove(old.Shape.bound, slot)
	}
	if is {
		l.tree.insert(f.Shape.bound, slot)
	}
}

// recode keeps the index of codes in step. Within a transaction two features may exchange their codes, one before the
// other, and have the same in between.
func (l *Layer) recode(slot uint32, old, f *Feature) {
	if l.coded == nil || old != nil && f != nil && old.Code == f.Code {
		return
	}
	if old != nil {
		l.coded.remove(old.Code, slot)
	}
	if f != nil {
		l.coded.put(f.Code, slot)
	}
}

// Len is the number of features.
func (l *Layer) Len() int { return l.byID.n }

// Get gives a feature by its id.
func (l *Layer) Get(id uint64) (*Feature, bool) {
	slot, ok := l.byID.get(id)
	if !ok {
		return nil, false
	}
	return l.slots[slot], true
}

// ByCode gives the feature of a code, in a layer that is declared Coded.
func (l *Layer) ByCode(code geo.Code) (*Feature, bool) {
	slot, ok := l.coded.get(code, func(slot uint32) geo.Code { return l.slots[slot].Code })
	if !ok {
		return nil, false
	}
	return l.slots[slot], true
}

// Within adds to found the features whose bounds touch the box, in no particular order.
func (l *Layer) Within(b Box, found []*Feature) []*Feature {
	l.tree.search(b, func(slot uint32) {
		if f := l.slots[slot]; f.Shape.bound.Intersects(b) {
			found = append(found, f)
		}
	})
	return found
}

// From calls visit with the features in the order of their ids, from the first after the given one on, as long as it
// answers true.
func (l *Layer) From(after uint64, visit func(*Feature) bool) {
	l.byID.from(after, func(slot uint32) bool { return visit(l.slots[slot]) })
}

// All calls visit with every feature, in no particular order.
func (l *Layer) All(visit func(*Feature)) {
	for _, f := range l.slots {
		if f != nil {
			visit(f)
		}
	}
}
