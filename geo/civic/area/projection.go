package area

import (
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
)

// Fields of the picture's layer of areas.
const (
	TextNameZh = iota
	TextNameEn
)

// Layer declares the areas in force in the live picture.
func Layer() live.Spec {
	return live.Spec{
		Name: "area", Texts: []string{"name_zh", "name_en"},
		Shared: func(f *live.Feature) uint8 { return FromZoom(f.Code.Level()) },
	}
}

// FromZoom is the zoom from which on areas of a level are drawn: wider views have no room for small ones.
func FromZoom(l geo.Level) uint8 {
	switch {
	case l <= geo.District:
		return 0
	case l == geo.Street:
		return 9
	case l == geo.Community:
		return 11
	default:
		return 13
	}
}

// Projections says how areas come to the picture.
func Projections() []live.Projection {
	return []live.Projection{{
		Table: "area", Layer: "area", Owns: true, Key: "id", Code: "code", Geom: "geom",
		Texts: []live.TextColumn{{Column: "name_zh", Field: TextNameZh}, {Column: "name_en", Field: TextNameEn}},
	}}
}
