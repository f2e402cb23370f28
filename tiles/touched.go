package tiles

import (
	"slices"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo/live"
)

// Shown tells in which tilesets, and at which zooms, a layer of the picture shows; false where in none.
func (s Sets) Shown(layer string) (names []string, from, to maptile.Zoom, ok bool) {
	from = MaxZoom
	for _, set := range s {
		for _, r := range set.Recipes {
			if r.From != layer {
				continue
			}
			from, to, ok = min(from, r.MinZoom), max(to, r.MaxZoom), true
			if !slices.Contains(names, set.Name) {
				names = append(names, set.Name)
			}
		}
	}
	return names, from, to, ok
}

// Touched lists the tiles of the zooms that show any of the box, or answers false where they are more than most.
func Touched(b live.Box, from, to maptile.Zoom, most int) ([]maptile.Tile, bool) {
	var touched []maptile.Tile
	for z := from; z <= to; z++ {
		minX, minY, maxX, maxY := tileRange(b, z)
		if len(touched)+int(maxX-minX+1)*int(maxY-minY+1) > most {
			return nil, false
		}
		for x := minX; x <= maxX; x++ {
			for y := minY; y <= maxY; y++ {
				touched = append(touched, maptile.New(x, y, z))
			}
		}
	}
	return touched, true
}

// Public tells whether every reader sees all of what a layer shows.
func (s Sets) Public(layer string) bool {
	for _, set := range s {
		for _, r := range set.Recipes {
			if r.From == layer && !r.Public {
				return false
			}
		}
	}
	return true
}
