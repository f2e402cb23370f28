package importer_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/fixture"
	"github.com/gridweave/gridweave/geo/postgis"
)

// The world of these tests: a district of one street of one community of 4 × 2 grids, numbered row by row from the
// south-west, each 0.003° wide and high, which is about 308 m by 332 m.
const (
	west, south = 114.0, 22.5
	cell        = 0.003
	columns     = 4
	gridRows    = 2
)

func rect(x0, y0, x1, y1 float64) orb.Polygon {
	at := func(x, y float64) orb.Point { return orb.Point{west + x*cell, south + y*cell} }
	return orb.Polygon{{at(x0, y0), at(x1, y0), at(x1, y1), at(x0, y1), at(x0, y0)}}
}

func gridCode(n int) string { return fmt.Sprintf("440304001001%02d", n+1) }

func buildingCode(grid, n int) string { return fmt.Sprintf("%s%05d", gridCode(grid), n+1) }

func areaTable(features ...fixture.Feature) fixture.Table {
	return fixture.Table{Names: []string{"code", "name", "name_en"}, Features: features}
}

func area(code, name string, g orb.Geometry) fixture.Feature {
	return fixture.Feature{Values: []string{code, name, ""}, Geom: g}
}

func gridAt(n int) orb.Polygon {
	x, y := float64(n%columns), float64(n/columns)
	return rect(x, y, x+1, y+1)
}

// world is every area in one file, the grids without names.
func world() fixture.Table {
	all := rect(0, 0, columns, gridRows)
	t := areaTable(area("440304", "福田区", all), area("440304001", "南园街道", all), area("440304001001", "沙埔头社区", all))
	for n := range columns * gridRows {
		t.Features = append(t.Features, area(gridCode(n), "", gridAt(n)))
	}
	return t
}

// houses are n buildings in each grid, 20 m wide, in a row through its middle.
func houses(n int) fixture.Table {
	t := fixture.Table{Names: []string{"building_code", "name", "levels", "height", "building"}}
	for g := range columns * gridRows {
		for i := range n {
			x, y := float64(g%columns)+(float64(i)+0.5)/float64(n), float64(g/columns)+0.5
			t.Features = append(t.Features, fixture.Feature{
				Values: []string{buildingCode(g, i), fmt.Sprintf("%d号楼", i+1), "7", "21.5", "apartments"},
				Geom:   rect(x-0.03, y-0.03, x+0.03, y+0.03),
			})
		}
	}
	return t
}

// settle brings the world in, with n houses in each grid.
func settle(t testing.TB, db *postgis.DB, n int) {
	t.Helper()
	want(t, bring(t, db, importer.Options{Kind: importer.Areas, File: world().GeoJSON(t), CRS: "wgs84"}), tally{Rows: 11, Inserted: 11})
	if n > 0 {
		rows := int64(n * columns * gridRows)
		want(t, bring(t, db, importer.Options{Kind: importer.Buildings, File: houses(n).GeoJSON(t)}), tally{Rows: rows, Inserted: rows})
	}
}

// rejectsOf reads the rejects file: its rows as "row code".
func rejectsOf(t *testing.T, r importer.Report) map[string]string {
	t.Helper()
	f, err := os.Open(r.RejectsFile)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"row", "code", "reason"}, rows[0]); diff != "" {
		t.Error(diff)
	}
	out := map[string]string{}
	for _, row := range slices.Delete(rows, 0, 1) {
		out[row[0]+" "+row[1]] = row[2]
	}
	return out
}

func itoa(n int32) string { return fmt.Sprint(n) }
