package tiles_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles"
)

// Page after page every feature comes once, in the order of the ids, whichever way is taken to find them.
func TestItemsComeOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		var all []live.Change
		for id := range uint64(rapid.IntRange(0, 40).Draw(t, "houses")) {
			west := 114 + rapid.Float64Range(0, 0.01).Draw(t, "west")
			all = append(all, house(t, 3*id+1, rapid.SampledFrom(codes()).Draw(t, "code"), west, 22.5, 1))
		}
		w.apply(t, all...)
		ask := tiles.Items{
			Set: w.set[0], Scope: rapid.SampledFrom(scopes()).Draw(t, "scope"), Limit: rapid.IntRange(1, 50).Draw(t, "limit"),
		}
		if rapid.Bool().Draw(t, "boxed") {
			box := live.Box{MaxY: live.WorldSize - 1}
			box.MaxX, _ = live.World(114+rapid.Float64Range(0, 0.02).Draw(t, "east"), 0)
			ask.Box = &box
		}
		want := wanted(all, ask)
		var got []uint64
		for {
			page, matched := ask.Of(w.picture)
			if matched != len(want) {
				t.Fatalf("%d of %d are counted", matched, len(want))
			}
			for _, item := range page {
				got = append(got, item.ID)
				ask.After = item.ID
			}
			if len(page) < ask.Limit {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// wanted are the ids that the question is about, whatever its page.
func wanted(all []live.Change, ask tiles.Items) (ids []uint64) {
	for _, c := range all {
		if ask.Scope.Covers(c.Code) && (ask.Box == nil || ask.Box.Intersects(c.Shape.Bounds())) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}
