package area

import "github.com/gridweave/gridweave/geo/live"

// Fields of the picture's layer of areas.
const (
	TextNameZh = iota
	TextNameEn
)

// Layer declares the areas in force in the live picture.
func Layer() live.Spec {
	return live.Spec{Name: "area", Texts: []string{"name_zh", "name_en"}}
}

// Projections says how areas come to the picture.
func Projections() []live.Projection {
	return []live.Projection{{
		Table: "area", Layer: "area", Owns: true, Key: "id", Code: "code", Geom: "geom",
		Texts: []live.TextColumn{{Column: "name_zh", Field: TextNameZh}, {Column: "name_en", Field: TextNameEn}},
	}}
}
