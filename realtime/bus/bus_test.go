package bus_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"

	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/realtime/bus"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

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
		if s.mirror.table.Loads != 1 {
			t.Errorf("server %s loaded %d times", s.name, s.mirror.table.Loads)
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
		if s.mirror.table.Loads < 2 {
			t.Errorf("server %s loaded %d times", s.name, s.mirror.table.Loads)
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
		program, err = exec.LookPath("/usr/sbin/nats-server") // not everybody's path has Debian's folder
	}
	if err != nil {
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
