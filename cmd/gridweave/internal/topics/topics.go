// Package topics says what the stream tells: the nouns' topics, and which tiles change. To add a topic, declare it in its
// noun (geo/civic/incident/topic.go is the example), list it here, and give it its shape in frontend/src/live/protocol.ts
// and its example in ARCHITECTURE.md, which tests on both sides ask for.
//
// Values are fresh at every call.
package topics

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo/civic/area"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/civic/incident"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/audience"
	"github.com/gridweave/gridweave/tiles"
)

// All lists the topics. An event's position has its topic's place in this list: new ones go to the end.
func All(sets tiles.Sets, layers ...live.Spec) []audience.Topic {
	return slices.Concat(incident.Topics(), declare.Topics(), house.Topics(), area.Topics(), []audience.Topic{tilesTopic(sets, layers)})
}

// Shapes gives, for each topic, an empty value of what its items carry.
func Shapes() map[string]any {
	return map[string]any{
		"incident": incident.News{}, "declaration": declare.News{}, "grade": house.GradeNews{}, "building": house.News{},
		"area": area.News{}, "tiles": TileNews{},
	}
}

// TileNews is what the topic `tiles` tells: which tiles are to be asked for again, if they are shown. A tile asked for
// with the item's position (?at=) includes the change.
type TileNews struct {
	Sets   []string   `json:"sets" doc:"Tilesets that show it."`
	Bounds [4]float64 `json:"bounds" doc:"Where something changed: west, south, east, north in WGS-84 degrees."`
	Zooms  [2]int     `json:"zooms" doc:"The zooms at which it shows, first and last."`
	Tiles  []string   `json:"tiles,omitempty" doc:"z/x/y of each tile. Left out where they are many: then all that meet the bounds."`
}

// mostTiles is how many tiles are worth naming: a house touches some ten.
const mostTiles = 128

// tilesTopic tells of every layer that some tileset shows.
func tilesTopic(sets tiles.Sets, layers []live.Spec) audience.Topic {
	t := audience.Topic{Name: "tiles", State: true, Notice: true}
	for _, l := range layers {
		names, from, to, ok := sets.Shown(l.Name)
		if !ok {
			continue
		}
		t.Sources = append(t.Sources, audience.Source{
			Layer: l.Name, Concerns: differs, Public: sets.Public(l.Name),
			Data: func(dst []byte, _ audience.Look, before, now *live.Feature) []byte {
				return appendTileNews(dst, names, from, to, before, now)
			},
		})
	}
	return t
}

// differs leaves out what shows nowhere, and rows that were written as they were.
func differs(before, now *live.Feature) bool {
	shows := func(f *live.Feature) bool { return f != nil && f.Shape.Kind() != live.Empty }
	return (shows(before) || shows(now)) && !before.Same(now)
}

func appendTileNews(dst []byte, sets []string, from, to maptile.Zoom, before, now *live.Feature) []byte {
	box := changedBox(before, now)
	n := TileNews{Sets: sets, Zooms: [2]int{int(from), int(to)}}
	n.Bounds[0], n.Bounds[3] = live.LonLat(box.MinX, box.MinY)
	n.Bounds[2], n.Bounds[1] = live.LonLat(box.MaxX, box.MaxY)
	if touched, ok := tiles.Touched(box, from, to, mostTiles); ok {
		for _, t := range touched {
			n.Tiles = append(n.Tiles, fmt.Sprintf("%d/%d/%d", t.Z, t.X, t.Y))
		}
	}
	text, err := json.Marshal(n)
	if err != nil {
		panic(err) // a value of ours can always be written
	}
	return append(dst, text...)
}

// changedBox is where a feature was and where it is.
func changedBox(before, now *live.Feature) live.Box {
	switch {
	case before == nil || before.Shape.Kind() == live.Empty:
		return now.Shape.Bounds()
	case now == nil || now.Shape.Kind() == live.Empty:
		return before.Shape.Bounds()
	default:
		return before.Shape.Bounds().Union(now.Shape.Bounds())
	}
}

// Names lists the topics by name.
func Names() []string { return slices.Sorted(maps.Keys(Shapes())) }
