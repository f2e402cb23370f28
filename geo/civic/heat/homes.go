package heat

import (
	"cmp"
	"maps"
	"slices"
)

// home is where a house stands, and how many of its rooms nobody has declared now.
type home struct {
	site site
	spot
	undeclared int32
}

// homes are all houses, each with a number, which counts by house are gathered by. Like a ledger they never change: what
// comes later makes others that share most of it.
type homes struct {
	list   []home
	loaded int            // how many were loaded together: they come first, in the order of their sites
	added  map[site]int32 // the numbers of those that came since
	moved  map[int32]home // what has become of some of them
}

// mostMoved is how many may differ from the list: copying them costs a millisecond.
const mostMoved = 20_000

// homeChange gives where a house stands, and adds to its count.
type homeChange struct {
	site site
	spot
	n int32
}

func (h home) compare(s site) int { return cmp.Compare(h.site, s) }

// number is a house's; -1 where there is none.
func (h *homes) number(s site) int32 {
	if i, ok := slices.BinarySearchFunc(h.list[:h.loaded], s, home.compare); ok {
		return int32(i)
	}
	if i, ok := h.added[s]; ok {
		return i
	}
	return -1
}

func (h *homes) at(i int32) home {
	if m, ok := h.moved[i]; ok {
		return m
	}
	return h.list[i]
}

// spot is where a house stands, by its number or, where it has been built since that was noted, by its site.
func (h *homes) spot(i int32, s site) spot {
	if i < 0 {
		i = h.number(s)
	}
	if i < 0 {
		return spot{}
	}
	return h.at(i).spot
}

// each calls fn for every house between two sites, with its number.
func (h *homes) each(first, end site, fn func(i int32, m home)) {
	for i, m := range h.list {
		if m.site < first || m.site >= end {
			continue
		}
		if over, ok := h.moved[int32(i)]; ok {
			m = over
		}
		fn(int32(i), m)
	}
}

// with is the houses after changes, in their order.
func (h homes) with(changes []homeChange) homes {
	if len(changes) == 0 {
		return h
	}
	h.added, h.moved = maps.Clone(h.added), maps.Clone(h.moved)
	if h.added == nil {
		h.added = map[site]int32{}
	}
	if h.moved == nil {
		h.moved = map[int32]home{}
	}
	for _, c := range changes {
		i := h.number(c.site)
		if i < 0 {
			i = int32(len(h.list))
			h.added[c.site] = i
			h.list = append(h.list, home{site: c.site}) // behind what older ones know of
		}
		h.moved[i] = home{c.site, c.spot, h.at(i).undeclared + c.n}
	}
	if len(h.moved) > mostMoved {
		h.list = slices.Clone(h.list)
		for i, m := range h.moved {
			h.list[i] = m
		}
		h.moved = nil
	}
	return h
}

// newHomes numbers the houses. A city's lie in a sorted list, since a map of them would take twice its memory.
func newHomes(all []homeChange) homes {
	h := homes{list: make([]home, len(all)), loaded: len(all)}
	for i, c := range all {
		h.list[i] = home{c.site, c.spot, c.n}
	}
	slices.SortFunc(h.list, func(a, b home) int { return a.compare(b.site) })
	return h
}

// settle gives entries their houses' numbers. A house that is pulled down keeps its number, as nowhere.
func (h *homes) settle(entries []entry) {
	for i := range entries {
		entries[i].home = h.number(entries[i].site)
	}
}

// byHouse are counts by house: by number, and by site for houses that stand nowhere.
type byHouse struct {
	homes   *homes
	n       []int32
	nowhere bySite
}

func (b *byHouse) add(home int32, s site, n int32) {
	if home < 0 && s.house() {
		home = b.homes.number(s) // it may have been built since
	}
	switch {
	case home >= 0:
		b.n[home] += n
	case s.house():
		b.nowhere[s] += int(n)
	}
}

// any is how many houses have any.
func (b *byHouse) any() int {
	many := len(b.nowhere)
	for _, n := range b.n {
		if n != 0 {
			many++
		}
	}
	return many
}

// each calls fn for every house that has any, with where it stands.
func (b *byHouse) each(fn func(s site, at spot, n int)) {
	for i, n := range b.n {
		if n != 0 {
			h := b.homes.at(int32(i))
			fn(h.site, h.spot, int(n))
		}
	}
	for s, n := range b.nowhere {
		if n != 0 {
			fn(s, spot{}, n)
		}
	}
}
