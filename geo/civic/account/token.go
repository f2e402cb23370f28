package account

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/realtime/position"
)

// Token is a bearer token as its maker may see it again: never in clear.
type Token struct {
	ID        int64
	Account   string
	Label     string
	CreatedAt time.Time
	ExpiresAt *time.Time // nil means never
	RevokedAt *time.Time // nil while it counts
}

// Tokens lists the bearer tokens of the actor's area, or of one account of it, newest first.
func (s *Service) Tokens(ctx context.Context, by Actor, name string) ([]Token, error) {
	if !by.Is(Administrator, Auditor) {
		return nil, fault.Forbidden("token.list", "only an administrator or auditor lists tokens")
	}
	var all []Token
	err := s.db.Read(ctx, by.Scope, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select t.id, a.name, t.label, t.created_at, nullif(t.expires_at, 'infinity'), t.revoked_at
			from token t join account a on a.id = t.account_id where $1 in ('', a.name) order by t.id desc`, name)
		if err != nil {
			return fmt.Errorf("list tokens: %w", err)
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Token])
		return err
	})
	return all, err
}

// RevokeToken ends a bearer token; it holds from the token's next request. Revoking twice changes nothing.
func (s *Service) RevokeToken(ctx context.Context, by Actor, id int64) (position.Position, error) {
	if err := permitAdministration(by, by.Scope); err != nil {
		return position.Position{}, err
	}
	return s.db.Write(ctx, by.Scope, func(tx pgx.Tx) error {
		a, found, err := one(ctx, tx, `select `+columns+` from account where id = (select account_id from token where id = $1) for update`, id)
		if err != nil {
			return err
		}
		if !found {
			return fault.NotFound("token", id)
		}
		tag, err := tx.Exec(ctx, `update token set revoked_at = now() where id = $1 and revoked_at is null`, id)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return record(ctx, tx, by, a, "revoke_token", nil, map[string]any{"token": id})
	})
}
