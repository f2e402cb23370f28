package bus_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/realtime/bus"
	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/feed/feedtest"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/rows"
)

// mirror keeps a table's rows as a server's picture would, and how often each came.
type mirror struct {
	mu    sync.Mutex
	table feedtest.Table
	came  map[string]int // inserts that were applied, by code
	last  uint64
	wrong []string
}

func (m *mirror) Load(ctx context.Context, tx pgx.Tx, _ position.Position) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.came = map[string]int{}
	return m.table.Load(ctx, tx)
}

func (m *mirror) Apply(_ context.Context, t feed.Transaction) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t.Commit < m.last {
		m.wrong = append(m.wrong, fmt.Sprintf("commit %X after %X", t.Commit, m.last))
	}
	m.last = t.End
	for _, r := range t.Rows {
		if code, _, _ := r.Text("code"); r.Op == feed.Insert {
			if m.came[code]++; m.came[code] > 1 {
				m.wrong = append(m.wrong, code+" came twice")
			}
		}
		m.table.Take(r)
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
	s := &server{name: name, mirror: &mirror{table: feedtest.Table{Name: "place", Key: "code", Column: "name"}}, bus: b, relay: bus.NewRelay(b, cfg)}
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
		if diff := cmp.Diff(want, s.mirror.table.Rows); diff != "" {
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
