// Package follow keeps a live picture in step with the database: it loads the picture from the feed's snapshot and
// applies the feed's transactions to it, as each table's projection says, and tells those who listen what changed.
// What is kept row by row beside the picture (rights, for instance) takes the same way, and always before the
// picture. It knows tables and layers by their declarations only.
//
// A Follower is driven by one feed, from one goroutine.
package follow

import (
	"context"
	"fmt"
	"slices"
	"time"

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
	// Aged tells what left the picture because it became old, which is no transaction's doing and has no position.
	Aged(deltas []live.Delta)
}

// Follower is a feed's consumer.
type Follower struct {
	picture     *live.Picture
	projections []live.Projection
	byTable     map[string][]live.Projection
	keepers     []kept
	listeners   []Listener
	aged        time.Time // when features were last looked through for old ones
}

// ageEvery is how often old features are taken out: a minute too late makes no difference to what is called recent.
const ageEvery = time.Minute

// New follows for picture. Tables without a projection pass by.
func New(picture *live.Picture, projections []live.Projection, listeners ...Listener) *Follower {
	f := &Follower{picture: picture, projections: projections, byTable: map[string][]live.Projection{}, listeners: listeners}
	for _, p := range projections {
		f.byTable[p.Table] = append(f.byTable[p.Table], p)
	}
	return f
}

// Apply implements feed.Consumer.
func (f *Follower) Apply(_ context.Context, t feed.Transaction) error {
	if f.truncates(t) {
		return feed.ErrReload
	}
	if err := f.applyKeepers(t); err != nil {
		return err
	}
	now := time.Now()
	var changes []live.Change
	var outside []row
	for _, r := range t.Rows {
		at := position.Position{Epoch: t.Epoch, LSN: t.Commit, Index: r.Index}
		for _, p := range f.byTable[r.Table] {
			var err error
			known := len(changes)
			if changes, err = project(p, r, now, changes); err != nil {
				return err
			}
			for i := range changes[known:] {
				changes[known+i].At = at
			}
			if liesOutside(p, r, now) {
				outside = append(outside, row{r, p, at})
			}
		}
	}
	deltas, err := f.picture.Apply(t.Position(), changes)
	if err == nil && len(outside) > 0 {
		deltas, err = f.tellOutside(deltas, outside)
	}
	if err != nil {
		return err
	}
	for _, l := range f.listeners {
		l.Applied(deltas, t.Position())
	}
	return nil
}

// truncates tells whether the transaction emptied a table that is followed, which the log says without naming rows.
func (f *Follower) truncates(t feed.Transaction) bool {
	return slices.ContainsFunc(t.Rows, func(r feed.Row) bool {
		return r.Op == feed.Truncate && (len(f.byTable[r.Table]) > 0 || f.keeps(r.Table))
	})
}

func project(p live.Projection, r feed.Row, now time.Time, changes []live.Change) ([]live.Change, error) {
	if r.Op == feed.Delete {
		c, err := p.Drop(r)
		return append(changes, c), err
	}
	if old, moved := r.OldKey(p.Key); moved {
		if !whole(p, r) {
			// The old key's feature has a large value that the log does not repeat under the new one. A key that
			// changes is too rare to carry the value over for.
			return nil, fmt.Errorf("%w: the key of a row of %s changed", feed.ErrReload, p.Table)
		}
		c, err := p.DropKey(old)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	c, err := p.Put(r)
	return append(changes, p.Timely(c, now)), err
}

// whole tells whether the row carries every column that the projection reads.
func whole(p live.Projection, r feed.Row) bool {
	return !slices.ContainsFunc(p.Columns(), func(column string) bool {
		_, _, known := r.Text(column)
		return !known
	})
}

// Advance implements feed.Consumer.
func (f *Follower) Advance(at position.Position) {
	f.picture.Advance(at)
	for _, l := range f.listeners {
		l.Advance(at)
	}
	if now := time.Now(); now.Sub(f.aged) >= ageEvery {
		f.aged = now
		f.age(at, now)
	}
}

// age takes out what has become too old for its layer.
func (f *Follower) age(at position.Position, now time.Time) {
	var changes []live.Change
	f.picture.Read(func(layer func(string) *live.Layer) {
		for _, p := range f.projections {
			if p.Recent == nil {
				continue
			}
			for _, id := range layer(p.Layer).Older(p.Recent.Field, p.Recent.Since(now)) {
				changes = append(changes, live.Change{Layer: p.Layer, ID: id, Gone: true})
			}
		}
	})
	if len(changes) == 0 {
		return
	}
	deltas, err := f.picture.Apply(at, changes)
	if err != nil {
		return // the only error is a layer that is not there, and these were just read
	}
	for _, l := range f.listeners {
		l.Aged(deltas)
	}
}
