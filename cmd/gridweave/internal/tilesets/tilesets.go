// Package tilesets says what the district looks like as vector tiles: which nouns' layers make up the live picture, and
// which tilesets are drawn of them at which zooms. It only declares; the engine in package tiles draws.
//
// Values are fresh at every call.
package tilesets

import (
	"slices"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo/civic/area"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/civic/incident"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles"
)

// Picture makes an empty live picture of every layer.
func Picture() (*live.Picture, error) {
	return live.New(Layers()...)
}

// Layers declares what the picture is made of.
func Layers() []live.Spec {
	return []live.Spec{area.Layer(), house.Layer(), incident.Layer(), declare.Layer(), baseLayer()}
}

// Projections says how the picture's layers come from the database.
func Projections() []live.Projection {
	return slices.Concat(area.Projections(), house.Projections(), incident.Projections(), declare.Projections(),
		[]live.Projection{baseProjection()})
}

// All lists the tilesets.
func All() tiles.Sets { return tiles.Sets{areas(), buildings(), incidents(), base()} }

// Zooms at which buildings change the way they are drawn: cells until a footprint is as large as a pixel of a
// 512-pixel tile, which a house of ten metres is at 14.
const (
	footprintZoom = 14
	pointZoom     = 13
	labelZoom     = 16
)

func areas() tiles.Set {
	keys := []tiles.Key{
		tiles.LevelKey("level"), tiles.CodeKey("code"), tiles.TextKey("name_zh", area.TextNameZh), tiles.TextKey("name_en", area.TextNameEn),
	}
	return tiles.Set{
		Name: "areas", Description: "Areas in force, their borders and labels", Extent: "area",
		Recipes: []tiles.Recipe{
			{From: "area", To: "area", MaxZoom: tiles.MaxZoom, Keys: keys, Show: levelShows},
			{From: "area", To: "area_line", MaxZoom: tiles.MaxZoom, Draw: tiles.Borders, Above: true, Show: levelShows},
			{From: "area", To: "area_label", MaxZoom: tiles.MaxZoom, Draw: tiles.AtLabel, Keys: keys, Above: true, Show: levelShows},
		},
	}
}

// levelShows keeps small areas out of wide views.
func levelShows(f *live.Feature, z maptile.Zoom) bool {
	return uint8(z) >= area.FromZoom(f.Code.Level())
}

func buildings() tiles.Set {
	values := []tiles.Key{
		tiles.PositiveKey("g", "Grade: 1 green, 2 yellow, 3 orange, 4 red, 5 grey (unrated or stale); absent where nothing is let", house.NumGrade),
		tiles.PositiveKey("u", "Use: 1 self-occupied, 2 whole let, 3 shared let, 4 dormitory, 5 daily let, 6 vacant, 7 non-residential; absent where unknown", house.NumUse),
		tiles.PositiveKey("h", "Height in metres", house.NumHeight),
	}
	names := []tiles.Key{tiles.TextKey("name_zh", house.TextNameZh), tiles.TextKey("name_en", house.TextNameEn)}
	// In a tile that would be too large, houses come as the cells of the zooms above.
	cells := &tiles.Crowd{To: "building_cell", Side: 1 << live.CellsPerTileZoom, Squares: true, Count: house.NumGrade}
	return tiles.Set{
		Name: "buildings", Description: "Buildings with the grade of their rental houses", Extent: "area",
		Recipes: []tiles.Recipe{
			{From: "building", To: "building_cell", MinZoom: live.TallyMinZoom, MaxZoom: pointZoom - 1, Draw: tiles.Cells},
			{From: "building", To: "building_point", MinZoom: pointZoom, MaxZoom: footprintZoom - 1, Draw: tiles.AtLabel, Keys: values[:1], Crowd: cells},
			{From: "building", To: "building", MinZoom: footprintZoom, MaxZoom: tiles.MaxZoom, Keys: values, Crowd: cells},
			{From: "building", To: "building_label", MinZoom: labelZoom, MaxZoom: tiles.MaxZoom, Draw: tiles.AtLabel, Keys: append(names, values[0])},
		},
	}
}

// Incidents that lie in the same square are drawn as one up to crowdZoom: crowdSide squares a tile's side are 32 pixels
// each on a map of 512-pixel tiles, about as much as a symbol with a number needs.
const (
	crowdZoom = 13
	crowdSide = 16
)

func incidents() tiles.Set {
	due := tiles.PositiveKey("due_at", "Deadline of the running timer, in seconds since 1970: overdue when it has passed", incident.NumDueAt)
	return tiles.Set{
		Name: "incidents", Description: "Open incidents; those too close to be told apart are drawn as one", Extent: "area",
		Recipes: []tiles.Recipe{{
			From: "incident", To: "incident", MaxZoom: tiles.MaxZoom,
			Keys: []tiles.Key{
				tiles.TextKey("type", incident.TextType),
				tiles.TextKey("status", incident.TextStatus),
				tiles.TextKey("source", incident.TextSource),
				tiles.NumKey("severity", "Severity: 1 is worst, 4 is least", incident.NumSeverity),
				due,
				tiles.NumKey("reported_at", "When it was reported, in seconds since 1970", incident.NumReportedAt),
				tiles.PositiveKey("escalation", "How many levels it was escalated; absent where none", incident.NumEscalation),
			},
			Crowd: &tiles.Crowd{
				To: "incident_crowd", MaxZoom: crowdZoom, Side: crowdSide, Count: incident.NumSeverity, Least: []tiles.Key{due},
			},
		}},
	}
}

// Kinds of the base map, numbered from 1 in the picture.
func baseKinds() []string { return []string{"land", "water", "park", "block", "road", "rail"} }

// Fields of the picture's layer of the base map.
const (
	baseKind = iota
	baseMinZoom
)

const (
	baseClass = iota
	baseNameZh
	baseNameEn
)

func baseLayer() live.Spec {
	return live.Spec{Name: "base", Nums: []string{"kind", "min_zoom"}, Texts: []string{"class", "name_zh", "name_en"}}
}

func baseProjection() live.Projection {
	return live.Projection{
		Table: "base_feature", Layer: "base", Owns: true, Key: "id", Geom: "geom",
		Nums: []live.NumColumn{
			{Column: "kind", Field: baseKind, Parse: live.ParseOneOf(baseKinds()...)},
			{Column: "min_zoom", Field: baseMinZoom, Parse: live.ParseUint},
		},
		Texts: []live.TextColumn{
			{Column: "class", Field: baseClass}, {Column: "name_zh", Field: baseNameZh}, {Column: "name_en", Field: baseNameEn},
		},
	}
}

func base() tiles.Set {
	set := tiles.Set{Name: "base", Description: "The base map drawn from own layers", Extent: "area"}
	for i, kind := range baseKinds() {
		set.Recipes = append(set.Recipes, tiles.Recipe{
			From: "base", To: kind, MaxZoom: tiles.MaxZoom, Public: true,
			Keys: []tiles.Key{tiles.TextKey("class", baseClass), tiles.TextKey("name_zh", baseNameZh), tiles.TextKey("name_en", baseNameEn)},
			Show: func(f *live.Feature, z maptile.Zoom) bool {
				return f.Nums[baseKind] == uint32(i+1) && z >= maptile.Zoom(f.Nums[baseMinZoom])
			},
		})
	}
	return set
}
