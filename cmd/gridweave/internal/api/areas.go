package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/area"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Area is an area in force.
type Area struct {
	ID          int64      `json:"id" doc:"Feature id in tiles."`
	Code        geo.Code   `json:"code"`
	Level       string     `json:"level" enum:"city,district,street,community,grid"`
	Parent      *geo.Code  `json:"parent"`
	NameZh      string     `json:"name_zh"`
	NameEn      string     `json:"name_en"`
	Residents   *int       `json:"residents,omitempty"`
	ResidentsOn *string    `json:"residents_on,omitempty" format:"date"`
	Version     int        `json:"version"`
	Bounds      [4]float64 `json:"bounds" doc:"West, south, east, north in WGS-84 degrees."`
	Label       [2]float64 `json:"label" doc:"Longitude and latitude of a point inside."`
	Children    int        `json:"children" doc:"Areas one level down."`
}

// AreaDetail is one area with what lies above it.
type AreaDetail struct {
	Code      geo.Code          `json:"code"`
	Level     string            `json:"level"`
	NameZh    string            `json:"name_zh"`
	NameEn    string            `json:"name_en"`
	Area      *Area             `json:"area,omitempty" doc:"Everything else; absent for an area above one's own."`
	Outline   *geojson.Geometry `json:"outline,omitempty" doc:"GeoJSON geometry."`
	Ancestors []Place           `json:"ancestors"`
}

// AreaVersion is an outline that an area had before.
type AreaVersion struct {
	Version   int       `json:"version"`
	ValidFrom time.Time `json:"valid_from"`
	ValidTo   time.Time `json:"valid_to"`
	Reason    string    `json:"reason"`
}

// Figures are counts as of now.
type Figures struct {
	Code             geo.Code       `json:"code"`
	ID               int64          `json:"id,omitempty" doc:"Feature id in tiles."`
	Buildings        int            `json:"buildings"`
	RentalBuildings  int            `json:"rental_buildings" doc:"Buildings with a grade."`
	Rooms            int            `json:"rooms"`
	RentalRooms      int            `json:"rental_rooms"`
	Residents        int            `json:"residents"`
	Grades           map[string]int `json:"grades" doc:"Rental houses by grade."`
	OpenIncidents    int            `json:"open_incidents"`
	OverdueIncidents int            `json:"overdue_incidents"`
	Declarations     int            `json:"declarations_24h"`
}

// AreaStats are an area's figures and those of its parts.
type AreaStats struct {
	Figures
	AsOf  time.Time `json:"as_of"`
	Parts []Figures `json:"parts,omitempty"`
}

// Translation is a code of another system.
type Translation struct {
	System  string   `json:"system"`
	Foreign string   `json:"foreign_code"`
	Code    geo.Code `json:"code"`
	NameZh  string   `json:"name_zh"`
	NameEn  string   `json:"name_en"`
}

type areaAPI struct{ d Deps }

func registerAreas(api huma.API, d Deps) {
	a := areaAPI{d}
	get(api, "listAreas", "/api/v1/areas", "Areas by code", "areas", a.list)
	get(api, "areasAt", "/api/v1/areas/at", "Areas at a point", "areas", a.at)
	get(api, "getArea", "/api/v1/areas/{code}", "One area", "areas", a.one)
	get(api, "areaStats", "/api/v1/areas/{code}/stats", "Figures of an area and its parts", "areas", a.stats)
	get(api, "areaVersions", "/api/v1/areas/{code}/versions", "Outlines an area had before", "areas", a.versions)
	get(api, "crosswalk", "/api/v1/crosswalk", "Translations of codes", "areas", a.crosswalk)
}

// get registers a reading operation for whoever is signed in.
func get[I, O any](api huma.API, id, path, summary, tag string, handler func(context.Context, *I) (*O, error)) {
	huma.Register(api, huma.Operation{
		OperationID: id, Method: http.MethodGet, Path: path, Summary: summary, Tags: []string{tag}, Security: needsAccount(),
	}, handler)
}

// post registers a writing operation for whoever is signed in.
func post[I, O any](api huma.API, id, path, summary, tag string, status int, handler func(context.Context, *I) (*O, error)) {
	huma.Register(api, huma.Operation{
		OperationID: id, Method: http.MethodPost, Path: path, Summary: summary, Tags: []string{tag}, DefaultStatus: status,
		Security: needsAccount(),
	}, handler)
}

type listAreasInput struct {
	Page
	Parent string `query:"parent" doc:"Only areas right below this one."`
	Level  string `query:"level" enum:"city,district,street,community,grid"`
	Text   string `query:"q" maxLength:"100" doc:"Part of a name, or the beginning of a code."`
}

func (a areaAPI) list(ctx context.Context, in *listAreasInput) (*listOutput[Area], error) {
	parent, err := optionalCode("parent", in.Parent)
	if err != nil {
		return nil, err
	}
	after, err := in.key()
	if err != nil {
		return nil, err
	}
	f := area.Filter{Parent: parent, Text: in.Text, After: geo.Code(after), Limit: in.Limit + 1}
	if in.Level != "" {
		if f.Level, err = geo.ParseLevel(in.Level); err != nil {
			return nil, fault.InvalidField("area.level", "level", err)
		}
	}
	all, err := a.d.Areas.List(ctx, actorOf(ctx), f)
	if err != nil {
		return nil, err
	}
	return answerPage(in.Page, all, func(x area.Area) string { return string(x.Code) }, showArea), nil
}

