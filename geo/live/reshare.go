package live

import "slices"

// share gives the changes of a transaction with what follows from them for borders that are shared: the changed
// features' ranks, and neighbours whose borders are now simplified in another way. All of a layer is ranked anew, since a
// vertex may matter to a border far away; borders change seldom, and a city's take a third of a second.
func (p *Picture) share(changes []Change) []Change {
	for _, l := range p.order {
		if l.Spec.Shared == nil {
			continue
		}
		moved := slices.ContainsFunc(changes, func(c Change) bool {
			return c.Layer == l.Spec.Name && (c.Shape != nil || c.Gone || c.Code != "")
		})
		if moved {
			changes = l.share(changes)
		}
	}
	return changes
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
	for i, ranks := range ranksOf(features, l.Spec.Shared) {
		f := features[i]
		if slices.Equal(ranks, f.Shape.ranks()) {
			continue
		}
		ranked := f.Shape.ranked(ranks)
		if at, known := shaped[f.ID]; known {
			changes[at].Shape = &ranked
			continue
		}
		changes = append(changes, Change{Layer: l.Spec.Name, ID: f.ID, Shape: &ranked, derived: true, At: changes[len(changes)-1].At})
	}
	return changes
}

// rankAll ranks the features of a layer that nobody sees yet.
func (l *Layer) rankAll() {
	if l.Spec.Shared == nil {
		return
	}
	for i, ranks := range ranksOf(l.slots, l.Spec.Shared) {
		if len(ranks) > 0 {
			l.slots[i].Shape = l.slots[i].Shape.ranked(ranks)
		}
	}
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
