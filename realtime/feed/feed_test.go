package feed_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/feed/feedtest"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/rows"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// mirror keeps a table as the log tells it.
type mirror struct {
	mu      sync.Mutex
	table   feedtest.Table
	seen    []feed.Transaction
	at      position.Position
	changed chan struct{}
	slow    chan struct{} // where set, Apply waits for it
	fail    error
}

func newMirror() *mirror {
	return &mirror{table: feedtest.Table{Name: "fruit", Key: "code", Column: "name_en", Rows: map[string]string{}}, changed: make(chan struct{})}
}

func (m *mirror) Load(ctx context.Context, tx pgx.Tx, at position.Position) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.table.Load(ctx, tx); err != nil {
		return err
	}
	m.at = at
	return nil
}

func (m *mirror) Apply(_ context.Context, t feed.Transaction) error {
	m.mu.Lock()
	slow := m.slow
	m.mu.Unlock()
	if slow != nil {
		<-slow
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.fail; err != nil {
		m.fail = nil
		return err
	}
	m.seen = append(m.seen, t)
	for _, r := range t.Rows {
		m.table.Take(r)
	}
	return nil
}

func (m *mirror) Advance(at position.Position) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = at
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *mirror) state() (map[string]string, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.table.Rows), m.table.Loads
}

// rig is a feed that runs against a database of its own.
type rig struct {
	t      *testing.T
	url    string
	slot   string
	conn   *pgx.Conn
	mirror *mirror
	feed   *feed.Feed
	ended  chan error // what Run returned
	stop   func() error
}

func newRig(t *testing.T, maxRows int) *rig {
	t.Helper()
	return newRigOn(t, pgtest.URL(t), feed.Config{MaxRows: maxRows})
}

// newRigOn follows what the URL reaches, with the config's bounds.
func newRigOn(t *testing.T, url string, cfg feed.Config) *rig {
	t.Helper()
	r := &rig{t: t, url: url, mirror: newMirror()}
	conn, err := pgx.Connect(t.Context(), r.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.conn.Close(context.WithoutCancel(t.Context())) })
	r.conn = conn
	r.exec(`create table fruit (code text primary key, name_en text not null)`)
	r.exec(`create publication fruits for table fruit`)
	r.start(cfg)
	return r
}

func (r *rig) start(cfg feed.Config) {
	cfg.URL, cfg.Publication, cfg.Slot = r.url, "fruits", fmt.Sprintf("test_%d", time.Now().UnixNano())
	cfg.Needs = []rows.Source{{Table: "fruit", Columns: []string{"code", "name_en"}}}
	cfg.Log, cfg.Metrics = slog.New(slog.DiscardHandler), feed.NewMetrics(prometheus.NewRegistry())
	r.slot, r.feed = cfg.Slot, feed.New(cfg, r.mirror)
	ctx, cancel := context.WithCancel(r.t.Context())
	r.ended = make(chan error, 2)
	go func() { r.ended <- r.feed.Run(ctx) }()
	r.stop = sync.OnceValue(func() error { cancel(); return <-r.ended })
	r.t.Cleanup(func() {
		if err := r.stop(); err != nil {
			r.t.Error(err)
		}
	})
}

// until waits for something that the feed does by itself.
func (r *rig) until(what string, done func(feed.Report) bool) feed.Report {
	r.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	patience := time.After(30 * time.Second)
	for {
		report := r.feed.Report()
		if done(report) {
			return report
		}
		select {
		case <-tick.C:
		case <-patience:
			r.t.Fatalf("never %s: %+v", what, report)
		}
	}
}

func (r *rig) exec(sql string, args ...any) {
	r.t.Helper()
	if _, err := r.conn.Exec(r.t.Context(), sql, args...); err != nil {
		r.t.Fatal(err)
	}
}

// settle waits until the mirror has reached what is committed now, asking the server as a reader in a hurry would.
func (r *rig) settle() {
	r.t.Helper()
	var text string
	if err := r.conn.QueryRow(r.t.Context(), `select pg_current_wal_flush_lsn()::text`).Scan(&text); err != nil {
		r.t.Fatal(err)
	}
	want, err := position.ParseLSN(text)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	for {
		r.mirror.mu.Lock()
		at, changed := r.mirror.at, r.mirror.changed
		r.mirror.mu.Unlock()
		if state, _, _ := r.feed.Status(); at.LSN >= want && state == feed.Live {
			return
		}
		r.feed.Nudge()
		select {
		case <-changed:
		case <-time.After(100 * time.Millisecond): // not live yet: ask again
		case <-ctx.Done():
			state, _, reason := r.feed.Status()
			r.t.Fatalf("never reached %X, is at %X, %s: %s", want, at.LSN, state, reason)
		}
	}
}

// agree compares the mirror with the table.
func (r *rig) agree() {
	r.t.Helper()
	r.settle()
	found, err := r.conn.Query(r.t.Context(), `select code, name_en from fruit`)
	if err != nil {
		r.t.Fatal(err)
	}
	want := map[string]string{}
	var code, name string
	if _, err := pgx.ForEachRow(found, []any{&code, &name}, func() error { want[code] = name; return nil }); err != nil {
		r.t.Fatal(err)
	}
	got, _ := r.mirror.state()
	if diff := cmp.Diff(want, got); diff != "" {
		r.t.Fatalf("mirror differs from the table (-table +mirror):\n%s", diff)
	}
}

