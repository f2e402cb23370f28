package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo/postgis"
)

// sessionAccount is the one value a session holds.
const sessionAccount = "account"

// SessionStore keeps scs sessions in PostgreSQL with the account in a column of its own, so that ending an
// account's sessions is one statement. scs hands over tokens already hashed (HashTokenInStore).
type SessionStore struct{ db *postgis.DB }

// NewSessionStore keeps sessions in db.
func NewSessionStore(db *postgis.DB) *SessionStore { return &SessionStore{db: db} }

// SessionValue is the key and value to put into a session that stands for the account.
func SessionValue(a Account) (key string, value any) { return sessionAccount, a.ID }

// SessionKey is the key under which a session holds its account's id as an int64.
func SessionKey() string { return sessionAccount }

type sessionData struct {
	Deadline  time.Time `json:"deadline"`
	AccountID int64     `json:"account,omitempty"`
}

// Encode implements scs.Codec; a session holds an account's id and nothing else.
func (*SessionStore) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	d := sessionData{Deadline: deadline}
	for k, v := range values {
		id, ok := v.(int64)
		if k != sessionAccount || !ok {
			return nil, fmt.Errorf("session: no room for %q", k)
		}
		d.AccountID = id
	}
	return json.Marshal(d)
}

// Decode implements scs.Codec.
func (*SessionStore) Decode(b []byte) (time.Time, map[string]any, error) {
	var d sessionData
	if err := json.Unmarshal(b, &d); err != nil {
		return time.Time{}, nil, fmt.Errorf("session: %w", err)
	}
	values := map[string]any{}
	if d.AccountID != 0 {
		values[sessionAccount] = d.AccountID
	}
	return d.Deadline, values, nil
}

// FindCtx implements scs.CtxStore.
func (s *SessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	err := s.db.App.QueryRow(ctx, `select data from session where token = $1 and expires_at > now()`, token).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("session find: %w", err)
	}
	return data, true, nil
}

// CommitCtx implements scs.CtxStore.
func (s *SessionStore) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	var d sessionData
	if err := json.Unmarshal(b, &d); err != nil {
		return fmt.Errorf("session commit: %w", err)
	}
	var account *int64
	if d.AccountID != 0 {
		account = &d.AccountID
	}
	_, err := s.db.App.Exec(ctx, `
		insert into session (token, account_id, data, expires_at) values ($1, $2, $3, $4)
		on conflict (token) do update set account_id = excluded.account_id, data = excluded.data,
			expires_at = excluded.expires_at`, token, account, b, expiry)
	if err != nil {
		return fmt.Errorf("session commit: %w", err)
	}
	return nil
}

// DeleteCtx implements scs.CtxStore.
func (s *SessionStore) DeleteCtx(ctx context.Context, token string) error {
	if _, err := s.db.App.Exec(ctx, `delete from session where token = $1`, token); err != nil {
		return fmt.Errorf("session delete: %w", err)
	}
	return nil
}

// Prune deletes sessions that have expired and tells how many.
func (s *SessionStore) Prune(ctx context.Context) (int64, error) {
	tag, err := s.db.App.Exec(ctx, `delete from session where expires_at <= now()`)
	if err != nil {
		return 0, fmt.Errorf("session prune: %w", err)
	}
	return tag.RowsAffected(), nil
}

// errNoContext is what the context-free half of scs.Store answers: scs never calls it on a CtxStore.
var errNoContext = errors.New("session store: use the methods with a context")

// Find implements scs.Store, never called.
func (s *SessionStore) Find(string) ([]byte, bool, error) { return nil, false, errNoContext }

// Commit implements scs.Store, never called.
func (s *SessionStore) Commit(string, []byte, time.Time) error { return errNoContext }

// Delete implements scs.Store, never called.
func (s *SessionStore) Delete(string) error { return errNoContext }
