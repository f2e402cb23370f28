package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const columns = `id, name, role, code, coalesce(department, ''), display_zh, display_en, active, created_at, password_hash`

func scan(r pgx.CollectableRow) (Account, error) {
	var a Account
	return a, r.Scan(&a.ID, &a.Name, &a.Role, &a.Code, &a.Department, &a.DisplayZh, &a.DisplayEn, &a.Active,
		&a.CreatedAt, &a.passwordHash)
}

// querier is what a pool, a connection and a transaction have in common.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// one answers false where there is no row.
func one(ctx context.Context, q querier, sql string, args ...any) (Account, bool, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return Account{}, false, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, false, nil
	}
	return a, err == nil, err
}

func byName(ctx context.Context, q querier, name string) (Account, bool, error) {
	return one(ctx, q, `select `+columns+` from account_by_name($1)`, name)
}

func byID(ctx context.Context, q querier, id int64) (Account, bool, error) {
	return one(ctx, q, `select `+columns+` from account_by_id($1)`, id)
}

// byCredential answers false for what is unknown, revoked or over, and for an account that has ended.
func byCredential(ctx context.Context, q querier, c Credential) (Standing, bool, error) {
	sql, arg := `from token t where t.hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())`, any(c.hash[:])
	if c.kind == cookie {
		sql, arg = `from session t where t.token = $1 and t.expires_at > now()`, c.sessionKey()
	}
	rows, err := q.Query(ctx, `
		select a.id, a.name, a.role, a.code, coalesce(a.department, ''), nullif(t.expires_at, 'infinity')
		from (select t.account_id, t.expires_at `+sql+`) t cross join lateral account_by_id(t.account_id) a
		where a.active`, arg)
	if err != nil {
		return Standing{}, false, err
	}
	s, err := pgx.CollectExactlyOneRow(rows, func(r pgx.CollectableRow) (Standing, error) {
		s := Standing{Credential: c}
		var until *time.Time
		err := r.Scan(&s.ID, &s.Name, &s.Role, &s.Scope, &s.Department, &until)
		if until != nil {
			s.Until = *until
		}
		return s, err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Standing{}, false, nil
	}
	return s, err == nil, err
}

// lock reads an account within the transaction's scope and holds it until the end.
func lock(ctx context.Context, tx pgx.Tx, name string) (Account, bool, error) {
	return one(ctx, tx, `select `+columns+` from account where name = $1 for update`, name)
}

func insert(ctx context.Context, tx pgx.Tx, n New, hash string) (Account, error) {
	a, _, err := one(ctx, tx, `
		insert into account (name, role, code, department, display_zh, display_en, password_hash)
		values ($1, $2, $3, nullif($4, ''), $5, $6, $7) returning `+columns,
		n.Name, n.Role, n.Code, n.Department, n.DisplayZh, n.DisplayEn, hash)
	return a, err
}

func update(ctx context.Context, tx pgx.Tx, a Account) error {
	_, err := tx.Exec(ctx, `
		update account set role = $2, code = $3, department = nullif($4, ''), active = $5, password_hash = $6
		where id = $1`, a.ID, a.Role, a.Code, a.Department, a.Active, a.passwordHash)
	return err
}

func list(ctx context.Context, tx pgx.Tx) ([]Account, error) {
	rows, err := tx.Query(ctx, `select `+columns+` from account order by code, name`)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return pgx.CollectRows(rows, scan)
}

func insertToken(ctx context.Context, tx pgx.Tx, accountID int64, c Credential, label string, expires time.Time) error {
	var until *time.Time
	if !expires.IsZero() {
		until = &expires
	}
	_, err := tx.Exec(ctx, `insert into token (account_id, hash, label, expires_at) values ($1, $2, $3, $4)`,
		accountID, c.hash[:], label, until)
	return err
}
