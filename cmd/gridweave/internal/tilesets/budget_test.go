package tilesets_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/follow"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/tiles"
	"github.com/gridweave/gridweave/tiles/mvt"
	"github.com/gridweave/gridweave/tiles/mvt/mvttest"
)

// budgetDatabase names a database whose tiles are measured instead of the tiny demo's: a demo of a whole city, for
// instance, whose tiles take a minute.
const budgetDatabase = "GRIDWEAVE_TEST_BUDGET_URL"

// No tile is too large before compression, at any zoom, with every tileset in it, and each keeps the specification's
// rules.
func TestNoTileIsTooLarge(t *testing.T) {
	m := measure{t: t, picture: budgetPicture(t), largest: map[maptile.Zoom]size{}}
	sets, err := tilesets.All().Named("areas,buildings,incidents,base")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sets {
		m.recipes = append(m.recipes, s.Recipes...)
	}
	m.renderer = tiles.NewRenderer(m.picture)
	m.descend(maptile.Tile{})
	for z := maptile.Zoom(0); z <= tiles.MaxZoom; z++ {
		l := m.largest[z]
		if l.bytes > tiles.Budget {
			t.Errorf("tile %v has %d bytes", l.tile, l.bytes)
		}
		t.Logf("zoom %2d: %5d tiles, largest %v with %d bytes", z, l.tiles, l.tile, l.bytes)
	}
	if m.largest[16].tiles == 0 {
		t.Error("no tile was drawn at zoom 16")
	}
}

type measure struct {
	t        *testing.T
	picture  *live.Picture
	renderer *tiles.Renderer
	recipes  []tiles.Recipe
	largest  map[maptile.Zoom]size
}

type size struct {
	tile         maptile.Tile
	tiles, bytes int
}

// enough is from how many bytes on the tiles below one are looked at, where they can only hold less of the same.
const enough = 50_000

func (m *measure) descend(tile maptile.Tile) {
	body, _ := m.renderer.Render(m.recipes, "4403", tile)
	if _, err := mvttest.Check(body, mvt.Buffer); err != nil {
		m.t.Errorf("tile %v: %v", tile, err)
	}
	l := m.largest[tile.Z]
	l.tiles++
	if len(body) > l.bytes {
		l.tile, l.bytes = tile, len(body)
	}
	m.largest[tile.Z] = l
	if len(body) == 0 || tile.Z == tiles.MaxZoom || tile.Z > 14 && len(body) < enough && l.tiles > 50 {
		return
	}
	for _, child := range tile.Children() {
		m.descend(child)
	}
}

func budgetPicture(t *testing.T) *live.Picture {
	t.Helper()
	url := os.Getenv(budgetDatabase)
	if url == "" {
		return newDistrict(t).picture
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	picture, err := tilesets.Picture()
	if err != nil {
		t.Fatal(err)
	}
	err = pgx.BeginTxFunc(t.Context(), conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return follow.New(picture, tilesets.Projections()).Load(t.Context(), tx, position.Position{})
	})
	if err != nil {
		t.Fatal(err)
	}
	return picture
}
