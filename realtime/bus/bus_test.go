package bus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/realtime/bus"
	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/rows"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// mirror keeps a table's rows as a server's picture would, and how often each came.
type mirror struct {
	mu    sync.Mutex
	rows  map[string]string
	came  map[string]int // inserts that were applied, by code
	loads int
	last  uint64
	wrong []string
}

func (m *mirror) Load(ctx context.Context, tx pgx.Tx, _ position.Position) error {
	found, err := tx.Query(ctx, `select code, coalesce(name, '') from place`)
	if err != nil {
		return err
	}
	loaded := map[string]string{}
	var code, name string
	if _, err := pgx.ForEachRow(found, []any{&code, &name}, func() error { loaded[code] = name; return nil }); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows, m.came = loaded, map[string]int{}
	m.loads++
	return nil
}

func (m *mirror) Apply(_ context.Context, t feed.Transaction) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t.Commit < m.last {
		m.wrong = append(m.wrong, fmt.Sprintf("commit %X after %X", t.Commit, m.last))
	}
	m.last = t.End
	for _, r := range t.Rows {
		code, _, _ := r.Text("code")
		if old, moved := r.OldKey("code"); moved {
			delete(m.rows, old)
		}
		switch r.Op {
		case feed.Delete:
			delete(m.rows, code)
			continue
		case feed.Insert:
			if m.came[code]++; m.came[code] > 1 {
				m.wrong = append(m.wrong, code+" came twice")
			}
		}
		m.rows[code], _, _ = r.Text("name")
	}
	return nil
}

func (m *mirror) Advance(position.Position) {}

// server is one of several on the database and the bus.
type server struct {
	name   string
	mirror *mirror
	bus    *bus.Bus
	relay  *bus.Relay
	node   *bus.Node
	kill   func()
}

// rig is a database, NATS, and servers.
type rig struct {
	t       *testing.T
	url     string
	nats    string
	servers []*server
}

