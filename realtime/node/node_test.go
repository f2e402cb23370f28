package node_test

import (
	"context"
	"errors"
	"log/slog"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/realtime/node"
	"github.com/gridweave/gridweave/realtime/position"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestNames(t *testing.T) {
	one, err := node.New("", "/data/a", "1", "127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	again, _ := node.New("", "/data/a", "2", "127.0.0.1:2")
	other, _ := node.New("", "/data/b", "1", "127.0.0.1:1")
	if one.Name != again.Name || one.Name == other.Name {
		t.Errorf("%q, again %q, another folder %q", one.Name, again.Name, other.Name)
	}
	if slot := one.Slot(); len(slot) > 63 || !strings.HasPrefix(slot, node.SlotPrefix) {
		t.Errorf("slot %q", slot)
	}
	for _, name := range []string{"Upper", "with-dash", strings.Repeat("x", 41), "a b", "größe"} {
		if _, err := node.New(name, "/data", "1", ""); err == nil {
			t.Errorf("name %q is taken", name)
		}
	}
}

type fixture struct {
	*postgis.DB
	t *testing.T
}

func (f fixture) exec(sql string, args ...any) {
	f.t.Helper()
	if _, err := f.Admin.Exec(f.t.Context(), sql, args...); err != nil {
		f.t.Fatal(err)
	}
}

func (f fixture) join(self node.Self) (*node.Registry, error) {
	return node.Join(f.t.Context(), f.Admin, self, slog.New(slog.DiscardHandler))
}

func (f fixture) list() []node.Node {
	f.t.Helper()
	nodes, err := node.List(f.t.Context(), f.Admin)
	if err != nil {
		f.t.Fatal(err)
	}
	return nodes
}

// A name belongs to a living server; a dead one's is taken over at once where its death can be seen, else after a while.
func TestJoin(t *testing.T) {
	f := fixture{pgtest.DB(t), t}
	self := node.Self{Name: "one", Host: "here", PID: 1, Folder: "f", Version: "1", Address: "a"}
	if _, err := f.join(self); err != nil {
		t.Fatal(err)
	}
	elsewhere := self
	elsewhere.Host, elsewhere.PID = "there", 2
	if _, err := f.join(elsewhere); err == nil || !strings.Contains(err.Error(), "--node") {
		t.Errorf("a living server's name was given away: %v", err)
	}
	beside := self
	beside.PID = 2
	if _, err := f.join(beside); err == nil {
		t.Error("the name of a living process of this host was given away")
	}
	f.exec(`update node set seen_at = clock_timestamp() - interval '31 seconds'`)
	if _, err := f.join(elsewhere); err != nil {
		t.Errorf("a silent server's name was not given away: %v", err)
	}
	gone := exec.CommandContext(t.Context(), "true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	f.exec(`update node set host = 'here', pid = $1`, gone.Process.Pid)
	if _, err := f.join(beside); err != nil {
		t.Errorf("the name of a dead process of this host was not given away: %v", err)
	}
}

// memory is what a server says that it remembers; the test changes it.
type memory struct {
	mu          sync.Mutex
	floor, told position.Position
}

func (m *memory) set(floor, told uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.floor, m.told = at(floor), at(told)
}

func at(lsn uint64) position.Position {
	if lsn == 0 {
		return position.Position{}
	}
	return position.Position{Epoch: "6a3f09c1d2e4b587-1", LSN: lsn}
}

// remembers joins a server and runs it.
func (f fixture) remembers(name string, m *memory) *node.Registry {
	f.t.Helper()
	r, err := f.join(node.Self{Name: name, Host: name, PID: 1, Folder: name})
	if err != nil {
		f.t.Fatal(err)
	}
	ask := func(p *position.Position) func() position.Position {
		return func() position.Position {
			m.mu.Lock()
			defer m.mu.Unlock()
			return *p
		}
	}
	r.Remember(node.Memory{Floor: ask(&m.floor), Told: ask(&m.told)})
	ctx, cancel := context.WithCancel(context.WithoutCancel(f.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	f.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			f.t.Error(err)
		}
	})
	return r
}

func (f fixture) until(what string, done func() bool) {
	f.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-f.t.Context().Done():
			f.t.Fatal("never " + what)
		}
	}
}

