package incident

import (
	"github.com/gridweave/gridweave/geo/live"
)

// Numeric fields of the picture's layer of incidents. Times are seconds since 1970, 0 for none.
const (
	NumSeverity   = iota // 1 is worst
	NumReportedAt        // when somebody reported it
	NumDueAt             // deadline of the timer that runs: the incident is overdue when it has passed
	NumEscalation
)

// Text fields of the picture's layer of incidents.
const (
	TextType = iota // code of the minor class
	TextStatus
	TextSource
)

// Layer declares the open incidents in the live picture.
func Layer() live.Spec {
	return live.Spec{
		Name:  "incident",
		Nums:  []string{"severity", "reported_at", "due_at", "escalation"},
		Texts: []string{"type", "status", "source"},
	}
}

// Projections says how incidents come to the picture: those that are open, and nothing of who reported or handles them.
func Projections() []live.Projection {
	return []live.Projection{{
		Table: "incident", Layer: "incident", Owns: true, Key: "id", Code: "code", Geom: "geom",
		Nums: []live.NumColumn{
			{Column: "severity", Field: NumSeverity, Parse: live.ParseUint},
			{Column: "reported_at", Field: NumReportedAt, Parse: live.ParseEpoch},
			{Column: "due_at", Field: NumDueAt, Parse: live.ParseEpoch},
			{Column: "escalation", Field: NumEscalation, Parse: live.ParseUint},
		},
		Texts: []live.TextColumn{
			{Column: "type", Field: TextType}, {Column: "status", Field: TextStatus}, {Column: "source", Field: TextSource},
		},
		Except: &live.Except{Column: "status", Values: names(over())},
	}}
}

func names(all []Status) []string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = string(s)
	}
	return names
}
