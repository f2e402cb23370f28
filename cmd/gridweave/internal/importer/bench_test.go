package importer_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

const (
	benchRows = 625 // buildings of each grid of the benchmark
)

// town writes 8 × 12 grids with so many houses in each, of 5 to 9 corners, some with a name, height and levels, as
// real files have them, and gives the files and the number of houses.
func town(b testing.TB) (areas, buildings string, n int64) {
	b.Helper()
	dir := b.TempDir()
	buildings = filepath.Join(dir, "buildings.geojson")
	all := areaTable(area("440304", "区", rect(0, 0, 8, 12)), area("440304001", "街道", rect(0, 0, 8, 12)), area("440304001001", "社区", rect(0, 0, 8, 12)))
	f, err := os.Create(buildings)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same town each time
	fmt.Fprint(w, `{"type":"FeatureCollection","features":[`)
	for g := range 8 * 12 {
		x, y := float64(g%8), float64(g/8)
		all.Features = append(all.Features, area(gridCode(g), "", rect(x, y, x+1, y+1)))
		for i := range benchRows {
			writeHouse(w, random, gridCode(g), i, x, y, n == 0)
			n++
		}
	}
	fmt.Fprint(w, "]}\n")
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return all.Lines(b, ""), buildings, n
}

func writeHouse(w *bufio.Writer, random *rand.Rand, grid string, i int, x, y float64, first bool) {
	if !first {
		fmt.Fprint(w, ",\n")
	}
	name, levels, height := "null", "null", "null"
	if i%3 == 0 {
		name, levels, height = fmt.Sprintf("%q", fmt.Sprintf("%d村%d栋", i/50+1, i+1)), fmt.Sprint(1+random.IntN(30)), fmt.Sprintf("%.1f", 3+90*random.Float64())
	}
	fmt.Fprintf(w, `{"type":"Feature","properties":{"height":%s,"levels":%s,"name":%s,"building":"apartments","building_code":"%s%05d","grid_code":"%s"},"geometry":{"type":"Polygon","coordinates":[[`,
		height, levels, name, grid, i+1, grid)
	lon, lat := west+cell*(x+(float64(i%25)+0.5)/25), south+cell*(y+(float64(i/25)+0.5)/25)
	corner := func(dx, dy float64) string { return fmt.Sprintf("[%.7f,%.7f]", lon+dx*cell/60, lat+dy*cell/60) }
	fmt.Fprint(w, corner(-1, -1), ",", corner(1, -1), ",", corner(1, 0))
	if i%2 == 0 {
		fmt.Fprint(w, ",", corner(0.5, 0), ",", corner(0.5, 0.6), ",", corner(1, 0.6))
	}
	fmt.Fprint(w, ",", corner(1, 1), ",", corner(-1, 1), ",", corner(-1, -1), "]]}}")
}

// BenchmarkImportBuildings measures rows a second from a GeoJSON file into PostGIS with every check, index and state,
// and against it, in the same run, the plain way: one INSERT a row in one transaction.
func BenchmarkImportBuildings(b *testing.B) {
	areas, buildings, n := town(b)
	var importing, plain time.Duration
	const few = 3000
	for b.Loop() {
		db := pgtest.DB(b)
		bring(b, db, importer.Options{Kind: importer.Areas, File: areas, CRS: "wgs84"})
		began := time.Now()
		r := bring(b, db, importer.Options{Kind: importer.Buildings, File: buildings, CRS: "wgs84"})
		importing += time.Since(began)
		if r.Inserted != n {
			b.Fatalf("%s", r)
		}
		plain += insertPlainly(b, db, few)
	}
	rate := float64(n) * float64(b.N) / importing.Seconds()
	plainRate := few * float64(b.N) / plain.Seconds()
	b.ReportMetric(rate, "rows/s")
	b.ReportMetric(plainRate, "plain-rows/s")
	b.ReportMetric(rate/plainRate, "times-plain")
	b.ReportMetric(0, "ns/op")
}

// insertPlainly copies some buildings one by one, prepared and in one transaction, which is kind to it.
func insertPlainly(b *testing.B, db *postgis.DB, few int) time.Duration {
	b.Helper()
	rows, err := db.Admin.Query(b.Context(), `select name_zh, kind, levels, height_m, st_asewkb(geom) from building order by code limit $1`, few)
	if err != nil {
		b.Fatal(err)
	}
	type house struct {
		name, kind string
		levels     *int16
		height     *float32
		shape      []byte
	}
	houses, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (h house, err error) {
		return h, r.Scan(&h.name, &h.kind, &h.levels, &h.height, &h.shape)
	})
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	err = pgx.BeginFunc(b.Context(), db.Admin, func(tx pgx.Tx) error {
		for i, h := range houses {
			var id int32
			code := fmt.Sprintf("%s%05d", gridCode(i%90), 90000+i)
			err := tx.QueryRow(b.Context(), `insert into building (code, name_zh, kind, levels, height_m, geom)
				values ($1, $2, $3, $4, $5, st_geomfromewkb($6)) returning id`, code, h.name, h.kind, h.levels, h.height, h.shape).Scan(&id)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(b.Context(), `insert into building_state (building_id, code) values ($1, $2)`, id, code); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}
