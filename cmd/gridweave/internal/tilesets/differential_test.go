package tilesets_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/tiles"
)

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
