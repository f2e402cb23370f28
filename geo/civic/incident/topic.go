package incident

import (
	"encoding/json"
	"time"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/audience"
)

// News is what the topic `incident` tells of an open incident. One that is rejected, merged or closed is removed,
// and its item says in final which.
type News struct {
	Type       string     `json:"type" doc:"Code of the minor class."`
	Severity   uint32     `json:"severity" doc:"1 is worst."`
	Status     string     `json:"status"`
	Was        string     `json:"was,omitempty" doc:"The status before; left out in a snapshot and where it is new."`
	Source     string     `json:"source"`
	ReportedAt time.Time  `json:"reported_at"`
	DueAt      *time.Time `json:"due_at" doc:"Deadline of the timer that runs; null where none does."`
	Escalation uint32     `json:"escalation"`
	Lon        float64    `json:"lon"`
	Lat        float64    `json:"lat"`
}

// Topics says what the stream tells of incidents: every step of every case.
func Topics() []audience.Topic {
	return []audience.Topic{{
		Name: "incident", Snapshot: true,
		Sources: []audience.Source{{Layer: "incident", Concerns: changed, Data: appendNews}},
	}}
}

func changed(before, now *live.Feature) bool { return !before.Same(now) }

func appendNews(dst []byte, _ audience.Look, before, now *live.Feature) []byte {
	n := News{
		Type: now.Texts[TextType], Severity: now.Nums[NumSeverity], Status: now.Texts[TextStatus], Source: now.Texts[TextSource],
		ReportedAt: live.EpochTime(now.Nums[NumReportedAt]), Escalation: now.Nums[NumEscalation],
	}
	if before != nil {
		n.Was = before.Texts[TextStatus]
	}
	if due := now.Nums[NumDueAt]; due != 0 {
		at := live.EpochTime(due)
		n.DueAt = &at
	}
	n.Lon, n.Lat = live.LonLat(now.Label.X, now.Label.Y)
	text, err := json.Marshal(n)
	if err != nil {
		panic(err) // a value of ours can always be written
	}
	return append(dst, text...)
}
