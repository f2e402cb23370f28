package ogc

import "github.com/gridweave/gridweave/tiles"

// Collections lists the layers.
type Collections struct {
	Links       []Link       `json:"links"`
	Collections []Collection `json:"collections"`
}

// Collection is one layer of our tiles.
type Collection struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Attribution string   `json:"attribution"`
	Extent      *Extent  `json:"extent,omitempty"` // left out where nothing is there yet
	DataType    string   `json:"dataType"`
	ItemType    string   `json:"itemType,omitempty"` // "feature" where features can be had one by one
	CRS         []string `json:"crs"`
	Links       []Link   `json:"links"`
}

// Extent is where something is, in WGS-84 degrees.
type Extent struct {
	Spatial Spatial `json:"spatial"`
}

// Spatial is a list of boxes: west, south, east, north.
type Spatial struct {
	BBox [][4]float64 `json:"bbox"`
	CRS  string       `json:"crs"`
}

// Collections is the list. Its boxes are those of the tilesets that the layers belong to: looking at every feature once
// for each layer would take too long in a city.
func (s Service) Collections() Collections {
	c := Collections{Links: selfLinks(s.Base + "/collections"), Collections: []Collection{}}
	for _, set := range s.Sets {
		about := tiles.Describe([]tiles.Set{set}, s.Picture, s.Scope, "")
		for _, layer := range Layers(tiles.Sets{set}) {
			c.Collections = append(c.Collections, s.collection(layer, about.Bounds))
		}
	}
	return c
}

// Collection is one of them; false where there is none of that id.
func (s Service) Collection(id string) (Collection, bool) {
	sets, err := Layers(s.Sets).Named(id)
	if err != nil || len(sets) != 1 {
		return Collection{}, false
	}
	return s.collection(sets[0], tiles.Describe(sets, s.Picture, s.Scope, "").Bounds), true
}

func (s Service) collection(layer tiles.Set, bounds *[4]float64) Collection {
	href := s.Base + "/collections/" + layer.Name
	c := Collection{
		ID: layer.Name, Title: layer.Name, Description: layer.Description, Attribution: tiles.Attribution, DataType: "vector",
		CRS:   []string{webMercator},
		Links: append(selfLinks(href), Link{Rel: relTilesets, Type: JSON, Href: href + "/tiles", Title: "Tilesets of this layer"}),
	}
	if layer.Itemised() {
		c.ItemType, c.CRS = "feature", []string{crs84, webMercator}
		c.Links = append(c.Links, Link{Rel: "items", Type: GeoJSON, Href: href + "/items", Title: "Features of this layer"})
	}
	if bounds != nil {
		c.Extent = &Extent{Spatial{BBox: [][4]float64{*bounds}, CRS: crs84}}
	}
	return c
}

// Page implements Document.
func (c Collections) Page() Page {
	p := Page{Title: "Layers", Links: c.Links}
	for _, each := range c.Collections {
		p.Parts = append(p.Parts, each.Page())
	}
	return p
}

// Page implements Document.
func (c Collection) Page() Page {
	return Page{Title: c.Title, Description: c.Description, Links: c.Links}
}
