package tiles

import (
	"cmp"
	"slices"

	"github.com/gridweave/gridweave/geo/live"
)

// sorter puts features in the order of their ids. What a search finds comes in the order of the tree, which its history
// decides; a tile's bytes may depend on its content only.
type sorter struct{ from, to []keyed }

type keyed struct {
	id uint64
	f  *live.Feature
}

// few is up to how many features comparing them is faster than counting their digits.
const few = 128

// many is from how many features on the room that sorting takes is given back: only few tiles show so many.
const many = 1 << 15

// sort takes one pass over the features for each byte that their ids differ in: ids are numbered from 1, so that there
// are two or three, where comparing would look at each feature a dozen times.
func (s *sorter) sort(features []*live.Feature) {
	if len(features) < few {
		slices.SortFunc(features, func(a, b *live.Feature) int { return cmp.Compare(a.ID, b.ID) })
		return
	}
	s.from = s.from[:0]
	differ := uint64(0)
	for _, f := range features {
		s.from = append(s.from, keyed{f.ID, f})
		differ |= f.ID ^ features[0].ID
	}
	s.to = slices.Grow(s.to[:0], len(features))[:len(features)]
	for shift := 0; differ>>shift != 0; shift += 8 {
		if byte(differ>>shift) != 0 {
			countingSort(s.from, s.to, shift)
			s.from, s.to = s.to, s.from
		}
	}
	for i, k := range s.from {
		features[i] = k.f
	}
	clear(s.from) // features are not held longer than their tile
	clear(s.to)
	if len(features) > many {
		s.from, s.to = nil, nil
	}
}

// countingSort sorts by one byte of the id and keeps the order of those that have the same.
func countingSort(from, to []keyed, shift int) {
	var places [256]int
	for _, k := range from {
		places[byte(k.id>>shift)]++
	}
	at := 0
	for i, n := range places {
		places[i] = at
		at += n
	}
	for _, k := range from {
		b := byte(k.id >> shift)
		to[places[b]] = k
		places[b]++
	}
}
