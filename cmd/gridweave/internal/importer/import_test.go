package importer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/fixture"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

func gbk(s string) []byte {
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return b
}

func plain(s string) []byte { return []byte(s) }

// printBuildings shows everything that a file decides; corners are sorted, since formats disagree about where a ring
// begins and which way it runs.
const printBuildings = `
	select coalesce(string_agg(concat_ws(' ', code, name_zh, kind, levels, height_m,
	  st_astext(st_normalize(st_snaptogrid(geom, 1e-9)))), e'\n' order by code), '') from building`

func TestEveryFormatGivesTheSameBuildings(t *testing.T) {
	tab := houses(3)
	files := map[string]string{
		"lines":      tab.Lines(t, ""),
		"separators": tab.Lines(t, "\x1e"),
		"csv":        tab.CSV(t, ';', gbk),
		"shapefile":  tab.Shapefile(t, gbk, "", ""),
		"geopackage": tab.GeoPackage(t, 4490),
	}
	reference := pgtest.DB(t)
	settle(t, reference, 3)
	expected := query[string](t, reference, printBuildings)
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			db := pgtest.DB(t)
			settle(t, db, 0)
			want(t, bring(t, db, importer.Options{Kind: importer.Buildings, File: file}), tally{Rows: 24, Inserted: 24})
			if diff := cmp.Diff(expected, query[string](t, db, printBuildings)); diff != "" {
				t.Errorf("(-geojson +%s):\n%s", name, diff)
			}
		})
	}
}

func TestSystems(t *testing.T) {
	tab := houses(3)
	reference := pgtest.DB(t)
	settle(t, reference, 3)
	const prj = `PROJCS["CGCS2000_3_Degree_GK_CM_114E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000"]]`
	cases := map[string]struct{ file, crs, want string }{
		"gcj02 found":         {moved(tab, func(p geo.WGS84) orb.Point { g := p.GCJ02(); return orb.Point{g.Lon, g.Lat} }).GeoJSON(t), "auto", "gcj02"},
		"bd09 found":          {moved(tab, func(p geo.WGS84) orb.Point { g := p.BD09(); return orb.Point{g.Lon, g.Lat} }).GeoJSON(t), "auto", "bd09"},
		"bd09 named":          {moved(tab, func(p geo.WGS84) orb.Point { g := p.BD09(); return orb.Point{g.Lon, g.Lat} }).GeoJSON(t), "BD09", "bd09"},
		"metres named":        {moved(tab, metres).GeoJSON(t), "EPSG:4547", "EPSG:4547"},
		"metres from the prj": {moved(tab, metres).Shapefile(t, plain, "", prj), "auto", "EPSG:4547"},
		"metres from a gpkg":  {moved(tab, metres).GeoPackage(t, 4547), "auto", "EPSG:4547"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			db := pgtest.DB(t)
			settle(t, db, 0)
			r := bring(t, db, importer.Options{Kind: importer.Buildings, File: c.file, CRS: c.crs})
			want(t, r, tally{Rows: 24, Inserted: 24})
			if r.CRS != c.want {
				t.Errorf("system %s, want %s", r.CRS, c.want)
			}
			const corner = `select st_xmin(geom)::text || ' ' || st_ymin(geom)::text from building order by code limit 1`
			var gx, gy, wx, wy float64
			scan(t, query[string](t, db, corner), &gx, &gy)
			scan(t, query[string](t, reference, corner), &wx, &wy)
			if d := max(gx-wx, wx-gx, gy-wy, wy-gy); d > 1e-7 { // a centimetre
				t.Errorf("%v° away from where it should be", d)
			}
		})
	}
}

func scan(t *testing.T, s string, to ...any) {
	t.Helper()
	if _, err := fmt.Sscan(s, to...); err != nil {
		t.Fatalf("%q: %v", s, err)
	}
}

func metres(p geo.WGS84) orb.Point {
	m := p.Metric()
	return orb.Point{m.E, m.N}
}

