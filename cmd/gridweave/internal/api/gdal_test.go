package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	orbmvt "github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
)

// needGDAL skips where GDAL's programs are not installed; an integration machine must have them.
func needGDAL(t *testing.T) {
	t.Helper()
	for _, program := range []string{"ogrinfo", "ogr2ogr"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is not installed: make deps-test installs it (gdal-bin)", program)
			}
			t.Skipf("%s is not installed: apt-get install gdal-bin", program)
		}
	}
}

// gdal runs one of GDAL's programs with a bearer token, as QGIS would send it.
func gdal(t *testing.T, token, program string, args ...string) (string, error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), program, args...)
	c.Env = append(os.Environ(), "GDAL_HTTP_HEADERS=Authorization: Bearer "+token, "LC_ALL=C.UTF-8")
	out, err := c.Output()
	return string(out), err
}

// features reads a layer into its features' attributes by id.
func gdalFeatures(t *testing.T, token, source, layer, id string, options ...string) map[string]map[string]any {
	t.Helper()
	args := append([]string{"-f", "GeoJSON", "/vsistdout/", source, layer}, options...)
	out, err := gdal(t, token, "ogr2ogr", args...)
	if err != nil {
		t.Fatalf("ogr2ogr %v: %v", args, err)
	}
	var doc struct {
		Features []struct {
			ID         json.Number
			Properties map[string]any
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatalf("ogr2ogr %v: %v", args, err)
	}
	found := map[string]map[string]any{}
	for _, f := range doc.Features {
		key := f.ID.String()
		if id != "" {
			key = fmt.Sprint(f.Properties[id])
			delete(f.Properties, id)
		}
		maps.DeleteFunc(f.Properties, func(_ string, v any) bool { return v == nil })
		found[key] = f.Properties
	}
	if len(found) != len(doc.Features) {
		t.Errorf("%s: %d features with %d ids", source, len(doc.Features), len(found))
	}
	return found
}

// GDAL, and with it QGIS, reads our tiles by its driver for vector tiles: the same features and attributes that another
// decoder finds, and those of the account's area only.
func TestGDALReadsTiles(t *testing.T) {
	needGDAL(t)
	s := newSurface(t)
	at := maptile.At([2]float64{114.0205, 22.5005}, 15)
	for name, scope := range map[string]geo.Code{"all": civictest.Root, "street-b": civictest.StreetB, "elsewhere": civictest.GridA} {
		token := s.token(t, name, account.Leader, scope)
		s.settle(t)
		path := fmt.Sprintf("/tiles/areas,buildings/15/%d/%d.mvt", at.X, at.Y)
		_, body := s.do(t, http.MethodGet, path, token, "")
		layers, err := orbmvt.Unmarshal(body)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range layers {
			want := map[string]map[string]any{}
			for _, f := range l.Features {
				if f.ID != nil { // borders have none
					want[fmt.Sprint(f.ID)] = f.Properties
				}
			}
			if len(want) == 0 {
				continue
			}
			got := gdalFeatures(t, token, "MVT:"+s.server.URL+path, l.Name, "mvt_id")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, layer %s (-ours +GDAL's):\n%s", name, l.Name, diff)
			}
		}
	}
	if out, err := gdal(t, "gwt_wrong", "ogrinfo", "MVT:"+s.server.URL+fmt.Sprintf("/tiles/areas/15/%d/%d.mvt", at.X, at.Y)); err == nil {
		t.Errorf("GDAL read a tile with a wrong token: %s", out)
	}
}

// GDAL's driver for OGC API finds every collection from the landing page, and reads features with the counts and
// attributes of the database. (It reads vector tiles of an OGC API only in builds that Debian 12 does not have.)
func TestGDALReadsOGCAPI(t *testing.T) {
	needGDAL(t)
	s := newSurface(t)
	for name, scope := range map[string]geo.Code{"all": civictest.Root, "street-a": civictest.StreetA} {
		token := s.token(t, name, account.Leader, scope)
		s.settle(t)
		out, err := gdal(t, token, "ogrinfo", "OGCAPI:"+s.server.URL+"/ogc")
		if err != nil {
			t.Fatalf("ogrinfo: %v", err)
		}
		for _, c := range s.ogc(t, "/ogc/collections", token).Collections {
			if !strings.Contains(out, "_NAME=OGCAPI:"+s.server.URL+"/ogc/collections/"+c.ID+"\n") {
				t.Errorf("GDAL did not find the collection %s:\n%s", c.ID, out)
			}
		}
		got := gdalFeatures(t, token, "OGCAPI:"+s.server.URL+"/ogc/collections/building", "building", "", "-oo", "API=ITEMS", "-preserve_fid")
		want := s.houses(t, scope)
		if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("%s: buildings (-database +GDAL's):\n%s", name, diff)
		}
		areas := gdalFeatures(t, token, "OGCAPI:"+s.server.URL+"/ogc/collections/area", "area", "", "-oo", "API=ITEMS", "-preserve_fid")
		if n := s.Int(`select count(*) from area where starts_with(code, $1)`, scope); len(areas) != n {
			t.Errorf("%s: %d areas, %d by SQL", name, len(areas), n)
		}
	}
	if out, err := gdal(t, "gwt_wrong", "ogrinfo", "OGCAPI:"+s.server.URL+"/ogc"); err == nil {
		t.Errorf("GDAL read with a wrong token: %s", out)
	}
}

