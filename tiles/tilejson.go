package tiles

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
)

// TileJSON describes a tileset to a map (TileJSON 3.0.0). Bounds are west, south, east, north in WGS-84 degrees and
// cover what the reader may see; they are left out where nothing is there yet.
type TileJSON struct {
	Version      string      `json:"tilejson"`
	Name         string      `json:"name"`
	Description  string      `json:"description"`
	Scheme       string      `json:"scheme"`
	Tiles        []string    `json:"tiles"`
	MinZoom      int         `json:"minzoom"`
	MaxZoom      int         `json:"maxzoom"`
	Bounds       *[4]float64 `json:"bounds,omitempty"`
	VectorLayers []Layer     `json:"vector_layers"`
}

// Describe makes the TileJSON of a set for a reader of that scope; base is the address of the server without a
// trailing slash.
func (s *Source) Describe(ctx context.Context, scope geo.Code, set Set, base string) (TileJSON, error) {
	doc := TileJSON{
		Version: "3.0.0", Name: set.Name, Description: set.Description, Scheme: "xyz",
		Tiles:   []string{base + "/tiles/" + set.Name + "/{z}/{x}/{y}"},
		MinZoom: int(set.MinZoom), MaxZoom: MaxZoom, VectorLayers: set.Layers,
	}
	err := s.db.Read(ctx, scope, func(tx pgx.Tx) error {
		var w, south, e, n *float64
		err := tx.QueryRow(ctx, `
			select st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b) from (select st_extent(geom) as b from area) x`,
		).Scan(&w, &south, &e, &n)
		if err == nil && w != nil {
			doc.Bounds = &[4]float64{*w, *south, *e, *n}
		}
		return err
	})
	if err != nil {
		return TileJSON{}, fmt.Errorf("tilejson %s: %w", set.Name, err)
	}
	return doc, nil
}
