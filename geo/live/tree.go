package live

import (
	"math"

	"github.com/tidwall/rtree"
)

// tree finds the slots of features by their bounds. It holds them as 32-bit floats, rounded outwards: half the memory
// of 64-bit integers (32-bit ones would overflow, since the tree multiplies sides), for a few candidates too many,
// which the search sorts out by the features' own bounds.
type tree struct {
	rects rtree.RTreeGN[float32, uint32]
}

func (t *tree) insert(b Box, slot uint32) {
	lo, hi := b.Outwards()
	t.rects.Insert(lo, hi, slot)
}

func (t *tree) remove(b Box, slot uint32) {
	lo, hi := b.Outwards()
	t.rects.Delete(lo, hi, slot)
}

// search calls visit with every slot whose bounds may touch the box.
func (t *tree) search(b Box, visit func(slot uint32)) {
	lo, hi := b.Outwards()
	t.rects.Search(lo, hi, func(_, _ [2]float32, slot uint32) bool {
		visit(slot)
		return true
	})
}

// Outwards is the box in 32-bit floats, rounded so that it holds at least what the box does: for trees.
func (b Box) Outwards() (lo, hi [2]float32) {
	return [2]float32{below(b.MinX), below(b.MinY)}, [2]float32{above(b.MaxX), above(b.MaxY)}
}

func below(v int32) float32 {
	f := float32(v)
	if int64(f) > int64(v) {
		return math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return f
}

func above(v int32) float32 {
	f := float32(v)
	if int64(f) < int64(v) {
		return math.Nextafter32(f, float32(math.Inf(1)))
	}
	return f
}
