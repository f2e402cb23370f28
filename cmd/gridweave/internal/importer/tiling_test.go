package importer_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/tiling"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

// squareMetres is the area of a polygon by the shoelace formula in EPSG:4547.
func squareMetres(p orb.Polygon) float64 {
	sum := 0.0
	for i := 1; i < len(p[0]); i++ {
		a, b := geo.WGS84At(p[0][i-1]).Metric(), geo.WGS84At(p[0][i]).Metric()
		sum += (a.E-500000)*b.N - (b.E-500000)*a.N
	}
	return math.Abs(sum) / 2
}

// put replaces the outline of a grid in the world.
func put(t *testing.T, code string, g orb.Geometry, name string) string {
	t.Helper()
	w := world()
	i := slices.IndexFunc(w.Features, func(f fixtureFeature) bool { return f.Values[0] == code })
	w.Features[i].Geom = g
	w.Features[i].Values[1] = name
	return w.GeoJSON(t)
}

func TestTilingFaultsAreFound(t *testing.T) {
	code := gridCode(1) // columns 1 to 2 of the lower row
	cases := map[string]struct {
		outline orb.Polygon
		want    []tiling.Finding
		where   []orb.Polygon // the places the findings lie in
	}{
		"a gap of 31 m": {
			outline: rect(1.1, 0, 2, 1),
			want:    []tiling.Finding{{Fault: tiling.Gap, Parent: "440304001001", Codes: []string{gridCode(0), code, gridCode(4), gridCode(5)}}},
			where:   []orb.Polygon{rect(1, 0, 1.1, 1)},
		},
		"an overlap of 62 m": {
			outline: rect(0.8, 0, 2, 1),
			want:    []tiling.Finding{{Fault: tiling.Overlap, Parent: "440304001001", Codes: []string{gridCode(0), code}}},
			where:   []orb.Polygon{rect(0.8, 0, 1, 1)},
		},
		"outside of its community": {
			outline: rect(1, -0.1, 2, 1),
			want:    []tiling.Finding{{Fault: tiling.Outside, Parent: "440304001001", Codes: []string{code}}},
			where:   []orb.Polygon{rect(1, -0.1, 2, 0)},
		},
		"a gap of 30 cm is rounding": {outline: rect(1.001, 0, 2, 1)},
		"a sliver of 30 cm over and one of 30 cm too little": {
			outline: rect(0.999, 0, 1.999, 1),
		},
		"a gap on one side and an overlap on the other, the larger first": {
			outline: rect(1.2, 0, 2.1, 1),
			want: []tiling.Finding{
				{Fault: tiling.Gap, Parent: "440304001001", Codes: []string{gridCode(0), code, gridCode(4), gridCode(5)}},
				{Fault: tiling.Overlap, Parent: "440304001001", Codes: []string{code, gridCode(2)}},
			},
			where: []orb.Polygon{rect(1, 0, 1.2, 1), rect(2, 0, 2.1, 1)},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			db := pgtest.DB(t)
			r := bring(t, db, importer.Options{Kind: importer.Areas, File: put(t, code, c.outline, ""), CRS: "wgs84"})
			want(t, r, tally{Rows: 11, Inserted: 11}) // reported, not refused
			checkFindings(t, r.Tiling, c.want, c.where)
		})
	}
}

func checkFindings(t *testing.T, got *tiling.Result, want []tiling.Finding, where []orb.Polygon) {
	t.Helper()
	var plain []tiling.Finding
	for i, f := range got.Findings {
		plain = append(plain, tiling.Finding{Fault: f.Fault, Parent: f.Parent, Codes: f.Codes})
		if i >= len(where) {
			continue
		}
		if b := where[i].Bound(); !b.Contains(orb.Point{f.Lon, f.Lat}) {
			t.Errorf("finding %d is placed at %v, %v, which is not in %v", i, f.Lon, f.Lat, b)
		}
		if m := squareMetres(where[i]); math.Abs(f.Area-m) > 0.01*m {
			t.Errorf("finding %d has %v m², want %v", i, f.Area, m)
		}
	}
	if diff := cmp.Diff(want, plain); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestChildrenWithoutAParent(t *testing.T) {
	db := pgtest.DB(t)
	// Two districts of one city that is not known itself, with a strip between them and a yard in one.
	yard := slices.Clone(rect(0.4, 0.4, 0.6, 0.6)[0])
	slices.Reverse(yard)
	tab := areaTable(area("440304", "福田区", orb.Polygon{rect(0, 0, 1, 1)[0], yard}), area("440303", "罗湖区", rect(1.1, 0, 2, 1)))
	r := bring(t, db, importer.Options{Kind: importer.Areas, File: tab.GeoJSON(t), CRS: "wgs84"})
	if r.Tiling.Parents != 1 || r.Tiling.Orphans != 1 {
		t.Errorf("%+v", r.Tiling)
	}
	checkFindings(t, r.Tiling, []tiling.Finding{{Fault: tiling.Gap, Parent: "4403", Codes: []string{"440304"}}}, []orb.Polygon{rect(0.4, 0.4, 0.6, 0.6)})
}

func TestStrictImportOfAreasThatDoNotTileChangesNothing(t *testing.T) {
	db := pgtest.DB(t)
	o := importer.Options{Kind: importer.Areas, File: put(t, gridCode(1), rect(1.1, 0, 2, 1), ""), CRS: "wgs84", Strict: true}
	r, err := importer.Import(t.Context(), db, o)
	if !errors.Is(err, importer.ErrNotExact) || r.Tiling == nil || r.Tiling.Count != 1 {
		t.Errorf("got %v, %+v", err, r.Tiling)
	}
	if !strings.Contains(r.String(), "gap     in 440304001001 at 114.003") {
		t.Errorf("the report does not say where:\n%s", r)
	}
	if n := query[int](t, db, "select count(*) from area"); n != 0 {
		t.Errorf("%d areas were written", n)
	}
	o.Tolerance = 50
	want(t, bring(t, db, o), tally{Rows: 11, Inserted: 11})
}

// A whole city in one file: 16,000 grids, and borders of 50 km with many corners of smaller areas on them.
func TestCityOfSixteenThousandGridsTiles(t *testing.T) {
	const streets, communities, grids = 160, 10, 10
	tab := areaTable(area("440304", "区", rect(0, 0, streets, communities*grids)))
	for s := range streets {
		x, street := float64(s), fmt.Sprintf("440304%03d", s+1)
		tab.Features = append(tab.Features, area(street, "街", rect(x, 0, x+1, communities*grids)))
		for c := range communities {
			y, community := float64(c*grids), fmt.Sprintf("%s%03d", street, c+1)
			tab.Features = append(tab.Features, area(community, "社", rect(x, y, x+1, y+grids)))
			for g := range grids {
				tab.Features = append(tab.Features, area(fmt.Sprintf("%s%02d", community, g+1), "", rect(x, y+float64(g), x+1, y+float64(g)+1)))
			}
		}
	}
	r := bring(t, pgtest.DB(t), importer.Options{Kind: importer.Areas, File: tab.Lines(t, ""), CRS: "wgs84"})
	want(t, r, tally{Rows: 17761, Inserted: 17761})
	if !r.Tiling.Exact() || r.Tiling.Parents != 1762 {
		t.Errorf("%s", r.Tiling)
	}
}