// houses are the buildings of a scope with the attributes that tiles give them, as the database has them.
func (s *surface) houses(t *testing.T, scope geo.Code) map[string]map[string]any {
	t.Helper()
	rows, err := s.Admin.Query(t.Context(), `select b.id, s.grade, s.use, coalesce(b.height_m, 0)::float8 from building b
		join building_state s on s.building_id = b.id where starts_with(b.code, $1)`, scope)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]map[string]any{}
	for rows.Next() {
		var id int64
		var grade, use string
		var height float64
		if err := rows.Scan(&id, &grade, &use, &height); err != nil {
			t.Fatal(err)
		}
		number := func(all []string, one string) float64 { return float64(slices.Index(all, one) + 1) }
		about := map[string]any{
			"g": number([]string{"green", "yellow", "orange", "red", "grey"}, grade),
			"u": number([]string{"self_occupied", "whole_let", "shared_let", "dormitory", "daily_let", "vacant", "non_residential"}, use),
		}
		if height > 0 {
			about["h"] = height
		}
		found[fmt.Sprint(id)] = about
	}
	return found
}

// Pages of features lead from one to the next through all of them, each once, whatever the limit and the box.
func TestOGCItemsByPages(t *testing.T) {
	s := newSurface(t)
	token := s.token(t, "reader", account.Leader, civictest.Root)
	s.settle(t)
	for _, query := range []string{"", "?limit=1", "?limit=3", "?limit=1000000", "?bbox=113,22,115,23&limit=5"} {
		seen := map[uint64]bool{}
		for path := "/ogc/collections/building/items" + query; path != ""; {
			res, body := s.do(t, http.MethodGet, path, token, "")
			var page struct {
				NumberMatched int
				Features      []struct {
					ID       uint64
					Geometry struct{ Type string }
				}
				Links []ogcLink
			}
			if err := json.Unmarshal(body, &page); err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/geo+json" {
				t.Fatalf("%s: %d %v", path, res.StatusCode, err)
			}
			if page.NumberMatched != 16 {
				t.Errorf("%s: %d matched, want 16", path, page.NumberMatched)
			}
			for _, f := range page.Features {
				if seen[f.ID] || f.Geometry.Type != "Polygon" {
					t.Errorf("%s: building %d again, or a %s", path, f.ID, f.Geometry.Type)
				}
				seen[f.ID] = true
			}
			path = ""
			for _, l := range page.Links {
				if l.Rel == "next" {
					path = strings.TrimPrefix(l.Href, s.server.URL)
				}
			}
		}
		if len(seen) != 16 {
			t.Errorf("%q: %d buildings, want 16", query, len(seen))
		}
	}
	_, body := s.do(t, http.MethodGet, "/ogc/collections/building/items?bbox=114,22.5,114.0007,22.501", token, "")
	if n := strings.Count(string(body), `"Feature"`); n != 1 {
		t.Errorf("%d buildings in a box around one", n)
	}
	for _, query := range []string{"limit=0", "limit=x", "after=-1", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=115,23,113,22", "bbox=NaN,0,1,1", "f=html"} {
		if res, _ := s.do(t, http.MethodGet, "/ogc/collections/building/items?"+query, token, ""); res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, want 422", query, res.StatusCode)
		}
	}
	if res, _ := s.do(t, http.MethodGet, "/ogc/collections/building_cell/items", token, ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("items of cells: %d, want 404", res.StatusCode)
	}
}
