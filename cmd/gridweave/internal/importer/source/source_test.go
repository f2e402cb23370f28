package source_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/fixture"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/source"
)

func square(x, y, size float64) orb.Ring {
	return orb.Ring{{x, y}, {x + size, y}, {x + size, y + size}, {x, y + size}, {x, y}}
}

// table has what formats tend to lose: Chinese text, an empty value, a long code, a hole, several parts, no geometry.
func table() fixture.Table {
	hole := square(114.01, 22.51, 0.01)
	hole.Reverse()
	return fixture.Table{
		Names: []string{"code", "name", "levels"},
		Features: []fixture.Feature{
			{Values: []string{"4403040010010100001", "科教管理楼", "7"}, Geom: orb.Polygon{square(114, 22.5, 0.05), hole}},
			{Values: []string{"4403040010010100002", "一", ""}, Geom: orb.MultiPolygon{{square(114.1, 22.5, 0.01)}, {square(114.2, 22.5, 0.01)}}},
			{Values: []string{"4403040010010100003", "a, \"quoted\"; one", "12"}},
		},
	}
}

func gbk(s string) []byte {
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return b
}

func utf16(s string) []byte {
	b, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return b
}

func plain(s string) []byte { return []byte(s) }

func withBOM(s string) []byte { return []byte("\xef\xbb\xbf" + s) }

