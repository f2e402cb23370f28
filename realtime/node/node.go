// Package node keeps the register of the servers that work on one database: each with its replication slot, where it
// runs and when it was last alive. It refuses a name that a living server bears, and lets go of the slots of servers
// that are gone, which would hold back the log for ever. It does not follow the log: package feed does.
//
// Beside that, servers tell each other how far back their memories reach, so that a client that comes to one that has
// just started is not told to begin anew where another could have gone on.
//
// A Registry is run by one goroutine; everything else may be called from any, List and Drop also beside a running server.
package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gridweave/gridweave/realtime/position"
)

// Self is this server as others see it.
type Self struct {
	Name    string // see Name
	Host    string
	PID     int
	Folder  string // hash of host and data folder
	Version string
	Address string // where it listens
}

// SlotPrefix begins every slot of ours.
const SlotPrefix = "gridweave_"

// Slot is the name of the server's replication slot.
func (s Self) Slot() string { return SlotPrefix + s.Name }

var namePattern = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// New describes this process as a server on a data folder. Without a name it has one of its own: the same after a
// restart, so that it finds what it left behind, and another one for every data folder.
func New(name, folder, version, address string) (Self, error) {
	if name != "" && !namePattern.MatchString(name) {
		return Self{}, fmt.Errorf("node name %q: 1 to 40 of a-z, 0-9 and underscore", name)
	}
	host, err := os.Hostname()
	if err != nil {
		return Self{}, fmt.Errorf("node name: %w", err)
	}
	sum := sha256.Sum256([]byte(host + "\x00" + folder))
	hash := hex.EncodeToString(sum[:8])
	if name == "" {
		name = plain(host) + "_" + hash
	}
	return Self{Name: name, Host: host, PID: os.Getpid(), Folder: hash, Version: version, Address: address}, nil
}

// plain makes a host's name fit into a slot's.
func plain(host string) string {
	short, _, _ := strings.Cut(strings.ToLower(host), ".")
	fits := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, short)
	return fits[:min(len(fits), 20)]
}

// A server says every ten seconds that it lives, and is taken for dead when three of these are missing. The slot of a
// server that has been dead for a day is dropped by those that live: whoever comes back after that loads anew.
const (
	beatEvery = 10 * time.Second
	deadAfter = 30 * time.Second
	dropAfter = 24 * time.Hour
	tidyEvery = time.Hour
)

// Registry keeps this server's line in the register.
type Registry struct {
	pool *pgxpool.Pool // of a role that owns the register
	self Self
	log  *slog.Logger

	memory Memory // before Run

	mu      sync.Mutex
	others  []other
	born    position.Position // where this server's memory began when it was loaded for the first time
	bornAt  time.Time
	welcome bool
}

// Join enters the server. It refuses the name of another server that lives.
func Join(ctx context.Context, pool *pgxpool.Pool, self Self, log *slog.Logger) (*Registry, error) {
	none := func() position.Position { return position.Position{} }
	r := &Registry{pool: pool, self: self, log: log, memory: Memory{Floor: none, Told: none}}
	entered, err := r.enter(ctx)
	if err != nil {
		return nil, err
	}
	if entered {
		return r, r.look(ctx)
	}
	var host string
	var pid int
	var silent time.Duration
	err = pool.QueryRow(ctx, `select host, pid, clock_timestamp() - seen_at from node where name = $1`, self.Name).Scan(&host, &pid, &silent)
	if err != nil {
		return nil, fmt.Errorf("node join: %w", err)
	}
	return nil, fmt.Errorf("node %s is a server on %s (process %d), last seen %s ago: give this one another name with --node",
		self.Name, host, pid, silent.Round(time.Second))
}

// enter takes the name where it is free, its bearer silent, or a dead process on this host.
func (r *Registry) enter(ctx context.Context) (bool, error) {
	dead, err := r.deadHere(ctx)
	if err != nil {
		return false, err
	}
	s := r.self
	tag, err := r.pool.Exec(ctx, `
		insert into node (name, slot, host, pid, folder, version, address) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (name) do update set slot = excluded.slot, host = excluded.host, pid = excluded.pid, folder = excluded.folder,
			version = excluded.version, address = excluded.address, floor = '', told = '', started_at = clock_timestamp(), seen_at = clock_timestamp()
		where $9 or node.seen_at < clock_timestamp() - $8::interval or (node.host = excluded.host and node.pid = excluded.pid)`,
		s.Name, s.Slot(), s.Host, s.PID, s.Folder, s.Version, s.Address, deadAfter, dead)
	if err != nil {
		return false, fmt.Errorf("node join: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

// deadHere tells whether the name's bearer was a process of this host that is no more.
func (r *Registry) deadHere(ctx context.Context) (bool, error) {
	var pid int
	err := r.pool.QueryRow(ctx, `select pid from node where name = $1 and host = $2`, r.self.Name, r.self.Host).Scan(&pid)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("node join: %w", err)
	}
	return gone(pid), nil
}

// Run says that the server lives and what it remembers, until the context ends; then it leaves the register. It keeps
// trying where the database is away.
func (r *Registry) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	began, beaten, tidied := time.Now(), time.Time{}, time.Now()
	loaded := r.memory.Loaded
	for {
		// A young one has more to say and to hear: that it has loaded, and who else has.
		if time.Since(beaten) >= beatEvery || time.Since(began) < welcomeMost || !r.Welcome() {
			beaten = time.Now()
			r.round(ctx)
		}
		if time.Since(tidied) >= tidyEvery {
			tidied = time.Now()
			r.tidy(ctx)
		}
		select {
		case <-ctx.Done():
			return r.leave(context.WithoutCancel(ctx))
		case <-tick.C:
		case <-loaded:
			loaded, beaten = nil, time.Time{}
		}
	}
}

// round says what there is to say, and hears the others.
func (r *Registry) round(ctx context.Context) {
	err := r.beat(ctx)
	if err == nil {
		err = r.look(ctx)
	}
	if err != nil && ctx.Err() == nil {
		r.log.WarnContext(ctx, "node beat", "node", r.self.Name, "error", err)
	}
}

func (r *Registry) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, beatEvery)
	defer cancel()
	// Told is asked first: what it says then was remembered from the floor on.
	told := r.memory.Told().String()
	tag, err := r.pool.Exec(ctx, `update node set seen_at = clock_timestamp(), floor = $4, told = $5 where name = $1 and pid = $2 and host = $3`,
		r.self.Name, r.self.PID, r.self.Host, r.memory.Floor().String(), told)
	if err == nil && tag.RowsAffected() == 0 { // dropped by somebody who took it for dead
		_, err = r.enter(ctx)
	}
	return err
}

func (r *Registry) leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := r.pool.Exec(ctx, `delete from node where name = $1 and pid = $2 and host = $3`, r.self.Name, r.self.PID, r.self.Host)
	if err != nil {
		r.log.WarnContext(ctx, "node leave", "node", r.self.Name, "error", err) // the database is gone as well
	}
	return nil
}

// tidy drops what servers long gone have left.
func (r *Registry) tidy(ctx context.Context) {
	dropped, err := DropDead(ctx, r.pool, dropAfter)
	if err != nil && ctx.Err() == nil {
		r.log.WarnContext(ctx, "node tidy", "error", err)
	}
	for _, name := range dropped {
		r.log.InfoContext(ctx, "node dropped", "node", name, "dead_for_more_than", dropAfter)
	}
}
