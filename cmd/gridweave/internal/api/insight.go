package api

import (
	"context"
	"math"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/fault"
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

type insightAPI struct {
	d        Deps
	outlined *outlined
}

func registerInsight(api huma.API, d Deps) {
	a := insightAPI{d, &outlined{kept: map[outlinedKey]*fileOutput{}}}
	get(api, "insightAreas", "/api/v1/insight/areas", "Figures by area, with a legend", "insight", a.areas)
	get(api, "insightHexes", "/api/v1/insight/hexes", "Figures by hexagons of the same area", "insight", a.hexes)
	get(api, "insightDensity", "/api/v1/insight/density", "Density with a bandwidth in metres", "insight", a.density)
	get(api, "insightSeries", "/api/v1/insight/series", "Figures over time", "insight", a.series)
	get(api, "insightFilm", "/api/v1/insight/film", "Figures by area and time, to play", "insight", a.film)
	get(api, "insightLegend", "/api/v1/insight/legend", "One legend for slices of hexagons or of a density", "insight", a.legend)
	get(api, "insightTop", "/api/v1/insight/top", "Houses and classes with most of it", "insight", a.top)
	get(api, "insightOutlines", "/api/v1/insight/outlines", "Outlines of areas, as GeoJSON", "insight", a.outlines)
	get(api, "insightExport", "/api/v1/insight/export", "The same figures as CSV, GeoJSON or XLSX", "insight", a.export)
}

// InsightQuery is what every question of a heatmap names.
type InsightQuery struct {
	Area    string    `query:"area" required:"true"`
	Measure string    `query:"measure" enum:"incidents,declarations,undeclared,grades" default:"incidents"`
	Class   string    `query:"class" maxLength:"20" doc:"Two or four digits of an incident's type, a declaration's status, a grade, or risky for the two worst."`
	Last    string    `query:"last" enum:"1h,6h,24h,7d,30d" doc:"The time up to the end of this hour; from and to name any other."`
	From    time.Time `query:"from" doc:"A whole hour."`
	To      time.Time `query:"to" doc:"A whole hour, which does not belong to the time."`
}

func (in InsightQuery) query() (q heat.Query, err error) {
	q = heat.Query{Measure: heat.Measure(in.Measure), Class: in.Class, From: in.From.UTC(), To: in.To.UTC()}
	if q.Area, err = geo.ParseCode(in.Area); err != nil {
		return q, fault.InvalidField("area.code", "area", err)
	}
	if in.From.IsZero() || in.To.IsZero() {
		last := map[string]time.Duration{
			"1h": time.Hour, "6h": 6 * time.Hour, "24h": 24 * time.Hour, "30d": 30 * 24 * time.Hour,
		}[in.Last]
		if last == 0 {
			last = 7 * 24 * time.Hour
		}
		q.To = time.Now().UTC().Truncate(time.Hour).Add(time.Hour)
		q.From = q.To.Add(-last)
	}
	return q, nil
}

func showAbout(a heat.About) InsightAbout {
	out := InsightAbout{
		Area: a.Area, Measure: a.Measure, Class: a.Class, From: a.From, To: a.To, Previous: a.Previous, Unit: a.Unit,
		Completeness: []InsightShare{}, Suppressed: a.Suppressed, AsOf: a.AsOf,
	}
	if !a.Hidden {
		out.N = &a.N
	}
	for _, s := range a.Completeness {
		if s.Of != "place" || !a.Hidden { // of so many
			out.Completeness = append(out.Completeness, InsightShare(s))
		}
	}
	return out
}

// bounds writes no classes as an empty list. A reader needs not be told that the bound of a loss is the next number above it,
// since as much itself is still a loss, nor the smallest number above nothing.
func bounds(classes []float64) []float64 {
	out := append([]float64{}, classes...)
	for i, b := range out {
		switch {
		case math.Abs(b) < 1e-300:
			out[i] = 0
		case b < 0:
			out[i] = math.Nextafter(b, math.Inf(-1))
		}
	}
	return out
}

// InsightAreasInput is what figures by area name besides.
type InsightAreasInput struct {
	InsightQuery
	Level   string `query:"level" enum:"district,street,community,grid" default:"community"`
	Value   string `query:"value" enum:"count,per_1000_residents,per_100_rental_rooms,per_100_rental_houses" default:"count"`
	Smooth  bool   `query:"smooth" doc:"Draw rates of small areas towards the whole's (empirical Bayes)."`
	Compare bool   `query:"compare" doc:"Show the difference from the time of the same length before."`
	Breaks  string `query:"breaks" enum:"quantile,natural" default:"quantile"`
}

func (in InsightAreasInput) parts() (q heat.Query, level geo.Level, v heat.View, err error) {
	if q, err = in.query(); err != nil {
		return q, 0, v, err
	}
	if level, err = geo.ParseLevel(in.Level); err != nil {
		return q, 0, v, fault.InvalidField("area.level", "level", err)
	}
	return q, level, heat.View{Value: heat.Value(in.Value), Smooth: in.Smooth, Compare: in.Compare, Natural: in.Breaks == "natural"}, nil
}

type bodyOf[T any] struct{ Body T }

func (a insightAPI) areas(ctx context.Context, in *InsightAreasInput) (*bodyOf[InsightAreas], error) {
	q, level, v, err := in.parts()
	if err != nil {
		return nil, err
	}
	got, err := a.d.Heat.Areas(ctx, actorOf(ctx), q, level, v)
	if err != nil {
		return nil, err
	}
	return &bodyOf[InsightAreas]{showInsightAreas(got)}, nil
}

func showInsightAreas(got heat.Areas) InsightAreas {
	out := InsightAreas{
		InsightAbout: showAbout(got.About), Level: got.Level.String(), Value: got.View.Value, Smooth: got.View.Smooth,
		Compare: got.View.Compare, Classes: bounds(got.Classes), Rows: []InsightRow{},
	}
	for _, r := range got.Rows {
		out.Rows = append(out.Rows, InsightRow(r))
	}
	return out
}

type insightHexesInput struct {
	InsightQuery
	Width   float64 `query:"width" minimum:"100" maximum:"5000" default:"400" doc:"Metres from side to side."`
	Compare bool    `query:"compare"`
}

func (a insightAPI) hexes(ctx context.Context, in *insightHexesInput) (*bodyOf[InsightHexes], error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	got, err := a.d.Heat.Hexes(ctx, actorOf(ctx), q, in.Width, in.Compare)
	if err != nil {
		return nil, err
	}
	return &bodyOf[InsightHexes]{showInsightHexes(got, in.Compare)}, nil
}

func showInsightHexes(got heat.Hexes, compare bool) InsightHexes {
	out := InsightHexes{
		InsightAbout: showAbout(got.About), WidthM: got.Width, AreaKm2: got.AreaKm2, Compare: compare,
		Classes: bounds(got.Classes), Rows: make([]InsightHex, 0, len(got.Rows)),
	}
	for _, r := range got.Rows {
		out.Rows = append(out.Rows, showInsightHex(r))
	}
	return out
}

func showInsightHex(r heat.HexRow) InsightHex {
	h := InsightHex{
		ID: r.String(), Code: r.Code, N: r.N, Previous: r.Previous, Value: r.Value, Z: rounded(r.Z, 100),
		Spot: []string{"cold", "none", "hot"}[r.Spot+1], Suppressed: r.Suppressed, Ring: make([][2]float64, 0, len(r.Ring)),
	}
	for _, p := range r.Ring {
		h.Ring = append(h.Ring, [2]float64{rounded(p[0], 1e6), rounded(p[1], 1e6)})
	}
	return h
}

// rounded keeps so many parts of one: a millionth of a degree is a decimetre.
func rounded(v, parts float64) float64 { return math.Round(v*parts) / parts }

type insightDensityInput struct {
	InsightQuery
	Bandwidth float64 `query:"bandwidth" minimum:"100" maximum:"5000" default:"400" doc:"Metres."`
	Compare   bool    `query:"compare" doc:"Show the difference from the time of the same length before."`
}

func (a insightAPI) density(ctx context.Context, in *insightDensityInput) (*bodyOf[InsightDensity], error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	got, err := a.d.Heat.Density(ctx, actorOf(ctx), q, in.Bandwidth, in.Compare)
	if err != nil {
		return nil, err
	}
	out := InsightDensity{
		InsightAbout: showAbout(got.About), BandwidthM: got.Bandwidth, Compare: got.Compare, Width: got.Width, Height: got.Height,
		Bounds:  [4]float64{got.Bounds.Min[0], got.Bounds.Min[1], got.Bounds.Max[0], got.Bounds.Max[1]},
		Classes: bounds(got.Classes), Values: make([]*float64, len(got.Values)),
	}
	for i, v := range got.Values {
		if !math.IsNaN(v) {
			v = rounded(v, 1e4)
			out.Values[i] = &v
		}
	}
	return &bodyOf[InsightDensity]{out}, nil
}

type insightSeriesInput struct {
	InsightQuery
	Step int `query:"step" minimum:"1" maximum:"744" default:"24" doc:"Hours of a slice; the time is a whole number of them."`
}

func (a insightAPI) series(ctx context.Context, in *insightSeriesInput) (*bodyOf[InsightSeries], error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	got, err := a.d.Heat.Series(ctx, actorOf(ctx), q, in.Step)
	if err != nil {
		return nil, err
	}
	return &bodyOf[InsightSeries]{InsightSeries{showAbout(got.About), in.Step, got.N}}, nil
}

type insightFilmInput struct {
	InsightAreasInput
	Step int `query:"step" minimum:"1" maximum:"744" default:"24"`
}

func (a insightAPI) film(ctx context.Context, in *insightFilmInput) (*bodyOf[InsightFilm], error) {
	q, level, v, err := in.parts()
	if err != nil {
		return nil, err
	}
	got, err := a.d.Heat.Film(ctx, actorOf(ctx), q, level, in.Step, v)
	if err != nil {
		return nil, err
	}
	out := InsightFilm{
		InsightAbout: showAbout(got.About), Level: got.Level.String(), StepHours: in.Step, Classes: bounds(got.Classes),
		Rows: make([]InsightFilmRow, 0, len(got.Rows)),
	}
	for _, r := range got.Rows {
		out.Rows = append(out.Rows, InsightFilmRow(r))
	}
	return &bodyOf[InsightFilm]{out}, nil
}

type insightLegendInput struct {
	InsightQuery
	Form      string  `query:"form" enum:"hexes,density" default:"hexes"`
	Step      int     `query:"step" minimum:"1" maximum:"744" default:"24" doc:"Hours of a slice; the time is a whole number of them."`
	Width     float64 `query:"width" minimum:"100" maximum:"5000" default:"400" doc:"Metres from side to side of a hexagon."`
	Bandwidth float64 `query:"bandwidth" minimum:"100" maximum:"5000" default:"400" doc:"Metres."`
}

func (a insightAPI) legend(ctx context.Context, in *insightLegendInput) (*bodyOf[InsightLegend], error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	var got heat.Legend
	if in.Form == "density" {
		got, err = a.d.Heat.DensityLegend(ctx, actorOf(ctx), q, in.Bandwidth, in.Step)
	} else {
		got, err = a.d.Heat.HexLegend(ctx, actorOf(ctx), q, in.Width, in.Step)
	}
	if err != nil {
		return nil, err
	}
	return &bodyOf[InsightLegend]{InsightLegend{showAbout(got.About), in.Form, in.Step, bounds(got.Classes)}}, nil
}

type insightTopInput struct{ InsightQuery }

func (a insightAPI) top(ctx context.Context, in *insightTopInput) (*bodyOf[InsightTop], error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	got, err := a.d.Heat.Top(ctx, actorOf(ctx), q)
	if err != nil {
		return nil, err
	}
	out := InsightTop{InsightAbout: showAbout(got.About), Houses: []InsightHouse{}, Classes: []InsightClass{}}
	for _, h := range got.Houses {
		out.Houses = append(out.Houses, InsightHouse(h))
	}
	for _, c := range got.Classes {
		out.Classes = append(out.Classes, InsightClass(c))
	}
	return &bodyOf[InsightTop]{out}, nil
}
