package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/evidence"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/house"
)

// Building is a house with its state.
type Building struct {
	ID        int64         `json:"id" doc:"Feature id in tiles."`
	Code      geo.Code      `json:"code"`
	NameZh    string        `json:"name_zh"`
	NameEn    string        `json:"name_en"`
	AddressZh string        `json:"address_zh"`
	AddressEn string        `json:"address_en"`
	Kind      string        `json:"kind"`
	Levels    *int          `json:"levels,omitempty"`
	HeightM   *float64      `json:"height_m,omitempty"`
	BuiltYear *int          `json:"built_year,omitempty"`
	Label     [2]float64    `json:"label" doc:"Longitude and latitude of a point inside."`
	State     BuildingState `json:"state"`
}

// BuildingState is what changes about a building.
type BuildingState struct {
	Use           string         `json:"use"`
	Grade         *house.Grade   `json:"grade" enum:"green,yellow,orange,red,grey" doc:"null where nothing is let."`
	Score         *int           `json:"grade_score,omitempty"`
	Reasons       []house.Reason `json:"grade_reasons"`
	GradedAt      *time.Time     `json:"graded_at,omitempty"`
	PatrolledAt   *time.Time     `json:"patrolled_at,omitempty"`
	Rooms         int            `json:"rooms"`
	RentalRooms   int            `json:"rental_rooms"`
	Residents     int            `json:"residents"`
	OpenIncidents int            `json:"open_incidents"`
	UpdatedAt     time.Time      `json:"updated_at"`
}

// BuildingDetail is one building with its outline, the areas it lies in and its history.
type BuildingDetail struct {
	Building
	Geometry     *geojson.Geometry `json:"geometry" doc:"GeoJSON geometry."`
	Areas        []Place           `json:"areas" doc:"The areas its code names, from the widest down."`
	GradeHistory []GradeChange     `json:"grade_history" doc:"Newest first."`
}

// GradeChange is one entry of a building's history.
type GradeChange struct {
	At      time.Time      `json:"at"`
	Old     house.Grade    `json:"old_grade,omitempty"`
	New     house.Grade    `json:"new_grade,omitempty"`
	Score   *int           `json:"score,omitempty"`
	Reasons []house.Reason `json:"reasons"`
	Actor   string         `json:"actor"`
}

type buildingAPI struct{ d Deps }

func registerBuildings(api huma.API, d Deps) {
	b := buildingAPI{d}
	get(api, "listBuildings", "/api/v1/buildings", "Buildings by code, in a box, or by name and address", "buildings", b.list)
	get(api, "getBuilding", "/api/v1/buildings/{building}", "One building", "buildings", b.one)
	get(api, "listRooms", "/api/v1/buildings/{building}/rooms", "A building's rooms", "buildings", b.rooms)
	get(api, "getRoom", "/api/v1/buildings/{building}/rooms/{room}", "One room with what happened in it", "buildings", b.room)
	get(api, "listNeighbours", "/api/v1/buildings/{building}/neighbours", "The buildings nearest to one", "buildings", b.neighbours)
	get(api, "buildingEvidence", "/api/v1/buildings/{building}/evidence", "The ledger on a building", "buildings", b.evidence)
	post(api, "gradeBuilding", "/api/v1/buildings/{building}/grade", "Set a building's grade", "buildings", http.StatusOK, b.grade)
	post(api, "patrolBuilding", "/api/v1/buildings/{building}/patrol", "Record a patrol", "buildings", http.StatusOK, b.patrol)
}

type listBuildingsInput struct {
	Page
	Text  string   `query:"q" maxLength:"100" doc:"Name or address, typing errors allowed, or the beginning of a code; best first, one page."`
	Box   string   `query:"bbox" doc:"west,south,east,north in WGS-84 degrees" example:"114.05,22.53,114.06,22.54"`
	Code  string   `query:"code" doc:"Only buildings whose code starts with this."`
	Grade []string `query:"grade,explode" enum:"green,yellow,orange,red,grey" doc:"Only buildings of these grades."`
	Order string   `query:"order" enum:"code,worst" default:"code" doc:"By code, or the worst grade first; what has no grade comes last."`
}

func (b buildingAPI) list(ctx context.Context, in *listBuildingsInput) (*listOutput[Building], error) {
	if strings.TrimSpace(in.Text) != "" {
		found, err := b.d.Houses.Search(ctx, actorOf(ctx), in.Text, in.Limit)
		if err != nil {
			return nil, err
		}
		return answerPage(in.Page, found, buildingKey, showBuilding), nil
	}
	f := house.Filter{Worst: in.Order == "worst", Limit: in.Limit + 1}
	for _, g := range in.Grade {
		f.Grades = append(f.Grades, house.Grade(g))
	}
	after, err := in.key()
	if err != nil {
		return nil, err
	}
	f.After = readMark(after)
	if f.Within, err = optionalCode("code", in.Code); err != nil {
		return nil, err
	}
	if f.Box, err = parseBox(in.Box); err != nil {
		return nil, err
	}
	all, err := b.d.Houses.List(ctx, actorOf(ctx), f)
	if err != nil {
		return nil, err
	}
	return answerPage(in.Page, all, buildingKey, showBuilding), nil
}

// buildingKey is a building's mark in a cursor, for either order.
func buildingKey(x house.Building) string {
	m := x.Mark()
	return string(m.Grade) + "/" + string(m.Code)
}

