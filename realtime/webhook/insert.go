package webhook

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/gridweave/gridweave/realtime/position"
)

// insert makes jobs of events and moves the webhook's position on, both or neither; what another node has done is left
// out.
func (r *Reactor) insert(ctx context.Context, e *ear, events []Event, to position.Position) error {
	err := pgx.BeginFunc(ctx, r.cfg.Pool, func(tx pgx.Tx) error {
		now, ok, err := lockStanding(ctx, tx, e.id)
		if err != nil || !ok {
			return err
		}
		done := now.done
		if order, same := to.Compare(done); same && order <= 0 {
			return nil
		}
		var jobs []river.InsertManyParams
		for _, event := range events {
			at, err := position.Parse(event.ID)
			if err != nil {
				return err
			}
			if order, same := at.Compare(done); same && order <= 0 {
				continue
			}
			jobs = append(jobs, river.InsertManyParams{Args: delivery{Webhook: e.id, Event: event}})
		}
		if jobs, err = r.bound(ctx, tx, e, jobs, to); err != nil {
			return err
		}
		for i := range jobs {
			jobs[i].InsertOpts = &river.InsertOpts{Queue: queue, MaxAttempts: r.cfg.MaxAttempts, Pending: now.paused}
		}
		for len(jobs) > 0 {
			n := min(len(jobs), insertAtATime)
			if _, err := r.jobs.InsertManyTx(ctx, tx, jobs[:n]); err != nil {
				return err
			}
			jobs = jobs[n:]
		}
		return setDone(ctx, tx, e.id, to)
	})
	if err != nil {
		return fmt.Errorf("webhook %d: %w", e.id, err)
	}
	e.done = to
	return nil
}
