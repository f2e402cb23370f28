package geo_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo"
)

// metres between two points in degrees, near enough for short distances.
func metres(lon1, lat1, lon2, lat2 float64) float64 {
	perLon, perLat := geo.MetresPerDegree((lat1 + lat2) / 2)
	return math.Hypot((lon1-lon2)*perLon, (lat1-lat2)*perLat)
}

type golden struct {
	WGS84 [2]float64 `json:"wgs84"`
	GCJ02 [2]float64 `json:"gcj02"`
	BD09  [2]float64 `json:"bd09"`
}

func goldens(t *testing.T) []golden {
	t.Helper()
	text, err := os.ReadFile(shared(t, "golden_coords.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Points []golden `json:"points"`
	}
	if err := json.Unmarshal(text, &file); err != nil || len(file.Points) == 0 {
		t.Fatalf("%d points, %v", len(file.Points), err)
	}
	return file.Points
}

// A micrometre is 1e-11 degrees: what the file and the formulas agree on, the last bits of sines left aside.
func TestGoldenCoordinates(t *testing.T) {
	const exact = 1e-11
	for _, g := range goldens(t) {
		w := geo.WGS84{Lon: g.WGS84[0], Lat: g.WGS84[1]}
		gcj := geo.GCJ02{Lon: g.GCJ02[0], Lat: g.GCJ02[1]}
		bd := geo.BD09{Lon: g.BD09[0], Lat: g.BD09[1]}
		for _, tt := range []struct {
			name      string
			got, want [2]float64
		}{
			{"wgs84 to gcj02", [2]float64{w.GCJ02().Lon, w.GCJ02().Lat}, g.GCJ02},
			{"wgs84 to bd09", [2]float64{w.BD09().Lon, w.BD09().Lat}, g.BD09},
			{"gcj02 to bd09", [2]float64{gcj.BD09().Lon, gcj.BD09().Lat}, g.BD09},
			{"gcj02 to wgs84", [2]float64{gcj.WGS84().Lon, gcj.WGS84().Lat}, g.WGS84},
			{"bd09 to gcj02", [2]float64{bd.GCJ02().Lon, bd.GCJ02().Lat}, g.GCJ02},
			{"bd09 to wgs84", [2]float64{bd.WGS84().Lon, bd.WGS84().Lat}, g.WGS84},
		} {
			if math.Abs(tt.got[0]-tt.want[0]) > exact || math.Abs(tt.got[1]-tt.want[1]) > exact {
				t.Errorf("%s: %.14f, want %.14f", tt.name, tt.got, tt.want)
			}
		}
	}
}

// The offsets that the domain's description states for Futian's centre.
func TestOffsetsAtFutian(t *testing.T) {
	w := geo.WGS84{Lon: 114.05, Lat: 22.54}
	at := w.Metric()
	for _, tt := range []struct {
		name        string
		lon, lat    float64
		east, north float64
	}{
		{"gcj02", w.GCJ02().Lon, w.GCJ02().Lat, 524.7, -302.1},
		{"bd09", w.BD09().Lon, w.BD09().Lat, 1197.9, 324.2},
	} {
		// Read the shifted degrees as if they were WGS-84, as a map without conversion does.
		m := geo.WGS84{Lon: tt.lon, Lat: tt.lat}.Metric()
		if east, north := m.E-at.E, m.N-at.N; math.Abs(east-tt.east) > 1.5 || math.Abs(north-tt.north) > 1.5 {
			t.Errorf("%s lies %+.1f m E, %+.1f m N, want %+.1f, %+.1f", tt.name, east, north, tt.east, tt.north)
		}
	}
}

// anywhere draws points of China, its seas included.
func anywhere() *rapid.Generator[geo.WGS84] {
	return rapid.Custom(func(t *rapid.T) geo.WGS84 {
		return geo.WGS84{
			Lon: rapid.Float64Range(73.4, 135.1).Draw(t, "lon"),
			Lat: rapid.Float64Range(3.4, 53.6).Draw(t, "lat"),
		}
	})
}

func TestShiftsInvertAnywhereInChina(t *testing.T) {
	const promised = 0.01 // metres
	rapid.Check(t, func(t *rapid.T) {
		w := anywhere().Draw(t, "point")
		if back := w.GCJ02().WGS84(); metres(w.Lon, w.Lat, back.Lon, back.Lat) > promised/1000 {
			t.Fatalf("gcj02: %v came back as %v", w, back)
		}
		if back := w.BD09().WGS84(); metres(w.Lon, w.Lat, back.Lon, back.Lat) > promised/1000 {
			t.Fatalf("bd09: %v came back as %v", w, back)
		}
		if moved := metres(w.Lon, w.Lat, w.GCJ02().Lon, w.GCJ02().Lat); moved < 10 || moved > 1500 {
			t.Fatalf("gcj02 lies %.0f m from %v", moved, w)
		}
	})
}

func TestOutsideChinaNothingShifts(t *testing.T) {
	for _, w := range []geo.WGS84{
		{0, 0}, {2.35, 48.86}, {-74, 40.7}, {140, 35.7}, {114, -22.5}, {180, 90}, {math.Inf(1), 0}, {-180, -90},
	} {
		if g := w.GCJ02(); geo.WGS84(g) != w || g.WGS84() != w {
			t.Errorf("gcj02 of %v is %v", w, g)
		}
		if b := w.BD09(); geo.WGS84(b) != w || b.WGS84() != w {
			t.Errorf("bd09 of %v is %v", w, b)
		}
	}
	if g := (geo.WGS84{math.NaN(), 22}).GCJ02(); !math.IsNaN(g.Lon) || g.Lat != 22 {
		t.Errorf("gcj02 of NaN is %v", g)
	}
}

// Computed once by PROJ through GDAL 3.6.2: gdaltransform -s_srs EPSG:4490 -t_srs EPSG:4547 -output_xy. The output has
// 15 digits.
func projGoldens() []struct {
	p geo.CGCS2000
	m geo.Metric
} {
	return []struct {
		p geo.CGCS2000
		m geo.Metric
	}{
		{geo.CGCS2000{114, 0}, geo.Metric{500000, 0}},
		{geo.CGCS2000{114, 22.5}, geo.Metric{500000, 2489167.31108445}},
		{geo.CGCS2000{114.0415, 22.5462}, geo.Metric{504268.775163093, 2494283.97164836}},
		{geo.CGCS2000{114.05, 22.54}, geo.Metric{505143.332451145, 2493597.66557513}},
		{geo.CGCS2000{113.75, 22.4}, geo.Metric{474257.42774473, 2478115.07322101}},
		{geo.CGCS2000{114.63, 22.87}, geo.Metric{564651.80007561, 2530279.11857098}},
		{geo.CGCS2000{113.7, 22.2}, geo.Metric{469064.879644483, 2455977.40358278}},
		{geo.CGCS2000{112.5, 30}, geo.Metric{355262.250908803, 3321060.84092654}},
		{geo.CGCS2000{115.5, 39.9}, geo.Metric{628280.067877253, 4419502.90878363}},
		{geo.CGCS2000{110, 18}, geo.Metric{76099.5623616328, 1995559.73030906}},
		{geo.CGCS2000{118, 53}, geo.Metric{768488.803758683, 5882110.47367741}},
		{geo.CGCS2000{114.05, -22.54}, geo.Metric{505143.332451145, -2493597.66557513}},
	}
}

func TestMetricEqualsPROJ(t *testing.T) {
	const micrometre = 1e-6
	for _, tt := range projGoldens() {
		got := tt.p.Metric()
		if math.Abs(got.E-tt.m.E) > micrometre || math.Abs(got.N-tt.m.N) > micrometre {
			t.Errorf("%v projects to %.9f, want %.9f", tt.p, got, tt.m)
		}
		if back := tt.m.CGCS2000(); metres(back.Lon, back.Lat, tt.p.Lon, tt.p.Lat) > micrometre {
			t.Errorf("%v comes from %.12f, want %.12f", tt.m, back, tt.p)
		}
	}
}

// gdaltransform -s_srs EPSG:4547 -t_srs EPSG:4490 -output_xy, as above.
func TestMetricInverseEqualsPROJ(t *testing.T) {
	for _, tt := range []struct {
		m geo.Metric
		p geo.CGCS2000
	}{
		{geo.Metric{400000, 2500000}, geo.CGCS2000{113.027515842466, 22.5948782679415}},
		{geo.Metric{700000, 2600000}, geo.CGCS2000{115.957645314021, 23.4885013102714}},
		{geo.Metric{200000, 4000000}, geo.CGCS2000{110.66976192079, 36.0839853829047}},
	} {
		if got := tt.m.CGCS2000(); metres(got.Lon, got.Lat, tt.p.Lon, tt.p.Lat) > 1e-6 {
			t.Errorf("%v comes from %.12f, want %.12f", tt.m, got, tt.p)
		}
	}
}

func TestMetricComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := geo.WGS84{
			Lon: rapid.Float64Range(110, 118).Draw(t, "lon"),
			Lat: rapid.Float64Range(-60, 60).Draw(t, "lat"),
		}
		if back := w.Metric().WGS84(); metres(w.Lon, w.Lat, back.Lon, back.Lat) > 1e-6 {
			t.Fatalf("%v came back as %v", w, back)
		}
	})
}

