package follow

import (
	"context"
	"errors"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/position"
)

// Past tells from retained log what happened while nobody followed.
type Past struct {
	follower *Follower
	log      *feed.Retained
}

// Past reads retained log by the follower's projections.
func (f *Follower) Past(log *feed.Retained) *Past { return &Past{f, log} }

// Keep has the log kept from a position on; the zero position lets go of it.
func (p *Past) Keep(ctx context.Context, from position.Position) error { return p.log.Keep(ctx, from) }

// Since tells what happened to the features of these layers behind from, up to and with to; false where not all of that
// can be told any more.
func (p *Past) Since(ctx context.Context, from, to position.Position, layers []string, take func([]live.Delta, position.Position) error) (bool, error) {
	err := p.log.Since(ctx, from, to, func(t feed.Transaction) error {
		deltas, err := p.follower.Told(t, layers)
		if err != nil || len(deltas) == 0 {
			return err
		}
		return take(deltas, t.Position())
	})
	if errors.Is(err, feed.ErrNotRetained) || errors.Is(err, ErrUntold) {
		return false, nil
	}
	return err == nil, err
}
