package webhook

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

const columns = `w.id, w.code, w.topics, w.url, w.label, w.created_at, w.paused_at, w.lost, w.lost_at,
	(select count(*) from river.river_job j where j.kind = 'webhook' and (j.args->>'webhook')::bigint = w.id
		and j.state not in ('completed', 'cancelled', 'discarded')),
	(select count(*) from river.river_job j where j.kind = 'webhook' and (j.args->>'webhook')::bigint = w.id
		and j.state = 'discarded')`

func scan(r pgx.CollectableRow) (w Webhook, err error) {
	return w, r.Scan(&w.ID, &w.Code, &w.Topics, &w.URL, &w.Label, &w.CreatedAt, &w.PausedAt, &w.Lost, &w.LostAt, &w.Waiting, &w.Dead)
}

func insert(ctx context.Context, tx pgx.Tx, n New, secret []byte) (Webhook, error) {
	rows, err := tx.Query(ctx, `with w as (insert into webhook (code, topics, url, label, secret) values ($1, $2, $3, $4, $5)
		returning *) select `+columns+` from w`, n.Code, n.Topics, n.URL, n.Label, secret)
	if err != nil {
		return Webhook{}, fmt.Errorf("webhook insert: %w", err)
	}
	return pgx.CollectExactlyOneRow(rows, scan)
}

func list(ctx context.Context, tx pgx.Tx, within geo.Code, f Filter) ([]Webhook, error) {
	lo, hi := within.Range()
	rows, err := tx.Query(ctx, `select `+columns+` from webhook w where w.code >= $1 and w.code < $2 and w.id > $3
		order by w.id limit nullif($4, 0)`, lo, hi, f.After, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("webhook list: %w", err)
	}
	return pgx.CollectRows(rows, scan)
}

// get keeps others from the webhook until the transaction ends: whoever makes deliveries asks for it in the same way.
func get(ctx context.Context, tx pgx.Tx, within geo.Code, id int64) (Webhook, error) {
	lo, hi := within.Range()
	rows, err := tx.Query(ctx, `select `+columns+` from webhook w where w.id = $1 and w.code >= $2 and w.code < $3 for update`, id, lo, hi)
	if err != nil {
		return Webhook{}, fmt.Errorf("webhook get: %w", err)
	}
	return only(rows, scan, "webhook", id)
}

// only gives the one row, or says that there is none.
func only[T any](rows pgx.Rows, scan pgx.RowToFunc[T], noun string, id int64) (T, error) {
	found, err := pgx.CollectRows(rows, scan)
	if err == nil && len(found) == 0 {
		err = fault.NotFound(noun, id)
	}
	if err != nil {
		var none T
		return none, err
	}
	return found[0], nil
}

func remove(ctx context.Context, tx pgx.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `delete from webhook where id = $1`, id); err != nil {
		return fmt.Errorf("webhook remove: %w", err)
	}
	return nil
}

// pause puts aside what waits, as River's pending jobs, which nobody works; what is just being delivered is finished.
func pause(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, `update webhook set paused_at = now() where id = $1 and paused_at is null`, id)
	if err == nil {
		_, err = tx.Exec(ctx, `update river.river_job set state = 'pending' where kind = 'webhook'
			and (args->>'webhook')::bigint = $1 and state in ('available', 'scheduled', 'retryable')`, id)
	}
	if err != nil {
		return fmt.Errorf("webhook pause: %w", err)
	}
	return nil
}

func resume(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, `update webhook set paused_at = null where id = $1`, id)
	if err == nil {
		_, err = tx.Exec(ctx, `update river.river_job set state = 'available', scheduled_at = now() where kind = 'webhook'
			and (args->>'webhook')::bigint = $1 and state in ('pending', 'scheduled')`, id)
	}
	if err != nil {
		return fmt.Errorf("webhook resume: %w", err)
	}
	return nil
}

const deliveryColumns = `j.id, (j.args->>'webhook')::bigint,
	case j.state when 'completed' then 'delivered' when 'discarded' then 'dead' else 'waiting' end,
	j.args->'event', j.attempt, coalesce(j.errors[cardinality(j.errors)]->>'error', ''), j.created_at,
	case when j.state in ('available', 'scheduled', 'retryable') then j.scheduled_at end, j.finalized_at`

func scanDelivery(r pgx.CollectableRow) (d Delivery, err error) {
	return d, r.Scan(&d.ID, &d.Webhook, &d.State, &d.Event, &d.Attempts, &d.Error, &d.CreatedAt, &d.NextAt, &d.FinishedAt)
}

// deadAtATime is how many letters are shown of all webhooks: who has more, has one reason.
const deadAtATime = 200

func dead(ctx context.Context, tx pgx.Tx, within geo.Code) ([]Delivery, error) {
	lo, hi := within.Range()
	rows, err := tx.Query(ctx, `
		select `+deliveryColumns+`
		from river.river_job j join webhook w on w.id = (j.args->>'webhook')::bigint
		where j.kind = 'webhook' and j.state = 'discarded' and w.code >= $1 and w.code < $2
		order by j.finalized_at desc, j.id desc limit $3`, lo, hi, deadAtATime)
	if err != nil {
		return nil, fmt.Errorf("webhook dead: %w", err)
	}
	return pgx.CollectRows(rows, scanDelivery)
}

func deliveries(ctx context.Context, tx pgx.Tx, id int64, f Filter) ([]Delivery, error) {
	rows, err := tx.Query(ctx, `
		select * from (select `+deliveryColumns+` from river.river_job j
			where j.kind = 'webhook' and (j.args->>'webhook')::bigint = $1 and j.state <> 'cancelled' and ($2::bigint = 0 or j.id < $2)
		) d (id, webhook, state) where $3 in ('', d.state) order by d.id desc limit nullif($4, 0)`, id, f.After, f.State, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("webhook deliveries: %w", err)
	}
	return pgx.CollectRows(rows, scanDelivery)
}

func delivery(ctx context.Context, tx pgx.Tx, id, letter int64) (Delivery, error) {
	rows, err := tx.Query(ctx, `select `+deliveryColumns+` from river.river_job j
		where j.kind = 'webhook' and (j.args->>'webhook')::bigint = $1 and j.state <> 'cancelled' and j.id = $2 for update`, id, letter)
	if err != nil {
		return Delivery{}, fmt.Errorf("webhook delivery: %w", err)
	}
	return only(rows, scanDelivery, "delivery", letter)
}

// revive has dead letters begin again, one or (0) all, as River's own retry does; those of a paused webhook wait.
func revive(ctx context.Context, tx pgx.Tx, id, letter int64) (int64, error) {
	tag, err := tx.Exec(ctx, `update river.river_job j set max_attempts = attempt + max_attempts, finalized_at = null, scheduled_at = now(),
			state = case when w.paused_at is null then 'available' else 'pending' end::river.river_job_state
		from webhook w where w.id = $1
			and kind = 'webhook' and state = 'discarded' and (args->>'webhook')::bigint = $1 and ($2::bigint = 0 or j.id = $2)`, id, letter)
	if err != nil {
		return 0, fmt.Errorf("webhook retry: %w", err)
	}
	return tag.RowsAffected(), nil
}
