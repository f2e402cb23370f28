package tilesets_test

import (
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/tiles"
)

// Neighbours never gape: at every zoom, each side of an area within the tile is a side of the border line, and where it
// bounds two areas of a level both have exactly that side.
func TestBordersMeetAtEveryZoom(t *testing.T) {
	d := newDistrict(t)
	r := tiles.NewRenderer(d.picture)
	sets, err := tilesets.All().Named("areas")
	if err != nil {
		t.Fatal(err)
	}
	sides := 0
	for z := maptile.Zoom(8); z <= tiles.MaxZoom; z++ {
		for _, tile := range d.tilesAround(z, 16) {
			body, _ := r.Render(sets[0].Recipes, "4403", tile)
			layers := decode(t, body)
			lines := map[[2]orb.Point]bool{}
			for _, l := range layers {
				for _, f := range l.Features {
					if l.Name == "area_line" {
						addSides(lines, f.Geometry)
					}
				}
			}
			levels := map[string]map[[2]orb.Point]int{}
			for _, f := range features(layers, "area") {
				level, own := text(f.properties["level"]), map[[2]orb.Point]bool{}
				addSides(own, f.geometry)
				for s := range own {
					if levels[level] == nil {
						levels[level] = map[[2]orb.Point]int{}
					}
					levels[level][s]++
					sides++
					if !lines[s] {
						t.Fatalf("%v: side %v of %v is in no border line", tile, s, f.properties["code"])
					}
				}
			}
			d.checkInner(t, tile, levels)
		}
	}
	if sides == 0 {
		t.Error("no side was compared")
	}
	t.Logf("%d sides compared", sides)
}

// checkInner holds that what lies between two grids of the district is a side of both.
func (d district) checkInner(t *testing.T, tile maptile.Tile, levels map[string]map[[2]orb.Point]int) {
	t.Helper()
	outer := levels[geo.Community.String()]
	for s, n := range levels[geo.Grid.String()] {
		if n != 2 && (outer == nil || outer[s] == 0) {
			t.Fatalf("%v: side %v bounds %d grids and no community", tile, s, n)
		}
	}
}

// addSides adds those sides of rings and lines that lie within the tile, the lesser end first: in the buffer beyond, each
// geometry is cut in its own way.
func addSides(into map[[2]orb.Point]bool, g orb.Geometry) {
	for _, s := range segmentsOf(g) {
		a, b := s[0], s[1]
		if a[0] > b[0] || a[0] == b[0] && a[1] > b[1] {
			a, b = b, a
		}
		within := func(p orb.Point) bool { return p[0] > 0 && p[1] > 0 && p[0] < 4096 && p[1] < 4096 }
		if a != b && within(a) && within(b) {
			into[[2]orb.Point{a, b}] = true
		}
	}
}
