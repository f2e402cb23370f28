package ogc

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/tiles"
)

// Tilesets lists the tilesets of the dataset or of a layer.
type Tilesets struct {
	Links    []Link       `json:"links"`
	Tilesets []TilesetRef `json:"tilesets"`
}

// TilesetRef is a tileset in a list.
type TilesetRef struct {
	Title            string `json:"title"`
	DataType         string `json:"dataType"`
	CRS              string `json:"crs"`
	TileMatrixSetURI string `json:"tileMatrixSetURI"`
	Links            []Link `json:"links"`
}

// Tileset describes one tileset (OGC 17-083r4, tileset metadata).
type Tileset struct {
	TilesetRef
	Description string       `json:"description"`
	Attribution string       `json:"attribution"`
	Layers      []Layer      `json:"layers"`
	BoundingBox *BoundingBox `json:"boundingBox,omitempty"`
	CenterPoint *CenterPoint `json:"centerPoint,omitempty"`
	Limits      []Limits     `json:"tileMatrixSetLimits"`
}

// Layer is one layer of a tileset and the attributes that its features may carry.
type Layer struct {
	ID               string `json:"id"`
	DataType         string `json:"dataType"`
	MinTileMatrix    string `json:"minTileMatrix"`
	MaxTileMatrix    string `json:"maxTileMatrix"`
	PropertiesSchema Schema `json:"propertiesSchema"`
}

// Schema is a JSON Schema of attributes, as far as we tell: their names and what they mean.
type Schema struct {
	Type       string               `json:"type"`
	Properties map[string]Attribute `json:"properties"`
}

// Attribute is one of them.
type Attribute struct {
	Description string `json:"description"`
}

// BoundingBox is in WGS-84 degrees, longitude first.
type BoundingBox struct {
	LowerLeft  [2]float64 `json:"lowerLeft"`
	UpperRight [2]float64 `json:"upperRight"`
	CRS        string     `json:"crs"`
}

// CenterPoint is where to begin looking.
type CenterPoint struct {
	Coordinates [2]float64 `json:"coordinates"`
	CRS         string     `json:"crs"`
	TileMatrix  string     `json:"tileMatrix"`
}

// Limits are the tiles of one zoom in which there can be anything.
type Limits struct {
	TileMatrix string `json:"tileMatrix"`
	MinTileRow uint32 `json:"minTileRow"`
	MaxTileRow uint32 `json:"maxTileRow"`
	MinTileCol uint32 `json:"minTileCol"`
	MaxTileCol uint32 `json:"maxTileCol"`
}

// place is where the tilesets of a collection are, or with no id those of the dataset.
func (s Service) place(collection string) string {
	if collection == "" {
		return s.Base + "/tiles"
	}
	return s.Base + "/collections/" + collection + "/tiles"
}

// Drawn are the tilesets that a tile of a collection is drawn from, or with no id all of them; false where there is no
// such collection.
func (s Service) Drawn(collection string) ([]tiles.Set, bool) {
	if collection == "" {
		return s.Sets, true
	}
	sets, err := Layers(s.Sets).Named(collection)
	return sets, err == nil && len(sets) == 1
}

// Tilesets lists those of a collection, or with no id of the dataset.
func (s Service) Tilesets(collection string) (Tilesets, bool) {
	if _, ok := s.Drawn(collection); !ok {
		return Tilesets{}, false
	}
	return Tilesets{Links: selfLinks(s.place(collection)), Tilesets: []TilesetRef{s.ref(collection)}}, true
}

func (s Service) ref(collection string) TilesetRef {
	title := collection
	if title == "" {
		title = "All layers"
	}
	href := s.place(collection) + "/" + WebMercatorQuad
	return TilesetRef{
		Title: title, DataType: "vector", CRS: webMercator, TileMatrixSetURI: webMercatorQuad,
		Links: append(
			selfLinks(href),
			Link{Rel: relTilingScheme, Type: JSON, Href: s.Base + "/tileMatrixSets/" + WebMercatorQuad, Title: WebMercatorQuad},
			Link{Rel: "item", Type: MVT, Href: href + "/{tileMatrix}/{tileRow}/{tileCol}?f=mvt", Title: "Tiles", Templated: true},
		),
	}
}

// Tileset describes that of a collection, or with no id of the dataset.
func (s Service) Tileset(collection string) (Tileset, bool) {
	sets, ok := s.Drawn(collection)
	if !ok {
		return Tileset{}, false
	}
	about := tiles.Describe(sets, s.Picture, s.Scope, "")
	t := Tileset{
		TilesetRef: s.ref(collection), Description: about.Description, Attribution: about.Attribution, Limits: []Limits{},
	}
	for _, l := range about.VectorLayers {
		t.Layers = append(t.Layers, layerOf(l))
	}
	if about.Bounds != nil {
		t.locate(about)
	}
	return t, true
}

func layerOf(l tiles.VectorLayer) Layer {
	schema := Schema{Type: "object", Properties: map[string]Attribute{}}
	for name, about := range l.Fields {
		schema.Properties[name] = Attribute{about}
	}
	return Layer{
		ID: l.ID, DataType: "vector", MinTileMatrix: strconv.Itoa(l.MinZoom), MaxTileMatrix: strconv.Itoa(l.MaxZoom),
		PropertiesSchema: schema,
	}
}

func (t *Tileset) locate(about tiles.TileJSON) {
	b, center := *about.Bounds, *about.Center
	t.BoundingBox = &BoundingBox{[2]float64{b[0], b[1]}, [2]float64{b[2], b[3]}, crs84}
	t.CenterPoint = &CenterPoint{[2]float64{center[0], center[1]}, crs84, strconv.Itoa(int(math.Round(center[2])))}
	for z := about.MinZoom; z <= about.MaxZoom; z++ {
		nw := maptile.At(orb.Point{b[0], b[3]}, maptile.Zoom(z))
		se := maptile.At(orb.Point{b[2], b[1]}, maptile.Zoom(z))
		t.Limits = append(t.Limits, Limits{
			TileMatrix: strconv.Itoa(z), MinTileRow: nw.Y, MaxTileRow: se.Y, MinTileCol: nw.X, MaxTileCol: se.X,
		})
	}
}

// Page implements Document.
func (t Tilesets) Page() Page {
	p := Page{Title: "Tilesets", Links: t.Links}
	for _, ref := range t.Tilesets {
		p.Parts = append(p.Parts, Page{Title: ref.Title, Links: ref.Links})
	}
	return p
}

// Page implements Document.
func (t Tileset) Page() Page {
	p := Page{Title: t.Title, Description: t.Description, Links: t.Links}
	for _, l := range t.Layers {
		names := make([]string, 0, len(l.PropertiesSchema.Properties))
		for name := range l.PropertiesSchema.Properties {
			names = append(names, name)
		}
		slices.Sort(names)
		p.Lines = append(p.Lines, l.ID+": zoom "+l.MinTileMatrix+" to "+l.MaxTileMatrix+"; "+strings.Join(names, ", "))
	}
	return p
}
