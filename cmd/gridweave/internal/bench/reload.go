package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/process"
)

// reload takes the server's replication slot away, as a database does with one that holds back too much, so that the
// server loads everything anew while it goes on serving what it has. It measures how long the server needs for that, and
// its memory: with the tiles that it keeps by then, with two pictures for a while, and after.
func (l *lab) reload(ctx context.Context, s *server) ([]Row, error) {
	before, err := s.gauge(ctx, loadsMetric)
	if err != nil {
		return nil, err
	}
	if err := process.ForgetPeak(s.child.PID()); err != nil {
		return nil, err
	}
	kept, _, err := process.Memory(s.child.PID())
	if err != nil {
		return nil, err
	}
	if err := l.loseSlot(ctx); err != nil {
		return nil, err
	}
	began := time.Now()
	if err := l.awaitLoad(ctx, s, before+1); err != nil {
		return nil, err
	}
	took := time.Since(began)
	now, peak, err := process.Memory(s.child.PID())
	if err != nil {
		return nil, err
	}
	name := string(l.scale)
	return []Row{
		ours(scaleBench, name, metric{name: "reload_seconds", unit: "s"}, took.Seconds()),
		ours(scaleBench, name, metric{name: "resident_memory_tiles_kept", unit: "MB"}, float64(kept)/1e6),
		ours(scaleBench, name, metric{name: "resident_memory_reload_peak", unit: "MB"}, float64(peak)/1e6),
		ours(scaleBench, name, metric{name: "resident_memory_reloaded", unit: "MB"}, float64(now)/1e6),
	}, nil
}

// loadsMetric counts how often the server loaded everything.
const loadsMetric = "gridweave_feed_loads_total"

// loseSlot drops the slot of the only server there is, as soon as nobody reads from it.
func (l *lab) loseSlot(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		if _, err := l.db.Admin.Exec(ctx, `select pg_terminate_backend(active_pid) from pg_replication_slots where active`); err != nil {
			return fmt.Errorf("lose slot: %w", err)
		}
		dropped, err := l.db.Admin.Exec(ctx, `select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active`)
		if err == nil && dropped.RowsAffected() > 0 {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("lose slot: %w", ctx.Err())
		}
	}
}

// awaitLoad waits until the server has loaded so often.
func (l *lab) awaitLoad(ctx context.Context, s *server, times float64) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		loads, err := s.gauge(ctx, loadsMetric)
		if err != nil || loads >= times {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("reload: %w", ctx.Err())
		}
	}
}
