package tilesets_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	orbmvt "github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/planar"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/realtime/follow"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/tiles"
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

// The tiles drawn from memory hold the same features with the same attributes as those PostGIS makes, each vertex
// within one unit, for every scope.
func TestTilesAgreeWithPostGIS(t *testing.T) {
	d := newDistrict(t)
	r := tiles.NewRenderer(d.picture)
	for _, c := range []struct {
		set, layer string
		zooms      []maptile.Zoom
	}{
		{"buildings", "building", []maptile.Zoom{14, 15, 16, 17, 18}},
		{"areas", "area", []maptile.Zoom{9, 11, 13, 15, 17}},
		{"base", "water", []maptile.Zoom{11, 14, 16}},
		{"base", "road", []maptile.Zoom{11, 14, 16}},
		{"base", "park", []maptile.Zoom{12, 15}},
	} {
		sets, err := tilesets.All().Named(c.set)
		if err != nil {
			t.Fatal(err)
		}
		compared := 0
		for _, z := range c.zooms {
			for _, tile := range d.tilesAround(z, 12) {
				for _, scope := range d.scopes(t) {
					want := features(d.oracle(t, scope, c.set, tile), c.layer)
					body, _ := r.Render(sets[0].Recipes, scope, tile)
					got := features(decode(t, body), c.layer)
					compared += len(want)
					within := 1.01
					if c.layer == "area" && z < 14 {
						within += straightened
					}
					compareLayers(t, fmt.Sprintf("%s %v for %q", c.layer, tile, scope), within, want, got)
				}
			}
		}
		if compared == 0 {
			t.Errorf("%s: nothing was compared", c.layer)
		}
		t.Logf("%s: %d features compared", c.layer, compared)
	}
}

// Incidents are points, so that everything about them is the same, and so are the crowds that stand for many.
func TestIncidentsAgreeWithPostGIS(t *testing.T) {
	d := newDistrict(t)
	d.compareIncidents(t, tiles.NewRenderer(d.picture), []maptile.Zoom{0, 8, 11, 12, 13, 14, 16, 18})
}

func (d district) compareIncidents(t *testing.T, r *tiles.Renderer, zooms []maptile.Zoom) {
	t.Helper()
	sets, err := tilesets.All().Named("incidents")
	if err != nil {
		t.Fatal(err)
	}
	crowded, single := 0, 0
	for _, z := range zooms {
		for _, tile := range d.tilesAround(z, 12) {
			for _, scope := range d.scopes(t) {
				want := d.oracle(t, scope, "incidents", tile)
				body, _ := r.Render(sets[0].Recipes, scope, tile)
				got := decode(t, body)
				where := fmt.Sprintf("%v for %q", tile, scope)
				single += comparePoints(t, where, features(want, "incident"), features(got, "incident"), 0)
				// The middle of a crowd is rounded once here and twice there.
				crowded += comparePoints(t, where, features(want, "incident_crowd"), features(got, "incident_crowd"), 1)
			}
		}
	}
	if crowded == 0 || single == 0 {
		t.Errorf("%d crowds and %d single incidents were compared", crowded, single)
	}
}

