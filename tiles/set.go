package tiles

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gridweave/gridweave/geo/live"
)

// MaxZoom is the deepest zoom served; a browser overzooms from there.
const MaxZoom = live.WorldZoom

// Set is a tileset: what a map adds as one source.
type Set struct {
	Name        string
	Description string
	Extent      string // layer of the picture within whose features the set's come and go
	Recipes     []Recipe
}

// Sets are the tilesets that are served.
type Sets []Set

// Named gives the named sets ("areas,buildings") in the order asked, or says which there are.
func (s Sets) Named(names string) ([]Set, error) {
	var found []Set
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(s, func(set Set) bool { return set.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no tileset %q; there are %s", name, s.names())
		}
		if slices.ContainsFunc(found, func(set Set) bool { return set.Name == name }) {
			return nil, fmt.Errorf("tileset %q is named twice", name)
		}
		found = append(found, s[i])
	}
	return found, nil
}

func (s Sets) names() string {
	names := make([]string, len(s))
	for i, set := range s {
		names[i] = set.Name
	}
	return strings.Join(names, ", ")
}
