package tiles_test

import (
	"bytes"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles"
)

// seamLength is how far two areas run along each other, in degrees: some tiles of zoom 12.
const seamLength = 0.3

func newBorderWorld(t fataler) *world {
	p, err := live.New(live.Spec{Name: "area", Shared: func(f *live.Feature) uint8 {
		if len(f.Code) > 9 {
			return 11
		}
		return 0
	}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := tiles.NewCache(p, 8<<20)
	if err != nil {
		t.Fatal(err)
	}
	return &world{picture: p, cache: c, set: []tiles.Set{{Name: "areas", Extent: "area", Recipes: []tiles.Recipe{
		{From: "area", To: "area", MaxZoom: tiles.MaxZoom, Keys: []tiles.Key{tiles.CodeKey("code")}},
		{From: "area", To: "line", MaxZoom: tiles.MaxZoom, Draw: tiles.Borders},
	}}}}
}

// A third area that touches the border between two others far away changes how that border is straightened: what was
// drawn of it is old everywhere along it, although nobody moved there.
func TestNeighboursOfARedrawAreDrawnAnew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newBorderWorld(t)
		seam := orb.LineString{}
		n := rapid.IntRange(4, 40).Draw(t, "vertices")
		for i := range n {
			off := rapid.Float64Range(-0.0008, 0.0008).Draw(t, "off")
			seam = append(seam, orb.Point{114 + off, 22.5 + seamLength*float64(i)/float64(n-1)})
		}
		beside := func(far float64) orb.Polygon {
			r := append(orb.Ring{}, seam...)
			return orb.Polygon{append(r, orb.Point{114 + far, 22.5 + seamLength}, orb.Point{114 + far, 22.5}, seam[0])}
		}
		w.apply(t, outlined(t, 1, "440304001", beside(-0.1)), outlined(t, 2, "440304002", beside(0.1)))
		w.compareAlong(t)
		at := seam[rapid.IntRange(1, n-2).Draw(t, "touched")]
		wedge := orb.Polygon{{at, {at[0] + 0.001, at[1] + 0.0002}, {at[0] + 0.001, at[1] - 0.0002}, at}}
		w.apply(t, outlined(t, 3, "44030400200101", wedge))
		w.compareAlong(t)
		w.apply(t, live.Change{Layer: "area", ID: 3, Gone: true})
		w.compareAlong(t)
	})
}

func outlined(t *rapid.T, id uint64, code string, g orb.Geometry) live.Change {
	s, err := live.Quantise(g)
	if err != nil {
		t.Fatal(err)
	}
	return live.Change{Layer: "area", ID: id, Code: geo.Code(code), Shape: &s}
}

// compareAlong compares every tile along the seam with a fresh drawing.
func (w *world) compareAlong(t *rapid.T) {
	for z := maptile.Zoom(7); z <= 13; z++ {
		north := maptile.At(orb.Point{114, 22.5 + seamLength}, z)
		south := maptile.At(orb.Point{114, 22.5}, z)
		for y := north.Y; y <= south.Y; y++ {
			tile := maptile.New(north.X, y, z)
			body, _, err := w.cache.Tile(t.Context(), w.set, "4403", tile, tiles.Identity)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(body.Bytes, w.fresh("4403", tile)) {
				t.Fatalf("tile %v is not what it is now", tile)
			}
		}
	}
}
