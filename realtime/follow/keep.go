package follow

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/rows"
)

// kept is a keeper with its sources.
type kept struct {
	rows.Keeper
	byTable map[string]rows.Source
}

// Keep has k kept in step too. Rights must not lag behind what they protect: a keeper hears of a transaction before
// the picture shows it. Keep is called before the feed runs.
func (f *Follower) Keep(k rows.Keeper) *Follower {
	byTable := map[string]rows.Source{}
	for _, s := range k.Sources() {
		byTable[s.Table] = s
	}
	f.keepers = append(f.keepers, kept{k, byTable})
	return f
}

// Sources are the tables and columns that are read of the log, for the feed to make sure that it carries them.
func (f *Follower) Sources() []rows.Source {
	var all []rows.Source
	for _, p := range f.projections {
		all = append(all, rows.Source{Table: p.Table, Columns: p.Columns()})
	}
	for _, k := range f.keepers {
		all = append(all, k.Sources()...)
	}
	return all
}

func (f *Follower) keeps(table string) bool {
	return slices.ContainsFunc(f.keepers, func(k kept) bool { return k.byTable[table].Table != "" })
}

func (f *Follower) loadKeepers(ctx context.Context, tx pgx.Tx, at position.Position) error {
	for _, k := range f.keepers {
		var all []rows.Change
		for _, s := range k.Sources() {
			err := eachRow(ctx, tx, s.Columns, s.Table, func(r loaded) error {
				r.values = copied(r.values)
				all = append(all, rows.Change{Table: s.Table, Key: string(r.values[0]), Row: r})
				return nil
			})
			if err != nil {
				return err
			}
		}
		if err := k.Replace(at, all); err != nil {
			return fmt.Errorf("load: %w", err)
		}
	}
	return nil
}

// copied keeps values beyond the query's next row; NULL stays nil.
func copied(values [][]byte) [][]byte {
	own := make([][]byte, len(values))
	for i, v := range values {
		own[i] = slices.Clone(v)
	}
	return own
}

func (f *Follower) applyKeepers(t feed.Transaction) error {
	for _, k := range f.keepers {
		var changes []rows.Change
		for _, r := range t.Rows {
			if s, follows := k.byTable[r.Table]; follows {
				changes = append(changes, keyed(s, r)...)
			}
		}
		if len(changes) == 0 {
			continue
		}
		if err := k.Apply(t.Position(), changes); err != nil {
			return err
		}
	}
	return nil
}

// keyed gives the changes that a row of the log means: a row whose key changed goes and comes.
func keyed(s rows.Source, r feed.Row) []rows.Change {
	var changes []rows.Change
	if old, moved := r.OldKey(s.Key()); moved {
		changes = append(changes, rows.Change{Table: s.Table, Key: old})
	}
	key, _, _ := r.Text(s.Key())
	c := rows.Change{Table: s.Table, Key: key}
	if r.Op != feed.Delete {
		c.Row = r
	}
	return append(changes, c)
}
