package postgis_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

// twoStreets fills streets 440304001 and 440304002, one community each, with 10 grids of 300 buildings.
const twoStreets = `
insert into area (code, name_zh, geom)
select code, '区域' || code, st_multi(st_makeenvelope(114, 22, 115, 23, 4326))
from (
  select '4403' as code union all select '440304'
  union all select '44030400' || s from generate_series(1, 2) s
  union all select '44030400' || s || '001' from generate_series(1, 2) s
  union all select '44030400' || s || '001' || to_char(g, 'FM00') from generate_series(1, 2) s, generate_series(1, 10) g
) a;
insert into building (code, geom)
select '44030400' || s || '001' || to_char(g, 'FM00') || to_char(b, 'FM00000'),
       st_multi(st_makeenvelope(x, y, x + 0.0001, y + 0.0001, 4326))
from generate_series(1, 2) s, generate_series(1, 10) g, generate_series(1, 300) b,
     lateral (select 114 + s * 0.1 + g * 0.005 + (b % 20) * 0.0002 as x, 22.5 + (b / 20) * 0.0002 as y) at;
analyze area, building`

func district(t *testing.T) *postgis.DB {
	t.Helper()
	db := pgtest.DB(t)
	if _, err := db.Admin.Exec(t.Context(), twoStreets); err != nil {
		t.Fatal(err)
	}
	return db
}

func count(ctx context.Context, db *postgis.DB, scope geo.Code, table string) (n int, err error) {
	err = db.Read(ctx, scope, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `select count(*) from `+table).Scan(&n)
	})
	return n, err
}

func TestScopeDecidesWhatIsSeen(t *testing.T) {
	t.Parallel()
	db := district(t)
	ctx := t.Context()
	for _, c := range []struct {
		scope            geo.Code
		areas, buildings int
	}{
		{"", 0, 0},
		{"4403", 26, 6000},
		{"440304", 25, 6000},
		{"440304001", 12, 3000},
		{"44030400200110", 1, 300},
		{"4403040020011000001", 0, 1},
		{"440305", 0, 0},
	} {
		areas, err := count(ctx, db, c.scope, "area")
		if err != nil || areas != c.areas {
			t.Errorf("scope %q: %d areas, want %d, %v", c.scope, areas, c.areas, err)
		}
		if n, err := count(ctx, db, c.scope, "building"); err != nil || n != c.buildings {
			t.Errorf("scope %q: %d buildings, want %d, %v", c.scope, n, c.buildings, err)
		}
	}
	var outside int
	if err := db.App.QueryRow(ctx, `select count(*) from building`).Scan(&outside); err != nil || outside != 0 {
		t.Errorf("%d buildings without any scope, %v", outside, err)
	}
}

func TestScopeDecidesWhatIsWritten(t *testing.T) {
	t.Parallel()
	db := district(t)
	ctx := t.Context()
	const inside, outside = "4403040010010100001", "4403040020010100001"
	rename := func(code string) (int64, error) {
		var n int64
		_, err := db.Write(ctx, "440304001", func(tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, `update building set name_en = 'x' where code = $1`, code)
			n = tag.RowsAffected()
			return err
		})
		return n, err
	}
	if n, err := rename(inside); err != nil || n != 1 {
		t.Errorf("inside: %d rows, %v", n, err)
	}
	if n, err := rename(outside); err != nil || n != 0 {
		t.Errorf("outside: %d rows, %v", n, err)
	}
	_, err := db.Write(ctx, "440304001", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into building_state (building_id, code) select id, code from building where code = $1`, inside)
		if err == nil {
			_, err = tx.Exec(ctx, `update building set code = '4403040020010199999' where code = '4403040010010100002'`)
		}
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "row-level security") {
		t.Errorf("a building was moved out of the scope: %v", err)
	}
}

func plan(t *testing.T, db *postgis.DB, scope geo.Code, query string) string {
	t.Helper()
	var lines []string
	err := db.Read(t.Context(), scope, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `explain `+query)
		if err != nil {
			return err
		}
		lines, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// Row-level security must cost no index: not the spatial one for a small box in a wide scope, nor that of the codes
// for a narrow scope, also where the overlap test is not marked as leakproof.
func TestPoliciesKeepIndexesUsable(t *testing.T) {
	t.Parallel()
	db := district(t)
	const box = `select id from building where geom && st_makeenvelope(114.1051, 22.5001, 114.1055, 22.5005, 4326)`
	if got := plan(t, db, "440304", box); !strings.Contains(got, "building_geom_idx") {
		t.Errorf("a box in the district's scope:\n%s", got)
	}
	if _, err := db.Admin.Exec(t.Context(), `alter function geometry_overlaps(geometry, geometry) not leakproof`); err != nil {
		t.Fatal(err)
	}
	got := plan(t, db, "44030400200110", box)
	if strings.Contains(got, "building_geom_idx") || !strings.Contains(got, "building_code_key") {
		t.Errorf("a box in a grid's scope, in a foreign database:\n%s", got)
	}
	if got := plan(t, db, "44030400200110", `select id from building`); !strings.Contains(got, "building_code_key") {
		t.Errorf("all of a grid:\n%s", got)
	}
}
