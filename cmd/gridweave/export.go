package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/follow"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/tiles"
	"github.com/gridweave/gridweave/tiles/pmtiles"
)

type exportCommand struct {
	Tiles exportTiles `cmd:"" help:"Write the map of an area into one .pmtiles file, for use without the server."`
}

type exportTiles struct {
	place
	Account string `xor:"scope" required:"" help:"Write what this account sees."`
	Area    string `xor:"scope" required:"" help:"Write this area." placeholder:"CODE"`
	Out     string `required:"" help:"File to write; one that is there is replaced when the new one is complete." placeholder:"FILE.pmtiles"`
	Sets    string `default:"base,areas,buildings" help:"Tilesets to write."`
	MinZoom int    `name:"minzoom" default:"0" help:"Widest zoom."`
	MaxZoom int    `name:"maxzoom" default:"16" help:"Deepest zoom; a map enlarges from there, and each more makes the file four times as large."`
}

// exportReport is what `export tiles --json` prints.
type exportReport struct {
	File     string            `json:"file"`
	Area     geo.Code          `json:"area"`
	Sets     string            `json:"sets"`
	MinZoom  int               `json:"min_zoom"`
	MaxZoom  int               `json:"max_zoom"`
	Position position.Position `json:"position"` // the file includes it
	pmtiles.Stats
}

// Run writes the archive from a snapshot of the database, beside a running server or alone.
func (e *exportTiles) Run(c *console) error {
	sets, err := tilesets.All().Named(e.Sets)
	if err != nil {
		return err
	}
	if e.MinZoom < 0 || e.MinZoom > e.MaxZoom || e.MaxZoom > tiles.MaxZoom {
		return fmt.Errorf("zooms %d to %d: want 0 to %d, the widest first", e.MinZoom, e.MaxZoom, tiles.MaxZoom)
	}
	return e.with(c, func(o *opened) error {
		scope, err := e.scope(c, o)
		if err != nil {
			return err
		}
		report, err := e.write(c, o, sets, scope)
		if err != nil {
			return err
		}
		if e.JSON {
			return c.printJSON(report)
		}
		c.printLine("%s: %d tiles of %s, zoom %d to %d, %.1f MB", report.File, report.Tiles, scope, e.MinZoom, e.MaxZoom,
			float64(report.Bytes)/1e6)
		return nil
	})
}

func (e *exportTiles) scope(ctx context.Context, o *opened) (geo.Code, error) {
	if e.Area != "" {
		return areaCode(e.Area)
	}
	a, err := o.accounts().ByName(ctx, e.Account)
	return a.Code, err
}

func (e *exportTiles) write(c *console, o *opened, sets []tiles.Set, scope geo.Code) (exportReport, error) {
	report := exportReport{File: e.Out, Area: scope, Sets: e.Sets, MinZoom: e.MinZoom, MaxZoom: e.MaxZoom}
	picture, at, err := snapshot(c, o)
	if err != nil {
		return report, err
	}
	report.Position = at
	w, err := pmtiles.Create(e.Out)
	if err != nil {
		return report, err
	}
	progress := progressOn(c)
	job := tiles.Export{
		Sets: sets, Scope: scope, MinZoom: maptile.Zoom(e.MinZoom), MaxZoom: maptile.Zoom(e.MaxZoom),
		Progress: func(z maptile.Zoom, done, of int) {
			progress.Update(importer.State{Phase: fmt.Sprintf("zoom %d", z), Rows: int64(done), Done: float64(done) / float64(of)})
		},
	}
	report.Stats, err = job.Write(c, picture, w)
	progress.End()
	return report, errors.Join(err, w.Abort())
}

// snapshot is the picture of one moment, and a position that it includes.
func snapshot(ctx context.Context, o *opened) (*live.Picture, position.Position, error) {
	at, err := o.Position(ctx)
	if err != nil {
		return nil, at, err
	}
	picture, err := tilesets.Picture()
	if err != nil {
		return nil, at, err
	}
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, o.Admin, options, func(tx pgx.Tx) error {
		return follow.New(picture, tilesets.Projections()).Load(ctx, tx, at)
	})
	return picture, at, err
}
