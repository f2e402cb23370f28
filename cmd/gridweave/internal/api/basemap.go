package api

import (
	"net/http"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/tiles"
)

// ground is how styles draw the ground here.
func (t Tiles) ground() tiles.Schema {
	if t.Basemap == nil {
		return tiles.OwnGround
	}
	return t.Basemap.Schema()
}

// errNoBasemap is the same for every reader: a base map tells nothing of the district.
func errNoBasemap() error {
	return &fault.Error{Kind: fault.KindNotFound, Code: "basemap.none", Message: "this server has no base map from a file"}
}

func (t tileAPI) basemapTile(w http.ResponseWriter, r *http.Request, _ account.Actor) error {
	if t.Basemap == nil {
		return errNoBasemap()
	}
	at, err := parseTile(r.PathValue("z"), r.PathValue("x"), r.PathValue("y"))
	if err != nil {
		return fault.Invalid("tile.coordinates", err.Error())
	}
	encoding := tiles.Identity
	if offers := t.Basemap.Encodings(); len(offers) > 0 {
		encoding = tiles.Encoding(negotiate(r.Header.Get("Accept-Encoding"), string(offers[0])))
	}
	body, err := t.Basemap.Tile(at, encoding)
	if err != nil {
		return err
	}
	serveTile(w, r, t.Basemap.MediaType(), encoding, body)
	return nil
}

func (t tileAPI) describeBasemap(w http.ResponseWriter, r *http.Request, _ account.Actor) error {
	if t.Basemap == nil {
		return errNoBasemap()
	}
	serveDocument(w, r, jsonType, t.Basemap.Describe(serverAddress(r)))
	return nil
}

// tileIndex tells which tilesets there are.
type tileIndex struct {
	Tilesets []tilesetRef `json:"tilesets"`
	Ground   tiles.Schema `json:"ground"` // how the ground is drawn: own, or the schema of the base map
}

type tilesetRef struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	TileJSON    string `json:"tilejson"`
}

func (t tileAPI) index(w http.ResponseWriter, r *http.Request, _ account.Actor) error {
	index := tileIndex{Tilesets: []tilesetRef{}, Ground: t.ground()}
	add := func(name, description string) {
		index.Tilesets = append(index.Tilesets, tilesetRef{name, description, serverAddress(r) + "/tiles/" + name + ".json"})
	}
	for _, s := range t.Sets {
		add(s.Name, s.Description)
	}
	if t.Basemap != nil {
		about := t.Basemap.Describe("")
		add(tiles.BasemapName, about.Description)
	}
	serveDocument(w, r, jsonType, index)
	return nil
}
