package bench

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/tiles"
)

// everySet is a tile with all tilesets in it.
const everySet = "/tiles/areas,buildings,incidents,base/%d/%d/%d"

// wholeZoom is the first at which everything is drawn that ever is: the tiles below one hold less of the same.
const wholeZoom = 16

// looked is a tile with a bound of how many bytes it can have.
type looked struct {
	tile  maptile.Tile
	bytes int
}

// largestTiles asks for every tile that shows anything, with every tileset in it and as it is before compression, and
// tells how large the largest of each zoom is. Beyond wholeZoom it asks for the quarters of the largest first, and ends
// where none can be larger than what was found.
func (l *lab) largestTiles(ctx context.Context, s *server) ([]Row, error) {
	bytes := metric{name: "largest_tile_bytes", unit: "B"}
	level := []looked{{}}
	var rows []Row
	largest, asked := 0, 0
	for z := maptile.Zoom(0); z <= tiles.MaxZoom; z++ {
		most, n, err := s.largestOf(ctx, level)
		if err != nil {
			return nil, err
		}
		rows = append(rows, ours(scaleBench, fmt.Sprintf("largest tile z%d %s", z, l.scale), bytes, float64(most)))
		largest, asked = max(largest, most), asked+n
		level = quartersOf(level)
	}
	return append(rows,
		ours(scaleBench, string(l.scale), bytes, float64(largest)),
		ours(scaleBench, string(l.scale), metric{name: "tiles_measured", unit: "1"}, float64(asked)),
	), nil
}

// largestOf measures the tiles of one zoom, notes their sizes, and tells the most and how many it asked for.
func (s *server) largestOf(ctx context.Context, level []looked) (most, asked int, err error) {
	for i := range level {
		t := &level[i]
		// A quarter's coordinates may take another byte each: no more than twice as much.
		if t.tile.Z > wholeZoom && 2*t.bytes <= most {
			break
		}
		body, status, err := s.get(ctx, fmt.Sprintf(everySet, t.tile.Z, t.tile.X, t.tile.Y))
		if err == nil && status != http.StatusOK && status != http.StatusNoContent {
			err = fmt.Errorf("tile %v: status %d", t.tile, status)
		}
		if err != nil {
			return 0, 0, err
		}
		t.bytes = len(body)
		most, asked = max(most, t.bytes), asked+1
	}
	return most, asked, nil
}

// quartersOf gives the tiles of the next zoom that may show anything, those that may have the most bytes first.
func quartersOf(level []looked) []looked {
	next := make([]looked, 0, 4*len(level))
	for _, t := range level {
		if t.bytes == 0 {
			continue
		}
		for _, quarter := range t.tile.Children() {
			next = append(next, looked{quarter, t.bytes})
		}
	}
	slices.SortStableFunc(next, func(a, b looked) int { return cmp.Compare(b.bytes, a.bytes) })
	return next
}