const insert = `insert into fruit (code, name_en) values ($1, $2)`

func TestFollowsWhatHappens(t *testing.T) {
	r := newRig(t, 0)
	r.exec(insert, "aa", "one")
	r.exec(insert, "bb", "two")
	r.agree()
	r.exec(`update fruit set name_en = 'other' where code = 'aa'`)
	r.exec(`update fruit set code = 'cc' where code = 'bb'`)
	r.exec(`delete from fruit where code = 'aa'`)
	r.agree()
	r.exec(`truncate fruit`)
	r.agree()
	r.exec(insert, "dd", "again")
	r.agree()
	if _, loads := r.mirror.state(); loads != 1 {
		t.Errorf("loaded %d times, want once", loads)
	}
}

func TestCommitOrderAndPositions(t *testing.T) {
	r := newRig(t, 0)
	r.settle()
	late, err := pgx.Connect(t.Context(), r.url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = late.Close(context.WithoutCancel(t.Context())) }()
	tx, err := late.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), insert, "first_begun", "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), insert, "and_second", "x"); err != nil {
		t.Fatal(err)
	}
	r.exec(insert, "begun_later", "x")
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.exec(`begin`)
	r.exec(insert, "rolled_back", "x")
	r.exec(`rollback`)
	r.agree()
	var order []string
	for i, tr := range r.mirror.seen {
		if i > 0 && tr.Commit < r.mirror.seen[i-1].End {
			t.Errorf("transaction %d commits at %X, before the end %X of the one before", i, tr.Commit, r.mirror.seen[i-1].End)
		}
		for j, row := range tr.Rows {
			code, _, _ := row.Text("code")
			order = append(order, fmt.Sprint(code, " ", j, " ", row.Index))
		}
	}
	if diff := cmp.Diff([]string{"begun_later 0 0", "first_begun 0 0", "and_second 1 1"}, order); diff != "" {
		t.Errorf("commit order (-want +got):\n%s", diff)
	}
}

// What is committed while the connection is down arrives one by one when it is up again, and nothing is loaded anew.
func TestDroppedConnectionMissesNothing(t *testing.T) {
	r := newRig(t, 0)
	r.settle()
	r.exec(insert, "before", "x")
	r.settle()
	for i := range 5 {
		r.exec(`select pg_terminate_backend(active_pid) from pg_replication_slots where active_pid is not null`)
		r.exec(insert, fmt.Sprintf("during_%c", 'a'+i), "x")
		r.exec(`update fruit set name_en = $2 where code = $1`, fmt.Sprintf("during_%c", 'a'+i), fmt.Sprint(i))
		r.agree()
	}
	_, loads := r.mirror.state()
	if loads != 1 {
		t.Errorf("loaded %d times, want once", loads)
	}
	if n := len(r.mirror.seen); n != 11 {
		t.Errorf("%d transactions, want each of 11 once", n)
	}
}

func TestLostSlotLoadsAnew(t *testing.T) {
	r := newRig(t, 0)
	r.exec(insert, "before", "x")
	r.settle()
	r.exec(`select pg_terminate_backend(active_pid), pg_drop_replication_slot(slot_name)
		from (select active_pid, slot_name from pg_replication_slots where database = current_database()
		      and pg_terminate_backend(active_pid, 5000)) s`)
	r.exec(insert, "after", "x")
	r.agree()
	if _, loads := r.mirror.state(); loads != 2 {
		t.Errorf("loaded %d times, want twice", loads)
	}
}

func TestHugeTransactionLoadsAnew(t *testing.T) {
	r := newRig(t, 100)
	r.settle()
	r.exec(`insert into fruit (code, name_en) select n::text, n::text from generate_series(1, 500) n`)
	r.agree()
	if _, loads := r.mirror.state(); loads != 2 {
		t.Errorf("loaded %d times, want twice", loads)
	}
}

// What cannot be applied may not be skipped: everything is loaded anew.
func TestFailedApplyLoadsAnew(t *testing.T) {
	r := newRig(t, 0)
	r.settle()
	r.mirror.mu.Lock()
	r.mirror.fail = errors.New("cannot be applied")
	r.mirror.mu.Unlock()
	r.exec(insert, "bad", "x")
	r.agree()
	if _, loads := r.mirror.state(); loads != 2 {
		t.Errorf("loaded %d times, want twice", loads)
	}
}

func TestSlotWaitNamesBlockers(t *testing.T) {
	url := pgtest.URL(t)
	busy, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close(context.WithoutCancel(t.Context())) }()
	tx, err := busy.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `create table busy ()`); err != nil {
		t.Fatal(err)
	}
	who, err := feed.Blockers(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprint("process ", busy.PgConn().PID()); !slices.Contains([]string{who[:len(want)]}, want) {
		t.Errorf("blockers %q do not name %q", who, want)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A clean stop gives the slot back: a node that is gone must not hold the log.
func TestStopDropsTheSlot(t *testing.T) {
	r := newRig(t, 0)
	r.settle()
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := r.conn.QueryRow(t.Context(), `select count(*) from pg_replication_slots where database = current_database()`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n != 0 {
		t.Errorf("%d slots left", n)
	}
}
