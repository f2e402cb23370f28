package api

import (
	"context"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/evidence"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/civic/incident"
)

// Room is one room, as the matrix of a building shows it.
type Room struct {
	Code          geo.Code        `json:"code"`
	Floor         int             `json:"floor"`
	Unit          string          `json:"unit" doc:"The number on the door."`
	Use           string          `json:"use"`
	Capacity      int             `json:"capacity" doc:"0 where nobody set one."`
	Residents     int             `json:"residents"`
	Declaration   house.Declaring `json:"declaration" enum:"not_let,empty,undeclared,partial,declared,submitted,doubtful"`
	Declared      int             `json:"declared" doc:"Accepted declarations."`
	OpenIncidents int             `json:"open_incidents"`
	Findings      []house.Finding `json:"findings" enum:"over_capacity,undeclared,doubtful,open_incident"`
}

// RoomDetail is one room with who declared to live there, masked, and what happened in it.
type RoomDetail struct {
	Room
	People       []Declaration    `json:"declared_residents" doc:"The accepted declarations, masked."`
	Declarations []Declaration    `json:"declarations" doc:"All of them, newest first."`
	Incidents    []Incident       `json:"incidents" doc:"Newest first."`
	Evidence     []evidence.Entry `json:"evidence" doc:"The newest entries of the ledger, newest first."`
}

// Neighbour is a building near another.
type Neighbour struct {
	Building
	Metres float64 `json:"metres" doc:"Between the outlines."`
}

// roomCases bounds the declarations and incidents on a room's card; the lists page through the rest.
const roomCases = 100

func showRoom(r house.Room) Room {
	return Room{
		Code: r.Code, Floor: r.Floor, Unit: r.Unit, Use: r.Use, Capacity: r.Capacity, Residents: r.Residents,
		Declaration: r.Declaring(), Declared: r.Declared, OpenIncidents: r.OpenIncidents, Findings: r.Findings(),
	}
}

type roomsOutput struct {
	Body struct {
		Items []Room `json:"items" doc:"By floor and code; all of them."`
	}
}

func (b buildingAPI) rooms(ctx context.Context, in *BuildingInput) (*roomsOutput, error) {
	ref, err := house.ParseRef(in.Building)
	if err != nil {
		return nil, err
	}
	all, err := b.d.Houses.Rooms(ctx, actorOf(ctx), ref)
	if err != nil {
		return nil, err
	}
	out := &roomsOutput{}
	out.Body.Items = make([]Room, 0, len(all))
	for _, r := range all {
		out.Body.Items = append(out.Body.Items, showRoom(r))
	}
	return out, nil
}

type roomInput struct {
	BuildingInput
	Room string `path:"room" doc:"25-digit code, or its last six digits."`
}

type roomOutput struct{ Body RoomDetail }

func (b buildingAPI) room(ctx context.Context, in *roomInput) (*roomOutput, error) {
	building, err := geo.ParseCodeAt(in.Building, geo.Building)
	if err != nil {
		return nil, fault.InvalidField("house.ref", "building", err)
	}
	code, err := house.RoomOf(building, in.Room)
	if err != nil {
		return nil, err
	}
	by := actorOf(ctx)
	room, entries, err := b.d.Houses.Room(ctx, by, code)
	if err != nil {
		return nil, err
	}
	out := &roomOutput{Body: RoomDetail{
		Room: showRoom(room), People: []Declaration{}, Declarations: []Declaration{}, Incidents: []Incident{},
		Evidence: append([]evidence.Entry{}, entries...),
	}}
	return out, b.cases(ctx, by, code, &out.Body)
}

// cases fills in the declarations and incidents of a room.
func (b buildingAPI) cases(ctx context.Context, by account.Actor, code geo.Code, out *RoomDetail) error {
	declared, err := b.d.Declarations.List(ctx, by, declare.Filter{Within: code, Limit: roomCases})
	if err != nil {
		return err
	}
	declarations := declarationAPI(b)
	for _, d := range declared {
		shown := declarations.show(ctx, d)
		out.Declarations = append(out.Declarations, shown)
		if d.Status == declare.Accepted {
			out.People = append(out.People, shown)
		}
	}
	happened, err := b.d.Incidents.List(ctx, by, incident.Filter{Within: code, Limit: roomCases})
	if err != nil {
		return err
	}
	incidents := incidentAPI(b)
	for _, i := range happened {
		shown, err := incidents.show(ctx, i)
		if err != nil {
			return err
		}
		out.Incidents = append(out.Incidents, shown)
	}
	return nil
}

type neighboursInput struct {
	BuildingInput
	Limit int `query:"limit" minimum:"1" maximum:"50" default:"12"`
}

type neighboursOutput struct {
	Body struct {
		Items []Neighbour `json:"items" doc:"Nearest first."`
	}
}

func (b buildingAPI) neighbours(ctx context.Context, in *neighboursInput) (*neighboursOutput, error) {
	ref, err := house.ParseRef(in.Building)
	if err != nil {
		return nil, err
	}
	all, err := b.d.Houses.Neighbours(ctx, actorOf(ctx), ref, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &neighboursOutput{}
	out.Body.Items = []Neighbour{}
	for _, n := range all {
		out.Body.Items = append(out.Body.Items, Neighbour{Building: showBuilding(n.Building), Metres: n.Metres})
	}
	return out, nil
}
