package house

import "github.com/gridweave/gridweave/geo/live"

// Numeric fields of the picture's layer of buildings. A grade is numbered 1 green, 2 yellow, 3 orange, 4 red, 5 grey,
// and 0 where nothing is let; a use as in Uses, 0 for unknown.
const (
	NumGrade = iota
	NumUse
	NumHeight // metres
	NumRooms
	NumRentalRooms
	NumResidents
	NumOpenIncidents
)

// Text fields of the picture's layer of buildings.
const (
	TextNameZh = iota
	TextNameEn
)

// Layer declares the buildings in the live picture, counted by grade for overviews.
func Layer() live.Spec {
	return live.Spec{
		Name:  "building",
		Nums:  []string{"grade", "use", "height", "rooms", "rental_rooms", "residents", "open_incidents"},
		Texts: []string{"name_zh", "name_en"},
		Tally: "grade", Coded: true,
	}
}

// Projections says how buildings come to the picture: what stands from one table, what changes from another.
func Projections() []live.Projection {
	return []live.Projection{
		{
			Table: "building", Layer: "building", Owns: true, Key: "id", Code: "code", Geom: "geom",
			Nums:  []live.NumColumn{{Column: "height_m", Field: NumHeight, Parse: live.ParseRounded}},
			Texts: []live.TextColumn{{Column: "name_zh", Field: TextNameZh}, {Column: "name_en", Field: TextNameEn}},
		},
		{
			Table: "building_state", Layer: "building", Key: "building_id",
			Nums: []live.NumColumn{
				{Column: "grade", Field: NumGrade, Parse: live.ParseOneOf(gradeNames()...)},
				{Column: "use", Field: NumUse, Parse: parseUse},
				{Column: "rooms", Field: NumRooms, Parse: live.ParseUint},
				{Column: "rental_rooms", Field: NumRentalRooms, Parse: live.ParseUint},
				{Column: "residents", Field: NumResidents, Parse: live.ParseUint},
				{Column: "open_incidents", Field: NumOpenIncidents, Parse: live.ParseUint},
			},
		},
	}
}

// parseUse numbers the uses from 1, with 0 for unknown.
func parseUse(text string) (uint32, error) {
	if text == "unknown" {
		return 0, nil
	}
	return live.ParseOneOf(useNames()...)(text)
}

// gradeNames and useNames are numbered from 1 in the picture.
func gradeNames() []string { return []string{"green", "yellow", "orange", "red", "grey"} }

func useNames() []string {
	return []string{"self_occupied", "whole_let", "shared_let", "dormitory", "daily_let", "vacant", "non_residential"}
}
