package feed_test

import (
	"strings"
	"testing"

	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/realtime/feed"
)

// A large value that did not change is not in the log: the row says that it does not know it, and never that it is
// empty.
func TestUnchangedLargeValue(t *testing.T) {
	r := newRig(t, 0)
	r.settle()
	r.exec(`alter table fruit add column story text`)
	r.exec(`alter table fruit alter column story set storage external`)
	r.exec(`insert into fruit values ('aa', 'one', repeat('long ', 4000))`)
	r.exec(`update fruit set name_en = 'two'`)
	r.exec(`update fruit set story = repeat('longer ', 4000)`)
	r.exec(`update fruit set story = null`)
	r.agree()
	for i, want := range []struct {
		bytes       int
		null, known bool
	}{{20000, false, true}, {0, false, false}, {28000, false, true}, {0, true, true}} {
		story, null, known := r.mirror.seen[i].Rows[0].Text("story")
		if len(story) != want.bytes || null != want.null || known != want.known {
			t.Errorf("transaction %d: %d bytes, null %t, known %t; want %v", i, len(story), null, known, want)
		}
	}
	if _, loads := r.mirror.state(); loads != 1 {
		t.Errorf("loaded %d times, want once: a new column concerns nobody", loads)
	}
}

// A table that logs whole old rows tells of a changed key only where it changed.
func TestWholeOldRows(t *testing.T) {
	r := newRig(t, 0)
	r.settle()
	r.exec(`alter table fruit replica identity full`)
	r.exec(insert, "aa", "one")
	r.exec(`update fruit set name_en = 'two'`)
	r.exec(`update fruit set code = 'bb'`)
	r.exec(`delete from fruit`)
	r.agree()
	for i, want := range []string{"", "", "aa", ""} {
		if old, known := r.mirror.seen[i].Rows[0].OldKey("code"); old != want || known != (want != "") {
			t.Errorf("transaction %d: old key %q, %t; want %q", i, old, known, want)
		}
	}
}

// Where the schema is no longer what the server reads, what was loaded is served, marked stale with the reason, until
// it is again.
func TestSchemaThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct{ breaks, mends, says string }{
		"column renamed":            {`alter table fruit rename column name_en to name_old`, `alter table fruit rename column name_old to name_en`, "has no name_en"},
		"column dropped":            {`alter table fruit drop column name_en`, `alter table fruit add column name_en text not null default 'back'`, "has no name_en"},
		"table taken out":           {`alter publication fruits drop table fruit`, `alter publication fruits add table fruit`, "does not carry table fruit"},
		"column taken out":          {`alter publication fruits set table fruit (code)`, `alter publication fruits set table fruit`, "has no name_en"},
		"rows left out":             {`alter publication fruits set table fruit where (code < 'b')`, `alter publication fruits set table fruit`, "leaves out some changes"},
		"operations left out":       {`alter publication fruits set (publish = 'insert')`, `alter publication fruits set (publish = 'insert, update, delete, truncate')`, "leaves out some changes"},
		"renamed while it was away": {`alter table fruit rename to berry`, `alter table berry rename to fruit`, "does not carry table fruit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each waits for the feed to look by itself
			r := newRig(t, 0)
			r.exec(insert, "aa", "one")
			r.agree()
			r.exec(c.breaks)
			_, _ = r.conn.Exec(t.Context(), `insert into fruit (code) values ('zz')`) // fails where the name must not be null
			report := r.until("stale", func(p feed.Report) bool { return p.State == feed.Stale && p.Cause == feed.Unreadable })
			if !strings.Contains(report.Reason, c.says) {
				t.Errorf("reason %q, want %q", report.Reason, c.says)
			}
			if held, _ := r.mirror.state(); held["aa"] != "one" {
				t.Errorf("what was loaded is not served any more: %v", held)
			}
			r.exec(c.mends)
			r.exec(`update fruit set name_en = 'two'`)
			r.agree()
		})
	}
}

func TestTransactionOfManyBytesLoadsAnew(t *testing.T) {
	r := newRigOn(t, pgtest.URL(t), feed.Config{MaxBytes: 1 << 20})
	r.settle()
	r.exec(insert, "small", "x")
	r.agree()
	r.exec(`insert into fruit select n::text, repeat('x', 100000) from generate_series(1, 20) n`)
	r.agree()
	if _, loads := r.mirror.state(); loads != 2 {
		t.Errorf("loaded %d times, want twice", loads)
	}
}