// moved puts a table into another system.
func moved(tab fixture.Table, to func(geo.WGS84) orb.Point) fixture.Table {
	out := fixture.Table{Names: tab.Names}
	for _, f := range tab.Features {
		polygon := f.Geom.(orb.Polygon).Clone()
		for _, ring := range polygon {
			for i := range ring {
				ring[i] = to(geo.WGS84At(ring[i]))
			}
		}
		out.Features = append(out.Features, fixture.Feature{Values: f.Values, Geom: polygon})
	}
	return out
}

func TestMetresWithoutASystemAreRefused(t *testing.T) {
	db := pgtest.DB(t)
	settle(t, db, 0)
	file := moved(houses(1), metres).GeoJSON(t)
	_, err := importer.Import(t.Context(), db, importer.Options{Kind: importer.Buildings, File: file})
	if err == nil || !strings.Contains(err.Error(), "EPSG:4547") {
		t.Errorf("got %v, want a hint to EPSG:n", err)
	}
}

func TestRejects(t *testing.T) {
	ok := rect(0.1, 0.1, 0.2, 0.2)
	row := func(code, levels string, g orb.Geometry) fixture.Feature {
		return fixture.Feature{Values: []string{code, "", levels, "", ""}, Geom: g}
	}
	bowtie := orb.Polygon{{{114.0001, 22.5001}, {114.0002, 22.5002}, {114.0002, 22.5001}, {114.0001, 22.5002}, {114.0001, 22.5001}}}
	flat := orb.Polygon{{{114.0001, 22.5001}, {114.0002, 22.5001}, {114.0003, 22.5001}, {114.0001, 22.5001}}}
	swapped := orb.Polygon{{{22.5, 114}, {22.501, 114}, {22.501, 114.001}, {22.5, 114}}}
	tab := houses(0)
	tab.Features = []fixture.Feature{
		row(buildingCode(0, 10), "3", ok),
		row(buildingCode(0, 11), "three", ok),
		row(buildingCode(0, 12), "300", ok),
		row("440304001001010001", "3", ok),
		row(buildingCode(0, 13)+"000101", "3", ok),
		row("4403040010019900001", "3", ok),
		row(buildingCode(0, 90), "3", ok),
		row(buildingCode(0, 10), "4", ok),
		row(buildingCode(0, 14), "", nil),
		row(buildingCode(0, 15), "", flat),
		row(buildingCode(0, 16), "", swapped),
		row(buildingCode(0, 17), "", orb.LineString{{114, 22.5}, {114.1, 22.5}}),
		row("", "", ok),
		row("4.40304E+18", "", ok),
		row(buildingCode(0, 18), "0", bowtie),
		row(buildingCode(0, 19), "2.5", ok),
	}
	for _, batch := range []int{2, 1000} {
		t.Run(fmt.Sprint("batches of ", batch), func(t *testing.T) {
			db := pgtest.DB(t)
			settle(t, db, 1)
			if _, err := db.Admin.Exec(t.Context(), `insert into code_event (kind, code, actor) values ('cancelled', $1, 'test')`, buildingCode(0, 90)); err != nil {
				t.Fatal(err)
			}
			r := bring(t, db, importer.Options{Kind: importer.Buildings, File: tab.GeoJSON(t), CRS: "wgs84", Batch: batch})
			want(t, r, tally{Rows: 16, Inserted: 3, Rejected: 13})
			if r.Repaired != 1 {
				t.Errorf("%d repaired, want the bowtie", r.Repaired)
			}
			checkReasons(t, rejectsOf(t, r))
			if n := query[int](t, db, `select count(*) from building where not st_isvalid(geom)`); n != 0 {
				t.Errorf("%d broken outlines stored", n)
			}
		})
	}
}

