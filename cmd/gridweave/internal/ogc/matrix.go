package ogc

import (
	"math"
	"strconv"
)

// WebMercatorQuad is the id of the only tile matrix set: the tiles of every web map.
const WebMercatorQuad = "WebMercatorQuad"

const (
	webMercator     = "http://www.opengis.net/def/crs/EPSG/0/3857"
	crs84           = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	webMercatorQuad = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
)

// deepestMatrix is the last level that the standard's WebMercatorQuad has.
const deepestMatrix = 24

// pixel is the size of a pixel that scale denominators assume, in metres.
const pixel = 0.00028

// TileMatrixSet defines how tiles divide the world (OGC 17-083r4).
type TileMatrixSet struct {
	ID                string       `json:"id"`
	Title             string       `json:"title"`
	URI               string       `json:"uri"`
	CRS               string       `json:"crs"`
	OrderedAxes       []string     `json:"orderedAxes"`
	WellKnownScaleSet string       `json:"wellKnownScaleSet"`
	TileMatrices      []TileMatrix `json:"tileMatrices"`
	Links             []Link       `json:"links"`

	// The same in the words of version 1.0, which is all that Debian 12's GDAL and others of before 2022 read.
	Type         string      `json:"type"`
	Identifier   string      `json:"identifier"`
	SupportedCRS string      `json:"supportedCRS"`
	Matrices     []OldMatrix `json:"tileMatrix"`
}

// OldMatrix is a TileMatrix in the words of version 1.0.
type OldMatrix struct {
	Type             string     `json:"type"`
	Identifier       string     `json:"identifier"`
	ScaleDenominator float64    `json:"scaleDenominator"`
	TopLeftCorner    [2]float64 `json:"topLeftCorner"`
	TileWidth        int        `json:"tileWidth"`
	TileHeight       int        `json:"tileHeight"`
	MatrixWidth      int        `json:"matrixWidth"`
	MatrixHeight     int        `json:"matrixHeight"`
}

func (m TileMatrix) old() OldMatrix {
	return OldMatrix{
		"TileMatrixType", m.ID, m.ScaleDenominator, m.PointOfOrigin, m.TileWidth, m.TileHeight, m.MatrixWidth, m.MatrixHeight,
	}
}

// TileMatrix is one zoom; lengths are metres of Web Mercator.
type TileMatrix struct {
	ID               string     `json:"id"`
	ScaleDenominator float64    `json:"scaleDenominator"`
	CellSize         float64    `json:"cellSize"`
	CornerOfOrigin   string     `json:"cornerOfOrigin"`
	PointOfOrigin    [2]float64 `json:"pointOfOrigin"`
	TileWidth        int        `json:"tileWidth"`
	TileHeight       int        `json:"tileHeight"`
	MatrixWidth      int        `json:"matrixWidth"`
	MatrixHeight     int        `json:"matrixHeight"`
}

// half is half the side of Web Mercator's square in metres.
const half = math.Pi * 6378137

// MatrixSet is WebMercatorQuad.
func (s Service) MatrixSet() TileMatrixSet {
	set := TileMatrixSet{
		ID: WebMercatorQuad, Title: "Google Maps Compatible for the World", URI: webMercatorQuad, CRS: webMercator,
		OrderedAxes: []string{"X", "Y"}, WellKnownScaleSet: "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
		Links: selfLinks(s.Base + "/tileMatrixSets/" + WebMercatorQuad),
		Type:  "TileMatrixSetType", Identifier: WebMercatorQuad, SupportedCRS: webMercator,
	}
	const side = 256
	for z := range deepestMatrix + 1 {
		cell := 2 * half / side / float64(uint64(1)<<z)
		set.TileMatrices = append(set.TileMatrices, TileMatrix{
			ID: strconv.Itoa(z), ScaleDenominator: cell / pixel, CellSize: cell, CornerOfOrigin: "topLeft",
			PointOfOrigin: [2]float64{-half, half}, TileWidth: side, TileHeight: side, MatrixWidth: 1 << z, MatrixHeight: 1 << z,
		})
		set.Matrices = append(set.Matrices, set.TileMatrices[z].old())
	}
	return set
}

// Page implements Document.
func (t TileMatrixSet) Page() Page { return Page{Title: t.Title, Description: t.URI, Links: t.Links} }

// MatrixSets lists the tile matrix sets.
type MatrixSets struct {
	TileMatrixSets []MatrixSetRef `json:"tileMatrixSets"`
	Links          []Link         `json:"links"`
}

// MatrixSetRef is a tile matrix set in a list.
type MatrixSetRef struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	URI   string `json:"uri"`
	CRS   string `json:"crs"`
	Links []Link `json:"links"`
}

// MatrixSets is the list.
func (s Service) MatrixSets() MatrixSets {
	full := s.MatrixSet()
	return MatrixSets{
		TileMatrixSets: []MatrixSetRef{{full.ID, full.Title, full.URI, full.CRS, full.Links[:1]}},
		Links:          selfLinks(s.Base + "/tileMatrixSets"),
	}
}

// Page implements Document.
func (m MatrixSets) Page() Page {
	p := Page{Title: "Tile matrix sets", Links: m.Links}
	for _, ref := range m.TileMatrixSets {
		p.Parts = append(p.Parts, Page{Title: ref.Title, Description: ref.URI, Links: ref.Links})
	}
	return p
}
