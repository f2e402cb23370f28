package follow

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/position"
)

// row is a row's change as a projection sees it.
type row struct {
	feed.Row
	projection live.Projection
	at         position.Position
}

// liesOutside tells whether a row that changed, or went, is too old for the picture. What happens to it happened all the
// same: somebody moves out years after he moved in.
func liesOutside(p live.Projection, r feed.Row, now time.Time) bool {
	was, told := r.Before()
	if p.Recent == nil || !told {
		return false
	}
	last := live.Row(r)
	if r.Op == feed.Delete {
		last = was
	}
	c, err := p.Put(last)
	return err == nil && !c.Gone && p.Timely(c, now).Gone
}

// tellOutside replaces what the picture says of such rows, which is nothing, or that they are gone, by what happened.
func (f *Follower) tellOutside(deltas []live.Delta, outside []row) ([]live.Delta, error) {
	deltas = slices.DeleteFunc(deltas, func(d live.Delta) bool {
		return slices.ContainsFunc(outside, func(r row) bool { return r.at == d.At && r.projection.Layer == d.Layer.Spec.Name })
	})
	var err error
	f.picture.Read(func(layer func(string) *live.Layer) {
		for _, r := range outside {
			d, happened, failed := r.delta(layer(r.projection.Layer))
			if failed != nil {
				err = failed
			} else if happened {
				deltas = append(deltas, d)
			}
		}
	})
	return deltas, err
}

// delta is what happened to the row, told from the row alone; false where nothing did that the projection shows. No
// picture has a part in it.
func (r row) delta(l *live.Layer) (d live.Delta, happened bool, err error) {
	d = live.Delta{Layer: l, At: r.at}
	if was, told := r.Before(); told {
		if d.Old, _, err = r.feature(l, was); err != nil {
			return d, false, err
		}
	} else if r.Op != feed.Insert {
		return d, false, nil
	}
	if r.Op != feed.Delete {
		if d.New, d.Final, err = r.feature(l, r.Row); err != nil {
			return d, false, err
		}
	}
	return d, d.Old != nil || d.New != nil, nil
}

// feature is what the projection makes of a row, nil and by which value where it leaves it out.
func (r row) feature(l *live.Layer, from live.Row) (*live.Feature, string, error) {
	c, err := r.projection.Put(from)
	if err != nil || c.Gone {
		return nil, c.Final, err
	}
	return l.Made(c), "", nil
}

// ErrUntold says that what a transaction did cannot be told without the picture of that time.
var ErrUntold = errors.New("the log does not tell what was there before")

// Told gives what a transaction of long ago did to the features of some layers, without a picture of that time: their
// tables' triggers have written into the log how each row was. Time is the transaction's own: what was too old for the
// picture when it was inserted is not told now either.
func (f *Follower) Told(t feed.Transaction, layers []string) (deltas []live.Delta, err error) {
	f.picture.Read(func(layer func(string) *live.Layer) {
		for _, r := range t.Rows {
			for _, p := range f.byTable[r.Table] {
				if !slices.Contains(layers, p.Layer) {
					continue
				}
				var d live.Delta
				var happened bool
				d, happened, err = toldOf(row{r, p, position.Position{Epoch: t.Epoch, LSN: t.Commit, Index: r.Index}}, layer(p.Layer), t.Time)
				if err != nil {
					return
				}
				if happened {
					deltas = append(deltas, d)
				}
			}
		}
	})
	return deltas, err
}

func toldOf(r row, l *live.Layer, then time.Time) (live.Delta, bool, error) {
	_, told := r.Before()
	_, moved := r.OldKey(r.projection.Key)
	if !r.projection.Owns || r.Op == feed.Truncate || moved || r.Op == feed.Delete && !told {
		return live.Delta{}, false, fmt.Errorf("%w: %c of %s", ErrUntold, r.Op, r.Table)
	}
	d, happened, err := r.delta(l)
	if err != nil || r.Op != feed.Insert || d.New == nil {
		return d, happened, err
	}
	c, err := r.projection.Put(r.Row)
	return d, err == nil && !r.projection.Timely(c, then).Gone, err
}