func checkReasons(t *testing.T, got map[string]string) {
	t.Helper()
	expected := map[string]string{
		"2 " + buildingCode(0, 11):            `levels "three" is no number`,
		"3 " + buildingCode(0, 12):            "levels 300 lies outside",
		"4 440304001001010001":                "18 digits",
		"5 " + buildingCode(0, 13) + "000101": "room",
		"6 4403040010019900001":               "grid 44030400100199 is not known",
		"7 " + buildingCode(0, 90):            "has ended (cancelled)",
		"8 " + buildingCode(0, 10):            "stands in row 1 already",
		"9 " + buildingCode(0, 14):            "gives it no outline",
		"10 " + buildingCode(0, 15):           "broken beyond repair",
		"11 " + buildingCode(0, 16):           "swapped",
		"12 " + buildingCode(0, 17):           "LineString has no area",
		"13 ":                                 "property building_code is empty",
		"14 4.40304E+18":                      "rounded",
	}
	for key, reason := range expected {
		if !strings.Contains(got[key], reason) {
			t.Errorf("row %s: reason %q, want %q in it", key, got[key], reason)
		}
		delete(got, key)
	}
	if len(got) > 0 {
		t.Errorf("more rejects than expected: %v", got)
	}
}

func TestDryRunChangesNothing(t *testing.T) {
	db := pgtest.DB(t)
	areas := importer.Options{Kind: importer.Areas, File: world().GeoJSON(t), CRS: "wgs84", DryRun: true}
	r := bring(t, db, areas)
	want(t, r, tally{Rows: 11, Inserted: 11})
	if r.Tiling == nil || !r.Tiling.Exact() || r.Tiling.Parents != 4 || r.Tiling.Orphans != 1 {
		t.Errorf("a dry run checks the tiling too: %+v", r.Tiling)
	}
	settle(t, db, 1)
	tab := houses(2)
	tab.Features[0].Values[2] = "9"
	r = bring(t, db, importer.Options{Kind: importer.Buildings, File: tab.GeoJSON(t), DryRun: true, CRS: "wgs84", Batch: 5})
	want(t, r, tally{Rows: 16, Inserted: 8, Updated: 8}) // two in a grid stand elsewhere than one does
	for sql, n := range map[string]int{
		"select count(*) from building": 8, "select count(*) from building_state": 8, "select count(*) from area": 11,
		"select count(*) from building where levels = 9":       0,
		"select count(*) from importing.job where dry_run":     0,
		"select count(*) from pg_class where relname ~ 'seen'": 0,
	} {
		if got := query[int](t, db, sql); got != n {
			t.Errorf("%s: %d, want %d", sql, got, n)
		}
	}
}

func TestEmptyValuesEraseNothing(t *testing.T) {
	db := pgtest.DB(t)
	settle(t, db, 1)
	file := fixture.File(t, "facts.csv", []byte("building_code,name,levels,height,address\n"+
		buildingCode(0, 0)+",,,,福强路1号\n"+buildingCode(1, 0)+",新名,,,\n"+buildingCode(2, 0)+",,7,21.5,\n"))
	want(t, bring(t, db, importer.Options{Kind: importer.Buildings, File: file}), tally{Rows: 3, Updated: 2, Unchanged: 1})
	got := query[string](t, db, `select string_agg(concat_ws(' ', name_zh, levels, height_m, kind, address_zh), '; ' order by code) from building where code < $1`, buildingCode(3, 0))
	if got != "1号楼 7 21.5 residential 福强路1号; 新名 7 21.5 residential ; 1号楼 7 21.5 residential " {
		t.Errorf("got %s", got)
	}
}

