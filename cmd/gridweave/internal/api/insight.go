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
