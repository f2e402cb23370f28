package demo

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/person"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

// go test ./cmd/gridweave/internal/demo -run TestWrite/big -big futian
var big = flag.String("big", "", "also write a city of this scale, and log how long it took")

func TestMain(m *testing.M) { pgtest.Main(m) }

func tiny(t *testing.T) Options {
	t.Helper()
	return Options{Scale: city.Tiny, Seed: 5, Now: time.Date(2026, 3, 4, 2, 30, 0, 0, time.UTC), Sealer: sealer(t)}
}

func sealer(t *testing.T) *person.Sealer {
	t.Helper()
	s, err := person.NewSealer(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// emptyDB is a migrated database with at least one type of incident.
func emptyDB(t *testing.T) *postgis.DB {
	t.Helper()
	db := pgtest.DB(t)
	for _, sql := range []string{
		`insert into department values ('city_management', '城管', 'City management') on conflict do nothing`,
		`insert into incident_class values ('01', '市容环境', 'Environment') on conflict do nothing`,
		`insert into incident_type values ('0101', '01', '暴露垃圾', 'Litter', 'city_management', 3, 30, 30, 120, 1440, 720)
			on conflict do nothing`,
	} {
		if _, err := db.Admin.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func number(t *testing.T, db *postgis.DB, sql string, args ...any) (n int64) {
	t.Helper()
	if err := db.Admin.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// keeping is what the database does with every row: its triggers, and the indexes it keeps.
func keeping(t *testing.T, db *postgis.DB) string {
	t.Helper()
	var all string
	err := db.Admin.QueryRow(t.Context(), `select string_agg(line, E'\n' order by line) from (
		select format('%s %s %s', tgrelid::regclass, tgname, tgenabled) as line from pg_trigger where not tgisinternal
		union all select pg_get_indexdef(indexrelid) || indisvalid from pg_index where indrelid::regclass::text !~ '^pg_') x`).Scan(&all)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWrite(t *testing.T) {
	db := emptyDB(t)
	before := keeping(t, db)
	stages := map[string]bool{}
	o := tiny(t)
	o.Progress = func(p Progress) { stages[p.Stage] = true }
	sum, err := Write(t.Context(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	want := city.Tiny.Counts()
	if sum.Buildings != want.Buildings || sum.Rooms != want.Rooms || len(stages) < 3 {
		t.Errorf("summary %+v after stages %v, want %+v", sum, stages, want)
	}
	for what, q := range map[string]struct {
		sql  string
		want int64
	}{
		"areas":              {`select count(*) from area`, int64(want.Districts + want.Streets + want.Communities + want.Grids)},
		"buildings":          {`select count(*) from building`, int64(want.Buildings)},
		"states":             {`select count(*) from building_state`, int64(want.Buildings)},
		"rooms":              {`select count(*) from room`, int64(want.Rooms)},
		"invalid footprints": {`select count(*) from building where not st_isvalid(geom)`, 0},
		"overlapping footprints": {`select count(*) from building a join building b on a.id < b.id and a.geom && b.geom
			where st_relate(a.geom, b.geom, 'T********')`, 0},
		"buildings outside their grid": {`select count(*) from building b join area a on a.code = b.grid
			where not st_covers(a.geom, b.geom)`, 0},
		"residents of the district": {`select residents from area where length(code) = 6`, int64(sum.Residents)},
		"counts of rooms": {`select count(*) from building_state s join
			(select left(code, 19) as code, count(*) as n, sum(residents) as people from room group by 1) r using (code)
			where s.rooms <> r.n or s.residents <> r.people`, 0},
		"the next building's id": {`select nextval(pg_get_serial_sequence('building', 'id'))`, int64(want.Buildings) + 1},
		"gaps between grids": {`select (st_area(d.geom) - sum(st_area(g.geom)) > 1e-12)::int from area d, area g
			where length(d.code) = 6 and length(g.code) = 14 group by d.geom`, 0},
		"buildings in the road": {`select count(*) from building b join base_feature f on f.kind = 'road' and f.geom && b.geom
			where st_intersects(f.geom, b.geom)`, 0},
		"steps without evidence": {`select count(*) from declaration d where not exists
			(select from evidence e where e.noun = 'declaration' and e.subject = d.id::text)`, 0},
		"incidents whose state is not their last step's": {`select count(*) from incident i where i.status is distinct from
			(select e.after ->> 'status' from evidence e where e.noun = 'incident' and e.subject = i.id::text order by e.id desc limit 1)`, 0},
		"deadlines that the ledger does not tell": {`select count(*) from incident_stretch where not told`, 0},
		"incidents whose deadline is not their last stretch's": {`select count(*) from incident i
			full join (select * from incident_stretch where until = 'infinity') s on s.incident_id = i.id
			where i.due_at is distinct from s.due_at`, 0},
		"counts of open incidents": {`select count(*) from building_state s where s.open_incidents <>
			(select count(*) from incident i where i.building_id = s.building_id and i.due_at is not null)`, 0},
		"grades that are not the last event's": {`select count(*) from building_state s where s.grade is distinct from
			(select e.new_grade from grade_event e where e.building_id = s.building_id order by e.at desc, e.id desc limit 1)`, 0},
		"counts of the cube that are not the rows'": {`select count(*) from heat_check()`, 0},
		"names that search does not know": {`select count(*) from building b where not exists
			(select from search_term t where t.code = left(b.code, 12) and t.stem = search_stem(b.address_zh))`, 0},
		"what happens after now": {`select count(*) from evidence where at > '2026-03-04 02:30+00'`, 0},
		"incidents outside their grid": {`select count(*) from incident i join area a on a.code = left(i.code, 14)
			where not st_dwithin(a.geom, i.geom, 0.0003)`, 0},
	} {
		if got := number(t, db, q.sql); got != q.want {
			t.Errorf("%s: %d, want %d", what, got, q.want)
		}
	}
	if diff := cmp.Diff(before, keeping(t, db)); diff != "" {
		t.Errorf("triggers and indexes are not as before (-before +after):\n%s", diff)
	}
	if sum.Incidents < 50 || number(t, db, `select count(*) from incident`) != int64(sum.Incidents) {
		t.Errorf("%d incidents", sum.Incidents)
	}
	if sum.Declarations < 20 || number(t, db, `select count(*) from declaration`) != int64(sum.Declarations) {
		t.Errorf("%d declarations", sum.Declarations)
	}
}

// TestPeopleAreSealed opens what was written: with the keys it is a number, without them nothing in the row is.
func TestPeopleAreSealed(t *testing.T) {
	db, o := emptyDB(t), tiny(t)
	if _, err := Write(t.Context(), db, o); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Admin.Query(t.Context(), `select id_sealed, id_hash from declaration`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var sealed, hash []byte
		if err := rows.Scan(&sealed, &hash); err != nil {
			t.Fatal(err)
		}
		plain, err := sealer(t).Open(sealed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := geo.ParseResidentID(string(plain)); err != nil {
			t.Error(err)
		}
		if !bytes.Equal(hash, o.Sealer.Hash(plain)) {
			t.Errorf("the hash is another's")
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestSecondDemoIsRefused(t *testing.T) {
	db := emptyDB(t)
	if _, err := Write(t.Context(), db, tiny(t)); err != nil {
		t.Fatal(err)
	}
	_, err := Write(t.Context(), db, tiny(t))
	if !errors.Is(err, ErrNotEmpty) || !strings.Contains(err.Error(), "tiny, seed 5") {
		t.Errorf("a second demo: %v", err)
	}
}

func TestInterruptedDemoLeavesNothing(t *testing.T) {
	db := emptyDB(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	o := tiny(t)
	o.Progress = func(p Progress) {
		if p.Done == 2 {
			stop()
		}
	}
	if _, err := Write(ctx, db, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted demo: %v", err)
	}
	if n := number(t, db, `select (select count(*) from area) + (select count(*) from building) + (select count(*) from setting)`); n != 0 {
		t.Errorf("%d rows stayed behind", n)
	}
	o.Progress = nil
	if _, err := Write(t.Context(), db, o); err != nil {
		t.Errorf("the demo again: %v", err)
	}
}

func TestBig(t *testing.T) {
	if *big == "" {
		t.Skip("writes a large city only with -big SCALE")
	}
	scale, err := city.ParseScale(*big)
	if err != nil {
		t.Fatal(err)
	}
	o := tiny(t)
	o.Scale = scale
	sum, err := Write(t.Context(), emptyDB(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", sum)
}
