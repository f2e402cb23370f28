package topics_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// happen is one random transaction by hand, sometimes rolled back.
func (f *followed) happen(r *rand.Rand) {
	f.t.Helper()
	ctx := f.t.Context()
	house := fmt.Sprintf("4403040%02d00101%05d", 1+r.IntN(2), 1+r.IntN(4))
	statements := []string{
		`insert into incident (code, geom, type, source, due_at) values ('` + house + `', st_point(114.0005, 22.5005, 4326), '0501', 'hotline', now())`,
		`update incident set status = 'filed', escalation = escalation + 1 where id % 3 = $1 and status not in ('closed', 'rejected')`,
		`update incident set status = 'closed', due_at = null where id % 5 = $1`,
		`update incident set status = 'filed', due_at = now() + interval '1 hour' where status = 'closed' and id % 2 = $1`,
		`update incident set code = '` + house + `', geom = st_translate(geom, 0.0001, 0) where id % 7 = $1`,
		`update incident set description = 'x' where id % 2 = $1`,
		`update incident_type set severity = severity % 4 + 1 where code = '0501' and $1 > 1`,
		`delete from incident where id % 11 = $1`,
		`insert into declaration (code, status, source, id_sealed, id_hash, name_sealed, moved_in_on, submitted_at) values
			('` + house + `000101', 'accepted', 'qr', '', sha256(convert_to(random()::text, 'UTF8')), '', '2026-01-01', now() - $1::int * interval '3 days')`,
		`update declaration set status = 'expired' where id % 3 = $1`,
		`update declaration set status = 'doubtful', due_at = now() where id % 4 = $1`,
		`update declaration set status = 'accepted', due_at = null where id % 4 = $1`,
		`update declaration set code = '` + house + `000201' where id % 7 = $1`,
		`delete from declaration where id % 9 = $1`,
		`update building_state set grade = 'red' where building_id % 3 = $1`,
	}
	tx, err := f.Admin.Begin(ctx)
	if err != nil {
		f.t.Fatal(err)
	}
	for range 1 + r.IntN(4) {
		sql := statements[r.IntN(len(statements))]
		// A statement that is refused (two of one person in a room) leaves the others as they are.
		nested, err := tx.Begin(ctx)
		if err != nil {
			f.t.Fatal(err)
		}
		args := []any{r.IntN(5)}
		if sql == statements[0] {
			args = nil
		}
		if _, err := nested.Exec(ctx, sql, args...); err != nil {
			_ = nested.Rollback(ctx)
		} else if err := nested.Commit(ctx); err != nil {
			f.t.Fatal(err)
		}
	}
	if r.IntN(6) == 0 {
		err = tx.Rollback(ctx)
	} else {
		err = tx.Commit(ctx)
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// What the retained log tells afterwards is what was told when it happened, event by event, with the same positions, to
// whoever may see which part of the district.
func TestPastIsToldAsItHappened(t *testing.T) {
	f := newFollowed(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 60 {
		f.happen(r)
	}
	if err := f.past.Keep(t.Context(), f.settle()); err != nil {
		t.Fatal(err)
	}
	f.exec(`update declaration set status = 'expired' where false`)
	f.exec(`create table moves_the_log_on ()`)
	from := f.settle()
	areas := []geo.Code{civictest.Root, civictest.StreetA, civictest.StreetB, civictest.BuildingA}
	names := []string{"incident", "declaration", "grade"}
	ears := map[geo.Code]*ear{}
	for _, a := range areas {
		ears[a] = f.listen(a, names...)
	}
	for range 200 {
		f.happen(r)
	}
	to := f.settle()
	told := map[geo.Code][]wire.Item{}
	set, err := f.hub.Topics(names)
	if err != nil {
		t.Fatal(err)
	}
	layers, states := f.hub.Eventful(set)
	if diff := cmp.Diff([]string{"grade"}, states); diff != "" {
		t.Errorf("of which only states are told: %s", diff)
	}
	all, err := f.past.Since(t.Context(), from, to, layers, func(deltas []live.Delta, at position.Position) error {
		for _, a := range areas {
			told[a] = append(told[a], itemsOf(t, ears[a].audience.Past(deltas, from, at))...)
		}
		return nil
	})
	if err != nil || !all {
		t.Fatalf("told all: %v, %v", all, err)
	}
	for _, a := range areas {
		var want []wire.Item
		for _, i := range ears[a].heard() {
			if i.Topic != "grade" {
				want = append(want, i)
			}
		}
		if diff := cmp.Diff(want, told[a]); diff != "" {
			t.Fatalf("%s: %d events then, %d now: %s", a, len(want), len(told[a]), diff)
		}
		if a == civictest.Root && len(want) < 200 {
			t.Errorf("%d events only", len(want))
		}
	}
	// What has been let go of is not told in part.
	if err := f.past.Keep(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	if all, err := f.past.Since(t.Context(), from, to, layers, func([]live.Delta, position.Position) error { return nil }); all || err != nil {
		t.Errorf("told all: %v, %v", all, err)
	}
}
