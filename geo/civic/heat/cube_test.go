package heat_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// step is something that a use case, an import or somebody in psql does to the rows; %s and the like are filled with
// chance by fill.
type step struct {
	name string
	odds int
	sql  []string
}

// Words in braces stand for chance: {house} a house's code, {place} a grid's or a house's, {room} a room's, {at} a
// moment within forty days, {n} a small number, {case} and so on a row that is there.
func steps() []step {
	const (
		incident    = `(select id from incident order by md5(id || '{at}') limit 1)`
		declaration = `(select id from declaration order by md5(id || '{at}') limit 1)`
		building    = `(select id from building order by md5(id || '{at}') limit 1)`
	)
	return []step{
		{"an incident", 30, []string{`insert into incident (code, geom, type, source, reported_at, due_at)
			values ('{place}', st_setsrid(st_makepoint(114 + {n} * 0.004, 22.5), 4326), '010' || 1 + {n} % 5, 'sensor', '{at}', now())`}},
		{"many incidents", 6, []string{`insert into incident (code, geom, type, source, reported_at, due_at, status, merged_into, rejected_because)
			select '{place}', st_setsrid(st_makepoint(114 + i * 0.0001, 22.5), 4326), '0201', 'sensor',
			       timestamptz '{at}' + i * interval '7 min', null, 'rejected', null, 'why'
			from generate_series(1, 20) i`}},
		{"a step of an incident", 20, []string{`update incident set status = 'filed', due_at = now(), rejected_because = null where id = ` + incident}},
		{"a rejection", 12, []string{`update incident set status = 'rejected', due_at = null, rejected_because = 'why' where id = ` + incident}},
		{"another type", 5, []string{`update incident set type = '0501' where id = ` + incident}},
		{"another place", 5, []string{`update incident set code = '{place}', geom = st_translate(geom, 0.001, 0) where id = ` + incident}},
		{"another time", 5, []string{`update incident set reported_at = '{at}' where id = ` + incident}},
		{"an incident goes", 3, []string{`delete from incident where id = ` + incident}},
		{"a declaration", 30, []string{`insert into declaration (code, source, id_sealed, id_hash, name_sealed, moved_in_on, submitted_at, due_at)
			values ('{room}', 'qr', '\x01', sha256(random()::text::bytea), '\x03', '2026-01-01', '{at}', now())`}},
		{"declarations of a house", 6, []string{`insert into declaration (code, source, id_sealed, id_hash, name_sealed, moved_in_on, submitted_at, due_at, status)
			select code, 'batch', '\x01', sha256((code || random())::bytea), '\x03', '2026-01-01', '{at}', null, 'accepted'
			from room where left(code, 19) = '{house}'`}},
		{"one is accepted", 10, []string{`update declaration set status = 'accepted', due_at = null, moved_out_on = null where id = ` + declaration}},
		{"one moves out", 10, []string{`update declaration set status = 'moved_out', due_at = null, moved_out_on = '2026-01-01'::date + 10 * {n} where id = ` + declaration}},
		{"one is refuted", 8, []string{`update declaration set status = 'rejected', due_at = null, moved_out_on = null, decided_at = '{at}' where id = ` + declaration}},
		{"one expires", 4, []string{`update declaration set status = 'expired', due_at = null, moved_out_on = null, updated_at = '{at}' where id = ` + declaration}},
		{"a declaration goes", 4, []string{`delete from declaration where id = ` + declaration}},
		{"a room is let or not", 14, []string{`update room set use = case {n} % 3 when 0 then 'vacant' else 'whole_let' end, residents = {n} % 2 where code = '{room}'`}},
		{"a house's rooms are let", 5, []string{`update room set use = 'shared_let', residents = 2 where left(code, 19) = '{house}'`}},
		{"a room is built", 4, []string{`insert into room (code, floor, unit, use, residents) select '{house}' || '0009' || lpad((10 + {n})::text, 2, '0'), 9, 'x', 'dormitory', 3
			where exists (select from building where code = '{house}') on conflict do nothing`}},
		{"a room goes", 3, []string{`delete from room where code = '{room}'`}},
		{"a grade", 25, []string{`insert into grade_event (building_id, code, at, new_grade, actor)
			select id, code, '{at}', case {n} % 6 when 0 then null when 1 then 'green' when 2 then 'red' when 3 then 'orange' when 4 then 'yellow' else 'grey' end, 'x'
			from building where code = '{house}'`}},
		{"grades of a grid", 5, []string{`insert into grade_event (building_id, code, at, new_grade, actor)
			select b.id, b.code, timestamptz '{at}' + i * interval '9 hours', case i % 2 when 0 then 'red' else 'green' end, 'x'
			from building b, generate_series(1, 3) i where left(b.code, 14) = left('{house}', 14)`}},
		{"a grade goes", 3, []string{`delete from grade_event where id = (select min(id) from grade_event)`}},
		{"a house's figures", 8, []string{`update building_state set residents = {n} * 3, rental_rooms = {n} % 4, grade = case {n} % 3 when 0 then null else 'red' end where building_id = ` + building}},
		{"a house stands elsewhere", 4, []string{`update building set geom = st_translate(geom, 0.0003, 0) where id = ` + building}},
		{"a house is recoded", 4, []string{
			`create temporary table moving on commit drop as select b.code as old, '{grid}' || lpad((1 + (select max(substr(code, 15))::int from building))::text, 5, '0') as new from building b where b.id = ` + building,
			`update building b set code = m.new from moving m where b.code = m.old`,
			`update room r set code = m.new || right(r.code, 6) from moving m where left(r.code, 19) = m.old`,
			`update incident i set code = m.new || substr(i.code, 20) from moving m where left(i.code, 19) = m.old`,
			`update declaration d set code = m.new || substr(d.code, 20) from moving m where left(d.code, 19) = m.old`,
		}},
		{"a house is pulled down", 1, []string{
			`create temporary table falling on commit drop as select code from building where id = ` + building,
			`delete from room where left(code, 19) = (select code from falling)`,
			`delete from building where code = (select code from falling)`,
		}},
		{"all incidents go", 1, []string{`truncate incident cascade`}},
	}
}