func showArea(x area.Area) Area {
	out := Area{
		ID: x.ID, Code: x.Code, Level: x.Code.Level().String(), NameZh: x.NameZh, NameEn: x.NameEn, Residents: x.Residents,
		Version: x.Version, Bounds: [4]float64{x.Bounds.Min[0], x.Bounds.Min[1], x.Bounds.Max[0], x.Bounds.Max[1]},
		Label: lonLat(x.Label), Children: x.Children,
	}
	if parent, ok := x.Code.Parent(); ok {
		out.Parent = &parent
	}
	if x.ResidentsOn != nil {
		day := x.ResidentsOn.Format(time.DateOnly)
		out.ResidentsOn = &day
	}
	return out
}

type pointInput struct {
	Lon float64 `query:"lon" required:"true" minimum:"-180" maximum:"180"`
	Lat float64 `query:"lat" required:"true" minimum:"-90" maximum:"90"`
}

type areasAtOutput struct {
	Body struct {
		Areas []Area `json:"areas" doc:"From the widest down."`
	}
}

func (a areaAPI) at(ctx context.Context, in *pointInput) (*areasAtOutput, error) {
	all, err := a.d.Areas.At(ctx, actorOf(ctx), orb.Point{in.Lon, in.Lat})
	if err != nil {
		return nil, err
	}
	out := &areasAtOutput{}
	out.Body.Areas = []Area{}
	for _, x := range all {
		out.Body.Areas = append(out.Body.Areas, showArea(x))
	}
	return out, nil
}

type oneAreaInput struct {
	Code    string `path:"code"`
	Outline bool   `query:"outline" doc:"Also give the outline."`
}

type areaOutput struct{ Body AreaDetail }

func (a areaAPI) one(ctx context.Context, in *oneAreaInput) (*areaOutput, error) {
	code, err := geo.ParseCode(in.Code)
	if err != nil {
		return nil, fault.InvalidField("area.code", "code", err)
	}
	by := actorOf(ctx)
	out := &areaOutput{Body: AreaDetail{Code: code, Level: code.Level().String()}}
	_, out.Body.Ancestors = standing(a.d.Tiles.Picture, code)
	if by.Scope != code && code.Covers(by.Scope) {
		return out, a.ancestor(ctx, out, in.Outline)
	}
	x, err := a.d.Areas.Get(ctx, by, code)
	if err != nil {
		return nil, err
	}
	shown := showArea(x)
	out.Body.Area, out.Body.NameZh, out.Body.NameEn = &shown, x.NameZh, x.NameEn
	if in.Outline {
		out.Body.Outline = geojson.NewGeometry(x.Outline)
	}
	return out, nil
}

// ancestor fills in what can be read of an area above one's own.
func (a areaAPI) ancestor(ctx context.Context, out *areaOutput, outline bool) error {
	above, err := a.d.Areas.Ancestors(ctx, actorOf(ctx))
	if err != nil {
		return err
	}
	for _, x := range above {
		if x.Code == out.Body.Code {
			out.Body.NameZh, out.Body.NameEn = x.NameZh, x.NameEn
			if outline {
				out.Body.Outline = geojson.NewGeometry(x.Outline)
			}
			return nil
		}
	}
	return fault.NotFound("area", out.Body.Code)
}

type statsInput struct {
	Code string `path:"code"`
	By   string `query:"by" enum:"district,street,community,grid" doc:"Also count each part of this level."`
}

type statsOutput struct{ Body AreaStats }

func (a areaAPI) stats(ctx context.Context, in *statsInput) (*statsOutput, error) {
	code, err := geo.ParseCode(in.Code)
	if err != nil {
		return nil, fault.InvalidField("area.code", "code", err)
	}
	parts := geo.Level(0)
	if in.By != "" {
		if parts, err = geo.ParseLevel(in.By); err != nil {
			return nil, fault.InvalidField("area.level", "by", err)
		}
	}
	now := time.Now().UTC()
	whole, split, err := a.d.Areas.Stats(ctx, actorOf(ctx), code, parts)
	if err != nil {
		return nil, err
	}
	out := &statsOutput{Body: AreaStats{Figures: Figures(whole), AsOf: now}}
	for _, f := range split {
		out.Body.Parts = append(out.Body.Parts, Figures(f))
	}
	return out, nil
}

type codeInput struct {
	Code string `path:"code"`
}

func (a areaAPI) versions(ctx context.Context, in *codeInput) (*listOutput[AreaVersion], error) {
	code, err := geo.ParseCode(in.Code)
	if err != nil {
		return nil, fault.InvalidField("area.code", "code", err)
	}
	all, err := a.d.Areas.Versions(ctx, actorOf(ctx), code)
	if err != nil {
		return nil, err
	}
	out := &listOutput[AreaVersion]{Body: listBody[AreaVersion]{Items: []AreaVersion{}}}
	for _, v := range all {
		out.Body.Items = append(out.Body.Items, AreaVersion(v))
	}
	return out, nil
}

type crosswalkInput struct {
	System  string `query:"system" enum:"statistics,old"`
	Foreign string `query:"foreign_code" maxLength:"25"`
	Code    string `query:"code" maxLength:"25"`
}

func (a areaAPI) crosswalk(ctx context.Context, in *crosswalkInput) (*listOutput[Translation], error) {
	code, err := optionalCode("code", in.Code)
	if err != nil {
		return nil, err
	}
	all, err := a.d.Areas.Translate(ctx, actorOf(ctx), in.System, in.Foreign, code)
	if err != nil {
		return nil, err
	}
	out := &listOutput[Translation]{Body: listBody[Translation]{Items: []Translation{}}}
	for _, t := range all {
		out.Body.Items = append(out.Body.Items, Translation(t))
	}
	return out, nil
}
