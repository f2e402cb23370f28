package webhook

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
)

const columns = `w.id, w.code, w.topics, w.url, w.label, w.created_at,
	(select count(*) from river.river_job j where j.kind = 'webhook' and (j.args->>'webhook')::bigint = w.id
		and j.state not in ('completed', 'cancelled', 'discarded')),
	(select count(*) from river.river_job j where j.kind = 'webhook' and (j.args->>'webhook')::bigint = w.id
		and j.state = 'discarded')`

func scan(r pgx.CollectableRow) (w Webhook, err error) {
	return w, r.Scan(&w.ID, &w.Code, &w.Topics, &w.URL, &w.Label, &w.CreatedAt, &w.Waiting, &w.Dead)
}

func insert(ctx context.Context, tx pgx.Tx, n New, secret []byte) (Webhook, error) {
	rows, err := tx.Query(ctx, `with w as (insert into webhook (code, topics, url, label, secret) values ($1, $2, $3, $4, $5)
		returning *) select `+columns+` from w`, n.Code, n.Topics, n.URL, n.Label, secret)
	if err != nil {
		return Webhook{}, fmt.Errorf("webhook insert: %w", err)
	}
	return pgx.CollectExactlyOneRow(rows, scan)
}

func list(ctx context.Context, tx pgx.Tx, within geo.Code) ([]Webhook, error) {
	lo, hi := within.Range()
	rows, err := tx.Query(ctx, `select `+columns+` from webhook w where w.code >= $1 and w.code < $2 order by w.id`, lo, hi)
	if err != nil {
		return nil, fmt.Errorf("webhook list: %w", err)
	}
	return pgx.CollectRows(rows, scan)
}

func get(ctx context.Context, tx pgx.Tx, within geo.Code, id int64) (Webhook, bool, error) {
	lo, hi := within.Range()
	rows, err := tx.Query(ctx, `select `+columns+` from webhook w where w.id = $1 and w.code >= $2 and w.code < $3`, id, lo, hi)
	return first(rows, err)
}

func remove(ctx context.Context, tx pgx.Tx, within geo.Code, id int64) (Webhook, bool, error) {
	lo, hi := within.Range()
	rows, err := tx.Query(ctx, `with w as (delete from webhook where id = $1 and code >= $2 and code < $3 returning *)
		select `+columns+` from w`, id, lo, hi)
	return first(rows, err)
}

func first(rows pgx.Rows, err error) (Webhook, bool, error) {
	if err != nil {
		return Webhook{}, false, err
	}
	found, err := pgx.CollectRows(rows, scan)
	if err != nil || len(found) == 0 {
		return Webhook{}, false, err
	}
	return found[0], true, nil
}

// deadAtATime is how many letters are shown: who has more, has one reason.
const deadAtATime = 200

func dead(ctx context.Context, tx pgx.Tx, within geo.Code) ([]Letter, error) {
	lo, hi := within.Range()
	rows, err := tx.Query(ctx, `
		select j.id, w.id, j.args->'event', j.attempt, coalesce(j.errors[cardinality(j.errors)]->>'error', ''), j.finalized_at
		from river.river_job j join webhook w on w.id = (j.args->>'webhook')::bigint
		where j.kind = 'webhook' and j.state = 'discarded' and w.code >= $1 and w.code < $2
		order by j.finalized_at desc, j.id desc limit $3`, lo, hi, deadAtATime)
	if err != nil {
		return nil, fmt.Errorf("webhook dead: %w", err)
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (l Letter, err error) {
		return l, r.Scan(&l.ID, &l.Webhook, &l.Event, &l.Attempts, &l.Error, &l.At)
	})
}

// revive has dead letters begin again, as River's own retry does.
func revive(ctx context.Context, tx pgx.Tx, id int64) (int64, error) {
	tag, err := tx.Exec(ctx, `update river.river_job set state = 'available', max_attempts = attempt + max_attempts,
			finalized_at = null, scheduled_at = now()
		where kind = 'webhook' and state = 'discarded' and (args->>'webhook')::bigint = $1`, id)
	if err != nil {
		return 0, fmt.Errorf("webhook retry: %w", err)
	}
	return tag.RowsAffected(), nil
}
