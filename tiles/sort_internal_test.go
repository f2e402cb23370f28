package tiles

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo/live"
)

func TestSorterAgreesWithComparing(t *testing.T) {
	var s sorter
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.SampledFrom([]uint64{1 << 8, 1 << 20, 1 << 33, 1<<64 - 1}).Draw(t, "most")
		ids := rapid.SliceOfNDistinct(rapid.Uint64Range(0, most), 0, 200, rapid.ID[uint64]).Draw(t, "ids")
		if rapid.Bool().Draw(t, "many") {
			for i := range uint64(few) {
				ids = append(ids, most/2+i*most/400)
			}
		}
		features := make([]*live.Feature, len(ids))
		for i, id := range ids {
			features[i] = &live.Feature{ID: id}
		}
		want := slices.Clone(features)
		slices.SortStableFunc(want, func(a, b *live.Feature) int { return cmp.Compare(a.ID, b.ID) })
		s.sort(features)
		for i := range want {
			if features[i].ID != want[i].ID {
				t.Fatalf("place %d: %d, want %d", i, features[i].ID, want[i].ID)
			}
		}
	})
}
