package ogc

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/paulmach/orb/geojson"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles"
)

// GeoJSON is the media type of features.
const GeoJSON = "application/geo+json"

// How many features an answer holds: the most keeps it below some megabytes.
const (
	defaultItems = 1000
	mostItems    = 10000
)

// Items is a page of a collection's features (OGC API Features 1.0).
type Items struct {
	Type           string    `json:"type"`
	NumberMatched  int       `json:"numberMatched"`
	NumberReturned int       `json:"numberReturned"`
	Links          []Link    `json:"links"`
	Features       []Feature `json:"features"`
}

// Feature is one of them.
type Feature struct {
	Type       string            `json:"type"`
	ID         uint64            `json:"id"`
	Geometry   *geojson.Geometry `json:"geometry"`
	Properties map[string]any    `json:"properties"`
}

// ErrQuery is of a query that cannot be read; its text says why.
var ErrQuery = errors.New("limit is a whole number from 1, bbox is west,south,east,north in degrees")

// Items answers a query for a collection's features: limit, bbox, and after, which the link to the next page carries.
// False where there is no such collection, or none of single features.
func (s Service) Items(collection string, query url.Values) (Items, bool, error) {
	sets, found := s.Drawn(collection)
	if !found || len(sets) != 1 || !sets[0].Itemised() {
		return Items{}, false, nil
	}
	ask := tiles.Items{Set: sets[0], Scope: s.Scope, Limit: defaultItems}
	if err := readItems(&ask, query); err != nil {
		return Items{}, true, err
	}
	items, matched := ask.Of(s.Picture)
	here := s.Base + "/collections/" + collection + "/items"
	page := Items{
		Type: "FeatureCollection", NumberMatched: matched, NumberReturned: len(items), Features: make([]Feature, len(items)),
		Links: []Link{
			{Rel: "self", Type: GeoJSON, Href: here + encoded(query)},
			{Rel: "collection", Type: JSON, Href: s.Base + "/collections/" + collection},
		},
	}
	for i, item := range items {
		page.Features[i] = Feature{Type: "Feature", ID: item.ID, Geometry: geojson.NewGeometry(item.Shape.Degrees()), Properties: item.Attributes}
	}
	if len(items) == ask.Limit {
		next := url.Values{}
		for name, values := range query {
			next[name] = values
		}
		next.Set("after", strconv.FormatUint(items[len(items)-1].ID, 10))
		page.Links = append(page.Links, Link{Rel: "next", Type: GeoJSON, Href: here + encoded(next)})
	}
	return page, true, nil
}

func encoded(query url.Values) string {
	if len(query) == 0 {
		return ""
	}
	return "?" + query.Encode()
}

func readItems(ask *tiles.Items, query url.Values) error {
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return ErrQuery
		}
		ask.Limit = min(n, mostItems) // a server may give less than is asked for
	}
	if text := query.Get("after"); text != "" {
		id, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			return ErrQuery
		}
		ask.After = id
	}
	if text := query.Get("bbox"); text != "" {
		box, err := readBox(text)
		if err != nil {
			return err
		}
		ask.Box = &box
	}
	return nil
}

func readBox(text string) (live.Box, error) {
	var v [4]float64
	parts := strings.Split(text, ",")
	if len(parts) != len(v) {
		return live.Box{}, ErrQuery
	}
	for i, part := range parts {
		f, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || !(f >= -180 && f <= 180) {
			return live.Box{}, ErrQuery
		}
		v[i] = f
	}
	if v[0] > v[2] || v[1] > v[3] {
		return live.Box{}, ErrQuery
	}
	minX, maxY := live.World(v[0], v[1])
	maxX, minY := live.World(v[2], v[3])
	return live.Box{MinX: minX, MinY: minY, MaxX: maxX, MaxY: maxY}, nil
}
