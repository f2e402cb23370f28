package asmvt

import (
	"strings"
	"testing"
)

func TestStatement(t *testing.T) {
	plain := Config{Table: "peer.building", Columns: []string{"g", "u"}, SRID: 3857, Layer: "building"}.statement()
	for _, want := range []string{`"peer"."building"`, `, id, "g", "u"`, "st_asmvtgeom(geom,"} {
		if !strings.Contains(plain, want) {
			t.Errorf("%q is not in %s", want, plain)
		}
	}
	if strings.Contains(plain, "st_transform") {
		t.Errorf("a table in 3857 needs no transformation: %s", plain)
	}
	degrees := Config{Table: "b", SRID: 4326}.statement()
	if !strings.Contains(degrees, "st_transform(geom, 3857)") || !strings.Contains(degrees, ", 4326)") {
		t.Errorf("a table in 4326 is transformed both ways: %s", degrees)
	}
}
