package source

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	_ "modernc.org/sqlite" // the driver
)

// pack reads one feature table of a GeoPackage in the order of its rows.
type pack struct {
	db    *sql.DB
	rows  *sql.Rows
	info  Info
	names []string // without the geometry
	shape int      // index of the geometry among the columns
	cells []any
	row   int64
}

func openGeoPackage(ctx context.Context, path, layer string) (Reader, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	// immutable: no lock and no journal beside the user's file, which may lie on a disk nobody can write.
	u := url.URL{Scheme: "file", Path: abs, RawQuery: "mode=ro&immutable=1"}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	p := &pack{db: db, info: Info{Format: "GeoPackage"}}
	if err := p.open(ctx, layer); err != nil {
		_ = p.Close() // nothing was written; the first error says what is wrong
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return p, nil
}

// layerOf is a feature table with the column and the system of its geometry.
type layerOf struct {
	table, column string
	org           string
	id            int
}

func (p *pack) open(ctx context.Context, wanted string) error {
	layers, err := p.layers(ctx)
	if err != nil {
		return err
	}
	l, err := pickLayer(layers, wanted)
	if err != nil {
		return err
	}
	p.info.Layer = l.table
	if l.id > 0 {
		p.info.CRSHint = l.org + ":" + strconv.Itoa(l.id)
	}
	if err := p.db.QueryRowContext(ctx, "select count(*) from "+quoteName(l.table)).Scan(&p.info.Rows); err != nil {
		return fmt.Errorf("layer %s: %w", l.table, err)
	}
	if p.rows, err = p.db.QueryContext(ctx, "select * from "+quoteName(l.table)); err != nil { //nolint:rowserrcheck // Next asks it
		return fmt.Errorf("layer %s: %w", l.table, err)
	}
	return p.columns(l.column)
}

func (p *pack) layers(ctx context.Context) ([]layerOf, error) {
	rows, err := p.db.QueryContext(ctx, `
		select g.table_name, g.column_name, coalesce(s.organization, ''), coalesce(s.organization_coordsys_id, 0)
		from gpkg_geometry_columns g left join gpkg_spatial_ref_sys s on s.srs_id = g.srs_id order by 1`)
	if err != nil {
		return nil, fmt.Errorf("it is an SQLite database, but no GeoPackage: %w", err)
	}
	defer func() { _ = rows.Close() }() // read only; rows.Err tells what went wrong
	var layers []layerOf
	for rows.Next() {
		var l layerOf
		if err := rows.Scan(&l.table, &l.column, &l.org, &l.id); err != nil {
			return nil, fmt.Errorf("list layers: %w", err)
		}
		layers = append(layers, l)
	}
	return layers, rows.Err()
}

func pickLayer(layers []layerOf, wanted string) (layerOf, error) {
	var names []string
	for _, l := range layers {
		if strings.EqualFold(l.table, wanted) || wanted == "" && len(layers) == 1 {
			return l, nil
		}
		names = append(names, l.table)
	}
	if len(names) == 0 {
		return layerOf{}, errors.New("the GeoPackage holds no feature table")
	}
	return layerOf{}, fmt.Errorf("choose one of its layers: %s", strings.Join(names, ", "))
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func (p *pack) columns(geometry string) error {
	all, err := p.rows.Columns()
	if err != nil {
		return fmt.Errorf("columns: %w", err)
	}
	p.shape = -1
	for i, name := range all {
		if strings.EqualFold(name, geometry) {
			p.shape = i
			continue
		}
		p.names = append(p.names, name)
	}
	if p.shape < 0 {
		return fmt.Errorf("the layer has no column %s, where its geometry should be", geometry)
	}
	p.cells = make([]any, len(all))
	return nil
}

func (p *pack) Info() Info { return p.info }

func (p *pack) Done() float64 { return min(1, float64(p.row)/float64(max(p.info.Rows, 1))) }

func (p *pack) Close() error {
	var err error
	if p.rows != nil {
		err = p.rows.Close()
	}
	return errors.Join(err, p.db.Close())
}

func (p *pack) Next(rec *Record) error {
	if !p.rows.Next() {
		if err := p.rows.Err(); err != nil {
			return fmt.Errorf("row %d: %w", p.row+1, err)
		}
		return io.EOF
	}
	p.row++
	rec.clear(p.row)
	pointers := make([]any, len(p.cells))
	for i := range p.cells {
		pointers[i] = &p.cells[i]
	}
	if err := p.rows.Scan(pointers...); err != nil {
		return fmt.Errorf("row %d: %w", p.row, err)
	}
	rec.Names = p.names
	rec.Values = make([]string, 0, len(p.names))
	for i, c := range p.cells {
		if i != p.shape {
			rec.Values = append(rec.Values, cellText(c))
		}
	}
	if blob, ok := p.cells[p.shape].([]byte); ok {
		if rec.Geom, rec.Err = parseBlob(blob); rec.Err != nil {
			rec.Names, rec.Values = nil, nil
		}
	}
	return nil
}

func cellText(c any) string {
	switch c := c.(type) {
	case nil:
		return ""
	case string:
		return c
	case []byte:
		return string(c)
	case int64:
		return strconv.FormatInt(c, 10)
	case float64:
		return strconv.FormatFloat(c, 'f', -1, 64)
	}
	return fmt.Sprint(c)
}

// parseBlob reads the GeoPackage's binary form: "GP", version, flags, the system's id, an envelope, then WKB
// (OGC 12-128r19, clause 2.1.3).
func parseBlob(b []byte) (orb.Geometry, error) {
	const fixed = 8
	if len(b) < fixed || string(b[:2]) != "GP" {
		return nil, errors.New("geometry is no GeoPackage blob")
	}
	flags := b[3]
	if flags&0x20 != 0 {
		return nil, errors.New("geometry is of an extended type")
	}
	if flags&0x10 != 0 { // empty
		return nil, nil //nolint:nilnil // a feature without geometry is legal
	}
	envelope := map[byte]int{0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
	n, ok := envelope[flags>>1&7]
	if !ok || len(b) < fixed+n+5 {
		return nil, errors.New("geometry blob is cut off or broken")
	}
	return parseWKB(b[fixed+n:])
}
