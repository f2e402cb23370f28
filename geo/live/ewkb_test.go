package live

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo/geotest"
	"github.com/gridweave/gridweave/geo/postgis"
)

// FuzzQuantiseEWKB holds that reading bytes in place gives what decoding them first gives, errors included.
func FuzzQuantiseEWKB(f *testing.F) {
	for _, g := range geotest.AllGeometries() {
		if data, err := postgis.EncodeEWKB(g); err == nil {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var want Shape
		g, wantErr := postgis.DecodeEWKB(data)
		if wantErr == nil {
			want, wantErr = Quantise(g)
		}
		got, err := QuantiseEWKB(data)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%x: error %v, decoded first %v", data, err, wantErr)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(Shape{}, parts{})); err == nil && diff != "" {
			t.Fatalf("%x (-decoded first +in place):\n%s", data, diff)
		}
	})
}

func TestQuantiseEWKBReadsEveryGeometry(t *testing.T) {
	for _, g := range append(geotest.AllGeometries(), orb.MultiPolygon{{square(114, 22, 0.1), square(114.02, 22.02, 0.01)}}) {
		data, err := postgis.EncodeEWKB(g)
		if err != nil {
			continue
		}
		want, wantErr := Quantise(g)
		got, err := QuantiseEWKB(data)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(Shape{}, parts{})); (err == nil) != (wantErr == nil) || diff != "" {
			t.Errorf("%T %v: error %v, want %v (-want +got):\n%s", g, g, err, wantErr, diff)
		}
	}
}
