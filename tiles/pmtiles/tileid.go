package pmtiles

import "github.com/paulmach/orb/maptile"

// maxZoom is the deepest zoom whose tiles a 64-bit id can name.
const maxZoom = 31

// ID numbers tiles: zoom by zoom, within each along a Hilbert curve, so that what lies close on the map lies close in
// the file.
func ID(t maptile.Tile) uint64 {
	id := (uint64(1)<<(2*t.Z) - 1) / 3
	x, y := uint64(t.X), uint64(t.Y)
	for s := uint64(1) << t.Z >> 1; s > 0; s >>= 1 {
		rx, ry := x&s, y&s
		id += s * ((3 * rx) ^ ry)
		x, y = turn(s, x, y, rx, ry)
	}
	return id
}

// TileOf is the tile with that id; false where no tile of the zooms there are has it.
func TileOf(id uint64) (maptile.Tile, bool) {
	first := uint64(0)
	for z := range maptile.Zoom(maxZoom + 1) {
		count := uint64(1) << (2 * z)
		if id-first < count {
			return within(z, id-first), true
		}
		first += count
	}
	return maptile.Tile{}, false
}

// within is the tile at that place of the zoom's curve.
func within(z maptile.Zoom, place uint64) maptile.Tile {
	var x, y uint64
	for s := uint64(1); s < uint64(1)<<z; s <<= 1 {
		rx := s & (place / 2)
		ry := s & (place ^ rx)
		x, y = turn(s, x, y, rx, ry)
		x, y = x+rx, y+ry
		place /= 2
	}
	return maptile.New(uint32(x), uint32(y), z)
}

// turn gives the quarter of a square with side 2s in which the curve goes on, turned as the curve is there.
func turn(s, x, y, rx, ry uint64) (turnedX, turnedY uint64) {
	x, y = x&(s-1), y&(s-1)
	if ry != 0 {
		return x, y
	}
	if rx != 0 {
		x, y = s-1-x, s-1-y
	}
	return y, x
}
