package tiles

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
)

// MaxZoom is the deepest zoom served; a browser overzooms from there.
const MaxZoom = live.WorldZoom

// Set is a tileset: what a map adds as one source.
type Set struct {
	Name        string
	Description string
	Extent      string // layer of the picture whose features bound the set
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

func (s Set) minZoom() maptile.Zoom {
	least := maptile.Zoom(MaxZoom)
	for _, r := range s.Recipes {
		least = min(least, r.MinZoom)
	}
	return least
}

// TileJSON describes a tileset to a map (TileJSON 3.0.0). Bounds are west, south, east, north in WGS-84 degrees and
// cover what the reader may see; they are left out where nothing is there yet.
type TileJSON struct {
	Version      string        `json:"tilejson"`
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	Scheme       string        `json:"scheme"`
	Tiles        []string      `json:"tiles"`
	MinZoom      int           `json:"minzoom"`
	MaxZoom      int           `json:"maxzoom"`
	Bounds       *[4]float64   `json:"bounds,omitempty"`
	VectorLayers []VectorLayer `json:"vector_layers"`
}

// VectorLayer is one layer of a tileset and the attributes that its features may carry.
type VectorLayer struct {
	ID      string            `json:"id"`
	MinZoom int               `json:"minzoom"`
	MaxZoom int               `json:"maxzoom"`
	Fields  map[string]string `json:"fields"`
}

// Describe makes the TileJSON of a set for a reader of that scope; base is the address of the server without a
// trailing slash.
func (s Set) Describe(p *live.Picture, scope geo.Code, base string) TileJSON {
	doc := TileJSON{
		Version: "3.0.0", Name: s.Name, Description: s.Description, Scheme: "xyz",
		Tiles:   []string{base + "/tiles/" + s.Name + "/{z}/{x}/{y}"},
		MinZoom: int(s.minZoom()), MaxZoom: MaxZoom, Bounds: s.bounds(p, scope),
	}
	for _, r := range s.Recipes {
		doc.add(r)
	}
	return doc
}

// add merges recipes that draw the same layer at different zooms.
func (d *TileJSON) add(r Recipe) {
	d.layer(VectorLayer{ID: r.To, MinZoom: int(r.MinZoom), MaxZoom: int(r.MaxZoom), Fields: r.fields()})
	if c := r.Crowd; c != nil {
		d.layer(VectorLayer{ID: c.To, MinZoom: int(r.MinZoom), MaxZoom: int(min(c.MaxZoom, r.MaxZoom)), Fields: c.fields()})
	}
}

func (d *TileJSON) layer(v VectorLayer) {
	i := slices.IndexFunc(d.VectorLayers, func(l VectorLayer) bool { return l.ID == v.ID })
	if i < 0 {
		d.VectorLayers = append(d.VectorLayers, v)
		return
	}
	l := &d.VectorLayers[i]
	l.MinZoom, l.MaxZoom = min(l.MinZoom, v.MinZoom), max(l.MaxZoom, v.MaxZoom)
	maps.Copy(l.Fields, v.Fields)
}

func (s Set) bounds(p *live.Picture, scope geo.Code) *[4]float64 {
	var box live.Box
	found := false
	p.Read(func(layer func(string) *live.Layer) {
		layer(s.Extent).All(func(f *live.Feature) {
			switch {
			case !scope.Covers(f.Code) || f.Shape.Kind() == live.Empty:
			case !found:
				box, found = f.Shape.Bounds(), true
			default:
				box = box.Union(f.Shape.Bounds())
			}
		})
	})
	if !found {
		return nil
	}
	w, n := live.LonLat(box.MinX, box.MinY)
	e, south := live.LonLat(box.MaxX, box.MaxY)
	return &[4]float64{w, south, e, n}
}
