package importer_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

// real gives the path of a file of the shared test data, or skips where it is absent.
func real(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	path := filepath.Join(dir, "..", "shared", "data", name)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the shared test data is not here: %s", path)
	}
	return path
}

// bring imports and fails the test where the file as a whole would not do.
func bring(t testing.TB, db *postgis.DB, o importer.Options) importer.Report {
	t.Helper()
	if o.Rejects == "" {
		o.Rejects = filepath.Join(t.TempDir(), "rejects.csv")
	}
	r, err := importer.Import(t.Context(), db, o)
	if err != nil {
		t.Fatalf("import %s: %v\n%s", o.File, err, r)
	}
	return r
}

type tally struct{ Rows, Inserted, Updated, Unchanged, Rejected int64 }

func tallyOf(r importer.Report) tally {
	return tally{r.Rows, r.Inserted, r.Updated, r.Unchanged, r.Rejected}
}

func want(t testing.TB, r importer.Report, w tally) {
	t.Helper()
	if diff := cmp.Diff(w, tallyOf(r)); diff != "" {
		t.Errorf("%s of %s (-want +got):\n%s\n%s", r.Kind, r.File, diff, r)
	}
}

func query[T any](t testing.TB, db *postgis.DB, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := db.Admin.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// district brings in the real boundary, streets, communities and grids.
func district(t testing.TB, db *postgis.DB) {
	t.Helper()
	want(t, bring(t, db, importer.Options{Kind: importer.Areas, File: real(t, "futian_boundary_wgs84.geojson"), CRS: "wgs84"}), tally{Rows: 1, Inserted: 1})
	for _, f := range []struct {
		name string
		rows int64
	}{{"streets", 10}, {"communities", 92}, {"grids", 604}} {
		r := bring(t, db, importer.Options{Kind: importer.Areas, File: real(t, "synthetic_futian_"+f.name+".geojson")})
		want(t, r, tally{Rows: f.rows, Inserted: f.rows})
		if r.CRS != "wgs84" || r.Detection == nil {
			t.Errorf("%s: coordinate system %s, want wgs84, found by testing", f.name, r.CRS)
		}
		if r.Tiling == nil || !r.Tiling.Exact() {
			t.Errorf("%s: %v", f.name, r.Tiling)
		}
	}
}

func TestWalkThrough(t *testing.T) {
	db := pgtest.DB(t)
	district(t, db)
	buildings := importer.Options{Kind: importer.Buildings, File: real(t, "futian_buildings_coded.geojson")}
	r := bring(t, db, buildings)
	want(t, r, tally{Rows: 8936, Inserted: 8936})
	if n := query[int](t, db, "select count(*) from building b join building_state s on s.building_id = b.id and s.code = b.code where s.grade = 'grey' and s.use = 'unknown'"); n != 8936 {
		t.Errorf("%d buildings with their state, want 8936", n)
	}
	if n := query[int](t, db, "select count(*) from evidence where noun = 'import' and code = '440304'"); n != 5 {
		t.Errorf("%d entries in the ledger, want one for each file", n)
	}
	if n := query[int](t, db, "select count(*) from pg_class where relname like 'seen\\_%'"); n != 0 {
		t.Errorf("%d working tables left behind", n)
	}
	checkSameAgain(t, db, buildings)
}

// checkSameAgain imports everything a second time.
func checkSameAgain(t *testing.T, db *postgis.DB, buildings importer.Options) {
	t.Helper()
	const print = `select md5(string_agg(md5(x::text), '' order by x.code)) from (select * from building) x`
	before := query[string](t, db, print)
	r := bring(t, db, buildings)
	want(t, r, tally{Rows: 8936, Unchanged: 8936})
	if !strings.Contains(r.String(), "nothing changed: this file was imported already on") {
		t.Errorf("the report does not say that nothing changed:\n%s", r)
	}
	for name, rows := range map[string]int64{"streets": 10, "communities": 92, "grids": 604} {
		r := bring(t, db, importer.Options{Kind: importer.Areas, File: real(t, "synthetic_futian_"+name+".geojson")})
		want(t, r, tally{Rows: rows, Unchanged: rows})
	}
	if after := query[string](t, db, print); after != before {
		t.Error("the second import changed buildings")
	}
	if n := query[int](t, db, "select count(*) from evidence"); n != 5 {
		t.Errorf("%d entries in the ledger after an import that changed nothing, want the 5 from before", n)
	}
	if n := query[int](t, db, "select count(*) from area where version <> 1"); n != 0 {
		t.Errorf("%d areas have a new version", n)
	}
}

func TestGCJ02BoundaryLandsOnFootprints(t *testing.T) {
	db := pgtest.DB(t)
	said := ""
	r := bring(t, db, importer.Options{
		Kind: importer.Areas, File: real(t, "futian_boundary_gcj02.geojson"), CRS: "auto",
		Against: real(t, "futian_buildings_coded.geojson"),
		Say: func(text string) {
			said += text
			if n := query[int](t, db, "select count(*) from area"); n != 0 {
				t.Error("the scores are shown after something was written")
			}
		},
	})
	if r.CRS != "gcj02" {
		t.Errorf("chose %s:\n%s", r.CRS, r)
	}
	if !strings.Contains(said, "gcj02 fits clearly best") {
		t.Errorf("the scores were not shown: %q", said)
	}
	other := pgtest.DB(t)
	bring(t, other, importer.Options{Kind: importer.Areas, File: real(t, "futian_boundary_wgs84.geojson"), CRS: "wgs84"})
	truth := query[string](t, other, "select st_astext(geom) from area")
	off := query[float64](t, db, `
		select st_hausdorffdistance(st_transform(st_boundary(geom), 4547), st_transform(st_boundary(st_geomfromtext($1, 4326)), 4547))
		from area`, truth)
	if off > 2 {
		t.Errorf("the boundary lies %.2f m from where it should, want 2 m at most", off)
	}
}

func TestAutoWithNothingKnownRefuses(t *testing.T) {
	db := pgtest.DB(t)
	_, err := importer.Import(t.Context(), db, importer.Options{Kind: importer.Areas, File: real(t, "futian_boundary_wgs84.geojson")})
	if err == nil || !strings.Contains(err.Error(), "--against") || !strings.Contains(err.Error(), "--crs") {
		t.Errorf("got %v, want an error that says how to go on", err)
	}
}

func TestStatisticsCodesGiveTheSameDistrict(t *testing.T) {
	house, db := pgtest.DB(t), pgtest.DB(t)
	district(t, house)
	bring(t, db, importer.Options{Kind: importer.Areas, File: real(t, "futian_boundary_wgs84.geojson"), CRS: "wgs84"})
	streets := importer.Options{Kind: importer.Areas, Codes: importer.StatisticsCodes, CRS: "wgs84", File: real(t, "futian_streets_statistics.geojson")}
	r := bring(t, db, streets)
	want(t, r, tally{Rows: 10, Rejected: 10})
	if len(r.Rejects) == 0 || !strings.Contains(r.Rejects[0].Reason, "not in the crosswalk") {
		t.Errorf("without a crosswalk: %+v", r.Rejects)
	}
	if _, err := importer.Crosswalk(t.Context(), db, importer.CrosswalkOptions{File: real(t, "crosswalk_futian.csv")}); err != nil {
		t.Fatal(err)
	}
	streets.CRS = "auto"
	want(t, bring(t, db, streets), tally{Rows: 10, Inserted: 10})
	communities := streets
	communities.File = real(t, "futian_communities_statistics.geojson")
	want(t, bring(t, db, communities), tally{Rows: 92, Inserted: 92})
	bring(t, db, importer.Options{Kind: importer.Areas, File: real(t, "synthetic_futian_grids.geojson")})
	const print = `select string_agg(code || name_zh || name_en || md5(st_astext(geom)), e'\n' order by code) from area`
	if diff := cmp.Diff(query[string](t, house, print), query[string](t, db, print)); diff != "" {
		t.Errorf("areas differ (-house +statistics):\n%s", diff)
	}
}
