package ogc

// Media types of the documents.
const (
	JSON    = "application/json"
	HTML    = "text/html"
	OpenAPI = "application/vnd.oai.openapi+json;version=3.0"
	MVT     = "application/vnd.mapbox-vector-tile"
)

// Relations that OGC defines.
const (
	relTilesets     = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
	relTilingScheme = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
	relSchemes      = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
	relConformance  = "http://www.opengis.net/def/rel/ogc/1.0/conformance"
	relData         = "http://www.opengis.net/def/rel/ogc/1.0/data"
)

// Link leads to another document or, templated, to tiles.
type Link struct {
	Rel       string `json:"rel"`
	Type      string `json:"type,omitempty"`
	Href      string `json:"href"`
	Title     string `json:"title,omitempty"`
	Templated bool   `json:"templated,omitempty"`
}

// selfLinks are those of a document at href, which there is as JSON and as HTML.
func selfLinks(href string) []Link {
	return []Link{
		{Rel: "self", Type: JSON, Href: href, Title: "This document"},
		{Rel: "alternate", Type: HTML, Href: href + "?f=html", Title: "This document as HTML"},
	}
}

// Page is what every document shows a person.
type Page struct {
	Title       string
	Description string
	Links       []Link
	Parts       []Page
	Lines       []string
}

// Document is one that can be shown as a page, and is written as JSON.
type Document interface{ Page() Page }