func start(t *testing.T, url, natsURL, name string) *server {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil)).With("server", name)
	b, err := bus.Connect(t.Context(), bus.Config{URL: natsURL, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	cfg := feed.Config{
		URL: url, Publication: "places", Slot: "gridweave_" + name, Log: log, Metrics: feed.NewMetrics(prometheus.NewRegistry()),
		Needs: []rows.Source{{Table: "place", Columns: []string{"code", "name"}}},
	}
	s := &server{name: name, mirror: &mirror{}, bus: b, relay: bus.NewRelay(b, cfg)}
	s.node = bus.NewNode(b, cfg, s.mirror)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for _, run := range []func(context.Context) error{s.relay.Run, s.node.Run} {
		wg.Go(func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	s.kill = sync.OnceFunc(func() { b.Close(); cancel(); wg.Wait() })
	t.Cleanup(s.kill)
	return s
}

func newRig(t *testing.T, url, natsURL string, n int) *rig {
	t.Helper()
	r := &rig{t: t, url: url, nats: natsURL}
	r.exec(`create table place (code text primary key, name text)`)
	r.exec(`create publication places for table place`)
	t.Cleanup(func() { // after the servers, whose cleanups come first
		// Its reader has gone; PostgreSQL takes a moment to notice.
		r.exec(`do $$ begin
			while exists (select from pg_replication_slots where slot_name = 'gridweave_relay' and active) loop
				perform pg_sleep(0.01);
			end loop;
			perform pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = 'gridweave_relay';
		end $$`)
	})
	for i := range n {
		r.servers = append(r.servers, start(t, url, natsURL, fmt.Sprint("s", i)))
	}
	return r
}

func (r *rig) exec(sql string, args ...any) {
	r.t.Helper()
	ctx := context.WithoutCancel(r.t.Context())
	conn, err := pgx.Connect(ctx, r.url)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql, args...); err != nil {
		r.t.Fatal(err)
	}
}

// until waits for what servers do by themselves.
func (r *rig) until(what string, done func() bool) {
	r.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	patience := time.After(60 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-patience:
			var states []string
			for _, s := range r.servers {
				states = append(states, fmt.Sprintf("%s relaying %t: %+v", s.name, s.relay.Relaying(), s.node.Report()))
			}
			r.t.Fatalf("never %s:\n%s", what, strings.Join(states, "\n"))
		}
	}
}

// settle waits until every server holds what is committed now.
func (r *rig) settle() {
	r.t.Helper()
	conn, err := pgx.Connect(r.t.Context(), r.url)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(r.t.Context())
	var text string
	if err := conn.QueryRow(r.t.Context(), `select pg_current_wal_flush_lsn()::text`).Scan(&text); err != nil {
		r.t.Fatal(err)
	}
	want, err := position.ParseLSN(text)
	if err != nil {
		r.t.Fatal(err)
	}
	r.until("settled", func() bool {
		return !slices.ContainsFunc(r.servers, func(s *server) bool {
			s.node.Nudge()
			return !s.node.Following() || s.node.Position().LSN < want
		})
	})
}

// agree compares every server with the table.
func (r *rig) agree() {
	r.t.Helper()
	r.settle()
	conn, err := pgx.Connect(r.t.Context(), r.url)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(r.t.Context())
	found, err := conn.Query(r.t.Context(), `select code, coalesce(name, '') from place`)
	if err != nil {
		r.t.Fatal(err)
	}
	want := map[string]string{}
	var code, name string
	if _, err := pgx.ForEachRow(found, []any{&code, &name}, func() error { want[code] = name; return nil }); err != nil {
		r.t.Fatal(err)
	}
	for _, s := range r.servers {
		s.mirror.mu.Lock()
		if diff := cmp.Diff(want, s.mirror.rows); diff != "" {
			r.t.Errorf("server %s differs (-table +server):\n%.2000s", s.name, diff)
		}
		if len(s.mirror.wrong) > 0 {
			r.t.Errorf("server %s: %v", s.name, s.mirror.wrong)
		}
		s.mirror.mu.Unlock()
	}
}

// relaying is the server whose turn it is.
func (r *rig) relaying() int {
	r.t.Helper()
	at := -1
	r.until("relayed", func() bool {
		at = slices.IndexFunc(r.servers, func(s *server) bool { return s.relay.Relaying() })
		return at >= 0
	})
	return at
}

func embedded(t *testing.T) *bus.Server {
	t.Helper()
	s, err := bus.Serve("127.0.0.1:0", t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Everything that the log can say arrives on every server as on one that follows the log itself.
func TestEveryServerFollows(t *testing.T) {
	r := newRig(t, pgtest.URL(t), embedded(t).URL(), 3)
	r.exec(`insert into place values ('440304', 'district'), ('440304001', null), ('other', 'x')`)
	r.agree()
	r.exec(`update place set name = 'renamed' where code = '440304001'`)
	r.exec(`update place set code = '440304002' where code = '440304001'`)
	r.exec(`delete from place where code = 'other'`)
	r.exec(`begin; insert into place values ('rolled back', ''); rollback`)
	r.exec(`insert into place select '440304003' || lpad(n::text, 3, '0'), n::text from generate_series(1, 500) n`)
	r.agree()
	for _, s := range r.servers {
		if s.mirror.loads != 1 {
			t.Errorf("server %s loaded %d times", s.name, s.mirror.loads)
		}
	}
	late := start(t, r.url, r.nats, "late")
	r.servers = append(r.servers, late)
	r.exec(`insert into place values ('440304009', 'after')`)
	r.agree()
}

// Another department's system subscribes to an area and gets the changes in it, and no others.
func TestSubjectsAreAreas(t *testing.T) {
	r := newRig(t, pgtest.URL(t), embedded(t).URL(), 1)
	r.settle()
	conn, err := nats.Connect(r.nats)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	sub, err := conn.SubscribeSync("gridweave.change.44.03.04.003.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	r.exec(`insert into place values ('440304', 'district'), ('440304003', 'street'), ('440304004', 'other'), ('4403040030010100001', 'house')`)
	for _, want := range []string{`gridweave.change.44.03.04.003.place`, `gridweave.change.44.03.04.003.001.01.00001.place`} {
		m, err := sub.NextMsg(10 * time.Second)
		if err != nil || m.Subject != want || !strings.Contains(string(m.Data), `"name"`) {
			t.Fatalf("%+v, %v; want %s", m, err, want)
		}
	}
}

// storm kills servers, NATS and PostgreSQL while others write, and counts.
func (r *rig) storm(kills func(round int)) {
	r.t.Helper()
	var stop atomic.Bool
	var answered atomic.Int64
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for n := 0; !stop.Load(); n++ {
				conn, err := pgx.Connect(r.t.Context(), r.url)
				for ; err == nil && !stop.Load(); n++ {
					if _, err = conn.Exec(r.t.Context(), `insert into place values ($1, 'x')`, fmt.Sprintf("w%d_%d", w, n)); err == nil {
						answered.Add(1)
					}
				}
				if conn != nil {
					_ = conn.Close(r.t.Context())
				}
			}
		})
	}
	for round := range 4 {
		before := answered.Load()
		r.until("writing", func() bool { return answered.Load() > before+20 })
		kills(round)
	}
	stop.Store(true)
	wg.Wait()
	r.agree()
	for _, s := range r.servers {
		if n := len(s.mirror.rows); n < int(answered.Load()) {
			r.t.Errorf("server %s holds %d of %d rows that were answered", s.name, n, answered.Load())
		}
	}
}

// Three servers; the relay, NATS and PostgreSQL die in turn. Every commit arrives once on every server, in order, and no
// server that lives loads anew.
func TestKillAny(t *testing.T) {
	cluster := pgtest.Cluster(t)
	folder := t.TempDir()
	nats, err := bus.Serve("127.0.0.1:0", folder, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nats.Stop() })
	address := strings.TrimPrefix(nats.URL(), "nats://")
	r := newRig(t, cluster.URL(), nats.URL(), 3)
	r.settle()
	started := 3
	r.storm(func(round int) {
		switch round {
		case 0, 3:
			dead := r.relaying()
			r.servers[dead].kill()
			r.servers = slices.Delete(r.servers, dead, dead+1)
			r.relaying()
			r.servers = append(r.servers, start(t, r.url, r.nats, fmt.Sprint("s", started)))
			started++
		case 1:
			nats.Stop()
			if nats, err = bus.Serve(address, folder, ""); err != nil {
				t.Fatal(err)
			}
		case 2:
			if err := syscall.Kill(cluster.PID(), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		r.until("followed by all", func() bool {
			return !slices.ContainsFunc(r.servers, func(s *server) bool { return !s.node.Following() })
		})
	})
	for _, s := range r.servers {
		if s.mirror.loads != 1 {
			t.Errorf("server %s loaded %d times, want once", s.name, s.mirror.loads)
		}
	}
}

// Where the slot was lost there is a gap that nobody published: every server is told, and loads anew.
func TestLostSlotLoadsAnew(t *testing.T) {
	r := newRig(t, pgtest.URL(t), embedded(t).URL(), 2)
	r.exec(`insert into place values ('before', '')`)
	r.settle()
	for {
		r.exec(`select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name = 'gridweave_relay' and active_pid is not null`)
		conn, err := pgx.Connect(t.Context(), r.url)
		if err != nil {
			t.Fatal(err)
		}
		_, err = conn.Exec(t.Context(), `select pg_drop_replication_slot('gridweave_relay')`)
		_ = conn.Close(t.Context())
		if err == nil {
			break
		}
	}
	r.exec(`insert into place values ('unseen', '')`)
	r.agree()
	for _, s := range r.servers {
		if s.mirror.loads < 2 {
			t.Errorf("server %s loaded %d times", s.name, s.mirror.loads)
		}
	}
}

func TestServeRefusesTheOpenNetwork(t *testing.T) {
	if s, err := bus.Serve("0.0.0.0:0", t.TempDir(), ""); err == nil {
		s.Stop()
		t.Error("the log is open to everybody")
	}
	s, err := bus.Serve("127.0.0.1:0", t.TempDir(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	if b, err := bus.Connect(t.Context(), bus.Config{URL: s.URL(), Token: "guess", Log: slog.New(slog.DiscardHandler)}); err == nil {
		b.Close()
		t.Error("a wrong token was let in")
	}
}

// Debian's NATS server serves as well as the one within.
func TestForeignServer(t *testing.T) {
	program, err := exec.LookPath("nats-server")
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("nats-server is not installed")
	}
	address := fmt.Sprintf("127.0.0.1:%d", 20000+os.Getpid()%20000)
	_, port, _ := strings.Cut(address, ":")
	cmd := exec.CommandContext(t.Context(), program, "-a", "127.0.0.1", "-p", port, "-js", "-sd", t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	probe := &rig{t: t}
	probe.until("answered", func() bool {
		conn, err := nats.Connect("nats://" + address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	r := newRig(t, pgtest.URL(t), "nats://"+address, 2)
	r.exec(`insert into place values ('440304', 'district')`)
	r.agree()
}
