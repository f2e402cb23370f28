package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
)

// eventful puts incidents into the first two grids of street A, 12 and 3, and 20 into street B.
func (s surface) eventful(t *testing.T) {
	t.Helper()
	for code, n := range map[string]int{"44030400100101": 12, "44030400100102": 3, "44030400200101": 20} {
		_, err := s.Admin.Exec(t.Context(), `
			insert into incident (code, geom, type, source, reported_at, due_at)
			select $1::text, st_pointonsurface(geom), '0101', 'sensor', now() - i * interval '5 hours', now()
			from area, generate_series(1, $2) i where code = $1`, code, n)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// What REST says is what SQL says, and every form of export says the same.
func TestHeatmapsEqualSQL(t *testing.T) {
	t.Parallel()
	s := newSurface(t)
	s.eventful(t)
	token := s.token(t, "leader", account.Leader, civictest.Root)
	ask := "area=" + string(civictest.Root) + "&measure=incidents&last=30d&level=grid"
	var areas struct {
		N, Suppressed int
		Unit          string
		Rows          []struct {
			Code  string
			N     *int
			Value *float64
		}
	}
	res, body := s.do(t, http.MethodGet, "/api/v1/insight/areas?"+ask, token, "")
	if err := json.Unmarshal(body, &areas); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", res.StatusCode, body)
	}
	want := map[string]string{}
	for _, r := range areas.Rows {
		n := s.Int(`select count(*) from incident where starts_with(code, $1) and reported_at > now() - interval '30 days'`, r.Code)
		want[r.Code] = ""
		if r.N != nil {
			want[r.Code] = strconv.Itoa(*r.N)
		}
		if r.N != nil && *r.N != n || (r.N == nil) != (n > 0 && n < 5 || r.Code == "44030400100101") {
			t.Errorf("%s: %v, by SQL %d", r.Code, r.N, n)
		}
	}
	// Three in one grid are hidden, and with them the twelve beside them, from which the three could be told.
	if areas.N != 35 || areas.Suppressed != 2 || areas.Unit != "incidents" || len(areas.Rows) != 4 {
		t.Errorf("%+v", areas)
	}
	for _, format := range []string{"csv", "geojson", "xlsx"} {
		res, body := s.do(t, http.MethodGet, "/api/v1/insight/export?form=areas&format="+format+"&"+ask, token, "")
		if res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Content-Disposition"), "."+format) {
			t.Fatalf("%s: %d %s", format, res.StatusCode, body)
		}
		if got := exported(t, format, body); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s says %v, the answer %v", format, got, want)
		}
	}
}

// A file says all that its figures depend on, in each format alike, with times in the district's zone.
func TestExportsSayTheirParameters(t *testing.T) {
	t.Parallel()
	s := newSurface(t)
	s.eventful(t)
	token := s.token(t, "leader", account.Leader, civictest.Root)
	common := []string{
		"area", "area_zh", "area_en", "form", "measure", "class", "from", "to", "time_zone", "unit", "n", "suppressed", "suppressed_below",
		"as_of", "compare", "completeness_period", "smoothing", "breaks", "class_bounds",
	}
	for query, more := range map[string][]string{
		"form=areas&level=grid&value=per_1000_residents&smooth=true": {"level", "value", "completeness_base"},
		"form=hexes&width=300&compare=true":                          {"width_m", "area_km2", "spots", "previous_from", "previous_to", "completeness_place"},
		"form=density&bandwidth=300":                                 {"bandwidth_m", "completeness_place"},
	} {
		said := map[string]map[string]string{}
		for _, format := range []string{"csv", "geojson", "xlsx"} {
			_, body := s.do(t, http.MethodGet, "/api/v1/insight/export?area="+string(civictest.Root)+"&last=30d&format="+format+"&"+query, token, "")
			said[format] = parameters(t, format, body)
			for _, name := range append(more, common...) {
				if v, ok := said[format][name]; !ok || v == "" && name != "class_bounds" { // one class has none
					t.Errorf("%s as %s does not say %s: %v", query, format, name, said[format])
				}
			}
			if !strings.HasSuffix(said[format]["from"], "+08:00") {
				t.Errorf("%s as %s begins at %s", query, format, said[format]["from"])
			}
			delete(said[format], "as_of") // the only one that is another for each
		}
		if diff := cmp.Diff(said["csv"], said["geojson"]); diff != "" {
			t.Errorf("%s (-csv +geojson):\n%s", query, diff)
		}
		if diff := cmp.Diff(said["csv"], said["xlsx"]); diff != "" {
			t.Errorf("%s (-csv +xlsx):\n%s", query, diff)
		}
	}
}

