package house

import (
	"encoding/json"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/audience"
)

// News is what the topic `building` tells of a building.
type News struct {
	NameZh        string  `json:"name_zh"`
	NameEn        string  `json:"name_en"`
	Use           string  `json:"use"`
	Height        uint32  `json:"height_m" doc:"Metres; 0 where unknown."`
	Grade         *string `json:"grade" enum:"green,yellow,orange,red,grey" doc:"Null where nothing is let."`
	Rooms         uint32  `json:"rooms"`
	RentalRooms   uint32  `json:"rental_rooms"`
	Residents     uint32  `json:"residents"`
	OpenIncidents uint32  `json:"open_incidents"`
	Lon           float64 `json:"lon"`
	Lat           float64 `json:"lat"`
}

// GradeNews is what the topic `grade` tells: a building's new colour and the one before.
type GradeNews struct {
	Grade  *string `json:"grade" enum:"green,yellow,orange,red,grey" doc:"Null where nothing is let."`
	Was    *string `json:"was,omitempty" enum:"green,yellow,orange,red,grey" doc:"Left out in a snapshot, and where nothing was let."`
	NameZh string  `json:"name_zh"`
	NameEn string  `json:"name_en"`
	Lon    float64 `json:"lon"`
	Lat    float64 `json:"lat"`
}

// Topics says what the stream tells of buildings.
func Topics() []audience.Topic {
	return []audience.Topic{
		{Name: "grade", State: true, Snapshot: true, Sources: []audience.Source{{Layer: "building", Concerns: regraded, Data: appendGradeNews}}},
		{Name: "building", State: true, Snapshot: true, Sources: []audience.Source{{Layer: "building", Concerns: more, Data: appendNews}}},
	}
}

// regraded is a new colour, and whatever brings a coloured house into view or takes it out.
func regraded(before, now *live.Feature) bool {
	if before == nil || now == nil {
		return before != nil && before.Nums[NumGrade] != 0 || now != nil && now.Nums[NumGrade] != 0
	}
	return before.Nums[NumGrade] != now.Nums[NumGrade] || before.Code != now.Code || before.Label != now.Label
}

// more is any change; a row that was written as it was is none.
func more(before, now *live.Feature) bool { return !before.Same(now) }

func appendGradeNews(dst []byte, _ audience.Look, before, now *live.Feature) []byte {
	n := GradeNews{Grade: gradeName(now), NameZh: now.Texts[TextNameZh], NameEn: now.Texts[TextNameEn]}
	if before != nil {
		n.Was = gradeName(before)
	}
	n.Lon, n.Lat = live.LonLat(now.Label.X, now.Label.Y)
	return appendJSON(dst, n)
}

func appendNews(dst []byte, _ audience.Look, _, now *live.Feature) []byte {
	n := News{
		NameZh: now.Texts[TextNameZh], NameEn: now.Texts[TextNameEn], Use: useName(now.Nums[NumUse]), Height: now.Nums[NumHeight],
		Grade: gradeName(now), Rooms: now.Nums[NumRooms], RentalRooms: now.Nums[NumRentalRooms],
		Residents: now.Nums[NumResidents], OpenIncidents: now.Nums[NumOpenIncidents],
	}
	n.Lon, n.Lat = live.LonLat(now.Label.X, now.Label.Y)
	return appendJSON(dst, n)
}

// appendJSON writes values of ours, which can always be written.
func appendJSON(dst []byte, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return append(dst, text...)
}

func gradeName(f *live.Feature) *string {
	n := f.Nums[NumGrade]
	if n == 0 {
		return nil
	}
	return &gradeNames()[n-1]
}

func useName(n uint32) string {
	if n == 0 {
		return "unknown"
	}
	return useNames()[n-1]
}
