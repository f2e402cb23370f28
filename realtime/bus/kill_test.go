package bus_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/realtime/bus"
)

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
		if n := len(s.mirror.table.Rows); n < int(answered.Load()) {
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
		if s.mirror.table.Loads != 1 {
			t.Errorf("server %s loaded %d times, want once", s.name, s.mirror.table.Loads)
		}
	}
}
