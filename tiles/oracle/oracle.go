// Package oracle makes the same tiles as the live picture does, by asking PostGIS: slow, and right by another way. Tests
// and benchmarks compare with it; nothing else uses it.
//
// A query runs in the transaction it is given; the package holds no state.
package oracle

import (
	"context"
	"embed"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb/maptile"
)

//go:embed sql/*.sql
var queries embed.FS

// Tile gives the MVT bytes of a tileset for the scope of the transaction; nil where the tile is empty.
func Tile(ctx context.Context, tx pgx.Tx, set string, t maptile.Tile) ([]byte, error) {
	sql, err := queries.ReadFile("sql/" + set + ".sql")
	if err != nil {
		return nil, fmt.Errorf("oracle %s: %w", set, err)
	}
	// PostGIS prices its functions so high that a small tile would start parallel workers, each initialising PROJ.
	if _, err := tx.Exec(ctx, `set local max_parallel_workers_per_gather = 0`); err != nil {
		return nil, fmt.Errorf("oracle %s: %w", set, err)
	}
	var body []byte
	if err := tx.QueryRow(ctx, string(sql), int(t.Z), int(t.X), int(t.Y)).Scan(&body); err != nil {
		return nil, fmt.Errorf("oracle %s %d/%d/%d: %w", set, t.Z, t.X, t.Y, err)
	}
	return body, nil
}
