package city

import (
	"fmt"
	"time"
)

// Scale names how much city there is.
type Scale string

// The scales.
const (
	Tiny       Scale = "tiny"   // a corner of one street, for tests: 3 communities, 12 grids, 600 buildings
	Futian     Scale = "futian" // the district: 92 communities, 604 grids, 30,000 buildings, 600,000 rooms
	Everything Scale = "city"   // ten districts, 16,417 grids, 640,000 buildings, 12 million rooms
)

// ParseScale reads a scale's name.
func ParseScale(s string) (Scale, error) {
	switch Scale(s) {
	case Tiny, Futian, Everything:
		return Scale(s), nil
	}
	return "", fmt.Errorf("scale parse: %q is none of tiny, futian, city", s)
}

// Counts is the size of a city; the same scale has the same counts whatever the seed.
type Counts struct{ Districts, Streets, Communities, Grids, Buildings, Rooms int }

// Counts tells exactly what a city of this scale holds.
func (s Scale) Counts() Counts {
	switch s {
	case Tiny:
		return Counts{1, 1, 3, 12, 600, 12_000}
	case Futian:
		return Counts{1, 10, 92, 604, 30_000, 600_000}
	case Everything:
		return Counts{10, 74, 660, 16_417, 640_000, 12_000_000}
	}
	return Counts{}
}

// Options decide everything about a city.
type Options struct {
	Scale Scale
	Seed  uint64
	Now   time.Time      // the moment that past events and patrols are counted back from
	Types []IncidentType // what incidents there are; without any, none happened
}
