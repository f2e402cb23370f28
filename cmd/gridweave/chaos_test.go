package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

// chaosVar says for how long things go wrong: a Go duration, a minute where it is not set.
const chaosVar = "GRIDWEAVE_CHAOS"

// chaos is a database, servers on it, and clients that check everything they are told.
type chaos struct {
	t         *testing.T
	dir       string
	cluster   *postgis.Cluster
	nodes     []*process
	flags     []string // of every server, besides
	follows   string   // the line of the metrics that says that a server follows the log
	tokens    map[string]string
	grids     []string
	districts []string
	clients   []*chaosClient
	writes    writes
	kills     [2]int // of servers, of PostgreSQL
}

// process is a server as a child.
type process struct {
	mu      sync.Mutex
	cmd     *exec.Cmd
	address string
	up      bool
	ready   bool // as /readyz says: a balancer sends clients here
}

// Two servers on one database, both killed in turn, PostgreSQL killed beneath them, connections cut, roles changed, houses
// recoded and borders redrawn, among transactions that are long or rolled back: every client has, at each moment, been
// told everything in its area exactly once and in order, and nothing outside of it; and nobody had to start anew, since
// one of the two nodes was always there. Most clients come through a balancer that asks /readyz; two go to whatever
// answers, also to a server that has just started and remembers less than they need.
func TestChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	duration := time.Minute
	if text := os.Getenv(chaosVar); text != "" {
		var err error
		if duration, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	c := newChaos(t, 2)
	for i, who := range []string{"district", "near", "far", "mover", "district", "mover"} {
		c.clients = append(c.clients, c.client(i, who))
		c.clients[i].naive = i >= 4
	}
	c.run(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, duration)
		defer cancel()
		c.disturb(ctx)
	})
	t.Logf("%d servers and %d databases killed", c.kills[0], c.kills[1])
}

// run has clients listen and others write while something is done to servers, waits until all is told, and judges.
func (c *chaos) run(disturb func(ctx context.Context)) {
	var work, listening sync.WaitGroup
	listen, hush := context.WithCancel(c.t.Context())
	defer hush()
	for _, client := range c.clients {
		listening.Go(func() { client.run(listen) })
	}
	for _, n := range c.nodes {
		listening.Go(func() { n.watch(listen) })
	}
	writing, enough := context.WithCancel(c.t.Context())
	defer enough()
	for i := range 3 {
		work.Go(func() { c.write(writing, rand.New(rand.NewPCG(7, uint64(i)))) })
	}
	disturb(c.t.Context())
	enough()
	work.Wait()
	c.settle()
	hush()
	listening.Wait()
	for _, client := range c.clients {
		client.judge()
	}
	c.t.Logf("%d commits, %d of them in doubt, %d rolled back", c.writes.committed.Load(), c.writes.doubtful.Load(), c.writes.rolledBack.Load())
}

// newChaos has so many servers serve a tiny demo.
func newChaos(t *testing.T, nodes int, flags ...string) *chaos {
	c := &chaos{
		t: t, dir: t.TempDir(), cluster: pgtest.Cluster(t), tokens: map[string]string{}, nodes: make([]*process, nodes),
		flags: flags, follows: "gridweave_feed_live 1",
	}
	if code, _, errs := program(t, "", "demo", "--scale", "tiny", "--data", c.keys(0), "--database-url", c.cluster.URL()); code != 0 {
		t.Fatal(errs)
	}
	c.accounts()
	for i := range c.nodes {
		c.nodes[i] = &process{}
		c.start(i)
		t.Cleanup(func() { c.kill(i) })
	}
	return c
}

// keys is a node's data folder: its slot is named after it.
func (c *chaos) keys(node int) string { return filepath.Join(c.dir, fmt.Sprint("node", node)) }

