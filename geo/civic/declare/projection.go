package declare

import "github.com/gridweave/gridweave/geo/live"

// Numeric fields of the picture's layer of declarations. Times are seconds since 1970, 0 for none.
const (
	NumSubmittedAt = iota
	NumDueAt       // until when an office has to look at a doubtful one
)

// Text fields of the picture's layer of declarations.
const (
	TextStatus = iota
	TextSource
)

// recent is how long a declaration is part of the present picture: as long as somebody who moved in has to declare.
const recent = clock

// Layer declares the recent declarations in the live picture. They have no shape of their own: a declaration lies in
// the room that its code names, and shows where that room's building stands, which the layer of buildings finds by the
// first 19 digits of the code.
func Layer() live.Spec {
	return live.Spec{Name: "declaration", Nums: []string{"submitted_at", "due_at"}, Texts: []string{"status", "source"}}
}

// Projections says how declarations come to the picture: those submitted within the last seven days, whatever became of
// them, and nothing of the person.
func Projections() []live.Projection {
	return []live.Projection{{
		Table: "declaration", Layer: "declaration", Owns: true, Key: "id", Code: "code",
		Nums: []live.NumColumn{
			{Column: "submitted_at", Field: NumSubmittedAt, Parse: live.ParseEpoch},
			{Column: "due_at", Field: NumDueAt, Parse: live.ParseEpoch},
		},
		Texts:  []live.TextColumn{{Column: "status", Field: TextStatus}, {Column: "source", Field: TextSource}},
		Recent: &live.Recent{Field: NumSubmittedAt, Within: recent},
	}}
}
