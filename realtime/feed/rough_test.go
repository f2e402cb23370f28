package feed_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/realtime/feed"
)

// writers insert rows from several connections, as clients do that try again when the database is away, until they are
// told to stop. Every row whose insert was answered is in the answer; one that was cut off may be there or not.
type writers struct {
	stop     atomic.Bool
	wg       sync.WaitGroup
	answered atomic.Int64
}

func (r *rig) write(url string, n int) *writers {
	w := &writers{}
	for i := range n {
		w.wg.Go(func() { w.run(r.t.Context(), url, i) })
	}
	return w
}

func (w *writers) run(ctx context.Context, url string, writer int) {
	var conn *pgx.Conn
	for n := 0; !w.stop.Load() && ctx.Err() == nil; n++ {
		var err error
		if conn == nil || conn.IsClosed() {
			if conn, err = pgx.Connect(ctx, url); err != nil {
				conn = nil
				continue
			}
		}
		if _, err = conn.Exec(ctx, insert, fmt.Sprintf("w%d_%d", writer, n), "x"); err == nil {
			w.answered.Add(1)
		}
	}
	if conn != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
	}
}

// end stops the writers and tells how many inserts were answered.
func (w *writers) end() int {
	w.stop.Store(true)
	w.wg.Wait()
	return int(w.answered.Load())
}

// once fails where a row arrived more often than once, or a transaction out of order.
func (r *rig) once() {
	r.t.Helper()
	seen := map[string]bool{}
	for i, t := range r.mirror.seen {
		if i > 0 && t.Commit < r.mirror.seen[i-1].End {
			r.t.Errorf("transaction %d commits at %X, before the end %X of the one before", i, t.Commit, r.mirror.seen[i-1].End)
		}
		for _, row := range t.Rows {
			code, _, _ := row.Text("code")
			if seen[code] && row.Op == feed.Insert {
				r.t.Errorf("%s arrived twice", code)
			}
			seen[code] = true
		}
	}
}

