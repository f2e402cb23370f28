package declare

import (
	"encoding/json"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/audience"
)

// News is what the topic `declaration` tells of a recent declaration: nothing of the person.
type News struct {
	Status      string     `json:"status"`
	Was         string     `json:"was,omitempty" doc:"The status before; left out in a snapshot and where it is new."`
	Source      string     `json:"source"`
	SubmittedAt time.Time  `json:"submitted_at"`
	DueAt       *time.Time `json:"due_at" doc:"Until when somebody has to look at a doubtful one; null where nobody has to."`
	Lon         *float64   `json:"lon,omitempty" doc:"Where the room's building stands."`
	Lat         *float64   `json:"lat,omitempty"`
}

// buildingLayer is where the picture has the houses that declarations lie in.
const buildingLayer = "building"

// Topics says what the stream tells of declarations.
func Topics() []audience.Topic {
	return []audience.Topic{{
		Name: "declaration", Snapshot: true,
		Sources: []audience.Source{{Layer: "declaration", Concerns: changed, Data: appendNews, Place: place}},
	}}
}

func changed(before, now *live.Feature) bool { return !before.Same(now) }

// buildingOf finds the house of the room.
func buildingOf(look audience.Look, f *live.Feature) (*live.Feature, bool) {
	code, ok := f.Code.At(geo.Building)
	if !ok {
		return nil, false
	}
	return look(buildingLayer).ByCode(code)
}

func place(look audience.Look, f *live.Feature) (live.Box, bool) {
	b, ok := buildingOf(look, f)
	if !ok {
		return live.Box{}, false
	}
	return b.Shape.Bounds(), b.Shape.Kind() != live.Empty
}

func appendNews(dst []byte, look audience.Look, before, now *live.Feature) []byte {
	n := News{Status: now.Texts[TextStatus], Source: now.Texts[TextSource], SubmittedAt: live.EpochTime(now.Nums[NumSubmittedAt])}
	if before != nil {
		n.Was = before.Texts[TextStatus]
	}
	if due := now.Nums[NumDueAt]; due != 0 {
		at := live.EpochTime(due)
		n.DueAt = &at
	}
	if b, ok := buildingOf(look, now); ok {
		lon, lat := live.LonLat(b.Label.X, b.Label.Y)
		n.Lon, n.Lat = &lon, &lat
	}
	text, err := json.Marshal(n)
	if err != nil {
		panic(err) // a value of ours can always be written
	}
	return append(dst, text...)
}
