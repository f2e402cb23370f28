// Package feedtest keeps a table's rows as the database's log tells them, for tests of what follows it. A Table belongs
// to whoever guards it: it has no lock.
package feedtest

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/realtime/feed"
)

// Table is one column of a table by another, its key, both texts.
type Table struct {
	Name, Key, Column string
	Rows              map[string]string // "" for null
	Loads             int               // how often everything was read
}

// Load reads everything within the snapshot.
func (t *Table) Load(ctx context.Context, tx pgx.Tx) error {
	found, err := tx.Query(ctx, fmt.Sprintf(`select %s, coalesce(%s, '') from %s`, t.Key, t.Column, t.Name))
	if err != nil {
		return err
	}
	loaded := map[string]string{}
	var key, value string
	if _, err := pgx.ForEachRow(found, []any{&key, &value}, func() error { loaded[key] = value; return nil }); err != nil {
		return err
	}
	t.Rows = loaded
	t.Loads++
	return nil
}

// Take does what the log says of one row; of another table it is nothing.
func (t *Table) Take(r feed.Row) {
	if r.Table != t.Name {
		return
	}
	if r.Op == feed.Truncate {
		clear(t.Rows)
		return
	}
	key, _, _ := r.Text(t.Key)
	if old, moved := r.OldKey(t.Key); moved {
		delete(t.Rows, old)
	}
	if r.Op == feed.Delete {
		delete(t.Rows, key)
		return
	}
	t.Rows[key], _, _ = r.Text(t.Column)
}
