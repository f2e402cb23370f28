package tiles

import (
	"fmt"
	"slices"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/tiles/pmtiles"
)

// BasemapName is the base map's name among the tilesets.
const BasemapName = "basemap"

// Schema is how a base map names its layers, as far as our styles can draw them.
type Schema string

// The schemas.
const (
	OwnGround    Schema = "own" // no base map, or one of another schema: the ground is drawn from our own layers
	Protomaps    Schema = "protomaps"
	OpenMapTiles Schema = "openmaptiles"
)

// Basemap is a base map from an archive. It is safe for concurrent use.
type Basemap struct {
	archive pmtiles.File
	about   basemapMetadata
	schema  Schema
	packer  *compressor
}

// basemapMetadata is what we read of an archive's JSON document.
type basemapMetadata struct {
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	Attribution  string        `json:"attribution"`
	VectorLayers []VectorLayer `json:"vector_layers"`
}

// OpenBasemap opens the archive at path; Close it when nobody asks any more.
func OpenBasemap(path string) (*Basemap, error) {
	packer, err := newCompressor()
	if err != nil {
		return nil, fmt.Errorf("base map: %w", err)
	}
	archive, err := pmtiles.Open(path)
	if err != nil {
		return nil, fmt.Errorf("base map: %w", err)
	}
	b := &Basemap{archive: archive, packer: packer}
	if err := archive.Metadata(&b.about); err != nil {
		_ = archive.Close() // it was only read
		return nil, fmt.Errorf("base map %s: %w", path, err)
	}
	b.schema = schemaOf(b.about.VectorLayers)
	return b, nil
}

// Close gives the file back.
func (b *Basemap) Close() error { return b.archive.Close() }

// Schema is how the base map is to be drawn.
func (b *Basemap) Schema() Schema { return b.schema }

// schemaOf knows a schema by layers that it always has and the other never.
func schemaOf(layers []VectorLayer) Schema {
	has := func(ids ...string) bool {
		for _, id := range ids {
			if !slices.ContainsFunc(layers, func(l VectorLayer) bool { return l.ID == id }) {
				return false
			}
		}
		return true
	}
	switch {
	case has("earth", "water", "roads"):
		return Protomaps
	case has("water", "transportation"):
		return OpenMapTiles
	}
	return OwnGround
}

// MediaType is what the tiles are.
func (b *Basemap) MediaType() string { return b.archive.Header.Type.MediaType() }

// Encodings are those beside Identity in which tiles can be given.
func (b *Basemap) Encodings() []Encoding {
	if b.archive.Header.Type == pmtiles.MVT {
		return []Encoding{Gzip}
	}
	return nil // pictures are compressed as they are
}

// Tile gives a tile in an encoding that Encodings lists, or Identity. An empty Body is a tile that is not there.
func (b *Basemap) Tile(t maptile.Tile, e Encoding) (Body, error) {
	raw, err := b.archive.Tile(t)
	if err != nil {
		return Body{}, fmt.Errorf("base map tile %d/%d/%d: %w", t.Z, t.X, t.Y, err)
	}
	if raw == nil {
		return Body{}, nil
	}
	packed := b.archive.Header.TileCompression
	if e != Gzip || packed != pmtiles.Gzip {
		if raw, err = pmtiles.Unpack(raw, packed); err != nil {
			return Body{}, fmt.Errorf("base map tile %d/%d/%d: %w", t.Z, t.X, t.Y, err)
		}
		if raw, err = b.packer.pack(raw, e); err != nil {
			return Body{}, err
		}
	}
	return Body{Bytes: raw, ETag: etagOf(raw)}, nil
}

// Describe makes the base map's TileJSON; base is the address of the server without a trailing slash.
func (b *Basemap) Describe(base string) TileJSON {
	h := b.archive.Header
	doc := TileJSON{
		Version: "3.0.0", Name: b.about.Name, Description: b.about.Description, Attribution: b.about.Attribution, Scheme: "xyz",
		Tiles:   []string{base + "/tiles/" + BasemapName + "/{z}/{x}/{y}"},
		MinZoom: int(h.MinZoom), MaxZoom: int(h.MaxZoom), VectorLayers: b.about.VectorLayers,
	}
	if doc.VectorLayers == nil {
		doc.VectorLayers = []VectorLayer{}
	}
	for i := range doc.VectorLayers {
		if doc.VectorLayers[i].Fields == nil {
			doc.VectorLayers[i].Fields = map[string]string{}
		}
	}
	if h.Bounds[0] < h.Bounds[2] && h.Bounds[1] < h.Bounds[3] {
		bounds, center := h.Bounds, [3]float64{h.Center[0], h.Center[1], float64(h.CenterZoom)}
		doc.Bounds, doc.Center = &bounds, &center
	}
	return doc
}