// parameters reads what a file says of itself.
func parameters(t *testing.T, format string, body []byte) map[string]string {
	t.Helper()
	got := map[string]string{}
	switch format {
	case "csv":
		for line := range strings.Lines(string(body)) {
			if name, value, ok := strings.Cut(strings.TrimRight(strings.TrimPrefix(line, "\ufeff"), "\r\n"), ": "); ok && strings.HasPrefix(name, "# ") {
				got[name[2:]] = value
			}
		}
	case "geojson":
		var members map[string]any
		if err := json.Unmarshal(body, &members); err != nil {
			t.Fatal(err)
		}
		for name, value := range members {
			if text, ok := value.(string); ok && name != "type" {
				got[name] = text
			}
		}
	case "xlsx":
		f, err := excelize.OpenReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		rows, err := f.GetRows("parameters")
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			got[row[0]] = strings.Join(row[1:], "")
		}
	}
	return got
}

// exported reads code and n of an exported file.
func exported(t *testing.T, format string, body []byte) map[string]string {
	t.Helper()
	got := map[string]string{}
	switch format {
	case "csv":
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
		r.Comment = '#'
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			got[row[0]] = row[3]
		}
		if !bytes.Contains(body, []byte("# n: 35")) || !bytes.Contains(body, []byte("# completeness_period: ")) {
			t.Errorf("parameters are missing: %s", body)
		}
	case "geojson":
		var doc struct {
			N        string
			Features []struct {
				Geometry   struct{ Type string }
				Properties struct {
					Code string
					N    *int
				}
			}
		}
		if err := json.Unmarshal(body, &doc); err != nil || doc.N != "35" {
			t.Fatalf("%s %v", doc.N, err)
		}
		for _, f := range doc.Features {
			got[f.Properties.Code] = ""
			if f.Properties.N != nil {
				got[f.Properties.Code] = strconv.Itoa(*f.Properties.N)
			}
			if f.Geometry.Type != "MultiPolygon" {
				t.Errorf("a %s", f.Geometry.Type)
			}
		}
	case "xlsx":
		f, err := excelize.OpenReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		rows, err := f.GetRows("figures")
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			got[row[0]] = row[3]
		}
	}
	return got
}

// Every question answers in its own scope and is not found in another's.
func TestHeatmapsAreScoped(t *testing.T) {
	t.Parallel()
	s := newSurface(t)
	s.eventful(t)
	own := s.token(t, "street-a", account.Dispatcher, civictest.StreetA)
	for _, path := range []string{"areas", "hexes", "density", "series", "film", "legend", "top", "outlines", "export"} {
		for area, status := range map[string]int{
			string(civictest.StreetA): http.StatusOK, string(civictest.StreetB): http.StatusNotFound,
			string(civictest.Root): http.StatusNotFound, "440": http.StatusUnprocessableEntity,
		} {
			res, body := s.do(t, http.MethodGet, "/api/v1/insight/"+path+"?level=grid&area="+area, own, "")
			if res.StatusCode != status || bytes.Contains(body, []byte(civictest.GridB)) {
				t.Errorf("%s of %s: %d %s", path, area, res.StatusCode, body)
			}
			if path != "outlines" && status == http.StatusOK && path != "export" && !bytes.Contains(body, []byte(`"n":15`)) {
				t.Errorf("%s counts not the street's fifteen: %s", path, body)
			}
		}
	}
	res, _ := s.do(t, http.MethodGet, "/api/v1/insight/outlines?level=grid&area="+string(civictest.StreetA), own, "")
	if res.Header.Get("ETag") == "" || res.Header.Get("Content-Type") != "application/geo+json" {
		t.Errorf("outlines: %v", res.Header)
	}
}
