package live

import "github.com/gridweave/gridweave/geo"

// extents keeps the box around the features of each group of codes, and how many they are, so that nobody has to look at
// every feature to know where a scope's lie. Features without a shape are nowhere.
type extents struct {
	groups map[geo.Code]*extent
	loose  []geo.Code // groups whose box may have become too large
}

type extent struct {
	box   Box
	n     int
	loose bool
}

// groupOf is by what sums are kept apart, so that a scope can be applied to them: the grid, or what is wider.
func groupOf(code geo.Code) geo.Code { return code[:min(len(code), int(geo.Grid))] }

// move keeps step with a change from old to f, either of which may be nil.
func (x *extents) move(old, f *Feature) {
	was, is := old != nil && old.Shape.kind != Empty, f != nil && f.Shape.kind != Empty
	if was && is && old.Shape.bound == f.Shape.bound && groupOf(old.Code) == groupOf(f.Code) {
		return
	}
	if was {
		x.leave(groupOf(old.Code), old.Shape.bound)
	}
	if is {
		x.enter(groupOf(f.Code), f.Shape.bound)
	}
}

func (x *extents) enter(group geo.Code, b Box) {
	e := x.groups[group]
	if e == nil {
		x.groups[group] = &extent{box: b, n: 1}
		return
	}
	e.box = e.box.Union(b)
	e.n++
}

// leave makes a group loose where the one who left reached to its edge.
func (x *extents) leave(group geo.Code, b Box) {
	e := x.groups[group]
	if e.n--; e.n == 0 {
		delete(x.groups, group)
		return
	}
	inside := b.MinX > e.box.MinX && b.MinY > e.box.MinY && b.MaxX < e.box.MaxX && b.MaxY < e.box.MaxY
	if !inside && !e.loose {
		e.loose = true
		x.loose = append(x.loose, group)
	}
}

// tighten looks anew at the loose groups' features: at a transaction's end, since one may take many away.
func (l *Layer) tighten() {
	for _, group := range l.extents.loose {
		e := l.extents.groups[group]
		if e == nil || !e.loose {
			continue
		}
		e.box, _ = l.around(e.box, func(f *Feature) bool { return groupOf(f.Code) == group })
		e.loose = false
	}
	l.extents.loose = l.extents.loose[:0]
}

// around is the smallest box around those of the box's features that count, and how many they are.
func (l *Layer) around(b Box, counts func(*Feature) bool) (box Box, n int) {
	l.tree.search(b, func(slot uint32) {
		f := l.slots[slot]
		if !f.Shape.bound.Intersects(b) || !counts(f) {
			return
		}
		if n++; n == 1 {
			box = f.Shape.bound
		}
		box = box.Union(f.Shape.bound)
	})
	return box, n
}

// Extent is the smallest box around the features that the scope covers and that have a shape, and how many they are.
func (l *Layer) Extent(scope geo.Code) (Box, int) {
	if len(scope) > int(geo.Grid) {
		e := l.extents.groups[groupOf(scope)]
		if e == nil {
			return Box{}, 0
		}
		return l.around(e.box, func(f *Feature) bool { return scope.Covers(f.Code) })
	}
	return l.extents.of(scope.Covers)
}

// Bounds is the smallest box around all features that have a shape, and how many they are.
func (l *Layer) Bounds() (Box, int) { return l.extents.of(func(geo.Code) bool { return true }) }

func (x *extents) of(counts func(group geo.Code) bool) (box Box, n int) {
	for group, e := range x.groups {
		if !counts(group) {
			continue
		}
		if n == 0 {
			box = e.box
		}
		box = box.Union(e.box)
		n += e.n
	}
	return box, n
}
