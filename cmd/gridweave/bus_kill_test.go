package main

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// busKillsVar says how often something is killed; each kind once where it is not set.
const busKillsVar = "GRIDWEAVE_BUS_KILLS"

// natsServer is Debian's NATS server as a child, on a port and with a store that outlive it.
type natsServer struct {
	t                     *testing.T
	program, folder, port string
	cmd                   *exec.Cmd
}

func newNATS(t *testing.T) *natsServer {
	t.Helper()
	n := &natsServer{t: t, folder: t.TempDir()}
	for _, program := range []string{"nats-server", "/usr/sbin/nats-server"} { // not everybody's path has Debian's folder
		if found, err := exec.LookPath(program); err == nil {
			n.program = found
			break
		}
	}
	if n.program == "" {
		t.Skip("nats-server is not installed")
	}
	_, n.port, _ = strings.Cut(freeAddress(t), ":")
	n.start()
	t.Cleanup(n.kill)
	return n
}

func (n *natsServer) url() string { return "nats://127.0.0.1:" + n.port }

// start returns when it answers.
func (n *natsServer) start() {
	n.t.Helper()
	n.cmd = exec.Command(n.program, "-a", "127.0.0.1", "-p", n.port, "-js", "-sd", n.folder)
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	for {
		conn, err := nats.Connect(n.url())
		if err == nil {
			conn.Close()
			return
		}
		if !pause(n.t.Context(), 20*time.Millisecond) {
			n.t.Fatal("NATS never answered")
		}
	}
}

// kill ends it as a power cut does.
func (n *natsServer) kill() {
	_ = n.cmd.Process.Kill()
	_ = n.cmd.Wait() // killed
}

// Three servers and Debian's NATS server as processes on one database; a server, the one that relays the log, and NATS
// are killed in turn while others write. Every client has been told everything in its area exactly once and in order,
// and nobody had to start anew.
func TestKillAnyOfABus(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	kills := 3
	if text := os.Getenv(busKillsVar); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	bus := newNATS(t)
	c := newChaos(t, 3, "--bus", bus.url())
	c.follows = "gridweave_bus_live 1"
	for i, who := range []string{"district", "near", "far", "district", "mover", "district"} {
		c.clients = append(c.clients, c.client(i, who))
	}
	c.run(func(ctx context.Context) {
		for n := range kills {
			c.awaitEvents(ctx, 200)
			switch what := n % 3; what {
			case 0, 1:
				victim := c.victim(ctx, what == 1)
				t.Logf("server %d is killed, relaying: %v", victim, what == 1)
				c.kill(victim)
				c.awaitEvents(ctx, 50)
				c.startAll()
			default:
				t.Log("NATS is killed")
				bus.kill()
				bus.start() //nolint:contextcheck // it has the test's
			}
			c.awaitFollowing(ctx)
		}
		c.awaitEvents(ctx, 200)
	})
}

// victim waits for a server that relays the log, or does not, while the clients of another one are safe.
func (c *chaos) victim(ctx context.Context, relaying bool) int {
	for {
		ready := 0
		for _, n := range c.nodes {
			if n.isReady() {
				ready++
			}
		}
		for i, n := range c.nodes {
			if ready > 1 && n.isReady() && c.says(ctx, i, "gridweave_bus_relaying 1") == relaying {
				return i
			}
		}
		if !pause(ctx, 100*time.Millisecond) {
			c.t.Fatal("no server to kill")
		}
	}
}

// awaitEvents waits until clients have been told so many more events, so that whatever is next happens amid them.
func (c *chaos) awaitEvents(ctx context.Context, more int) {
	told := func() (n int) {
		for _, l := range c.clients {
			l.mu.Lock()
			n += l.events
			l.mu.Unlock()
		}
		return n
	}
	for before := told(); told() < before+more; {
		if !pause(ctx, 50*time.Millisecond) {
			c.t.Fatal("nothing is told")
		}
	}
}
