package heat_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/heat"
)

// told is what a service says of everything that its copy holds.
func told(t *testing.T, s *heat.Service, by account.Actor) (all []any) {
	t.Helper()
	note := func(answer any, err error) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, answer)
	}
	for _, m := range heat.Measures() {
		q := heat.Query{Area: civictest.Root, Measure: m, From: january.AddDate(0, 0, 5), To: january.AddDate(0, 0, 45)}
		note(s.Areas(t.Context(), by, q, geo.Grid, heat.View{Value: heat.Count, Compare: true}))
		note(s.Hexes(t.Context(), by, q, 200, true))
		note(s.Series(t.Context(), by, q, 1))
		note(s.Top(t.Context(), by, q))
	}
	return all
}

// A copy that followed the log says the same as one made just now, after any history.
func TestCopyFollows(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	d := civictest.New(t)
	c := newChance(t, d, seed)
	clock := func() time.Time { return asOf }
	kept, by := heat.NewService(d.DB, clock), d.Actor("leader", account.Leader, civictest.Root)
	all := append(steps(), step{"counted anew", 1, []string{`select heat_rebuild()`}},
		step{"the log is cut off", 1, []string{`update heat_epoch set floor = pg_current_xact_id()`, `delete from heat_log`}})
	for i := range 300 {
		s := all[c.IntN(len(all))]
		if err := c.do(t, d, s); err != nil {
			t.Fatal(err)
		}
		if i%10 != 9 {
			continue
		}
		if diff := cmp.Diff(told(t, heat.NewService(d.DB, clock), by), told(t, kept, by)); diff != "" {
			t.Fatalf("after %d steps, the last %s (-made now +followed):\n%s", i+1, s.name, diff)
		}
	}
}

// Whoever commits late is counted when it commits, also behind those who began after it and were read meanwhile.
func TestCopyWaitsForNobody(t *testing.T) {
	t.Parallel()
	d := civictest.New(t)
	s, by := heat.NewService(d.DB, func() time.Time { return asOf }), d.Actor("leader", account.Leader, civictest.Root)
	n := func() int {
		q := heat.Query{Area: civictest.Root, Measure: heat.Incidents, From: january, To: january.AddDate(0, 1, 0)}
		got, err := s.Series(t.Context(), by, q, 24)
		if err != nil {
			t.Fatal(err)
		}
		return got.About.N
	}
	insert := func(at string) string {
		return fmt.Sprintf(`insert into incident (code, geom, type, source, reported_at, due_at)
			select min(code), st_setsrid(st_makepoint(114, 22.5), 4326), '0101', 'sensor', '%s', now() from area where length(code) = 14`, at)
	}
	before := n()
	slow, err := d.Admin.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = slow.Rollback(t.Context()) }()
	undone, err := d.Admin.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for tx, at := range map[pgx.Tx]string{slow: "2026-01-05 10:00Z", undone: "2026-01-06 10:00Z"} {
		if _, err := tx.Exec(t.Context(), insert(at)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Admin.Exec(t.Context(), insert("2026-01-07 10:00Z")); err != nil {
		t.Fatal(err)
	}
	if got := n(); got != before+1 {
		t.Errorf("%d while two have not committed, want %d", got, before+1)
	}
	if err := undone.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := slow.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := n(); got != before+2 {
			t.Errorf("%d when one has committed and one has not, want %d", got, before+2)
		}
	}
}
