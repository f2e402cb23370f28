package tiles

import (
	"fmt"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles/mvt"
)

// Recipe draws one layer of the picture as one layer of tiles, over a range of zooms.
type Recipe struct {
	From    string // layer of the picture
	To      string // layer of the tile
	MinZoom maptile.Zoom
	MaxZoom maptile.Zoom
	Draw    Draw
	Keys    []Key
	// Crowd draws features that lie too close to each other as one; nil draws each.
	Crowd *Crowd
	// Public is for what is nobody's: every reader sees it.
	Public bool
	// Above also shows the areas that the reader's own lies in: their outlines and names are not secret.
	Above bool
	// Show narrows what is drawn at a zoom; nil draws everything.
	Show func(f *live.Feature, z maptile.Zoom) bool
}

// Crowd says how features are drawn together: those whose label points lie in the same square are one, with how many
// they are. Who stands alone is drawn as ever. It happens up to MaxZoom, and at any zoom where a tile has become too
// large otherwise.
type Crowd struct {
	To      string       // layer of the tile
	MaxZoom maptile.Zoom // below the recipe's MinZoom: only in tiles that are too large
	Side    int          // how many squares a tile has a side, a power of two
	Squares bool         // drawn as their squares; otherwise as a point in the middle of them
	Count   int          // numeric field by whose values they are counted, those from live.TallyValues-1 on as one
	Least   []Key        // numbers of which the least that is not absent is told
}

// Draw is how features become geometry.
type Draw int

// The ways to draw.
const (
	Whole   Draw = iota // as they are
	AtLabel             // as their label point
	Cells               // as squares with the counts of the features in them
	Borders             // as lines, each stretch that polygons share once, with the key "level" of the widest
)

// Key is one attribute: its name in the tile and where its value comes from.
type Key struct {
	Name  string
	About string // for people, in TileJSON
	Value func(f *live.Feature) mvt.Value
	kind  keyKind
	field int
}

// keyKind is where a value comes from, for those that are read without asking Value: a tile has thousands of each.
type keyKind int

const (
	asked keyKind = iota
	numField
	positiveField
	textField
)

// write gives the feature being written its value under the i-th key.
func (k *Key) write(e *mvt.Encoder, i int, f *live.Feature) {
	switch k.kind {
	case numField:
		e.Uint(i, uint64(f.Nums[k.field]))
	case positiveField:
		if n := f.Nums[k.field]; n != 0 {
			e.Uint(i, uint64(n))
		}
	case textField:
		e.Text(i, f.Texts[k.field])
	case asked:
		e.Value(i, k.Value(f))
	}
}

// NumKey is a numeric field of the layer.
func NumKey(name, about string, field int) Key {
	return Key{name, about, func(f *live.Feature) mvt.Value { return mvt.Uint(uint64(f.Nums[field])) }, numField, field}
}

// PositiveKey is a numeric field that is left out where it is 0.
func PositiveKey(name, about string, field int) Key {
	return Key{name, about, func(f *live.Feature) mvt.Value {
		if f.Nums[field] == 0 {
			return mvt.Value{}
		}
		return mvt.Uint(uint64(f.Nums[field]))
	}, positiveField, field}
}

// TextKey is a text field, left out where it is empty.
func TextKey(name string, field int) Key {
	return Key{name, "Text", func(f *live.Feature) mvt.Value { return mvt.String(f.Texts[field]) }, textField, field}
}

// CodeKey is the feature's code.
func CodeKey(name string) Key {
	return Key{Name: name, About: "Text", Value: func(f *live.Feature) mvt.Value { return mvt.String(string(f.Code)) }}
}

// LevelKey is the level of the feature's code.
func LevelKey(name string) Key {
	return Key{Name: name, About: "Text", Value: func(f *live.Feature) mvt.Value { return mvt.String(f.Code.Level().String()) }}
}

// at tells whether the recipe draws anything at a zoom.
func (r Recipe) at(z maptile.Zoom) bool { return r.MinZoom <= z && z <= r.MaxZoom }

// fields are the attributes as TileJSON names them.
func (r Recipe) fields() map[string]string {
	fields := map[string]string{}
	switch r.Draw {
	case Cells:
		countFields(fields, "Features in the cell")
	case Borders:
		fields[borderKey] = "Widest level that the border bounds"
	case Whole, AtLabel:
		for _, k := range r.Keys {
			fields[k.Name] = k.About
		}
	}
	return fields
}

func (c Crowd) fields() map[string]string {
	fields := map[string]string{}
	countFields(fields, "Features in the crowd")
	for _, k := range c.Least {
		fields[k.Name] = "Least: " + k.About
	}
	return fields
}

func countFields(fields map[string]string, about string) {
	for i, name := range countKeys() {
		fields[name] = about
		if i > 0 {
			fields[name] += fmt.Sprintf(" whose counted value is %d", i-1)
		}
	}
}

func keyNames(keys []Key) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.Name
	}
	return names
}