func comparePoints(t *testing.T, where string, want, got map[string]feature, within float64) int {
	t.Helper()
	for id, w := range want {
		g, ok := got[id]
		if diff := cmp.Diff(w.properties, g.properties); !ok || diff != "" {
			t.Errorf("%s: %s: attributes (-PostGIS +ours):\n%s", where, id, diff)
			continue
		}
		if alongAxis(w.geometry.(orb.Point), g.geometry.(orb.Point)) > within {
			t.Errorf("%s: %s lies at %v, and by PostGIS at %v", where, id, g.geometry, w.geometry)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d features, by PostGIS %d", where, len(got), len(want))
	}
	return len(want)
}

// straightened is by how many tile units borders may be straightened at zooms where no footprints are drawn.
const straightened = 4

func compareLayers(t *testing.T, where string, within float64, want, got map[string]feature) {
	t.Helper()
	for id, w := range want {
		g, ok := got[id]
		if !ok {
			// PostGIS and we may round a point on the tile's edge, or a sliver in the buffer, to different sides.
			if !marginal(w.geometry) {
				t.Errorf("%s: %s is missing", where, id)
			}
			continue
		}
		if diff := cmp.Diff(w.properties, g.properties); diff != "" {
			t.Errorf("%s: %s: attributes (-PostGIS +ours):\n%s", where, id, diff)
		}
		if off := distance(w.geometry, g.geometry); off > within {
			t.Errorf("%s: %s is off by %.2f units\nPostGIS %v\nours    %v", where, id, off, w.geometry, g.geometry)
		}
	}
	for id, g := range got {
		if _, ok := want[id]; !ok && !marginal(g.geometry) {
			t.Errorf("%s: %s is there and should not be", where, id)
		}
	}
}

// marginal is a geometry that hardly shows: within two units of the buffer's edge, or thinner than a unit.
func marginal(g orb.Geometry) bool {
	b := g.Bound()
	return b.Max[0] <= -62 || b.Max[1] <= -62 || b.Min[0] >= 4158 || b.Min[1] >= 4158 ||
		b.Max[0]-b.Min[0] <= 1 || b.Max[1]-b.Min[1] <= 1 || planar.Area(g) != 0 && math.Abs(planar.Area(g)) < 4
}

// distance is how far any vertex of one lies from the lines of the other within the tile itself, along an axis.
func distance(a, b orb.Geometry) float64 { return math.Max(reach(a, b), reach(b, a)) }

func reach(from, to orb.Geometry) float64 {
	worst := 0.0
	segments := segmentsOf(to)
	for _, p := range pointsOf(from) {
		if p[0] < 0 || p[1] < 0 || p[0] > 4096 || p[1] > 4096 {
			continue // in the buffer each cuts in its own way
		}
		nearest := math.Inf(1)
		for _, s := range segments {
			nearest = math.Min(nearest, toSegment(p, s[0], s[1]))
		}
		worst = math.Max(worst, nearest)
	}
	return worst
}

func pointsOf(g orb.Geometry) (ps []orb.Point) {
	for _, s := range segmentsOf(g) {
		ps = append(ps, s[0])
	}
	return ps
}

func segmentsOf(g orb.Geometry) (ss [][2]orb.Point) {
	line := func(ls []orb.Point) {
		for i := range len(ls) - 1 {
			ss = append(ss, [2]orb.Point{ls[i], ls[i+1]})
		}
	}
	switch g := g.(type) {
	case orb.Point:
		ss = append(ss, [2]orb.Point{g, g})
	case orb.LineString:
		line(g)
	case orb.MultiLineString:
		for _, ls := range g {
			line(ls)
		}
	case orb.Polygon:
		for _, r := range g {
			line(r)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			ss = append(ss, segmentsOf(p)...)
		}
	}
	return ss
}

func toSegment(p, a, b orb.Point) float64 {
	d := orb.Point{b[0] - a[0], b[1] - a[1]}
	f := 0.0
	if l := d[0]*d[0] + d[1]*d[1]; l > 0 {
		f = math.Max(0, math.Min(1, ((p[0]-a[0])*d[0]+(p[1]-a[1])*d[1])/l))
	}
	// The nearest point need not be the one nearest along each axis: an end may be.
	return math.Min(alongAxis(p, orb.Point{a[0] + f*d[0], a[1] + f*d[1]}), math.Min(alongAxis(p, a), alongAxis(p, b)))
}

func alongAxis(p, q orb.Point) float64 { return math.Max(math.Abs(p[0]-q[0]), math.Abs(p[1]-q[1])) }

// Each name shows once at a zoom, for those who may see it, and the counts of cells add up to SQL's.
func TestLabelsAndCellsAgreeWithSQL(t *testing.T) {
	d := newDistrict(t)
	r := tiles.NewRenderer(d.picture)
	sets, err := tilesets.All().Named("areas,buildings")
	if err != nil {
		t.Fatal(err)
	}
	recipes := append(append([]tiles.Recipe{}, sets[0].Recipes...), sets[1].Recipes...)
	for _, scope := range d.scopes(t) {
		labels := map[string]int{}
		for _, tile := range d.tilesAround(16, 1<<20) {
			body, _ := r.Render(recipes, scope, tile)
			for _, name := range []string{"building_label", "area_label"} {
				for id, f := range features(decode(t, body), name) {
					labels[strings.TrimSpace(fmt.Sprint(name, " ", id, " ", text(f.properties["name_zh"])))]++
				}
			}
		}
		if diff := cmp.Diff(d.labels(t, scope), labels); diff != "" {
			t.Errorf("labels for %q (-SQL +tiles):\n%s", scope, diff)
		}
		d.compareCells(t, r, scope)
	}
}

// compareCells compares the sum of all cells with SQL's counts.
func (d district) compareCells(t *testing.T, r *tiles.Renderer, scope geo.Code) {
	t.Helper()
	sets, err := tilesets.All().Named("buildings")
	if err != nil {
		t.Fatal(err)
	}
	for _, z := range []maptile.Zoom{8, 12} {
		cells := map[string]float64{}
		for _, tile := range d.tilesAround(z, 1<<20) {
			body, _ := r.Render(sets[0].Recipes, scope, tile)
			for _, f := range features(decode(t, body), "building_cell") {
				for key, n := range f.properties {
					cells[key] += n.(float64)
				}
			}
		}
		if diff := cmp.Diff(d.counts(t, scope), cells); diff != "" {
			t.Errorf("cells of zoom %d for %q (-SQL +tiles):\n%s", z, scope, diff)
		}
	}
}

// text is the attribute, or nothing where it is absent.
func text(v any) string {
	s, _ := v.(string)
	return s
}

func (d district) labels(t *testing.T, scope geo.Code) map[string]int {
	t.Helper()
	labels := map[string]int{}
	rows, err := d.db.Admin.Query(t.Context(), `
		select trim('building_label ' || id || ' ' || name_zh) from building where code like $1 || '%'
		union all
		select 'area_label ' || id || ' ' || name_zh from area where code like $1 || '%' or $1 like code || '%'`, string(scope))
	if err != nil {
		t.Fatal(err)
	}
	var label string
	if _, err := pgx.ForEachRow(rows, []any{&label}, func() error { labels[label]++; return nil }); err != nil {
		t.Fatal(err)
	}
	return labels
}

// counts are the attributes that all cells together have.
func (d district) counts(t *testing.T, scope geo.Code) map[string]float64 {
	t.Helper()
	counts := map[string]float64{}
	rows, err := d.db.Admin.Query(t.Context(), `
		select 'n' || coalesce(array_position(array['green', 'yellow', 'orange', 'red', 'grey'], s.grade), 0), count(*)
		from building b left join building_state s on s.building_id = b.id where b.code like $1 || '%' group by 1`, string(scope))
	if err != nil {
		t.Fatal(err)
	}
	var key string
	var n float64
	_, err = pgx.ForEachRow(rows, []any{&key, &n}, func() error { counts[key] = n; counts["n"] += n; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return counts
}