type chance struct {
	*rand.Rand
	houses, rooms, grids []string
}

func (c chance) fill(sql string) string {
	pick := func(from []string) string { return from[c.IntN(len(from))] }
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(c.IntN(40*24*60)) * time.Minute)
	place := pick(c.houses)
	if c.IntN(3) == 0 {
		place = pick(c.grids)
	}
	for word, value := range map[string]string{
		"{house}": pick(c.houses), "{room}": pick(c.rooms), "{grid}": pick(c.grids), "{place}": place,
		"{at}": at.Format(time.RFC3339), "{n}": fmt.Sprint(c.IntN(10)),
	} {
		sql = strings.ReplaceAll(sql, word, value)
	}
	return sql
}

func lines(t *testing.T, d civictest.District, sql string) []string {
	t.Helper()
	rows, err := d.Admin.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func newChance(t *testing.T, d civictest.District, seed uint64) chance {
	t.Helper()
	return chance{
		rand.New(rand.NewPCG(seed, 7)), lines(t, d, `select code from building order by code`),
		lines(t, d, `select code from room order by code`), lines(t, d, `select code from area where length(code) = 14 order by code`),
	}
}

// do runs a step as one transaction. A step that the schema refuses (two who live in one room twice) changes nothing.
func (c chance) do(t *testing.T, d civictest.District, s step) error {
	t.Helper()
	_, err := d.AsAdmin(t.Context(), func(tx pgx.Tx) error {
		for _, sql := range s.sql {
			if _, err := tx.Exec(t.Context(), c.fill(sql)); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
		return nil
	})
	return err
}

func differences(t *testing.T, d civictest.District) []string {
	t.Helper()
	return lines(t, d, `select which || ' ' || key || ': ' || kept || ', by the rows ' || counted from heat_check() limit 10`)
}

// After any history of the rows, whoever wrote it, the cube says what they say; and so it does when it is made anew.
func TestCubeEqualsRows(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	d := civictest.New(t)
	c := newChance(t, d, seed)
	var bag []step
	for _, s := range steps() {
		for range s.odds {
			bag = append(bag, s)
		}
	}
	done := map[string]int{}
	for i := range 600 {
		s := bag[c.IntN(len(bag))]
		if err := c.do(t, d, s); err != nil {
			t.Fatal(err)
		}
		done[s.name]++
		if i%20 == 19 {
			if found := differences(t, d); len(found) > 0 {
				t.Fatalf("after %d steps, the last %s: %v", i+1, s.name, found)
			}
		}
	}
	for _, s := range steps() {
		if s.odds > 2 && done[s.name] == 0 {
			t.Errorf("never tried: %s", s.name)
		}
	}
	if n := d.Int(`select count(*) from heat_hour`); n == 0 {
		t.Error("nothing was counted")
	}
	before := d.Int(`select sum(n * hashtext(concat_ws(' ', measure, at, class, code))::bigint) % 1000000007 from heat_hour where n <> 0`)
	if _, err := d.Admin.Exec(t.Context(), `select heat_rebuild()`); err != nil {
		t.Fatal(err)
	}
	if found := differences(t, d); len(found) > 0 {
		t.Errorf("made anew: %v", found)
	}
	if after := d.Int(`select sum(n * hashtext(concat_ws(' ', measure, at, class, code))::bigint) % 1000000007 from heat_hour`); after != before {
		t.Error("made anew, it says something else")
	}
}

// Several who write at once leave the cube right: counts add up, rooms and grades are ordered by locks.
func TestCubeUnderConcurrency(t *testing.T) {
	t.Parallel()
	d := civictest.New(t)
	var writers sync.WaitGroup
	for w := range 6 {
		c := newChance(t, d, uint64(w))
		c.houses, c.rooms = c.houses[:2], c.rooms[:3] // so that they meet
		writers.Go(func() {
			for range 40 {
				s := steps()[c.IntN(22)]
				if err := c.do(t, d, s); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
	if found := differences(t, d); len(found) > 0 {
		t.Error(found)
	}
}

// The server's role reads the counts of its scope and changes none; nothing else lets it at them.
func TestCubeIsScoped(t *testing.T) {
	t.Parallel()
	d := civictest.New(t)
	c := newChance(t, d, 1)
	for range 60 {
		if err := c.do(t, d, steps()[c.IntN(11)]); err != nil {
			t.Fatal(err)
		}
	}
	for table, column := range map[string]string{"heat_hour": "code", "heat_state": "code", "heat_change": "code", "heat_place": "code", "heat_base": "code", "heat_declared": "room"} {
		err := d.Read(t.Context(), civictest.StreetA, func(tx pgx.Tx) error {
			var own, other int
			err := tx.QueryRow(t.Context(), fmt.Sprintf(`select count(*) filter (where starts_with(%[2]s, $1)),
				count(*) filter (where not starts_with(%[2]s, $1)) from %[1]s`, table, column), civictest.StreetA).Scan(&own, &other)
			if other != 0 || own == 0 && table != "heat_change" && table != "heat_state" && table != "heat_declared" {
				t.Errorf("%s: %d of its own, %d of others", table, own, other)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, sql := range []string{`delete from heat_hour`, `select heat_rebuild()`, `select * from heat_check()`, `select * from heat_raw_event`, `delete from heat_log`, `update heat_epoch set epoch = 9`} {
		_, err := d.Write(t.Context(), civictest.StreetA, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), sql)
			return err
		})
		if err == nil {
			t.Errorf("the server's role may: %s", sql)
		}
	}
}