// accounts makes one for each level.
func (c *chaos) accounts() {
	db, err := postgis.Open(c.t.Context(), c.cluster.URL(), postgis.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close()
	for query, into := range map[string]*[]string{
		`select code from area where level = 'district'`: &c.districts,
		`select code from area a where level = 'grid' and (select count(*) from building b where b.grid = a.code) > 3 order by code`: &c.grids,
	} {
		rows, err := db.Admin.Query(c.t.Context(), query)
		if err != nil {
			c.t.Fatal(err)
		}
		if *into, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			c.t.Fatal(err)
		}
	}
	accounts := account.NewService(db, account.NewHasher(1))
	for name, area := range map[string]string{"district": c.districts[0], "near": c.grids[0], "far": c.grids[1], "mover": c.grids[0]} {
		_, _, err := accounts.Create(c.t.Context(), account.Console("44"), account.New{
			Name: name, Role: account.Leader, Code: geo.Code(area), Password: account.RandomPassword(),
		})
		if err != nil {
			c.t.Fatal(err)
		}
		if c.tokens[name], err = accounts.CreateToken(c.t.Context(), account.Console("44"), name, "", time.Time{}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// start has a node serve, and returns when it does.
func (c *chaos) start(i int) {
	n := c.nodes[i]
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	address := "127.0.0.1:0"
	if n.address != "" {
		address = n.address // clients know it
	}
	cmd := exec.Command(self, append([]string{
		"serve", "--addr", address, "--json", "--data", c.keys(i), "--database-url", c.cluster.URL(), "--log-level", "error",
	}, c.flags...)...)
	cmd.Env = append(os.Environ(), programVar+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	var ready struct {
		Address string `json:"address"`
	}
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&ready); err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if c.t.Context().Err() == nil {
			c.t.Logf("node %d did not start: %v", i, err) // PostgreSQL was down at the time
		}
		return
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	n.mu.Lock()
	n.cmd, n.address, n.up = cmd, strings.TrimPrefix(ready.Address, "http://"), true
	n.mu.Unlock()
}

// kill ends a node as a power cut does.
func (c *chaos) kill(i int) {
	n := c.nodes[i]
	n.mu.Lock()
	cmd := n.cmd
	n.cmd, n.up, n.ready = nil, false, false
	n.mu.Unlock()
	if cmd != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	}
}

// disturb has something go wrong every few seconds. One node is always there, with all that clients may need: no node
// is killed before the other one is ready for its clients.
func (c *chaos) disturb(ctx context.Context) {
	r := rand.New(rand.NewPCG(3, 4))
	victim := 0
	for pause(ctx, time.Duration(1500+r.IntN(2000))*time.Millisecond) {
		switch what := r.IntN(3); {
		case what == 0 && c.nodes[1-victim].isReady():
			c.kill(victim)
			c.kills[0]++
			pause(ctx, time.Duration(r.IntN(1000))*time.Millisecond)
			for !c.nodes[victim].serves() {
				c.start(victim)
			}
			victim = 1 - victim
		case what == 1:
			if pid := c.cluster.PID(); pid != 0 {
				_ = syscall.Kill(pid, syscall.SIGKILL)
				c.kills[1]++
			}
			c.awaitFollowing(context.WithoutCancel(ctx))
		default: // only clients go away, by themselves
		}
	}
	c.startAll()
}

// startAll has every node serve that does not.
func (c *chaos) startAll() {
	for i := range c.nodes {
		for !c.nodes[i].serves() {
			c.start(i)
		}
	}
}

// watch asks a node again and again whether it is ready, as a balancer does.
func (n *process) watch(ctx context.Context) {
	for pause(ctx, 100*time.Millisecond) {
		n.mu.Lock()
		cmd, address := n.cmd, n.address
		n.mu.Unlock()
		status, _ := fetch(ctx, "http://"+address+"/readyz")
		n.mu.Lock()
		if n.cmd == cmd {
			n.ready = n.up && status == http.StatusOK
		}
		n.mu.Unlock()
	}
}

func (n *process) isReady() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.ready
}

func (n *process) serves() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.up
}

// awaitFollowing waits until all nodes follow the log again.
func (c *chaos) awaitFollowing(ctx context.Context) {
	for i := range c.nodes {
		for !c.says(ctx, i, c.follows) {
			if !pause(ctx, 100*time.Millisecond) {
				return
			}
		}
	}
}

// pause waits for a time that has to pass because nothing is to be waited for; false where the test ends.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// writes is what the writers did.
type writes struct {
	committed, doubtful, rolledBack atomic.Int64
}

// write commits transactions of every kind, one after the other, until the context ends.
func (c *chaos) write(ctx context.Context, r *rand.Rand) {
	for ctx.Err() == nil {
		conn, err := pgx.Connect(ctx, c.cluster.URL())
		if err != nil {
			pause(ctx, 50*time.Millisecond)
			continue
		}
		for ctx.Err() == nil && !conn.IsClosed() {
			if err := c.transaction(ctx, conn, r); err != nil {
				break
			}
			pause(ctx, time.Duration(r.IntN(15))*time.Millisecond)
		}
		_ = conn.Close(context.WithoutCancel(ctx))
	}
}

func (c *chaos) transaction(ctx context.Context, conn *pgx.Conn, r *rand.Rand) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if _, err := tx.Exec(ctx, `set local lock_timeout = '2s'`); err != nil {
		return err
	}
	for range 1 + r.IntN(3) {
		sql, args := c.statement(r)
		if _, err := tx.Exec(ctx, sql, args...); err != nil {
			return nil //nolint:nilerr // two writers met, or PostgreSQL was killed: the transaction is rolled back
		}
	}
	switch r.IntN(20) {
	case 0:
		c.writes.rolledBack.Add(1)
		return tx.Rollback(ctx)
	case 1:
		pause(ctx, time.Second) // a long one: others commit meanwhile
	}
	c.writes.committed.Add(1)
	if err := tx.Commit(ctx); err != nil {
		c.writes.doubtful.Add(1) // it may have happened all the same
		return err
	}
	return nil
}

// statement is one change. Each recolouring counts up, so that a client notices when one is missing or out of turn.
func (c *chaos) statement(r *rand.Rand) (string, []any) {
	grid := c.grids[r.IntN(len(c.grids))]
	switch r.IntN(12) {
	case 0: // a house is recoded into another grid, and another day back
		return `update building set code = $1 || right(code, 5) where id = (select b.id from building b where not exists (
				select from building o where o.code = $1 || right(b.code, 5)) order by random() limit 1)`, []any{grid}
	case 1: // a border is redrawn
		return `update area set version = version + 1, geom = st_multi(st_buffer(geom, 0)) where code = $1`, []any{grid}
	case 2: // somebody gets another area
		return `update account set code = $1 where name = 'mover'`, []any{c.grids[r.IntN(len(c.grids))]}
	default:
		return `update building_state set residents = residents + 1, grade = (array['green','yellow','orange','red'])[1 + (residents % 4)]
			where building_id = (select id from building where grid = $1 order by random() limit 1)`, []any{grid}
	}
}
