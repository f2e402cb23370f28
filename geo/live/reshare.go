package live

import "slices"

// share gives the changes of a transaction with what follows from them for borders that are shared: the changed
// features' ranks, and neighbours whose borders are now simplified in another way. All of a layer is ranked anew, since a
// vertex may matter to a border far away.
func (p *Picture) share(changes []Change) []Change {
	for _, l := range p.order {
		if l.Spec.Shared == nil {
			continue
		}
		settled, moved := l.settle(changes)
		changes = settled
		if moved {
			changes = l.share(changes)
		}
	}
	return changes
}

// settle tells whether any border moves, and leaves out shapes that are what they were: the log tells of an area's outline
// also where only its name has changed.
func (l *Layer) settle(changes []Change) (settled []Change, moved bool) {
	settled = changes
	cloned, seen := false, map[uint64]bool{}
	for i, c := range changes {
		if c.Layer != l.Spec.Name {
			continue
		}
		f, known := l.Get(c.ID)
		known = known && !seen[c.ID] // what it is after an earlier change is not looked at
		seen[c.ID] = true
		if known && c.Shape != nil && c.Shape.sameLines(&f.Shape) {
			if !cloned {
				settled, cloned = slices.Clone(settled), true
			}
			settled[i].Shape, c.Shape = nil, nil
		}
		moved = moved || c.Shape != nil || c.Gone || !known || c.Code != "" && c.Code != f.Code
	}
	return settled, moved
}

// share works on the layer as it will be.
func (l *Layer) share(changes []Change) []Change {
	after := map[uint64]*Feature{}
	shaped := map[uint64]int{} // the last change of each feature that gives it a shape
	for i, c := range changes {
		if c.Layer != l.Spec.Name {
			continue
		}
		f, known := after[c.ID]
		if !known {
			f, _ = l.Get(c.ID)
		}
		switch {
		case c.Gone:
			after[c.ID] = nil
			delete(shaped, c.ID)
		case f != nil || !c.IfThere:
			after[c.ID] = c.apply(l.Spec, f)
			if c.Shape != nil {
				shaped[c.ID] = i
			}
		}
	}
	var features []*Feature
	l.All(func(f *Feature) {
		if _, changed := after[f.ID]; !changed {
			features = append(features, f)
		}
	})
	for _, f := range after {
		if f != nil {
			features = append(features, f)
		}
	}
	changes = slices.Clone(changes)
	l.network.rankAll(features, l.Spec.Shared, func(f *Feature, ranks []uint8) {
		if slices.Equal(ranks, f.Shape.ranks()) {
			return
		}
		ranked := f.Shape.ranked(slices.Clone(ranks))
		if at, known := shaped[f.ID]; known {
			changes[at].Shape = &ranked
			return
		}
		changes = append(changes, Change{Layer: l.Spec.Name, ID: f.ID, Shape: &ranked, derived: true, At: changes[len(changes)-1].At})
	})
	return changes
}

// rankAll ranks the features of a layer that nobody sees yet.
func (l *Layer) rankAll() {
	if l.Spec.Shared == nil {
		return
	}
	l.network.rankAll(l.slots, l.Spec.Shared, func(f *Feature, ranks []uint8) {
		if len(ranks) > 0 {
			f.Shape = f.Shape.ranked(slices.Clone(ranks))
		}
	})
}

// ranked is the shape with ranks of its vertices.
func (s Shape) ranked(ranks []uint8) Shape {
	more := parts{}
	if s.more != nil {
		more = *s.more
	}
	more.ranks = ranks
	s.more = &more
	return s
}

func (s *Shape) ranks() []uint8 {
	if s.more == nil {
		return nil
	}
	return s.more.ranks
}
