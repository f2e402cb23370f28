package tiles

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/postgis"
)

//go:embed sql/*.sql
var queries embed.FS

// MaxZoom is the deepest zoom served; a browser overzooms from there.
const MaxZoom = 18

// Set is a tileset: what a map adds as one source.
type Set struct {
	Name        string
	Description string
	MinZoom     maptile.Zoom
	Layers      []Layer
	Recipes     []Recipe
	query       string
}

// Layer is one MVT layer of a set and the attributes its features may carry.
type Layer struct {
	ID          string            `json:"id"`
	Description string            `json:"description"`
	MinZoom     maptile.Zoom      `json:"minzoom"`
	MaxZoom     maptile.Zoom      `json:"maxzoom"`
	Fields      map[string]string `json:"fields"`
}

// Source makes tiles from a database.
type Source struct {
	db   *postgis.DB
	sets []Set
}

// NewSource reads from db.
func NewSource(db *postgis.DB) (*Source, error) {
	sets := catalogue()
	for i := range sets {
		sql, err := queries.ReadFile("sql/" + sets[i].Name + ".sql")
		if err != nil {
			return nil, fmt.Errorf("tileset %s: %w", sets[i].Name, err)
		}
		sets[i].query = string(sql)
	}
	return &Source{db: db, sets: sets}, nil
}

// Sets gives the named sets ("areas,buildings") in the order asked, or says which there are.
func (s *Source) Sets(names string) ([]Set, error) {
	var found []Set
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(s.sets, func(set Set) bool { return set.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no tileset %q; there are %s", name, s.names())
		}
		if slices.ContainsFunc(found, func(set Set) bool { return set.Name == name }) {
			return nil, fmt.Errorf("tileset %q is named twice", name)
		}
		found = append(found, s.sets[i])
	}
	return found, nil
}

func (s *Source) names() string {
	names := make([]string, len(s.sets))
	for i, set := range s.sets {
		names[i] = set.Name
	}
	return strings.Join(names, ", ")
}

// Tile gives the uncompressed MVT bytes of the sets for a reader of that scope; nil where the tile is empty. Layers of
// several sets stand behind each other, as the format allows.
func (s *Source) Tile(ctx context.Context, scope geo.Code, sets []Set, t maptile.Tile) ([]byte, error) {
	var body []byte
	err := s.db.Read(ctx, scope, func(tx pgx.Tx) error {
		body = body[:0]
		// PostGIS prices its functions so high that a small tile would start parallel workers, each initialising PROJ.
		if _, err := tx.Exec(ctx, `set local max_parallel_workers_per_gather = 0`); err != nil {
			return err
		}
		for _, set := range sets {
			if t.Z < set.MinZoom {
				continue
			}
			var layers []byte
			if err := tx.QueryRow(ctx, set.query, int(t.Z), int(t.X), int(t.Y)).Scan(&layers); err != nil {
				return fmt.Errorf("tile %s %d/%d/%d: %w", set.Name, t.Z, t.X, t.Y, err)
			}
			body = append(body, layers...)
		}
		return nil
	})
	return body, err
}
