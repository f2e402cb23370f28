package ogc

import (
	"slices"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles"
)

// Service describes our tilesets to a reader of one scope.
type Service struct {
	Base    string // address of the service without a trailing slash
	Sets    tiles.Sets
	Picture *live.Picture
	Scope   geo.Code
}

// Layers are the tilesets that collections are drawn of: each layer of our tiles alone, under its own name.
func Layers(sets tiles.Sets) tiles.Sets {
	var layers tiles.Sets
	for _, s := range sets {
		for _, r := range s.Recipes {
			i := slices.IndexFunc(layers, func(l tiles.Set) bool { return l.Name == r.To })
			if i < 0 {
				i = len(layers)
				layers = append(layers, tiles.Set{Name: r.To, Description: s.Description, Extent: s.Extent})
			}
			layers[i].Recipes = append(layers[i].Recipes, r)
		}
	}
	return layers
}

// Landing is the first document.
type Landing struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Attribution string `json:"attribution"`
	Links       []Link `json:"links"`
}

// Landing is where the service begins.
func (s Service) Landing() Landing {
	return Landing{
		Title: "Gridweave tiles", Description: "The district as vector tiles: areas, buildings, incidents and the ground.",
		Attribution: tiles.Attribution,
		Links: append(
			selfLinks(s.Base),
			Link{Rel: "service-desc", Type: OpenAPI, Href: s.Base + "/api", Title: "The interface, for programs"},
			Link{Rel: "conformance", Type: JSON, Href: s.Base + "/conformance", Title: "What this service conforms to"},
			Link{Rel: relConformance, Type: JSON, Href: s.Base + "/conformance", Title: "What this service conforms to"},
			Link{Rel: "data", Type: JSON, Href: s.Base + "/collections", Title: "Layers"},
			Link{Rel: relData, Type: JSON, Href: s.Base + "/collections", Title: "Layers"},
			Link{Rel: relTilesets, Type: JSON, Href: s.Base + "/tiles", Title: "All layers in one tile"},
			Link{Rel: relSchemes, Type: JSON, Href: s.Base + "/tileMatrixSets", Title: "Tile matrix sets"},
		),
	}
}

// Page implements Document.
func (l Landing) Page() Page {
	return Page{Title: l.Title, Description: l.Description, Links: l.Links}
}

// Conformance lists what the service conforms to.
type Conformance struct {
	ConformsTo []string `json:"conformsTo"`
	Links      []Link   `json:"links"`
}

// Conformance names the requirements classes that are kept.
func (s Service) Conformance() Conformance {
	c := Conformance{Links: selfLinks(s.Base + "/conformance")}
	for standard, classes := range map[string][]string{
		"ogcapi-common-1/1.0":   {"core", "landing-page", "json", "html", "oas30"},
		"ogcapi-common-2/1.0":   {"collections", "json", "html"},
		"ogcapi-tiles-1/1.0":    {"core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "oas30", "mvt"},
		"ogcapi-features-1/1.0": {"core", "oas30", "geojson"},
		"tms/2.0":               {"tilematrixset", "tilematrixsetlimits", "json-tilematrixset", "tilesetmetadata", "json-tilesetmetadata"},
	} {
		for _, class := range classes {
			c.ConformsTo = append(c.ConformsTo, "http://www.opengis.net/spec/"+standard+"/conf/"+class)
		}
	}
	slices.Sort(c.ConformsTo)
	return c
}

// Page implements Document.
func (c Conformance) Page() Page {
	return Page{Title: "Conformance", Links: c.Links, Lines: c.ConformsTo}
}