func readMark(key string) house.Mark {
	grade, code, _ := strings.Cut(key, "/")
	return house.Mark{Grade: house.Grade(grade), Code: geo.Code(code)}
}

// parseBox reads west,south,east,north; nil where it is left out.
func parseBox(s string) (*orb.Bound, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no box is no restriction
	}
	wrong := func(message string) error {
		return fault.Invalid("request.bbox", "bbox: "+message, fault.Field{Path: "bbox", Message: message})
	}
	parts := strings.Split(s, ",")
	if len(parts) != 4 {
		return nil, wrong("want west,south,east,north in degrees")
	}
	var v [4]float64
	for i, p := range parts {
		var err error
		if v[i], err = strconv.ParseFloat(strings.TrimSpace(p), 64); err != nil {
			return nil, wrong(fmt.Sprintf("%q is no number", p))
		}
	}
	if v[0] > v[2] || v[1] > v[3] {
		return nil, wrong("west is larger than east, or south than north; the order is west,south,east,north")
	}
	return &orb.Bound{Min: orb.Point{v[0], v[1]}, Max: orb.Point{v[2], v[3]}}, nil
}

func showBuilding(x house.Building) Building {
	out := Building{
		ID: x.ID, Code: x.Code, NameZh: x.NameZh, NameEn: x.NameEn, AddressZh: x.AddressZh, AddressEn: x.AddressEn,
		Kind: x.Kind, Levels: x.Levels, HeightM: x.HeightM, BuiltYear: x.BuiltYear, Label: lonLat(x.Label),
		State: BuildingState{
			Use: x.State.Use, Score: x.State.Score, Reasons: x.State.Reasons, GradedAt: x.State.GradedAt,
			PatrolledAt: x.State.PatrolledAt, Rooms: x.State.Rooms, RentalRooms: x.State.RentalRooms,
			Residents: x.State.Residents, OpenIncidents: x.State.OpenIncidents, UpdatedAt: x.State.UpdatedAt,
		},
	}
	if x.State.Grade != "" {
		out.State.Grade = &x.State.Grade
	}
	return out
}

// BuildingInput names a building. It is exported because huma reads embedded structs only then.
type BuildingInput struct {
	Building string `path:"building" doc:"19-digit code, or the small id that the building has in tiles."`
}

type buildingOutput struct{ Body BuildingDetail }

func (b buildingAPI) one(ctx context.Context, in *BuildingInput) (*buildingOutput, error) {
	ref, err := house.ParseRef(in.Building)
	if err != nil {
		return nil, err
	}
	x, history, err := b.d.Houses.Get(ctx, actorOf(ctx), ref)
	if err != nil {
		return nil, err
	}
	out := &buildingOutput{Body: BuildingDetail{
		Building: showBuilding(x), Geometry: geojson.NewGeometry(x.Outline), GradeHistory: []GradeChange{},
	}}
	_, out.Body.Areas = standing(b.d.Tiles.Picture, x.Code)
	for _, h := range history {
		out.Body.GradeHistory = append(out.Body.GradeHistory, GradeChange(h))
	}
	return out, nil
}

type evidenceOutput struct {
	Body struct {
		Items []evidence.Entry `json:"items" doc:"Oldest first, where nothing else is said."`
	}
}

func answerEvidence(all []evidence.Entry, err error) (*evidenceOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &evidenceOutput{}
	out.Body.Items = append([]evidence.Entry{}, all...)
	return out, nil
}

type ledgerInput struct {
	BuildingInput
	Within bool `query:"within" doc:"Also on its rooms, declarations and incidents: the newest, newest first."`
}

func (b buildingAPI) evidence(ctx context.Context, in *ledgerInput) (*evidenceOutput, error) {
	ref, err := house.ParseRef(in.Building)
	if err != nil {
		return nil, err
	}
	if in.Within {
		return answerEvidence(b.d.Houses.Ledger(ctx, actorOf(ctx), ref))
	}
	return answerEvidence(b.d.Houses.Evidence(ctx, actorOf(ctx), ref))
}

type gradeInput struct {
	BuildingInput
	Body struct {
		Grade   string         `json:"grade" enum:"green,yellow,orange,red,grey"`
		Score   *int           `json:"score,omitempty" minimum:"0" maximum:"100"`
		Reasons []house.Reason `json:"reasons,omitempty" doc:"The rules that fired."`
		Reason  string         `json:"reason" minLength:"1" maxLength:"1000" doc:"Why, for the ledger."`
	}
}

func (b buildingAPI) grade(ctx context.Context, in *gradeInput) (*written[Building], error) {
	ref, err := house.ParseRef(in.Building)
	if err != nil {
		return nil, err
	}
	x, pos, err := b.d.Houses.Grade(ctx, actorOf(ctx), ref, house.NewGrade{
		Grade: house.Grade(in.Body.Grade), Score: in.Body.Score, Reasons: in.Body.Reasons, Reason: in.Body.Reason,
	})
	if err != nil {
		return nil, err
	}
	return answerWrite(pos, showBuilding(x)), nil
}

func (b buildingAPI) patrol(ctx context.Context, in *BuildingInput) (*written[Building], error) {
	ref, err := house.ParseRef(in.Building)
	if err != nil {
		return nil, err
	}
	x, pos, err := b.d.Houses.Patrol(ctx, actorOf(ctx), ref)
	if err != nil {
		return nil, err
	}
	return answerWrite(pos, showBuilding(x)), nil
}
