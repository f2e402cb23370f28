package importer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/fixture"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

type fixtureFeature = fixture.Feature

// shifted moves the border between the first two grids to x; houses stand at 1/6, 3/6 and 5/6 of each grid.
func shifted(t *testing.T, x float64) string {
	t.Helper()
	return areaTable(area(gridCode(0), "", rect(0, 0, x, 1)), area(gridCode(1), "", rect(x, 0, 2, 1))).GeoJSON(t)
}

func redraw(t *testing.T, db *postgis.DB, o importer.RedrawOptions) importer.RedrawReport {
	t.Helper()
	o.CRS, o.Reason = "wgs84", "the new road's \"middle\" line"
	r, err := importer.Redraw(t.Context(), db, o)
	if err != nil {
		t.Fatalf("%v\n%s", err, r)
	}
	return r
}

// someCases puts rooms, an incident and a declaration into the house that the redraw will move.
func someCases(t *testing.T, db *postgis.DB, code string) {
	t.Helper()
	for _, sql := range []string{
		`insert into room (code, floor) values ($1 || '000101', 1), ($1 || '000102', 1)`,
		`insert into department (code, name_zh, name_en) values ('test_department', 'd', 'd')`,
		`insert into incident_class (code, name_zh, name_en) values ('99', 'c', 'c')`,
		`insert into incident_type (code, class, name_zh, name_en, department, severity, accept_minutes, assign_minutes, respond_minutes, finish_minutes, verify_minutes)
		 values ('9999', '99', 't', 't', 'test_department', 1, 1, 1, 1, 1, 1)`,
		`insert into incident (code, building_id, geom, type, source, due_at) select $1, id, st_centroid(geom), '9999', 'sensor', now() from building where code = $1`,
		`insert into declaration (code, source, id_sealed, id_hash, name_sealed, moved_in_on, due_at) values ($1 || '000101', 'qr', '', '', '', current_date, now())`,
		`insert into account (name, role, code, password_hash) values ('landlord', 'landlord', $1, 'x')`,
	} {
		args := []any{code}
		if !strings.Contains(sql, "$1") {
			args = nil
		}
		if _, err := db.Admin.Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

func TestRedrawKeepsCodes(t *testing.T) {
	db := pgtest.DB(t)
	settle(t, db, 3)
	before := query[string](t, db, "select string_agg(code, ' ' order by id) from building")
	r := redraw(t, db, importer.RedrawOptions{File: shifted(t, 1.3)})
	if r.Redrawn != 2 || r.Change == 0 || r.Misplaced != 1 || len(r.Recoded) != 0 {
		t.Errorf("%+v", r)
	}
	if after := query[string](t, db, "select string_agg(code, ' ' order by id) from building"); after != before {
		t.Error("buildings changed their codes")
	}
	got := query[string](t, db, `
		select string_agg(concat_ws(' ', v.code, v.version, a.version, c.reason, c.actor, st_area(v.geom) <> st_area(a.geom)), '; ' order by v.code)
		from area_version v join area a using (code) join area_change c on c.id = v.ended_by`)
	if diff := cmp.Diff(gridCode(0)+` 1 2 the new road's "middle" line import t; `+gridCode(1)+` 1 2 the new road's "middle" line import t`, got); diff != "" {
		t.Error(diff)
	}
	if n := query[int](t, db, "select count(*) from evidence where noun = 'area_change' and action = 'redraw' and code = '440304001001'"); n != 1 {
		t.Errorf("%d entries in the ledger", n)
	}
	again := redraw(t, db, importer.RedrawOptions{File: shifted(t, 1.3)})
	if again.Redrawn != 0 || again.Unchanged != 2 || again.Change != 0 {
		t.Errorf("the same file again: %+v", again)
	}
}

func TestRedrawRecodes(t *testing.T) {
	db := pgtest.DB(t)
	settle(t, db, 3)
	old, fresh := buildingCode(1, 0), buildingCode(0, 4)
	someCases(t, db, old)
	// number 4 of the first grid was used and has ended: the next free one is 5
	if _, err := db.Admin.Exec(t.Context(), `insert into code_event (kind, code, actor) values ('cancelled', $1, 'test')`, buildingCode(0, 3)); err != nil {
		t.Fatal(err)
	}
	id := query[int32](t, db, "select id from building where code = $1", old)
	dry := redraw(t, db, importer.RedrawOptions{File: shifted(t, 1.3), Recode: true, DryRun: true})
	if n := query[int](t, db, "select count(*) from area_version") + query[int](t, db, "select count(*) from building where code = $1", fresh); n != 0 {
		t.Error("a dry run has changed something")
	}
	r := redraw(t, db, importer.RedrawOptions{File: shifted(t, 1.3), Recode: true})
	expected := []importer.Recoded{{ID: id, Old: geo.Code(old), New: geo.Code(fresh)}}
	if diff := cmp.Diff(expected, r.Recoded); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(expected, dry.Recoded); diff != "" {
		t.Errorf("dry run: %s", diff)
	}
	for sql, n := range map[string]int{
		"select count(*) from building where code = $1 and id = " + itoa(id):                                  1,
		"select count(*) from building_state where code = $1 and building_id = " + itoa(id):                   1,
		"select count(*) from room where code in ($1 || '000101', $1 || '000102')":                            2,
		"select count(*) from incident where code = $1":                                                       1,
		"select count(*) from declaration where code = $1 || '000101'":                                        1,
		"select count(*) from account where code = $1":                                                        1,
		"select count(*) from code_event where kind = 'recoded' and successors[1] = $1":                       1,
		"select count(*) from code_event where kind = 'recoded' and successors[1] like $1 || '0001%'":         2,
		"select count(*) from crosswalk where system = 'old' and code = $1":                                   1,
		"select count(*) from evidence where noun = 'building' and action = 'recode' and after->>'code' = $1": 2,
	} {
		if got := query[int](t, db, sql, fresh); got != n {
			t.Errorf("%s: %d, want %d", sql, got, n)
		}
	}
	back := redraw(t, db, importer.RedrawOptions{File: shifted(t, 1), Recode: true})
	if diff := cmp.Diff([]importer.Recoded{{ID: id, Old: geo.Code(fresh), New: geo.Code(buildingCode(1, 3))}}, back.Recoded); diff != "" {
		t.Errorf("the way back uses no code again: %s", diff)
	}
	if n := query[int](t, db, "select count(*) from crosswalk where system = 'old' and foreign_code in ($1, $2) and code = $3", old, fresh, buildingCode(1, 3)); n != 2 {
		t.Errorf("%d old codes find the house, want both", n)
	}
}

func TestRedrawRefuses(t *testing.T) {
	db := pgtest.DB(t)
	settle(t, db, 1)
	cases := map[string]struct {
		features []fixture.Feature
		words    string
		exact    bool
	}{
		"a gap to the neighbour":        {[]fixture.Feature{area(gridCode(0), "", rect(0, 0, 0.9, 1))}, "do not tile", true},
		"an overlap with the neighbour": {[]fixture.Feature{area(gridCode(0), "", rect(0, 0, 1.1, 1))}, "do not tile", true},
		"a community off its grids":     {[]fixture.Feature{area("440304001001", "", rect(0, 0, 3.9, 2))}, "do not tile", true},
		"a broken row": {[]fixture.Feature{
			area(gridCode(0), "", rect(0, 0, 1.1, 1)), area(gridCode(1), "", rect(1.1, 0, 2, 1)), area("12", "", orb.Polygon{}),
		}, "nothing was changed", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := importer.RedrawOptions{File: areaTable(c.features...).GeoJSON(t), CRS: "wgs84", Reason: "test"}
			r, err := importer.Redraw(t.Context(), db, o)
			if err == nil || !strings.Contains(err.Error(), c.words) || errors.Is(err, importer.ErrNotExact) != c.exact {
				t.Errorf("got %v", err)
			}
			if c.exact && (r.Tiling == nil || r.Tiling.Count == 0) {
				t.Errorf("the report does not say where: %s", r)
			}
			if n := query[int](t, db, "select count(*) from area_version") + query[int](t, db, "select count(*) from area_change"); n != 0 {
				t.Error("something was written")
			}
		})
	}
	if _, err := importer.Redraw(t.Context(), db, importer.RedrawOptions{File: shifted(t, 1.3)}); err == nil || !strings.Contains(err.Error(), "--reason") {
		t.Errorf("without a reason: %v", err)
	}
}

// A grid is split by one file that redraws it and brings its new half.
func TestRedrawSplitsAGrid(t *testing.T) {
	db := pgtest.DB(t)
	settle(t, db, 1)
	file := areaTable(area(gridCode(0), "", rect(0, 0, 0.5, 1)), area(gridCode(8), "", rect(0.5, 0, 1, 1))).GeoJSON(t)
	r := redraw(t, db, importer.RedrawOptions{File: file})
	if r.Redrawn != 1 || r.New != 1 || !r.Tiling.Exact() {
		t.Errorf("%+v", r)
	}
}
