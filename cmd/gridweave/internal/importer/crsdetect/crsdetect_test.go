package crsdetect_test

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/crsdetect"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/source"
	"github.com/gridweave/gridweave/geo"
)

func same(p orb.Point) orb.Point { return p }

func fromGCJ(p orb.Point) orb.Point { return geo.GCJ02{Lon: p[0], Lat: p[1]}.WGS84().Point() }

func fromBD(p orb.Point) orb.Point { return geo.BD09{Lon: p[0], Lat: p[1]}.WGS84().Point() }

func toGCJ(p orb.Point) orb.Point {
	g := geo.WGS84At(p).GCJ02()
	return orb.Point{g.Lon, g.Lat}
}

func toBD(p orb.Point) orb.Point {
	g := geo.WGS84At(p).BD09()
	return orb.Point{g.Lon, g.Lat}
}

// moved is a system that nobody knows: 200 m east and 100 m north of WGS-84.
func moved(p orb.Point) orb.Point { return orb.Point{p[0] + 200/102800.0, p[1] + 100/111320.0} }

func candidates() []crsdetect.Candidate {
	return []crsdetect.Candidate{{Name: "wgs84", ToWGS84: same}, {Name: "gcj02", ToWGS84: fromGCJ}, {Name: "bd09", ToWGS84: fromBD}}
}

// real reads shapes of the test data, or skips where it is absent.
func real(t testing.TB, name, code string) []crsdetect.Shape {
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
	r, err := source.Open(t.Context(), path, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	var out []crsdetect.Shape
	err = source.Each(r, func(rec *source.Record) error {
		m, ok := rec.Geom.(orb.MultiPolygon)
		if !ok {
			m = orb.MultiPolygon{rec.Geom.(orb.Polygon)}
		}
		out = append(out, crsdetect.Shape{Code: geo.Code(rec.Get(code)), Geom: m})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func convert(in []crsdetect.Shape, fn func(orb.Point) orb.Point, keepCode bool) []crsdetect.Shape {
	var out []crsdetect.Shape
	for _, s := range in {
		g := s.Geom.Clone()
		for _, p := range g {
			for _, r := range p {
				for i := range r {
					r[i] = fn(r[i])
				}
			}
		}
		if !keepCode {
			s.Code = ""
		}
		out = append(out, crsdetect.Shape{Code: s.Code, Geom: g})
	}
	return out
}

// Every pair of real layers in each system, matched by place alone: found, and refused where it is none of them.
func TestRealLayers(t *testing.T) {
	layers := map[string][]crsdetect.Shape{
		"boundary":    real(t, "futian_boundary_wgs84.geojson", "code"),
		"streets":     real(t, "synthetic_futian_streets.geojson", "code"),
		"communities": real(t, "synthetic_futian_communities.geojson", "code"),
		"grids":       real(t, "synthetic_futian_grids.geojson", "code"),
		"buildings":   real(t, "futian_buildings_coded.geojson", "building_code"),
	}
	systems := map[string]func(orb.Point) orb.Point{"wgs84": same, "gcj02": toGCJ, "bd09": toBD, "": moved}
	for u, upload := range layers {
		for r, reference := range layers {
			for system, to := range systems {
				if r == "streets" || r == "communities" || system != "gcj02" && r != "grids" {
					continue // the coarsest and the finest reference do for one system, the grids for all
				}
				if system == "" && u != "streets" && u != "buildings" {
					continue // trying every rival position takes its time
				}
				got := crsdetect.Detect(convert(upload, to, false), convert(reference, same, false), candidates())
				if got.CRS != system {
					t.Errorf("%s in %q on %s:\n%s", u, system, r, got.Table())
				}
			}
		}
	}
}

// Codes tell where a shape belongs, even if place alone would not.
func TestCodesDecide(t *testing.T) {
	grids, communities := real(t, "synthetic_futian_grids.geojson", "code"), real(t, "synthetic_futian_communities.geojson", "code")
	got := crsdetect.Detect(convert(grids, toBD, true), communities, candidates())
	if got.CRS != "bd09" || !got.ByCode {
		t.Error(got.Table())
	}
	for i := range grids { // another office's numbers
		grids[i].Code = grids[(i+300)%len(grids)].Code
	}
	if got := crsdetect.Detect(convert(grids, toBD, true), communities, candidates()); got.CRS != "bd09" || got.ByCode {
		t.Error(got.Table())
	}
}

// The district's boundary is found on the footprints in it, without any code.
func TestBoundaryOnFootprints(t *testing.T) {
	footprints := convert(real(t, "futian_buildings_coded.geojson", "building_code"), same, false)
	for name, want := range map[string]string{"futian_boundary_gcj02.geojson": "gcj02", "futian_boundary_wgs84.geojson": "wgs84"} {
		got := crsdetect.Detect(convert(real(t, name, "code"), same, false), footprints, candidates())
		if got.CRS != want {
			t.Errorf("%s:\n%s", name, got.Table())
		}
		t.Log(got.Table())
	}
}

func square(lon, lat, metres float64) orb.MultiPolygon {
	dx, dy := metres/102800, metres/111320
	return orb.MultiPolygon{{{{lon, lat}, {lon + dx, lat}, {lon + dx, lat + dy}, {lon, lat + dy}, {lon, lat}}}}
}

func TestWhatCannotBeTold(t *testing.T) {
	town := []crsdetect.Shape{{Geom: square(114, 22.5, 20000)}}
	hut := []crsdetect.Shape{{Geom: square(114.1, 22.6, 30)}}
	away := []crsdetect.Shape{{Geom: square(116.4, 39.9, 5000)}}
	cases := map[string]struct {
		upload, reference []crsdetect.Shape
		want              string
	}{
		"a hut in the middle of a town fits anywhere": {hut, town, "equally well"},
		"another city":            {away, town, "do not show the same ground"},
		"nothing to compare with": {town, nil, "nothing could be compared"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := crsdetect.Detect(c.upload, c.reference, candidates())
			if got.CRS != "" || !strings.Contains(got.Reason, c.want) {
				t.Errorf("chose %q: %s", got.CRS, got.Reason)
			}
		})
	}
}

// A block of houses known at their place is found in whichever system it comes.
func TestHousesOnThemselves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var known []crsdetect.Shape
		for range rapid.IntRange(20, 60).Draw(t, "houses") {
			lon, lat := rapid.Float64Range(114, 114.01).Draw(t, "lon"), rapid.Float64Range(22.5, 22.51).Draw(t, "lat")
			known = append(known, crsdetect.Shape{Geom: square(lon, lat, rapid.Float64Range(8, 25).Draw(t, "side"))})
		}
		to := map[string]func(orb.Point) orb.Point{"wgs84": same, "gcj02": toGCJ, "bd09": toBD}
		want := rapid.SampledFrom([]string{"wgs84", "gcj02", "bd09"}).Draw(t, "system")
		got := crsdetect.Detect(convert(known, to[want], false), known, candidates())
		if got.CRS != want {
			t.Fatalf("want %s:\n%s", want, got.Table())
		}
		if math.Abs(got.Scores[0].Agreement-1) > 0.05 {
			t.Fatalf("agreement %v", got.Scores[0].Agreement)
		}
	})
}
