// Package evidence owns the ledger (证据化): every change of business state leaves one entry, written in the
// transaction that makes the change, so neither can exist without the other. It never updates or deletes, and the
// database refuses whoever tries. It never opens a transaction of its own. Entries hold no personal data.
//
// Functions are safe for concurrent use as far as the transaction given to them is.
package evidence

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
)

// By is who did it, as it stays readable when the account is long gone.
type By struct {
	ID   int64  `json:"id,omitempty"` // 0 for the system itself
	Name string `json:"name"`
	Role string `json:"role"`
}

// Entry is one step: who did what to which subject, where, and how it looked before and after.
type Entry struct {
	ID        int64           `json:"id"`
	At        time.Time       `json:"at"`
	By        By              `json:"by"`
	Code      geo.Code        `json:"code"` // where, which decides who may read it
	Noun      string          `json:"noun"`
	Subject   string          `json:"subject"` // the noun's id, as text
	Action    string          `json:"action"`
	Reason    string          `json:"reason,omitempty"`
	Before    json.RawMessage `json:"before,omitempty"`
	After     json.RawMessage `json:"after,omitempty"`
	RequestID string          `json:"request_id,omitempty"`
}

// Step is what a use case hands over; Before and After are marshalled as JSON and may be nil.
type Step struct {
	By            By
	Code          geo.Code
	Noun          string
	Subject       any
	Action        string
	Reason        string
	Before, After any
}

type requestIDKey struct{}

// WithRequestID returns a context whose entries name the request that caused them.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID is the id that WithRequestID put in, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// Record adds the step to the ledger within tx.
func Record(ctx context.Context, tx pgx.Tx, s Step) error {
	before, err := marshal(s.Before)
	if err != nil {
		return fmt.Errorf("evidence before %s %s: %w", s.Noun, s.Action, err)
	}
	after, err := marshal(s.After)
	if err != nil {
		return fmt.Errorf("evidence after %s %s: %w", s.Noun, s.Action, err)
	}
	var actorID *int64
	if s.By.ID != 0 {
		actorID = &s.By.ID
	}
	_, err = tx.Exec(ctx, `
		insert into evidence (actor_id, actor, role, code, noun, subject, action, reason, before, after, request_id)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		actorID, s.By.Name, s.By.Role, s.Code, s.Noun, fmt.Sprint(s.Subject), s.Action, s.Reason,
		before, after, RequestID(ctx))
	if err != nil {
		return fmt.Errorf("evidence %s %s: %w", s.Noun, s.Action, err)
	}
	return nil
}

// marshal keeps nil as SQL's NULL rather than JSON's null.
func marshal(v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	return json.Marshal(v)
}

// ForSubject lists a subject's entries within the transaction's scope, oldest first.
func ForSubject(ctx context.Context, tx pgx.Tx, noun string, subject any) ([]Entry, error) {
	return list(ctx, tx, noun, `where noun = $1 and subject = $2 order by id`, noun, fmt.Sprint(subject))
}

// Within lists the newest entries on whatever happened within a place, newest first.
func Within(ctx context.Context, tx pgx.Tx, place geo.Code, limit int) ([]Entry, error) {
	lo, hi := place.Range()
	return list(ctx, tx, string(place), `where code >= $1 and code < $2 order by id desc limit $3`, lo, hi, limit)
}

func list(ctx context.Context, tx pgx.Tx, what, where string, args ...any) ([]Entry, error) {
	rows, err := tx.Query(ctx, `
		select id, at, coalesce(actor_id, 0), actor, role, code, noun, subject, action, reason, before, after, request_id
		from evidence `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("evidence of %s: %w", what, err)
	}
	entries, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (Entry, error) {
		var e Entry
		return e, r.Scan(&e.ID, &e.At, &e.By.ID, &e.By.Name, &e.By.Role, &e.Code, &e.Noun, &e.Subject,
			&e.Action, &e.Reason, &e.Before, &e.After, &e.RequestID)
	})
	if err != nil {
		return nil, fmt.Errorf("evidence of %s: %w", what, err)
	}
	return entries, nil
}
