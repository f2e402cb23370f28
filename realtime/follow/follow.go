// Package follow keeps a live picture in step with the database: it loads the picture from the feed's snapshot and
// applies the feed's transactions to it, as each table's projection says, and tells those who listen what changed. It
// knows tables and layers by their declarations only.
//
// A Follower is driven by one feed, from one goroutine.
package follow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/position"
)

// Listener hears of every change to the picture, after it is visible there.
type Listener interface {
	// Applied tells what a transaction changed, and the position that includes it.
	Applied(deltas []live.Delta, at position.Position)
	// Reset tells that everything was loaded anew.
	Reset(at position.Position)
	// Advance tells that nothing changed up to at.
	Advance(at position.Position)
}

// Follower is a feed's consumer.
type Follower struct {
	picture     *live.Picture
	projections []live.Projection
	byTable     map[string][]live.Projection
	listeners   []Listener
}

// New follows for picture. Tables without a projection pass by.
func New(picture *live.Picture, projections []live.Projection, listeners ...Listener) *Follower {
	f := &Follower{picture: picture, projections: projections, byTable: map[string][]live.Projection{}, listeners: listeners}
	for _, p := range projections {
		f.byTable[p.Table] = append(f.byTable[p.Table], p)
	}
	return f
}

// Load implements feed.Consumer.
func (f *Follower) Load(ctx context.Context, tx pgx.Tx, at position.Position) error {
	var changes []live.Change
	for _, p := range f.projections {
		var err error
		if changes, err = read(ctx, tx, p, changes); err != nil {
			return err
		}
	}
	if err := f.picture.Replace(at, changes); err != nil {
		return err
	}
	for _, l := range f.listeners {
		l.Reset(at)
	}
	return nil
}

// read asks in the simple protocol: it alone answers every type as text, as the log does, so that both take one way.
func read(ctx context.Context, tx pgx.Tx, p live.Projection, changes []live.Change) ([]live.Change, error) {
	columns := p.Columns()
	sql := fmt.Sprintf("select %s from %s", strings.Join(columns, ", "), p.Table)
	rows, err := tx.Query(ctx, sql, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", p.Table, err)
	}
	defer rows.Close()
	row := loaded{columns: columns}
	for rows.Next() {
		row.values = rows.RawValues()
		c, err := p.Put(row)
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", p.Table, err)
		}
		changes = append(changes, c)
	}
	return changes, rows.Err()
}

// loaded is a row of a query.
type loaded struct {
	columns []string
	values  [][]byte
}

// Text implements live.Row.
func (l loaded) Text(column string) (value string, null, known bool) {
	i := slices.Index(l.columns, column)
	if i < 0 {
		return "", false, false
	}
	return string(l.values[i]), l.values[i] == nil, true
}

// Apply implements feed.Consumer.
func (f *Follower) Apply(_ context.Context, t feed.Transaction) error {
	var changes []live.Change
	for _, r := range t.Rows {
		for _, p := range f.byTable[r.Table] {
			if r.Op == feed.Truncate {
				return feed.ErrReload
			}
			var err error
			if changes, err = project(p, r, changes); err != nil {
				return err
			}
		}
	}
	deltas, err := f.picture.Apply(t.Position(), changes)
	if err != nil {
		return err
	}
	for _, l := range f.listeners {
		l.Applied(deltas, t.Position())
	}
	return nil
}

func project(p live.Projection, r feed.Row, changes []live.Change) ([]live.Change, error) {
	if r.Op == feed.Delete {
		c, err := p.Drop(r)
		return append(changes, c), err
	}
	if old, moved := r.OldKey(p.Key); moved {
		c, err := p.DropKey(old)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	c, err := p.Put(r)
	return append(changes, c), err
}

// Advance implements feed.Consumer.
func (f *Follower) Advance(at position.Position) {
	f.picture.Advance(at)
	for _, l := range f.listeners {
		l.Advance(at)
	}
}
