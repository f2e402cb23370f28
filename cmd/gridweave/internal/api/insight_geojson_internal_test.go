package api

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/gridweave/gridweave/geo/civic/heat"
)

// What is written number by number reads back as what it was, by a decoder that knows nothing of it.
func TestGeoJSONReadsBack(t *testing.T) {
	ring := orb.Ring{{114.05, 22.5}, {114.1, 22.5}, {114.1, 22.600000000000001}, {114.05, 22.5}}
	s := sheet{
		columns: []string{"code", `a "name"`, "n", "value", "suppressed"},
		rows: [][]any{
			{"440304001", "沙头 <\u2028\"\\", 7, 1.0 / 3, false},
			{"440304002", "", nil, nil, true},
			{"440304003", "x", 0, 1e-9, false},
			{"440304004", "x", -3, 1e21, false},
			{"440304005", "x", math.MaxInt32, -0.5, false},
		},
		shapes: []orb.Geometry{
			orb.Point{114.123456, -22.5}, orb.Polygon{ring, ring}, orb.MultiPolygon{{ring}, {ring, ring}}, nil, orb.LineString(ring),
		},
	}
	body, err := s.geojson()
	if err != nil {
		t.Fatal(err)
	}
	got, err := geojson.UnmarshalFeatureCollection(body)
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	for i, f := range got.Features {
		want := geojson.Properties{}
		for j, name := range s.columns {
			want[name] = s.rows[i][j]
			if n, ok := want[name].(int); ok {
				want[name] = float64(n)
			}
		}
		if diff := cmp.Diff(want, f.Properties); diff != "" {
			t.Errorf("feature %d (-want +got):\n%s", i, diff)
		}
		if diff := cmp.Diff(s.shapes[i], f.Geometry); diff != "" {
			t.Errorf("feature %d (-want +got):\n%s", i, diff)
		}
	}
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil || members["measure"] != "" || members["n"] != "suppressed" {
		t.Errorf("parameters %v, %v", members["measure"], err)
	}
	if s.rows[0][0] = struct{}{}; true {
		if _, err := s.geojson(); err == nil {
			t.Error("what no table holds was written")
		}
	}
}

// Outlines read back too, with their numbers and names.
func TestOutlinesReadBack(t *testing.T) {
	shape := orb.MultiPolygon{{{{114.05, 22.5}, {114.1, 22.5}, {114.1, 22.6}, {114.05, 22.5}}}}
	all := []heat.Outline{
		{ID: 7, Code: "44030400100101", NameZh: "沙头 \"01\"", NameEn: "Shatou", Outline: shape},
		{ID: 8, Code: "44030400100102", Outline: shape},
	}
	body, err := outlinesGeoJSON(all)
	if err != nil {
		t.Fatal(err)
	}
	got, err := geojson.UnmarshalFeatureCollection(body)
	if err != nil || len(got.Features) != len(all) {
		t.Fatalf("%v in %s", err, body)
	}
	for i, o := range all {
		f := got.Features[i]
		want := geojson.Properties{"code": string(o.Code), "name_zh": o.NameZh, "name_en": o.NameEn}
		if diff := cmp.Diff(want, f.Properties); diff != "" || f.ID != float64(o.ID) {
			t.Errorf("feature %v (-want +got):\n%s", f.ID, diff)
		}
		if diff := cmp.Diff(o.Outline, f.Geometry); diff != "" {
			t.Errorf("feature %v (-want +got):\n%s", f.ID, diff)
		}
	}
	if none, err := outlinesGeoJSON(nil); err != nil || string(none) != `{"type":"FeatureCollection","features":[]}` {
		t.Errorf("none: %s, %v", none, err)
	}
}