func TestPointsBecomeSquares(t *testing.T) {
	db := pgtest.DB(t)
	settle(t, db, 1)
	csv := fmt.Sprintf("楼栋编码,楼名,经度,纬度\n%s,新楼,114.0003,22.5003\n%s,旧楼,114.0003,22.5003\n", buildingCode(0, 5), buildingCode(0, 0))
	file := fixture.File(t, "points.csv", gbk(csv))
	before := query[string](t, db, "select st_astext(geom) from building where code = $1", buildingCode(0, 0))
	r := bring(t, db, importer.Options{Kind: importer.Buildings, File: file, CRS: "wgs84", Footprint: 12})
	want(t, r, tally{Rows: 2, Inserted: 1, Updated: 1})
	if r.Squares != 1 || !strings.Contains(r.String(), "drawn as squares") {
		t.Errorf("the report does not say that a footprint was made up: %s", r)
	}
	if got := query[float64](t, db, "select st_area(st_transform(geom, 4547)) from building where code = $1", buildingCode(0, 5)); got < 143 || got > 145 {
		t.Errorf("%v m², want 12 m × 12 m", got)
	}
	if after := query[string](t, db, "select st_astext(geom) from building where code = $1", buildingCode(0, 0)); after != before {
		t.Error("a point has replaced a footprint")
	}
	r = bring(t, db, importer.Options{Kind: importer.Buildings, File: file, CRS: "wgs84", Footprint: -1})
	want(t, r, tally{Rows: 2, Rejected: 2})
}

func TestRooms(t *testing.T) {
	db := pgtest.DB(t)
	settle(t, db, 1)
	b := buildingCode(0, 0)
	file := fixture.File(t, "rooms.csv", []byte("房屋编码,楼层,房号,用途,容量\n"+
		b+"000101,1,101,整租,3\n"+b+"000102,1层,102,自住,\n"+b+"000201,2F,201,合租,4\n"+b+"000901,B1,,空置,0\n"+
		b+"001001,,1001,,\n"+b+"000103,1,103,castle,\n"+buildingCode(0, 7)+"000101,1,,,\n"+b+",1,,,\n"))
	o := importer.Options{Kind: importer.Rooms, File: file, Batch: 3}
	r := bring(t, db, o)
	want(t, r, tally{Rows: 8, Inserted: 4, Rejected: 4})
	got := query[string](t, db, `select string_agg(concat_ws(' ', right(code, 6), floor, unit, use, capacity), '; ' order by code) from room`)
	if got != "000101 1 101 whole_let 3; 000102 1 102 self_occupied 0; 000201 2 201 shared_let 4; 000901 -1  vacant 0" {
		t.Errorf("got %s", got)
	}
	if got := query[string](t, db, `select rooms || ' ' || rental_rooms from building_state where code = $1`, b); got != "4 2" {
		t.Errorf("the building counts %s rooms and rentals, want 4 2", got)
	}
	reasons := fmt.Sprint(rejectsOf(t, r))
	for _, reason := range []string{"does not say on which floor", "castle", "is not known: import it first", "add the 6 room digits"} {
		if !strings.Contains(reasons, reason) {
			t.Errorf("no reject says %q: %s", reason, reasons)
		}
	}
	want(t, bring(t, db, o), tally{Rows: 8, Unchanged: 4, Rejected: 4})
}

func TestOneAreaWithoutACode(t *testing.T) {
	db := pgtest.DB(t)
	file := fixture.Table{Names: []string{"id"}, Features: []fixture.Feature{{Values: []string{"7"}, Geom: rect(0, 0, 1, 1)}}}.GeoJSON(t)
	o := importer.Options{Kind: importer.Areas, File: file, CRS: "wgs84", Level: geo.District, Code: "440304", Name: "福田区", NameEN: "Futian"}
	want(t, bring(t, db, o), tally{Rows: 1, Inserted: 1})
	if got := query[string](t, db, "select code || ' ' || level || ' ' || name_zh || ' ' || name_en from area"); got != "440304 district 福田区 Futian" {
		t.Errorf("got %s", got)
	}
	o.Code, o.Level = "", 0
	r := bring(t, db, o)
	want(t, r, tally{Rows: 1, Rejected: 1})
	if !strings.Contains(r.Rejects[0].Reason, "--map code=") {
		t.Errorf("reason %q", r.Rejects[0].Reason)
	}
}

