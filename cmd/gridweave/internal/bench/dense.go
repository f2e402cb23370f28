package bench

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
)

//go:embed sql/dense.sql
var denseSQL string

//go:embed sql/peer_tables.sql
var peerTablesSQL string

// Dense tiles: as many as the most connections, so that no two connections ask for the same one and no answer is shared.
const (
	denseZoom      = maptile.Zoom(14)
	denseTiles     = 8
	denseBuildings = 4000
	tinyBuildings  = 400 // of a district for trying, which shall be there at once
)

// dense lists the tiles with the most buildings, most first.
func (l *lab) dense(ctx context.Context) ([]maptile.Tile, error) {
	return l.fullest(ctx, denseZoom, denseTiles)
}

// fullest counts buildings by their label point at a zoom.
func (l *lab) fullest(ctx context.Context, z maptile.Zoom, n int) ([]maptile.Tile, error) {
	rows, err := l.db.Admin.Query(ctx, `
		select floor((st_x(p) + 180) / 360 * (1 << $1))::integer as x,
		       floor((1 - asinh(tan(radians(st_y(p)))) / pi()) / 2 * (1 << $1))::integer as y
		from (select st_centroid(geom) as p from building) b
		group by 1, 2 order by count(*) desc, 1, 2 limit $2`, int(z), n)
	if err != nil {
		return nil, fmt.Errorf("dense tiles: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (maptile.Tile, error) {
		var x, y uint32
		err := row.Scan(&x, &y)
		return maptile.New(x, y, z), err
	})
	if err == nil && len(found) == 0 {
		err = errors.New("dense tiles: the district has no buildings")
	}
	return found, err
}

// makeDense fills the fullest tiles up. A district kept from an earlier run has them already.
func (l *lab) makeDense(ctx context.Context) error {
	tiles, err := l.dense(ctx)
	if err != nil {
		return err
	}
	added := 0
	for _, t := range tiles {
		n, err := l.fill(ctx, t)
		if err != nil {
			return err
		}
		added += n
	}
	if added == 0 {
		return nil
	}
	l.Log.InfoContext(ctx, "buildings added to dense tiles", "count", added)
	_, err = l.db.Admin.Exec(ctx, `vacuum analyze building, building_state`)
	return err
}

// fill adds to a tile what it lacks, and tells how much that was.
func (l *lab) fill(ctx context.Context, t maptile.Tile) (added int, err error) {
	want := denseBuildings
	if l.scale == city.Tiny {
		want = tinyBuildings
	}
	if err := l.db.Admin.QueryRow(ctx, denseSQL, int(t.Z), int(t.X), int(t.Y), want).Scan(&added); err != nil {
		return 0, fmt.Errorf("dense tile %d/%d/%d: %w", t.Z, t.X, t.Y, err)
	}
	return added, nil
}

// makePeerTables gives others' servers their tables, with the rows as they are now.
func (l *lab) makePeerTables(ctx context.Context) error {
	if _, err := l.db.Admin.Exec(ctx, peerTablesSQL); err != nil {
		return fmt.Errorf("peers' tables: %w", err)
	}
	// Workers that help with one tile load PROJ anew, each time. tegola has no setting of its own for that.
	_, err := l.db.Admin.Exec(ctx, `
		do $$ begin execute format('alter database %I set max_parallel_workers_per_gather = 0', current_database()); end $$`)
	return err
}
