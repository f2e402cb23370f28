package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Node is a server in the register, or a slot of ours that no server claims.
type Node struct {
	Name    string     `json:"node"`
	Host    string     `json:"host,omitempty"`
	PID     int        `json:"pid,omitempty"`
	Version string     `json:"version,omitempty"`
	Address string     `json:"address,omitempty"`
	Started *time.Time `json:"started_at,omitempty"`
	Seen    *time.Time `json:"seen_at,omitempty"` // nil where no server ever claimed the slot
	Alive   bool       `json:"alive"`             // seen within half a minute
	Slot    string     `json:"slot"`
	HasSlot bool       `json:"has_slot"` // the slot is there
	Active  bool       `json:"active"`   // somebody reads from it
	// Retained is the log that the slot holds back, and Lag what its reader has not confirmed, in bytes.
	Retained int64 `json:"retained_bytes"`
	Lag      int64 `json:"lag_bytes"`
	// WALStatus is PostgreSQL's: reserved, extended, unreserved, lost.
	WALStatus string `json:"wal_status,omitempty"`
}

// listSQL joins the register with the slots of this database that bear our prefix.
const listSQL = `
	select coalesce(n.name, substr(s.slot_name, length($1) + 1)), coalesce(n.host, ''), coalesce(n.pid, 0), coalesce(n.version, ''),
	  coalesce(n.address, ''), n.started_at, n.seen_at, coalesce(n.seen_at > clock_timestamp() - $2::interval, false),
	  coalesce(n.slot, s.slot_name), s.slot_name is not null, coalesce(s.active, false),
	  coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn), 0)::bigint,
	  coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn), 0)::bigint, coalesce(s.wal_status, '')
	from node n full join (
	  select * from pg_replication_slots where starts_with(slot_name, $1) and database = current_database()
	) s on s.slot_name = n.slot
	order by 1`

// List gives every node by name.
func List(ctx context.Context, pool *pgxpool.Pool) ([]Node, error) {
	rows, err := pool.Query(ctx, listSQL, SlotPrefix, deadAfter)
	if err != nil {
		return nil, fmt.Errorf("node list: %w", err)
	}
	nodes, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (Node, error) {
		var n Node
		return n, r.Scan(&n.Name, &n.Host, &n.PID, &n.Version, &n.Address, &n.Started, &n.Seen, &n.Alive, &n.Slot, &n.HasSlot,
			&n.Active, &n.Retained, &n.Lag, &n.WALStatus)
	})
	if err != nil {
		return nil, fmt.Errorf("node list: %w", err)
	}
	return nodes, nil
}

// ErrAlive refuses to drop a server that lives: it would lose its place in the log, and make its slot anew.
var ErrAlive = errors.New("the server is alive; stop it first")

// Drop takes a dead node out of the register and drops its slot.
func Drop(ctx context.Context, pool *pgxpool.Pool, name string) error {
	nodes, err := List(ctx, pool)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(nodes, func(n Node) bool { return n.Name == name })
	if i < 0 {
		return fmt.Errorf("node drop: there is no node %q", name)
	}
	return drop(ctx, pool, nodes[i])
}

// DropDead drops every node that nobody has seen for so long and whose slot nobody reads, and names them. Slots without
// a server stay: they may be somebody else's.
func DropDead(ctx context.Context, pool *pgxpool.Pool, unseen time.Duration) ([]string, error) {
	nodes, err := List(ctx, pool)
	if err != nil {
		return nil, err
	}
	var dropped []string
	for _, n := range nodes {
		if n.Alive || n.Active || n.Seen == nil || time.Since(*n.Seen) < unseen {
			continue
		}
		if err := drop(ctx, pool, n); err != nil {
			return dropped, err
		}
		dropped = append(dropped, n.Name)
	}
	return dropped, nil
}

func drop(ctx context.Context, pool *pgxpool.Pool, n Node) error {
	if n.Alive || n.Active {
		return fmt.Errorf("node drop %s: %w", n.Name, ErrAlive)
	}
	// Dropping a slot is no part of a transaction, so the line goes last: it says what is left to do.
	if n.HasSlot {
		if _, err := pool.Exec(ctx, `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1`, n.Slot); err != nil {
			return fmt.Errorf("node drop %s: %w", n.Name, err)
		}
	}
	if _, err := pool.Exec(ctx, `delete from node where name = $1 and seen_at < clock_timestamp() - $2::interval`, n.Name, deadAfter); err != nil {
		return fmt.Errorf("node drop %s: %w", n.Name, err)
	}
	return nil
}
