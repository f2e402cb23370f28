package tiles

import (
	"sync/atomic"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles/mvt"
)

// generationSlots is how many counters tiles share: 4 MB. Two tiles in one slot only cost an encode too many; a
// thousand changes a second touch each slot about every forty seconds.
const generationSlots = 1 << 20

// wideTiles is from how many tiles on a change is cheaper to answer by forgetting all of them.
const wideTiles = 1 << 18

// generations counts for every tile how often it has changed, so that what was made of an earlier generation is known
// to be old without being looked for. It is safe for concurrent use.
type generations struct {
	slots []atomic.Uint32
	all   atomic.Uint32
}

func newGenerations() *generations {
	return &generations{slots: make([]atomic.Uint32, generationSlots)}
}

// of is the tile's generation; it differs after every change of the tile.
func (g *generations) of(t maptile.Tile) uint64 {
	return uint64(g.all.Load())<<32 | uint64(g.slots[slotOf(t)].Load())
}

// slotOf spreads neighbours (the multipliers are large primes).
func slotOf(t maptile.Tile) uint32 {
	h := t.X*2654435761 ^ t.Y*2246822519 ^ uint32(t.Z)*3266489917
	h ^= h >> 15
	return (h * 668265263) >> 12 & (generationSlots - 1)
}

// change renews every tile that shows any of the box.
func (g *generations) change(b live.Box) {
	if tilesOf(b) > wideTiles {
		g.all.Add(1)
		return
	}
	eachTile(b, func(t maptile.Tile) { g.slots[slotOf(t)].Add(1) })
}

// tileRange is the tiles of a zoom in whose buffered square a box can show.
func tileRange(b live.Box, z maptile.Zoom) (minX, minY, maxX, maxY uint32) {
	shift := 30 - uint(z)
	// What lies within the buffer, or rounds onto its edge, shows in the neighbour too.
	reach := int64(mvt.Buffer+1) << (uint(live.WorldZoom) - uint(z))
	last := int64(1)<<uint(z) - 1
	tile := func(v int64) uint32 { return uint32(max(0, min(last, v>>shift))) }
	return tile(int64(b.MinX) - reach), tile(int64(b.MinY) - reach), tile(int64(b.MaxX) + reach), tile(int64(b.MaxY) + reach)
}

func tilesOf(b live.Box) (n uint64) {
	for z := maptile.Zoom(0); z <= MaxZoom; z++ {
		minX, minY, maxX, maxY := tileRange(b, z)
		n += uint64(maxX-minX+1) * uint64(maxY-minY+1)
	}
	return n
}

func eachTile(b live.Box, visit func(maptile.Tile)) {
	for z := maptile.Zoom(0); z <= MaxZoom; z++ {
		minX, minY, maxX, maxY := tileRange(b, z)
		for x := minX; x <= maxX; x++ {
			for y := minY; y <= maxY; y++ {
				visit(maptile.New(x, y, z))
			}
		}
	}
}