// Clients are sent to a server that has just started once those of the older ones are past its beginning; the older
// ones never wait for it, and a server alone for nobody.
func TestWelcome(t *testing.T) {
	f := fixture{pgtest.DB(t), t}
	older := &memory{}
	old := f.remembers("older", older)
	if old.Welcome() {
		t.Error("welcome without a picture")
	}
	older.set(100, 0)
	if !old.Welcome() {
		t.Error("the only server waits")
	}
	f.until("told", func() bool {
		var floor string
		err := f.Admin.QueryRow(t.Context(), `select floor from node where name = 'older'`).Scan(&floor)
		return err == nil && floor != ""
	})
	newer := &memory{}
	young := f.remembers("newer", newer)
	newer.set(200, 200)
	if young.Welcome() {
		t.Error("welcome while the other's clients have been told nothing")
	}
	if !young.Reaches(at(100)) || !young.Reaches(at(150)) || young.Reaches(at(99)) || young.Reaches(position.Position{Epoch: "6a3f09c1d2e4b587-2", LSN: 150}) {
		t.Error("what the other remembers is not known")
	}
	tell := func(told uint64) {
		f.exec(`update node set told = $1 where name = 'older'`, at(told).String())
	}
	tell(199)
	if young.Welcome() {
		t.Error("welcome while the other's clients are behind")
	}
	older.set(100, 200)
	tell(200)
	f.until("welcome", young.Welcome)
	older.set(300, 300)
	if !old.Welcome() || !young.Welcome() {
		t.Error("who was welcome is not any more")
	}
}

func TestRunLeavesTheRegister(t *testing.T) {
	f := fixture{pgtest.DB(t), t}
	r, err := f.join(node.Self{Name: "one", Host: "here", PID: 1, Folder: "f"})
	if err != nil {
		t.Fatal(err)
	}
	if nodes := f.list(); len(nodes) != 1 || !nodes[0].Alive || nodes[0].HasSlot {
		t.Errorf("%+v", nodes)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := r.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if nodes := f.list(); len(nodes) != 0 {
		t.Errorf("left behind %+v", nodes)
	}
}

// The slots of the dead are found and dropped, those of the living never.
func TestDrop(t *testing.T) {
	f := fixture{pgtest.DB(t), t}
	for _, name := range []string{"alive", "dead", "longdead"} {
		self := node.Self{Name: name, Host: name, PID: 1, Folder: "f"}
		if _, err := f.join(self); err != nil {
			t.Fatal(err)
		}
		f.exec(`select pg_create_logical_replication_slot($1, 'pgoutput')`, self.Slot())
	}
	f.exec(`select pg_create_logical_replication_slot('gridweave_unclaimed', 'pgoutput')`)
	t.Cleanup(func() {
		if _, err := f.Admin.Exec(context.WithoutCancel(t.Context()), `select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()`); err != nil {
			t.Error(err)
		}
	})
	f.exec(`update node set seen_at = clock_timestamp() - interval '1 minute' where name = 'dead'`)
	f.exec(`update node set seen_at = clock_timestamp() - interval '1 day' where name = 'longdead'`)
	f.exec(`create table filler as select repeat('x', 1000) from generate_series(1, 1000)`)
	for _, n := range f.list() {
		if !n.HasSlot || n.Active || n.Retained < 1_000_000 || n.Alive != (n.Name == "alive") || (n.Seen == nil) != (n.Name == "unclaimed") {
			t.Errorf("%+v", n)
		}
	}
	if err := node.Drop(t.Context(), f.Admin, "alive"); !errors.Is(err, node.ErrAlive) {
		t.Errorf("drop of a living server: %v", err)
	}
	if err := node.Drop(t.Context(), f.Admin, "nobody"); err == nil {
		t.Error("nobody was dropped")
	}
	dropped, err := node.DropDead(t.Context(), f.Admin, time.Hour)
	if err != nil || !slices.Equal(dropped, []string{"longdead"}) {
		t.Errorf("dropped %v, %v", dropped, err)
	}
	for _, name := range []string{"dead", "unclaimed"} {
		if err := node.Drop(t.Context(), f.Admin, name); err != nil {
			t.Errorf("drop %s: %v", name, err)
		}
	}
	if nodes := f.list(); len(nodes) != 1 || nodes[0].Name != "alive" || !nodes[0].HasSlot {
		t.Errorf("left: %+v", nodes)
	}
}
