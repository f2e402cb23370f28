package live

import (
	"slices"

	"github.com/gridweave/gridweave/geo"
)

// idPage is how many ids share a page of the index.
const idPage = 64

// idIndex finds slots by id. Tables number their rows one after the other, so that a page is mostly full: four bytes a
// feature where a map takes twenty.
type idIndex struct {
	pages map[uint64]*[idPage]uint32 // slot + 1; 0 is nobody
	order []uint64                   // the numbers of the pages, ascending
	n     int
}

func (x *idIndex) get(id uint64) (slot uint32, ok bool) {
	page := x.pages[id/idPage]
	if page == nil || page[id%idPage] == 0 {
		return 0, false
	}
	return page[id%idPage] - 1, true
}

// put tells whether the id is new.
func (x *idIndex) put(id uint64, slot uint32) bool {
	page := x.pages[id/idPage]
	if page == nil {
		page = new([idPage]uint32)
		x.pages[id/idPage] = page
		at, _ := slices.BinarySearch(x.order, id/idPage) // mostly the end: ids ascend
		x.order = slices.Insert(x.order, at, id/idPage)
	}
	fresh := page[id%idPage] == 0
	page[id%idPage] = slot + 1
	if fresh {
		x.n++
	}
	return fresh
}

func (x *idIndex) remove(id uint64) {
	page := x.pages[id/idPage]
	page[id%idPage] = 0
	x.n--
	if *page == ([idPage]uint32{}) {
		delete(x.pages, id/idPage)
		at, _ := slices.BinarySearch(x.order, id/idPage)
		x.order = slices.Delete(x.order, at, at+1)
	}
}

// from calls visit with the slots in the order of their ids, from the first id after the given one on, as long as it
// answers true.
func (x *idIndex) from(after uint64, visit func(slot uint32) bool) {
	first, _ := slices.BinarySearch(x.order, after/idPage)
	for _, number := range x.order[first:] {
		page := x.pages[number]
		for i, slot := range page {
			if slot != 0 && number*idPage+uint64(i) > after && !visit(slot-1) {
				return
			}
		}
	}
}

// codeTail is how many last digits of a code are looked through one by one: those by which a grid numbers its houses.
const codeTail = 5

// codeIndex finds slots by code: a list for all codes that differ in their last digits only.
type codeIndex map[geo.Code][]uint32

func headOf(code geo.Code) geo.Code { return code[:max(0, len(code)-codeTail)] }

func (x codeIndex) put(code geo.Code, slot uint32) { x[headOf(code)] = append(x[headOf(code)], slot) }

func (x codeIndex) remove(code geo.Code, slot uint32) {
	head := headOf(code)
	list := x[head]
	for i, s := range list {
		if s == slot {
			list[i] = list[len(list)-1]
			list = list[:len(list)-1]
			break
		}
	}
	if len(list) == 0 {
		delete(x, head)
		return
	}
	x[head] = list
}

// get asks of each slot which code it has.
func (x codeIndex) get(code geo.Code, codeOf func(slot uint32) geo.Code) (slot uint32, ok bool) {
	for _, s := range x[headOf(code)] {
		if codeOf(s) == code {
			return s, true
		}
	}
	return 0, false
}
