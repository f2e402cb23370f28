package area

import (
	"encoding/json"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/audience"
)

// News is what the topic `area` tells of an area in force.
type News struct {
	Level  string     `json:"level"`
	NameZh string     `json:"name_zh"`
	NameEn string     `json:"name_en"`
	Bounds [4]float64 `json:"bounds" doc:"West, south, east, north in WGS-84 degrees."`
}

// Topics says what the stream tells of areas: new, gone and redrawn ones.
func Topics() []audience.Topic {
	return []audience.Topic{{
		Name: "area", State: true, Snapshot: true,
		Sources: []audience.Source{{Layer: "area", Concerns: changed, Data: appendNews}},
	}}
}

func changed(before, now *live.Feature) bool { return !before.Same(now) }

func appendNews(dst []byte, _ audience.Look, _, now *live.Feature) []byte {
	n := News{Level: now.Code.Level().String(), NameZh: now.Texts[TextNameZh], NameEn: now.Texts[TextNameEn]}
	b := now.Shape.Bounds()
	n.Bounds[0], n.Bounds[3] = live.LonLat(b.MinX, b.MinY)
	n.Bounds[2], n.Bounds[1] = live.LonLat(b.MaxX, b.MaxY)
	text, err := json.Marshal(n)
	if err != nil {
		panic(err) // a value of ours can always be written
	}
	return append(dst, text...)
}
