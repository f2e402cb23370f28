package webhook

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/realtime/position"
)

// hook is what a reactor needs to know of a webhook.
type hook struct {
	id     int64
	area   geo.Code
	topics []string
	done   position.Position // zero for a new one
}

func loadHooks(ctx context.Context, pool *pgxpool.Pool) ([]hook, error) {
	rows, err := pool.Query(ctx, `select id, code, topics, epoch, lsn::text, ordinal from webhook order by id`)
	if err != nil {
		return nil, fmt.Errorf("webhooks load: %w", err)
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (hook, error) {
		var h hook
		var lsn string
		if err := r.Scan(&h.id, &h.area, &h.topics, &h.done.Epoch, &lsn, &h.done.Index); err != nil {
			return h, err
		}
		var err error
		h.done.LSN, err = strconv.ParseUint(lsn, 10, 64)
		return h, err
	})
}

// standing is how far a webhook's events have become jobs, and whether those wait.
type standing struct {
	done   position.Position
	paused bool
}

// lockStanding gives it, and keeps others from it; false where the webhook has gone.
func lockStanding(ctx context.Context, tx pgx.Tx, id int64) (s standing, ok bool, err error) {
	rows, err := tx.Query(ctx, `select epoch, lsn::text, ordinal, paused_at is not null from webhook where id = $1 for update`, id)
	if err != nil {
		return s, false, err
	}
	found, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (s standing, err error) {
		var lsn string
		if err := r.Scan(&s.done.Epoch, &lsn, &s.done.Index, &s.paused); err != nil {
			return s, err
		}
		s.done.LSN, err = strconv.ParseUint(lsn, 10, 64)
		return s, err
	})
	if err != nil || len(found) == 0 {
		return s, false, err
	}
	return found[0], true, nil
}

func setDone(ctx context.Context, tx pgx.Tx, id int64, p position.Position) error {
	_, err := tx.Exec(ctx, `update webhook set epoch = $2, lsn = $3::text::numeric, ordinal = $4 where id = $1`,
		id, p.Epoch, strconv.FormatUint(p.LSN, 10), int64(p.Index))
	return err
}

// target is where and how a delivery goes.
type target struct {
	url    string
	sealed []byte
	paused bool
}

func loadTarget(ctx context.Context, pool *pgxpool.Pool, id int64) (t target, ok bool, err error) {
	rows, err := pool.Query(ctx, `select url, secret, paused_at is not null from webhook where id = $1`, id)
	if err != nil {
		return t, false, err
	}
	found, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (t target, err error) { return t, r.Scan(&t.url, &t.sealed, &t.paused) })
	if err != nil || len(found) == 0 {
		return t, false, err
	}
	return found[0], true, nil
}

// waitingStates are those of jobs that wait; who is just being delivered is not among them.
const waitingStates = `('pending', 'available', 'scheduled', 'retryable')`

func countWaiting(ctx context.Context, tx pgx.Tx, id int64) (n int, err error) {
	err = tx.QueryRow(ctx, `select count(*) from river.river_job
		where kind = 'webhook' and (args->>'webhook')::bigint = $1 and state in `+waitingStates, id).Scan(&n)
	return n, err
}

// letGo takes away what waits, and tells how many events there were.
func letGo(ctx context.Context, tx pgx.Tx, id int64) (n int, err error) {
	err = tx.QueryRow(ctx, `with gone as (
			delete from river.river_job where kind = 'webhook' and (args->>'webhook')::bigint = $1 and state in `+waitingStates+`
			returning args->'event'->>'type' as type)
		select count(*) filter (where type <> 'gridweave.resync') from gone`, id).Scan(&n)
	return n, err
}

// buryLetter adds a dead letter, and what was lost to the webhook's count.
func buryLetter(ctx context.Context, tx pgx.Tx, id int64, args, reason []byte, lost int) error {
	_, err := tx.Exec(ctx, `insert into river.river_job (kind, queue, state, args, attempt, max_attempts, errors, attempted_at, finalized_at)
		values ('webhook', $1, 'discarded', $2, 1, 1, array[$3::jsonb], now(), now())`, queue, args, reason)
	if err == nil {
		_, err = tx.Exec(ctx, `update webhook set lost = lost + $2, lost_at = now() where id = $1`, id, lost)
	}
	return err
}