// PostgreSQL is killed again and again while others write. Every commit arrives once and in order, and nothing is
// loaded anew.
func TestPostgresKilled(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Cluster(t)
	r := newRigOn(t, cluster.URL(), feed.Config{})
	r.settle()
	w := r.write(cluster.URL(), 3)
	for range 3 {
		reached := r.feed.Position()
		r.until("moving", func(p feed.Report) bool { return p.Position.LSN > reached.LSN && p.State == feed.Live })
		if err := syscall.Kill(cluster.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		r.until("stale", func(p feed.Report) bool { return p.State == feed.Stale && p.Cause == feed.Disconnected })
		r.until("live again", func(p feed.Report) bool { return p.State == feed.Live })
	}
	answered := w.end()
	r.reconnect(cluster.URL())
	r.agree()
	r.once()
	rows, loads := r.mirror.state()
	if loads != 1 || len(rows) < answered || answered == 0 {
		t.Errorf("%d rows of %d that were answered, loaded %d times; want all, loaded once", len(rows), answered, loads)
	}
}

// reconnect gives the rig a new connection where the old one died with the database.
func (r *rig) reconnect(url string) {
	r.t.Helper()
	_ = r.conn.Close(r.t.Context())
	conn, err := pgx.Connect(r.t.Context(), url)
	if err != nil {
		r.t.Fatal(err)
	}
	r.conn = conn
}

// The network cuts connections, or falls silent without a word, while others write.
func TestNetworkCutAndSilent(t *testing.T) {
	t.Parallel()
	direct := pgtest.URL(t)
	p, url := newProxy(t, direct)
	r := newRigOn(t, url, feed.Config{StatusEvery: 100 * time.Millisecond})
	r.settle()
	r.reconnect(direct)
	w := r.write(direct, 2)
	for i := range 6 {
		if i%2 == 0 {
			p.cut()
		} else {
			p.hush()
			r.until("stale", func(p feed.Report) bool { return p.State == feed.Stale })
			p.cut()
			p.speak()
		}
		reached := r.feed.Position()
		r.until("live and moving", func(p feed.Report) bool { return p.Position.LSN > reached.LSN && p.State == feed.Live })
	}
	answered := w.end()
	r.agree()
	r.once()
	if rows, loads := r.mirror.state(); loads != 1 || len(rows) < answered || answered == 0 {
		t.Errorf("%d rows of %d that were answered, loaded %d times", len(rows), answered, loads)
	}
}

// A database of another epoch is another world: nothing of the old one is gone on from.
func TestAnotherDatabaseLoadsAnew(t *testing.T) {
	t.Parallel()
	first, second := pgtest.Cluster(t), newCluster(t)
	p, url := newProxy(t, first.URL())
	r := newRigOn(t, url, feed.Config{})
	r.exec(insert, "first", "x")
	r.agree()
	before := r.feed.Position().Epoch
	p.lead(t, second.URL())
	p.cut()
	r.reconnect(second.URL())
	r.exec(`create table fruit (code text primary key, name_en text not null)`)
	r.exec(`create publication fruits for table fruit`)
	r.exec(insert, "second", "x")
	r.agree()
	if rows, loads := r.mirror.state(); loads != 2 || len(rows) != 1 || r.feed.Position().Epoch == before {
		t.Errorf("%v, loaded %d times, epoch %s after %s", rows, loads, r.feed.Position().Epoch, before)
	}
	_ = r.stop() // before its slot's clusters go
}

// newCluster is made from nothing: those of pgtest are copies of one, with one identity.
func newCluster(t *testing.T) *postgis.Cluster {
	t.Helper()
	dir, err := os.MkdirTemp("", "gw-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL's own user passes
		t.Fatal(err)
	}
	c, err := postgis.StartCluster(t.Context(), dir, postgis.ClusterOptions{Settings: map[string]string{"fsync": "off"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return c
}

// hold has the consumer stop in its next transaction, until it is released.
func (r *rig) hold() (release func()) {
	held := make(chan struct{})
	set := func(to chan struct{}) {
		r.mirror.mu.Lock()
		defer r.mirror.mu.Unlock()
		r.mirror.slow = to
	}
	set(held)
	release = sync.OnceFunc(func() { set(nil); close(held) })
	r.t.Cleanup(release)
	return release
}

// A reader that takes too long loses its slot, so that it never fills the disk, and then loads anew.
func TestSlotFallenBehind(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Cluster(t, map[string]string{"max_slot_wal_keep_size": "16MB", "max_wal_size": "64MB", "min_wal_size": "32MB"})
	r := newRigOn(t, cluster.URL(), feed.Config{})
	r.settle()
	release := r.hold()
	r.exec(insert, "stuck", "x")
	for range 8 {
		r.exec(`select pg_switch_wal()`)
		r.exec(`create table filler as select n, repeat('x', 500) from generate_series(1, 20000) n`)
		r.exec(`drop table filler`)
	}
	r.exec(`checkpoint`)
	var status string
	if err := r.conn.QueryRow(t.Context(), `select wal_status from pg_replication_slots where slot_name = $1`, r.slot).Scan(&status); err != nil || status != "lost" {
		t.Fatalf("slot %q, %v; want it lost", status, err)
	}
	release()
	r.exec(insert, "after", "x")
	r.agree()
	if _, loads := r.mirror.state(); loads != 2 {
		t.Errorf("loaded %d times, want twice", loads)
	}
}

// A slot that somebody else made anew under the same name has skipped what came in between.
func TestSlotMadeAnew(t *testing.T) {
	r := newRig(t, 0)
	r.exec(insert, "before", "x")
	r.settle()
	for {
		r.exec(insert, fmt.Sprint("between", time.Now().UnixNano()), "x")
		// The feed may be back in between: then the slot is in use, and this is tried again.
		_, err := r.conn.Exec(t.Context(), `select pg_terminate_backend(active_pid, 5000) from pg_replication_slots
			where slot_name = '`+r.slot+`' and active_pid is not null`)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = r.conn.Exec(t.Context(), `select pg_drop_replication_slot($1)`, r.slot); err != nil {
			continue
		}
		r.exec(insert, "skipped", "x")
		if _, err = r.conn.Exec(t.Context(), `select pg_create_logical_replication_slot($1, 'pgoutput')`, r.slot); err == nil {
			break
		}
		r.exec(`delete from fruit where code = 'skipped'`)
	}
	r.agree()
	if _, loads := r.mirror.state(); loads < 2 {
		t.Errorf("loaded %d times, want twice", loads)
	}
}

// While a new slot waits for a transaction, the old state is served, marked stale, and who is waited for is told.
func TestWaitingForASlotServesTheOldState(t *testing.T) {
	r := newRig(t, 0)
	r.exec(insert, "aa", "one")
	r.agree()
	busy, err := pgx.Connect(t.Context(), r.url)
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
	r.mirror.mu.Lock()
	r.mirror.fail = feed.ErrReload
	r.mirror.mu.Unlock()
	r.exec(`update fruit set name_en = 'two'`)
	report := r.until("waiting", func(p feed.Report) bool { return p.Cause == feed.Waiting })
	if want := fmt.Sprint("process ", busy.PgConn().PID()); report.State != feed.Stale || !strings.Contains(report.Reason, want) || report.Lag < time.Second {
		t.Errorf("%+v; want it stale for some seconds, waiting for %q", report, want)
	}
	if rows, _ := r.mirror.state(); rows["aa"] != "one" {
		t.Errorf("the old state is not served: %v", rows)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.agree()
	if report := r.feed.Report(); report.State != feed.Live || report.Lag != 0 || report.Reason != "" {
		t.Errorf("afterwards: %+v", report)
	}
}

// A consumer that is slow makes the server wait, and not this process' memory grow.
func TestSlowConsumerHoldsLittle(t *testing.T) {
	r := newRig(t, 0)
	r.exec(`alter table fruit alter column name_en set storage external`)
	r.settle()
	release := r.hold()
	r.exec(insert, "stuck", "x")
	before := heap()
	for i := range 50 {
		r.exec(`insert into fruit select $1 || '_' || n, repeat('x', 20000) from generate_series(1, 100) n`, fmt.Sprint(i))
	}
	if grown := heap() - before; grown > 16<<20 {
		t.Errorf("100 MB of log wait, and %d MB of memory hold them", grown>>20)
	}
	r.until("behind", func(p feed.Report) bool { return p.LagBytes > 50<<20 && p.Lag > 0 })
	release()
	r.agree()
	if _, loads := r.mirror.state(); loads != 1 {
		t.Errorf("loaded %d times, want once", loads)
	}
}

// heap is what is in use after a collection, in bytes.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
