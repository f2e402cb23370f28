package geotest_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo/geotest"
)

// Every kind that orb's own list has is in ours, nil where there can be a nil, empty and filled.
func TestListIsComplete(t *testing.T) {
	have := map[string]bool{}
	for _, g := range geotest.AllGeometries() {
		have[form(g)] = true
	}
	for _, g := range orb.AllGeometries {
		if !have[form(g)] {
			t.Errorf("no %s", form(g))
		}
		if g == nil {
			continue
		}
		if filled := fmt.Sprintf("%T filled", g); !have[filled] {
			t.Errorf("no %s", filled)
		}
	}
}

func TestListIsMadeAnew(t *testing.T) {
	for i, g := range geotest.AllGeometries() {
		if line, ok := g.(orb.LineString); ok && len(line) > 0 {
			line[0] = orb.Point{}
			if again := geotest.AllGeometries()[i]; reflect.DeepEqual(again, g) {
				t.Errorf("geometry %d is shared between calls", i)
			}
		}
	}
}

// form tells kinds apart by type, and nil from empty from filled.
func form(g orb.Geometry) string {
	v := reflect.ValueOf(g)
	switch {
	case g == nil:
		return "nil"
	case v.IsZero():
		return fmt.Sprintf("%T zero", g)
	case v.Kind() == reflect.Slice && v.Len() == 0:
		return fmt.Sprintf("%T empty", g)
	}
	return fmt.Sprintf("%T filled", g)
}
