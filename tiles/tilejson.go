package tiles

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
)

// TileJSON describes tilesets to a map (TileJSON 3.0.0). Bounds are west, south, east, north in WGS-84 degrees and
// cover what the reader may see, but for the outlines of the areas above; they are left out where nothing is there yet.
type TileJSON struct {
	Version      string        `json:"tilejson"`
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	Attribution  string        `json:"attribution,omitempty"`
	Scheme       string        `json:"scheme"`
	Tiles        []string      `json:"tiles"`
	MinZoom      int           `json:"minzoom"`
	MaxZoom      int           `json:"maxzoom"`
	Bounds       *[4]float64   `json:"bounds,omitempty"`
	Center       *[3]float64   `json:"center,omitempty"` // longitude, latitude, zoom
	VectorLayers []VectorLayer `json:"vector_layers"`
}

// VectorLayer is one layer of a tileset and the attributes that its features may carry.
type VectorLayer struct {
	ID          string            `json:"id"`
	Description string            `json:"description,omitempty"`
	MinZoom     int               `json:"minzoom"`
	MaxZoom     int               `json:"maxzoom"`
	Fields      map[string]string `json:"fields"`
}

// Attribution is what a map that shows our tiles says about them.
const Attribution = "Gridweave"

// Describe makes the TileJSON of sets in one tile for a reader of that scope; base is the address of the server
// without a trailing slash.
func Describe(sets []Set, p *live.Picture, scope geo.Code, base string) TileJSON {
	doc := TileJSON{
		Version: "3.0.0", Name: namesOf(sets), Description: descriptionOf(sets), Attribution: Attribution, Scheme: "xyz",
		Tiles:   []string{base + "/tiles/" + namesOf(sets) + "/{z}/{x}/{y}"},
		MinZoom: MaxZoom,
	}
	for _, s := range sets {
		for _, r := range s.Recipes {
			doc.MinZoom, doc.MaxZoom = min(doc.MinZoom, int(r.MinZoom)), max(doc.MaxZoom, int(r.MaxZoom))
			doc.add(r)
		}
	}
	doc.layer(VectorLayer{
		ID: metaLayer, Description: "What the tile stands for", MinZoom: doc.MinZoom, MaxZoom: doc.MaxZoom,
		Fields: map[string]string{"features": "How many features the tile stands for", "aggregated": "Whether any of them are drawn as one"},
	})
	if box, found := extent(sets, p, scope, true); found {
		doc.place(box)
	}
	return doc
}

func descriptionOf(sets []Set) string {
	texts := make([]string, len(sets))
	for i, s := range sets {
		texts[i] = s.Description
	}
	return strings.Join(texts, ". ")
}

// add merges recipes that draw the same layer at different zooms.
func (d *TileJSON) add(r Recipe) {
	d.layer(VectorLayer{ID: r.To, MinZoom: int(r.MinZoom), MaxZoom: int(r.MaxZoom), Fields: r.fields()})
	if c := r.Crowd; c != nil {
		d.layer(VectorLayer{ID: c.To, MinZoom: int(r.MinZoom), MaxZoom: int(r.MaxZoom), Fields: c.fields()})
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

// place says where the map is, and from how far one sees all of it: the deepest zoom at which its longer side fits into
// two tiles.
func (d *TileJSON) place(box live.Box) {
	w, n := live.LonLat(box.MinX, box.MinY)
	e, s := live.LonLat(box.MaxX, box.MaxY)
	d.Bounds = &[4]float64{w, s, e, n}
	lon, lat := live.LonLat(box.MinX/2+box.MaxX/2, box.MinY/2+box.MaxY/2)
	side := max(box.MaxX-box.MinX, box.MaxY-box.MinY, 1)
	zoom := math.Floor(math.Log2(2 * live.WorldSize / float64(side)))
	d.Center = &[3]float64{lon, lat, max(float64(d.MinZoom), min(float64(d.MaxZoom), zoom))}
}

// extent is the box around everything that the sets draw for a reader of that scope, but for the outlines of the areas
// above; what is nobody's counts where public says so. False where there is nothing.
func extent(sets []Set, p *live.Picture, scope geo.Code, public bool) (box live.Box, found bool) {
	open := map[string]bool{}
	for _, s := range sets {
		open[s.Extent] = open[s.Extent] || false
		for _, r := range s.Recipes {
			if public || !r.Public {
				open[r.From] = open[r.From] || r.Public
			}
		}
	}
	p.Read(func(layer func(string) *live.Layer) {
		for name, all := range open {
			within, n := layer(name).Extent(scope)
			if all {
				within, n = layer(name).Bounds()
			}
			switch {
			case n == 0:
			case !found:
				box, found = within, true
			default:
				box = box.Union(within)
			}
		}
	})
	return box, found
}