func TestNewOutlineKeepsTheOldOne(t *testing.T) {
	db := pgtest.DB(t)
	settle(t, db, 0)
	tab := areaTable(area(gridCode(0), "东网格", rect(0, 0, 0.9, 1)))
	want(t, bring(t, db, importer.Options{Kind: importer.Areas, File: tab.GeoJSON(t), CRS: "wgs84"}), tally{Rows: 1, Updated: 1})
	got := query[string](t, db, `
		select v.version || ' ' || v.name_zh || ' ' || a.version || ' ' || a.name_zh || ' ' || c.reason || ' ' || (v.valid_to = a.valid_from)
		from area_version v join area a using (code) join area_change c on c.id = v.ended_by`)
	if got != "1 01网格 2 东网格 import of file.geojson true" {
		t.Errorf("got %s", got)
	}
}

func TestAreaRejects(t *testing.T) {
	db := pgtest.DB(t)
	tab := world()
	tab.Features = append(tab.Features[:1], tab.Features[2:]...) // no street
	tab.Features = append(tab.Features, area("440305", "", rect(9, 9, 10, 10)), area(buildingCode(0, 0), "x", gridAt(0)))
	r := bring(t, db, importer.Options{Kind: importer.Areas, File: tab.GeoJSON(t), CRS: "wgs84"})
	want(t, r, tally{Rows: 12, Inserted: 1, Rejected: 11})
	reasons := fmt.Sprint(rejectsOf(t, r))
	for _, reason := range []string{"street 440304001 is not known", "community 440304001001 is not known", "gives it no name", "is a building's code"} {
		if !strings.Contains(reasons, reason) {
			t.Errorf("no reject says %q: %s", reason, reasons)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	db := pgtest.DB(t)
	file := houses(1).GeoJSON(t)
	cases := map[string]importer.Options{
		"none of areas":    {Kind: "streets", File: file},
		"no such file":     {Kind: importer.Areas, File: filepath.Join(t.TempDir(), "none")},
		"EPSG:n":           {Kind: importer.Areas, File: file, CRS: "utm"},
		"house or":         {Kind: importer.Areas, File: file, Codes: "cadastre"},
		"numbers streets":  {Kind: importer.Buildings, File: file, Codes: importer.StatisticsCodes},
		"no such field":    {Kind: importer.Rooms, File: file, Map: map[string]string{"colour": "x"}},
		"carry their own":  {Kind: importer.Rooms, File: file, Code: "440304"},
		"a district's, no": {Kind: importer.Areas, File: file, Code: "440304", Level: geo.Street},
	}
	for words, o := range cases {
		if _, err := importer.Import(t.Context(), db, o); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%+v: got %v, want %q in it", o, err, words)
		}
	}
}

func TestMappedProperties(t *testing.T) {
	db := pgtest.DB(t)
	settle(t, db, 0)
	tab := houses(1)
	tab.Names = []string{"楼号", "叫法", "几层", "多高", "什么"}
	o := importer.Options{Kind: importer.Buildings, File: tab.GeoJSON(t), CRS: "wgs84", Map: map[string]string{"code": "楼号", "name": "叫法", "levels": "几层"}}
	r := bring(t, db, o)
	want(t, r, tally{Rows: 8, Inserted: 8})
	if diff := cmp.Diff(map[string]string{"code": "楼号", "name": "叫法", "levels": "几层"}, r.Fields); diff != "" {
		t.Error(diff)
	}
}

func TestRejectsFallBackFromAFolderThatCannotBeWritten(t *testing.T) {
	db := pgtest.DB(t)
	settle(t, db, 0)
	t.Chdir(t.TempDir())
	tab := houses(1)
	tab.Features[0].Values[0] = "1"
	o := importer.Options{Kind: importer.Buildings, File: tab.GeoJSON(t), CRS: "wgs84", Rejects: filepath.Join(t.TempDir(), "gone", "r.csv")}
	r := bring(t, db, o)
	if _, err := os.Stat("r.csv"); err != nil || r.RejectsFile != "r.csv" {
		t.Errorf("rejects in %s: %v", r.RejectsFile, err)
	}
}