func read(t *testing.T, path string) ([]source.Record, source.Info) {
	t.Helper()
	r, err := source.Open(t.Context(), path, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	var all []source.Record
	if err := source.Each(r, func(rec *source.Record) error {
		all = append(all, *rec)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if r.Done() != 1 {
		t.Errorf("done %v at the end of the file", r.Done())
	}
	return all, r.Info()
}

// outline lists the rings with outer ones counter-clockwise from their lowest point, so that formats with different
// habits compare equal.
func outline(g orb.Geometry) [][]orb.Ring {
	var polygons []orb.Polygon
	switch g := g.(type) {
	case orb.Polygon:
		polygons = []orb.Polygon{g}
	case orb.MultiPolygon:
		polygons = g
	}
	var out [][]orb.Ring
	for _, p := range polygons {
		var rings []orb.Ring
		for i, r := range p {
			r = r.Clone()
			if (r.Orientation() == orb.CCW) != (i == 0) {
				r.Reverse()
			}
			rings = append(rings, r)
		}
		out = append(out, rings)
	}
	return out
}

func TestEveryFormatGivesBackWhatWasWritten(t *testing.T) {
	tab := table()
	const prj = `GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000"]]`
	cases := map[string]struct {
		path string
		want source.Info
	}{
		"collection":           {tab.GeoJSON(t), source.Info{Format: "GeoJSON"}},
		"lines":                {tab.Lines(t, ""), source.Info{Format: "newline-delimited GeoJSON"}},
		"record separators":    {tab.Lines(t, "\x1e"), source.Info{Format: "newline-delimited GeoJSON"}},
		"csv":                  {tab.CSV(t, ',', plain), source.Info{Format: "CSV", Encoding: "UTF-8"}},
		"csv with semicolons":  {tab.CSV(t, ';', withBOM), source.Info{Format: "CSV", Encoding: "UTF-8"}},
		"csv in GBK with tabs": {tab.CSV(t, '\t', gbk), source.Info{Format: "CSV", Encoding: "GB18030"}},
		"csv in UTF-16":        {tab.CSV(t, ',', utf16), source.Info{Format: "CSV", Encoding: "UTF-16"}},
		"shapefile in GBK, no .cpg": {
			tab.Shapefile(t, gbk, "", prj),
			source.Info{Format: "Shapefile", Layer: "layer", Encoding: "GB18030", Rows: 3, CRSHint: prj},
		},
		"shapefile in UTF-8, no .cpg": {
			tab.Shapefile(t, plain, "", ""), source.Info{Format: "Shapefile", Layer: "layer", Encoding: "UTF-8", Rows: 3},
		},
		"shapefile with .cpg": {
			tab.Shapefile(t, gbk, "CP936", ""), source.Info{Format: "Shapefile", Layer: "layer", Encoding: "GBK", Rows: 3},
		},
		"geopackage": {
			tab.GeoPackage(t, 4490), source.Info{Format: "GeoPackage", Layer: "layer", Rows: 3, CRSHint: "EPSG:4490"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, info := read(t, c.path)
			if diff := cmp.Diff(c.want, info); diff != "" {
				t.Errorf("info (-want +got):\n%s", diff)
			}
			if len(got) != len(tab.Features) {
				t.Fatalf("%d records, want %d", len(got), len(tab.Features))
			}
			for i, f := range tab.Features {
				checkRecord(t, got[i], int64(i+1), tab.Names, f)
			}
		})
	}
}

func checkRecord(t *testing.T, got source.Record, row int64, names []string, want fixture.Feature) {
	t.Helper()
	if got.Err != nil || got.Row != row {
		t.Errorf("row %d: got row %d, error %v", row, got.Row, got.Err)
	}
	for i, n := range names {
		if got.Get(n) != want.Values[i] {
			t.Errorf("row %d: %s is %q, want %q", row, n, got.Get(n), want.Values[i])
		}
	}
	if diff := cmp.Diff(outline(want.Geom), outline(got.Geom)); diff != "" {
		t.Errorf("row %d: geometry (-want +got):\n%s", row, diff)
	}
}

func TestPointColumns(t *testing.T) {
	path := fixture.File(t, "p.csv", []byte("code,经度,纬度\n1,114.05,22.54\n2,x,22.5\n3,,\n4,1,2,3\n"))
	got, _ := read(t, path)
	if len(got) != 4 || got[0].Geom != (orb.Point{114.05, 22.54}) {
		t.Fatalf("got %+v", got)
	}
	if got[1].Err == nil || got[2].Err != nil || got[2].Geom != nil || got[3].Err == nil {
		t.Errorf("a wrong longitude and a surplus column are errors of their rows, a missing point is none: %+v", got)
	}
}

func TestDigitsOfLongNumbersSurvive(t *testing.T) {
	path := fixture.File(t, "n.json", []byte(`{"type":"Feature","properties":{"code":4403040010010100001,"h":21.0,"s":"\u798f\/\"","o":{"a":[1]}},"geometry":null}`))
	got, _ := read(t, path)
	want := []string{"4403040010010100001", "21.0", `福/"`, `{"a":[1]}`}
	if diff := cmp.Diff(want, got[0].Values); diff != "" {
		t.Error(diff)
	}
}

func TestBrokenRowsDoNotEndTheFile(t *testing.T) {
	const good = `{"type":"Feature","properties":{"code":"1"},"geometry":{"type":"Point","coordinates":[1,2,3]}}`
	lines := good + "\n" + `{"type":"Feature","properties":{"code":` + "\n" +
		`{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[["x",1]]]}}` + "\n" +
		`{"type":"Feature","properties":{},"geometry":{"type":"Circle","coordinates":[1]}}` + "\n" + good + "\n"
	got, _ := read(t, fixture.File(t, "b.json", []byte(lines)))
	var broken []bool
	for _, r := range got {
		broken = append(broken, r.Err != nil)
	}
	if diff := cmp.Diff([]bool{false, true, true, true, false}, broken); diff != "" {
		t.Error(diff)
	}
}

func TestBrokenShapesDoNotEndTheFile(t *testing.T) {
	tab := table()
	tab.Features[0].Geom = orb.Polygon{{{1, 1}, {1, 1}, {1, 1}, {1, 1}}} // no area
	got, _ := read(t, tab.Shapefile(t, plain, "", ""))
	if len(got) != 3 || got[0].Err == nil || got[1].Err != nil || got[2].Err != nil {
		t.Errorf("got %+v", got)
	}
}

func TestCutOffFileIsAnError(t *testing.T) {
	whole, err := os.ReadFile(table().GeoJSON(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, keep := range []float64{0.5, 0.9, 0.98} {
		path := fixture.File(t, "cut.geojson", whole[:int(float64(len(whole)-3)*keep)])
		r, err := source.Open(t.Context(), path, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		err = source.Each(r, func(*source.Record) error { return nil })
		if err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%v of the file: %v", keep, err)
		}
		_ = r.Close()
	}
}

func TestWhatIsNotReadIsNamed(t *testing.T) {
	cases := map[string]struct{ content, want string }{
		"empty":     {"", "empty"},
		"gzip":      {"\x1f\x8b\x08", "gzip"},
		"shp":       {"\x00\x00\x27\x0a0000", "zip it together"},
		"kml":       {`<?xml version="1.0"?><kml/>`, "XML"},
		"topojson":  {`{"type":"Topology"}`, "TopoJSON"},
		"esri json": {`{"geometryType":"esriGeometryPolygon"}`, "Esri"},
		"array":     {`[{"type":"Feature"}]`, "array"},
		"prose":     {"Dear colleagues\n", "neither"},
		"zip":       {string(mustRead(t, fixture.Zip(t, map[string][]byte{"readme.md": nil}))), "no Shapefile"},
		"sqlite":    {"SQLite format 3\x00 and nothing", "GeoPackage"},
		"no dbf":    {string(mustRead(t, fixture.Zip(t, map[string][]byte{"a.shp": nil}))), "a.dbf is missing"},
		"layers": {
			string(mustRead(t, fixture.Zip(t, map[string][]byte{"b.shp": nil, "a.SHP": nil}))), "layers: a, b",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := source.Open(t.Context(), fixture.File(t, "file", []byte(c.content)), source.Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a word about %q", err, c.want)
			}
		})
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func FuzzFeature(f *testing.F) {
	f.Add([]byte(`{"type":"Feature","properties":{"a":"\u4e00","b":1.5},"geometry":{"type":"Polygon","coordinates":[[[1,2],[3,4],[5,6],[1,2]]]}}`))
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature"}, {}]}`))
	f.Add([]byte("a;b;wkt\n1;2;POINT(1 2)\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := source.Open(t.Context(), fixture.File(t, "file", content), source.Options{})
		if err != nil {
			return
		}
		defer func() { _ = r.Close() }()
		rows := int64(0)
		_ = source.Each(r, func(rec *source.Record) error {
			rows++
			if rec.Row != rows || len(rec.Names) != len(rec.Values) {
				t.Fatalf("row %d: %+v", rows, rec)
			}
			return nil
		})
	})
}