// On the central meridian the projection is true to scale, so a small step there measures the ellipsoid.
func TestMetresPerDegree(t *testing.T) {
	const step = 1e-4
	for _, lat := range []float64{0, 22.54, 45, -30} {
		perLon, perLat := geo.MetresPerDegree(lat)
		at := geo.WGS84{114, lat}.Metric()
		east := (geo.WGS84{114 + step, lat}.Metric().E - at.E) / step
		north := (geo.WGS84{114, lat + step/2}.Metric().N - geo.WGS84{114, lat - step/2}.Metric().N) / step
		if math.Abs(east-perLon) > 0.01 || math.Abs(north-perLat) > 0.01 {
			t.Errorf("at %g: %.3f by %.3f m, want %.3f by %.3f", lat, perLon, perLat, east, north)
		}
	}
}

func FuzzGCJ02RoundTrip(f *testing.F) {
	f.Add(114.05, 22.54)
	f.Add(105.0, 35.0)
	f.Add(72.004, 0.8293)
	f.Add(137.8347, 55.8271)
	f.Add(math.Inf(1), math.NaN())
	f.Fuzz(func(t *testing.T, lon, lat float64) {
		w := geo.WGS84{lon, lat}
		g := w.GCJ02()
		back := g.WGS84()
		if math.IsNaN(lon) || math.IsNaN(lat) {
			return
		}
		inside := lon > 72.02 && lon < 137.82 && lat > 0.85 && lat < 55.81 // off the seam
		if inside && metres(lon, lat, back.Lon, back.Lat) > 0.01 {
			t.Fatalf("%v came back as %v", w, back)
		}
		if outside := lon < 71.9 || lon > 137.9 || lat < 0.7 || lat > 55.9; outside && (geo.WGS84(g) != w || back != w) {
			t.Fatalf("%v outside China became %v, then %v", w, g, back)
		}
	})
}

func BenchmarkGCJ02ToWGS84(b *testing.B) {
	g := geo.WGS84{114.05, 22.54}.GCJ02()
	for b.Loop() {
		if g.WGS84().Lon < 114 {
			b.Fatal("wrong")
		}
	}
}

func BenchmarkMetric(b *testing.B) {
	w := geo.WGS84{114.05, 22.54}
	for b.Loop() {
		if w.Metric().WGS84().Lon < 114 {
			b.Fatal("wrong")
		}
	}
}
