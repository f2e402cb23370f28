package node

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/realtime/position"
)

// Memory is what this server tells the others of what it remembers. Zero positions mean that nothing is loaded yet.
type Memory struct {
	Floor func() position.Position // what came after it can be told
	Told  func() position.Position // its clients have everything up to it
	// Loaded is closed when there is a floor to tell of; nil where others may hear of it a second later.
	Loaded <-chan struct{}
}

// other is another living server's memory, as it was at its last beat.
type other struct{ floor, told position.Position }

// A server that has just started remembers nothing from before its start, so clients that are further back are the
// others' to serve. It looks often until they are past it, and does not wait for ever: a server that does not come on
// may be one whose clients are lost anyway.
const (
	lookEvery   = time.Second
	welcomeMost = 30 * time.Second
)

// Remember says what this server remembers; before Run, and before anybody asks.
func (r *Registry) Remember(m Memory) { r.memory = m }

// Welcome tells whether clients may be sent here: no other server is left to serve somebody who has come less far than
// this one's memory begins. Once true it stays so.
func (r *Registry) Welcome() bool {
	floor := r.memory.Floor()
	r.mu.Lock()
	defer r.mu.Unlock()
	if floor.IsZero() || r.welcome {
		return r.welcome
	}
	if r.born.IsZero() {
		r.born, r.bornAt = floor, time.Now()
	}
	r.welcome = time.Since(r.bornAt) >= welcomeMost || past(r.others, r.born)
	return r.welcome
}

// Reaches tells whether another living server can tell everything that came after p.
func (r *Registry) Reaches(p position.Position) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range r.others {
		if order, same := o.floor.Compare(p); same && order <= 0 {
			return true
		}
	}
	return false
}

// past tells whether the clients of every server that remembers more have come to where this one's memory begins.
// A server that began later waits for this one, not the other way round.
func past(others []other, born position.Position) bool {
	for _, o := range others {
		older, same := o.floor.Compare(born)
		if !same || older >= 0 {
			continue
		}
		if told, same := o.told.Compare(born); !same || told < 0 {
			return false
		}
	}
	return true
}

// look reads what the others say. A process of this host that is no more is not waited for until it counts as dead.
func (r *Registry) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, beatEvery)
	defer cancel()
	rows, err := r.pool.Query(ctx, `select host, pid, floor, told from node
		where name <> $1 and floor <> '' and seen_at > clock_timestamp() - $2::interval`, r.self.Name, deadAfter)
	if err != nil {
		return fmt.Errorf("node look: %w", err)
	}
	var others []other
	var host, floor, told string
	var pid int
	_, err = pgx.ForEachRow(rows, []any{&host, &pid, &floor, &told}, func() error {
		if host == r.self.Host && gone(pid) {
			return nil
		}
		var o other
		if err := o.floor.UnmarshalText([]byte(floor)); err != nil {
			return err
		}
		if err := o.told.UnmarshalText([]byte(told)); err != nil {
			return err
		}
		others = append(others, o)
		return nil
	})
	if err != nil {
		return fmt.Errorf("node look: %w", err)
	}
	r.mu.Lock()
	r.others = others
	r.mu.Unlock()
	return nil
}

// gone tells whether there is no such process on this host.
func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
