// Package asmvt is the thinnest way from PostGIS to a vector tile, tuned as well as it goes: one prepared statement
// with z, x and y, lean rows stored in the tile's own projection, plans without parallel workers, pooled connections,
// pooled compressors. It is what tile servers on ST_AsMVT come down to when everything around the query costs nothing.
package asmvt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/klauspost/compress/gzip"
)

// Config says which table is drawn.
type Config struct {
	DatabaseURL string   `name:"database-url" required:"" help:"PostgreSQL with PostGIS."`
	Table       string   `required:"" help:"Table with id, geom and the attributes."`
	Columns     []string `help:"Attributes to put into the tile."`
	SRID        int      `name:"srid" default:"3857" enum:"3857,4326" help:"Projection in which geom is stored: 3857 or 4326."`
	Layer       string   `default:"building" help:"Name of the tile's layer."`
	Gzip        int      `default:"-1" help:"Level of compression for clients that take gzip."`
	Conns       int32    `default:"8" help:"Connections to the database."`
}

// statement is the query for one tile: $1 z, $2 x, $3 y.
func (c Config) statement() string {
	geom, box := "geom", "st_tileenvelope($1, $2, $3, margin => 0.015625)"
	if c.SRID != 3857 {
		geom, box = "st_transform(geom, 3857)", fmt.Sprintf("st_transform(%s, %d)", box, c.SRID)
	}
	columns := ""
	for _, name := range c.Columns {
		columns += ", " + pgx.Identifier{name}.Sanitize()
	}
	table := pgx.Identifier(strings.Split(c.Table, ".")).Sanitize()
	return fmt.Sprintf(`select st_asmvt(tile, '%s', 4096, 'geom', 'id') from (
		select st_asmvtgeom(%s, st_tileenvelope($1, $2, $3), 4096, 64, true) as geom, id%s
		from %s where geom && %s) tile`, strings.ReplaceAll(c.Layer, "'", "''"), geom, columns, table, box)
}

// Server answers GET /{z}/{x}/{y}.
type Server struct {
	pool    *pgxpool.Pool
	sql     string
	writers sync.Pool
}

// New connects and prepares; the returned function closes the connections.
func New(ctx context.Context, c Config) (http.Handler, func(), error) {
	config, err := pgxpool.ParseConfig(c.DatabaseURL)
	if err != nil {
		return nil, nil, fmt.Errorf("database url: %w", err)
	}
	config.MaxConns, config.MinConns = c.Conns, c.Conns
	// What PostGIS says its functions cost makes small tiles worth parallel workers, each of which loads PROJ anew,
	// and worth compiling.
	config.ConnConfig.RuntimeParams["max_parallel_workers_per_gather"] = "0"
	config.ConnConfig.RuntimeParams["jit"] = "off"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, nil, fmt.Errorf("database open: %w", err)
	}
	s := &Server{pool: pool, sql: c.statement()}
	if _, err := gzip.NewWriterLevel(nil, c.Gzip); err != nil {
		pool.Close()
		return nil, nil, err
	}
	s.writers.New = func() any {
		w, _ := gzip.NewWriterLevel(nil, c.Gzip) // the level was tried above
		return w
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{z}/{x}/{y}", s.tile)
	return mux, pool.Close, nil
}

func (s *Server) tile(w http.ResponseWriter, r *http.Request) {
	z, errZ := strconv.Atoi(r.PathValue("z"))
	x, errX := strconv.Atoi(r.PathValue("x"))
	y, errY := strconv.Atoi(r.PathValue("y"))
	if err := errors.Join(errZ, errX, errY); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var body []byte
	if err := s.pool.QueryRow(r.Context(), s.sql, z, x, y).Scan(&body); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if len(body) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.mapbox-vector-tile")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		body = s.compress(body)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a client that is gone needs nothing
}

func (s *Server) compress(body []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(body) / 2)
	zw := s.writers.Get().(*gzip.Writer) //nolint:forcetypeassert,errcheck // the pool holds nothing else
	defer s.writers.Put(zw)
	zw.Reset(&out)
	_, _ = zw.Write(body) // a buffer takes everything
	_ = zw.Close()
	return out.Bytes()
}
