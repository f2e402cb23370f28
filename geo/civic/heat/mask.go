package heat

import (
	"slices"

	"github.com/paulmach/orb"
)

// mask tells what lies within an outline, parallel by parallel: one pass over the outline for each, however many points
// on it are asked for.
type mask struct {
	outline orb.MultiPolygon
	bound   orb.Bound
}

func newMask(outline orb.MultiPolygon) mask { return mask{outline, outline.Bound()} }

// row is the part of a parallel that lies inside, by longitude: an even-odd count of the borders west of it.
func (m mask) row(lat float64) func(lon float64) bool {
	var crossings []float64
	for _, polygon := range m.outline {
		for _, ring := range polygon {
			for i := 1; i < len(ring); i++ {
				a, b := ring[i-1], ring[i]
				if (a[1] > lat) != (b[1] > lat) {
					crossings = append(crossings, a[0]+(lat-a[1])/(b[1]-a[1])*(b[0]-a[0]))
				}
			}
		}
	}
	slices.Sort(crossings)
	return func(lon float64) bool {
		west, _ := slices.BinarySearch(crossings, lon)
		return west%2 == 1
	}
}
