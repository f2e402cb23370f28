package geo_test

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/geotest"
)

func TestParseCRS(t *testing.T) {
	for in, want := range map[string]geo.CRS{
		"wgs84": geo.CRSWGS84, "WGS-84": geo.CRSWGS84, "EPSG:4326": geo.CRSWGS84, "4326": geo.CRSWGS84, "CRS84": geo.CRSWGS84,
		"urn:ogc:def:crs:OGC:1.3:CRS84": geo.CRSWGS84, "urn:ogc:def:crs:EPSG::4490": geo.CRSCGCS2000,
		"urn:ogc:def:crs:EPSG:6.9:4547": geo.CRSMetric, "cgcs2000": geo.CRSCGCS2000, " GCJ-02 ": geo.CRSGCJ02,
		"bd_09": geo.CRSBD09, "epsg:4547": geo.CRSMetric, "EPSG:32650": 32650, "EPSG:102100": 102100,
	} {
		if got, err := geo.ParseCRS(in); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", in, got, err, want)
		}
	}
	for in, reason := range map[string]string{
		"": "none of wgs84, cgcs2000, gcj02, bd09 and EPSG:n", "auto": "none of", "baidu": "baidu uses bd09", "高德": "高德 uses gcj02",
		"EPSG:": "none of", "EPSG:99999999": "none of", "EPSG:-1": "none of", "-1": "none of",
	} {
		if got, err := geo.ParseCRS(in); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: %v, %v; want %s", in, got, err, reason)
		}
	}
}

func TestCRSTravelsAsText(t *testing.T) {
	for _, c := range []geo.CRS{geo.CRSWGS84, geo.CRSCGCS2000, geo.CRSGCJ02, geo.CRSBD09, geo.CRSMetric, 32650} {
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var back geo.CRS
		if err := json.Unmarshal(text, &back); err != nil || back != c {
			t.Errorf("%s reads as %v, %v", text, back, err)
		}
		if n, ok := c.EPSG(); ok != (c > 0) || ok && n != int(c) {
			t.Errorf("%s has EPSG number %d, %v", c, n, ok)
		}
	}
}

func TestToWGS84SurvivesEveryGeometry(t *testing.T) {
	for _, c := range []geo.CRS{geo.CRSWGS84, geo.CRSCGCS2000, geo.CRSGCJ02, geo.CRSBD09, geo.CRSMetric} {
		for i, g := range geotest.AllGeometries() {
			before := geotest.AllGeometries()[i]
			got, err := c.ToWGS84(g)
			if err != nil {
				t.Fatalf("%s of geometry %d: %v", c, i, err)
			}
			if reflect.TypeOf(got) != reflect.TypeOf(before) {
				t.Errorf("%s turned a %T into a %T", c, before, got)
			}
			if kept := c == geo.CRSWGS84 || c == geo.CRSCGCS2000; kept && !reflect.DeepEqual(got, before) {
				t.Errorf("%s changed geometry %d to %v", c, i, got)
			}
		}
	}
	if _, err := geo.CRS(32650).ToWGS84(orb.Point{500000, 2500000}); err == nil {
		t.Error("EPSG:32650 was transformed")
	}
}

func TestToWGS84MovesEachPointOnce(t *testing.T) {
	want := geo.GCJ02{114.05, 22.54}.WGS84().Point()
	ring := orb.Ring{{114.05, 22.54}, {114.06, 22.54}, {114.06, 22.55}, {114.05, 22.54}}
	got, err := geo.CRSGCJ02.ToWGS84(orb.Collection{orb.Point{114.05, 22.54}, orb.MultiPolygon{{ring}}})
	if err != nil {
		t.Fatal(err)
	}
	if moved, ok := got.(orb.Collection); !ok || moved[0] != want || ring[0] != want || ring[3] != want {
		t.Errorf("moved to %v, want %v", got, want)
	}
}

// The district's real boundary, drawn by two sources in two systems, lands within the metres in which they agree.
func TestRealBoundaryLands(t *testing.T) {
	gps, shifted := boundary(t, "futian_boundary_wgs84.geojson"), boundary(t, "futian_boundary_gcj02.geojson")
	landed, err := geo.CRSGCJ02.ToWGS84(shifted)
	if err != nil {
		t.Fatal(err)
	}
	from, area := centre(t, landed)
	to, want := centre(t, gps)
	if off := math.Hypot(from[0]-to[0], from[1]-to[1]); off > 2 {
		t.Errorf("the centres lie %.2f m apart", off)
	}
	// ogr2ogr -t_srs EPSG:4547, then OGR_GEOM_AREA (GDAL 3.6.2). Areas of 79.6 km² in circulation are taken on a sphere.
	const proj = 79796470.4
	if math.Abs(want-proj) > 1 || math.Abs(area/want-1) > 0.001 {
		t.Errorf("areas %.1f and %.1f m², want %.1f", want, area, proj)
	}
}

func boundary(t *testing.T, name string) orb.Geometry {
	t.Helper()
	text, err := os.ReadFile(shared(t, name))
	if err != nil {
		t.Fatal(err)
	}
	features, err := geojson.UnmarshalFeatureCollection(text)
	if err != nil || len(features.Features) != 1 {
		t.Fatalf("%s: %v", name, err)
	}
	return features.Features[0].Geometry
}

// centre is the centroid and area in metres.
func centre(t *testing.T, g orb.Geometry) (orb.Point, float64) {
	t.Helper()
	switch g := g.(type) {
	case orb.Polygon:
		return centre(t, orb.MultiPolygon{g})
	case orb.MultiPolygon:
		flat := g.Clone()
		for _, polygon := range flat {
			for _, ring := range polygon {
				for i, p := range ring {
					ring[i] = geo.ToMetric(p)
				}
			}
		}
		return planar.CentroidArea(flat)
	default:
		t.Fatalf("the boundary is a %T", g)
		return orb.Point{}, 0
	}
}
