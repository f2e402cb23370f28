package heat

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/insight"
	"github.com/gridweave/gridweave/geo/postgis"
)

// grounds keeps what only depends on an area's outline: which hexagons and which nodes of a lattice lie in it. Making
// them takes longer than counting, since each has to be projected.
type grounds struct {
	mu   sync.Mutex
	kept map[groundKey]any // *tiles or *lattice
	used []groundKey       // the last one was asked for last
}

// groundKey names an area as it was drawn at some time: row changes with whatever changes the area's row.
type groundKey struct {
	area   geo.Code
	row    string
	form   byte
	metres float64
}

// mostGrounds bounds what is kept: the finest of a city take ten megabytes.
const mostGrounds = 12

// groundOf is a ground that is kept, or made now. Two who want the same at once may both make it.
func groundOf[T any](ctx context.Context, g *grounds, tx pgx.Tx, key groundKey, fresh func(orb.MultiPolygon) (*T, error)) (*T, error) {
	err := tx.QueryRow(ctx, `select xmin::text || ctid::text from area where code = $1`, key.area).Scan(&key.row)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.NotFound("area", key.area)
	}
	if err != nil {
		return nil, fmt.Errorf("heat outline: %w", err)
	}
	if found, ok := g.get(key).(*T); ok {
		return found, nil
	}
	var shape postgis.Geom
	if err := tx.QueryRow(ctx, `select geom from area where code = $1`, key.area).Scan(&shape); err != nil {
		return nil, fmt.Errorf("heat outline: %w", err)
	}
	outline, _ := shape.Geometry.(orb.MultiPolygon)
	made, err := fresh(outline)
	if err != nil {
		return nil, err
	}
	g.put(key, made)
	return made, nil
}

func (g *grounds) get(key groundKey) any {
	g.mu.Lock()
	defer g.mu.Unlock()
	found, ok := g.kept[key]
	if ok {
		g.touch(key)
	}
	return found
}

func (g *grounds) put(key groundKey, made any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.kept == nil {
		g.kept = map[groundKey]any{}
	}
	g.kept[key] = made
	g.touch(key)
	if len(g.used) > mostGrounds {
		delete(g.kept, g.used[0])
		g.used = g.used[1:]
	}
}

// touch moves a key to the end.
func (g *grounds) touch(key groundKey) {
	for i, k := range g.used {
		if k == key {
			g.used = append(g.used[:i], g.used[i+1:]...)
			break
		}
	}
	g.used = append(g.used, key)
}

// tiles are the hexagons whose middle lies in an area. They never change.
type tiles struct {
	tiling insight.Hexes
	all    []insight.Hex
	rings  [][7]orb.Point
	index  map[insight.Hex]int
}

// newTiles refuses widths that give more hexagons than can be drawn.
func newTiles(tiling insight.Hexes, outline orb.MultiPolygon) (*tiles, error) {
	t := &tiles{tiling: tiling, index: map[insight.Hex]int{}}
	m := newMask(outline)
	w, e := geo.WGS84At(m.bound.Min).Metric(), geo.WGS84At(m.bound.Max).Metric()
	step := tiling.Width * 0.8660254 // between rows
	for n := w.N; n <= e.N+step; n += step {
		row := tiling.Center(tiling.At(geo.Metric{E: w.E, N: n}))
		inside := m.row(row.WGS84().Lat)
		for h := tiling.At(row); ; h.Q++ {
			c := tiling.Center(h)
			if c.E > e.E+tiling.Width {
				break
			}
			if _, twice := t.index[h]; !twice && inside(c.WGS84().Lon) {
				t.index[h] = len(t.all)
				t.all = append(t.all, h)
			}
		}
		if len(t.all) > mostHexes {
			return nil, fault.Invalid("insight.width", fmt.Sprintf("more than %d hexagons: widen them", mostHexes),
				fault.Field{Path: "width", Message: "too narrow for so large an area"})
		}
	}
	t.rings = make([][7]orb.Point, len(t.all))
	for i, h := range t.all {
		t.rings[i] = ring(tiling, h)
	}
	return t, nil
}

func ring(t insight.Hexes, h insight.Hex) (out [7]orb.Point) {
	for i, c := range t.Corners(h) {
		out[i] = c.WGS84().Point()
	}
	out[6] = out[0]
	return out
}
