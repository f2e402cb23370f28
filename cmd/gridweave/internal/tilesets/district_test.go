package tilesets_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	orbmvt "github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/realtime/follow"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/tiles/oracle"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// district is a tiny demo in a database and its live picture.
type district struct {
	db      *postgis.DB
	picture *live.Picture
	bounds  orb.Bound
}

func newDistrict(t *testing.T) district {
	t.Helper()
	return districtIn(t, pgtest.DB(t))
}

func districtIn(t *testing.T, db *postgis.DB) district {
	t.Helper()
	d := district{db: db}
	if _, err := demo.Write(t.Context(), d.db, demo.Options{Scale: city.Tiny, Seed: 7}); err != nil {
		t.Fatal(err)
	}
	var err error
	if d.picture, err = tilesets.Picture(); err != nil {
		t.Fatal(err)
	}
	f := follow.New(d.picture, tilesets.Projections())
	_, err = d.db.AsAdmin(t.Context(), func(tx pgx.Tx) error {
		if err := f.Load(t.Context(), tx, position.Position{}); err != nil {
			return err
		}
		var w, s, e, n float64
		err := tx.QueryRow(t.Context(), `select st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b)
			from (select st_extent(geom) b from building) x`).Scan(&w, &s, &e, &n)
		d.bounds = orb.Bound{Min: orb.Point{w, s}, Max: orb.Point{e, n}}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// tilesAround lists the tiles of a zoom over the district and one beyond, at most so many of them.
func (d district) tilesAround(z maptile.Zoom, most int) []maptile.Tile {
	if z == 0 {
		return []maptile.Tile{{}}
	}
	nw := maptile.At(orb.Point{d.bounds.Min[0], d.bounds.Max[1]}, z)
	se := maptile.At(orb.Point{d.bounds.Max[0], d.bounds.Min[1]}, z)
	var all []maptile.Tile
	for x := nw.X - 1; x <= se.X+1; x++ {
		for y := nw.Y - 1; y <= se.Y+1; y++ {
			all = append(all, maptile.New(x, y, z))
		}
	}
	step := len(all)/most + 1
	var some []maptile.Tile
	for i := 0; i < len(all); i += step {
		some = append(some, all[i])
	}
	return some
}

func (d district) oracle(t *testing.T, scope geo.Code, set string, tile maptile.Tile) orbmvt.Layers {
	t.Helper()
	var body []byte
	err := d.db.Read(t.Context(), scope, func(tx pgx.Tx) (err error) {
		body, err = oracle.Tile(t.Context(), tx, set, tile)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, body)
}

func decode(t *testing.T, body []byte) orbmvt.Layers {
	t.Helper()
	layers, err := orbmvt.Unmarshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return layers
}

// features gives a layer's features by id.
func features(layers orbmvt.Layers, name string) map[string]feature {
	found := map[string]feature{}
	for _, l := range layers {
		if l.Name != name {
			continue
		}
		for _, f := range l.Features {
			found[fmt.Sprint(f.ID)] = feature{f.Geometry, f.Properties}
		}
	}
	return found
}

type feature struct {
	geometry   orb.Geometry
	properties map[string]any
}

// scopes are the whole district, its one street, a community, a grid, and a place elsewhere.
func (d district) scopes(t *testing.T) []geo.Code {
	t.Helper()
	scopes := []geo.Code{"4403", "440305"}
	var community, grid geo.Code
	err := d.db.Admin.QueryRow(context.WithoutCancel(t.Context()),
		`select left(code, 12), code from area where level = 'grid' order by code limit 1`).Scan(&community, &grid)
	if err != nil {
		t.Fatal(err)
	}
	return append(scopes, community, grid)
}
