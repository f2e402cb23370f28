package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/gridweave/gridweave/realtime/position"
)

// queueFull is the reason in gridweave.resync where too much waited.
const queueFull = "queue_full"

// bound lets go of everything that waits for a webhook where that has become too much, of which the receiver is told in
// its place, and everybody else by a dead letter, the webhook's count and the metric. What is told then is all that is
// left to tell: whoever has to ask for the present needs nothing of what was before. Counting takes a while where much
// waits, so it is done once for every tenth of what may wait.
func (r *Reactor) bound(ctx context.Context, tx pgx.Tx, e *ear, jobs []river.InsertManyParams, to position.Position) ([]river.InsertManyParams, error) {
	e.uncounted += len(jobs)
	if len(jobs) == 0 || e.uncounted < r.cfg.MaxWaiting/10 {
		return jobs, nil
	}
	waiting, err := countWaiting(ctx, tx, e.id)
	if err != nil {
		return nil, err
	}
	e.uncounted = 0
	if waiting+len(jobs) <= r.cfg.MaxWaiting {
		return jobs, nil
	}
	lost, err := letGo(ctx, tx, e.id)
	if err != nil {
		return nil, err
	}
	lost += len(jobs)
	told := delivery{Webhook: e.id, Event: resyncAt(to, e, Unsaid{Topics: e.topics, Reason: queueFull, Lost: lost})}
	if err := r.bury(ctx, tx, told, lost); err != nil {
		return nil, err
	}
	r.cfg.Log.WarnContext(ctx, "webhook: too many deliveries waited and were let go", "webhook", e.id, "lost", lost)
	r.cfg.Metrics.lose(lost)
	return []river.InsertManyParams{{Args: told}}, nil
}

// bury keeps as a dead letter what was lost. Tried again, it asks the receiver once more to look at the present.
func (r *Reactor) bury(ctx context.Context, tx pgx.Tx, told delivery, lost int) error {
	now := time.Now()
	args, err := json.Marshal(told)
	if err != nil {
		return err
	}
	reason, err := json.Marshal(rivertype.AttemptError{
		At: now, Attempt: 1, Error: fmt.Sprintf("more than %d deliveries waited: %d were let go", r.cfg.MaxWaiting, lost),
	})
	if err != nil {
		return err
	}
	return buryLetter(ctx, tx, told.Webhook, args, reason, lost)
}
