package api

import (
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/heat"
)

// InsightAbout is what every answer of a heatmap says of itself.
type InsightAbout struct {
	Area         geo.Code       `json:"area"`
	Measure      heat.Measure   `json:"measure" enum:"incidents,declarations,undeclared,grades"`
	Class        string         `json:"class"`
	From         time.Time      `json:"from"`
	To           time.Time      `json:"to" doc:"Does not belong to the time; a state is that at its end."`
	N            *int           `json:"n" doc:"What was counted, suppressed cells included; null where it would tell a small count itself."`
	Previous     *int           `json:"previous,omitempty" doc:"The same in the time before."`
	Unit         string         `json:"unit" doc:"What is counted, and what it is a rate of: incidents_per_1000_residents."`
	Completeness []InsightShare `json:"completeness"`
	Suppressed   int            `json:"suppressed" doc:"Cells that are not shown because 1 to 4 cases lie in them, or because somebody could subtract one answer from another."`
	AsOf         time.Time      `json:"as_of"`
}

// InsightShare is how complete the data is.
type InsightShare struct {
	Of   string `json:"of" enum:"period,place,base,history" doc:"Hours of the time that are known; cases with a known place; areas with somebody to relate to; houses with a known history."`
	Have int    `json:"have"`
	Want int    `json:"want"`
}

// InsightRow is an area's figures.
type InsightRow struct {
	ID         int64    `json:"id" doc:"Feature id in tiles."`
	Code       geo.Code `json:"code"`
	NameZh     string   `json:"name_zh"`
	NameEn     string   `json:"name_en"`
	N          *int     `json:"n" doc:"null where it is suppressed."`
	Previous   *int     `json:"previous,omitempty"`
	Base       int      `json:"base" doc:"Residents, rental rooms or rental houses; 0 for a count."`
	Value      *float64 `json:"value" doc:"What the map shows; null where it is suppressed or there is nobody to relate to."`
	Suppressed bool     `json:"suppressed"`
}

// InsightAreas is a choropleth.
type InsightAreas struct {
	InsightAbout
	Level   string       `json:"level" enum:"city,district,street,community,grid"`
	Value   heat.Value   `json:"value" enum:"count,per_1000_residents,per_100_rental_rooms,per_100_rental_houses"`
	Smooth  bool         `json:"smooth"`
	Compare bool         `json:"compare"`
	Classes []float64    `json:"classes" doc:"Lower bounds of the legend's classes above the first, for the whole area."`
	Rows    []InsightRow `json:"rows"`
}

// InsightHex is a hexagon's figures.
type InsightHex struct {
	ID         string       `json:"id" doc:"Its axial coordinates."`
	Ring       [][2]float64 `json:"ring"`
	Code       geo.Code     `json:"code" doc:"The grid that most of it happened in."`
	N          *int         `json:"n"`
	Previous   *int         `json:"previous,omitempty"`
	Value      *float64     `json:"value"`
	Z          float64      `json:"z" doc:"Gi* of Getis and Ord, with the six neighbours."`
	Spot       string       `json:"spot" enum:"hot,cold,none" doc:"What is significant after Benjamini and Hochberg, at 5 %."`
	Suppressed bool         `json:"suppressed"`
}

// InsightHexes is a map of hexagons.
type InsightHexes struct {
	InsightAbout
	WidthM  float64      `json:"width_m"`
	AreaKm2 float64      `json:"area_km2"`
	Compare bool         `json:"compare"`
	Classes []float64    `json:"classes"`
	Rows    []InsightHex `json:"rows"`
}

// InsightDensity is a field on a lattice that is even in Web Mercator.
type InsightDensity struct {
	InsightAbout
	BandwidthM float64    `json:"bandwidth_m"`
	Compare    bool       `json:"compare"`
	Bounds     [4]float64 `json:"bounds" doc:"West, south, east, north in WGS-84 degrees."`
	Width      int        `json:"width"`
	Height     int        `json:"height"`
	Values     []*float64 `json:"values" doc:"Row by row from the north-west; null beyond the area and where it is suppressed."`
	Classes    []float64  `json:"classes"`
}

// InsightSeries is a count slice by slice.
type InsightSeries struct {
	InsightAbout
	StepHours int    `json:"step_hours"`
	Counts    []*int `json:"counts" doc:"Of a state, that at each slice's end; null where it is suppressed."`
}

// InsightFilm is a choropleth slice by slice, with one legend.
type InsightFilm struct {
	InsightAbout
	Level     string           `json:"level" enum:"city,district,street,community,grid"`
	StepHours int              `json:"step_hours"`
	Classes   []float64        `json:"classes"`
	Rows      []InsightFilmRow `json:"rows" doc:"Of areas that are ever anything but 0."`
}

// InsightFilmRow is an area's value slice by slice, told by its changes.
type InsightFilmRow struct {
	ID     int64      `json:"id"`
	Code   geo.Code   `json:"code"`
	At     []int      `json:"at" doc:"Slices from which on a value holds, until the next one; before the first it is 0."`
	Values []*float64 `json:"values" doc:"null where it is suppressed."`
}

// InsightLegend is what the slices of a film of hexagons or of a density share.
type InsightLegend struct {
	InsightAbout
	Form      string    `json:"form" enum:"hexes,density"`
	StepHours int       `json:"step_hours"`
	Classes   []float64 `json:"classes" doc:"Lower bounds of the classes above the first, made of all that any slice shows."`
}

// InsightHouse is a house with its count.
type InsightHouse struct {
	ID        int64    `json:"id"`
	Code      geo.Code `json:"code"`
	NameZh    string   `json:"name_zh"`
	NameEn    string   `json:"name_en"`
	AddressZh string   `json:"address_zh"`
	AddressEn string   `json:"address_en"`
	N         int      `json:"n" doc:"Cases or rooms; of grades, the points that the house lacks."`
}

// InsightClass is a class of the measure with its count.
type InsightClass struct {
	Class string `json:"class"`
	N     int    `json:"n"`
}

// InsightTop is the houses and classes with most of it.
type InsightTop struct {
	InsightAbout
	Houses  []InsightHouse `json:"houses"`
	Classes []InsightClass `json:"by_class"`
}
