package house

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/evidence"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Room is one room (一房一码) with what is going on in it.
type Room struct {
	Code          geo.Code
	Floor         int
	Unit          string // the number on the door
	Use           string
	Capacity      int // 0 where nobody set one
	Residents     int
	Declared      int // accepted declarations
	Submitted     int // declarations that nobody has looked at
	Doubtful      int // declarations that somebody has to visit
	OpenIncidents int
}

// Declaring is how far a room's self-declaration (自主申报) has come.
type Declaring string

// The states of a room's declaration.
const (
	NotLet     Declaring = "not_let"    // nobody has to declare
	Empty      Declaring = "empty"      // let, and nobody lives there
	Undeclared Declaring = "undeclared" // let and lived in, and nobody declared
	Partial    Declaring = "partial"    // fewer have declared than live there
	Declared   Declaring = "declared"
	Waiting    Declaring = "submitted"
	InDoubt    Declaring = "doubtful"
)

// Let tells whether the room is a rental.
func (r Room) Let() bool {
	return slices.Contains([]string{"whole_let", "shared_let", "dormitory", "daily_let"}, r.Use)
}

// Declaring judges the declarations on the room: what asks for action comes first.
func (r Room) Declaring() Declaring {
	switch {
	case r.Doubtful > 0:
		return InDoubt
	case r.Submitted > 0:
		return Waiting
	case r.Declared > 0 && r.Declared >= r.Residents:
		return Declared
	case r.Declared > 0:
		return Partial
	case !r.Let():
		return NotLet
	case r.Residents > 0:
		return Undeclared
	}
	return Empty
}

// Finding is something about a room that somebody should look into.
type Finding string

// The findings.
const (
	OverCapacity Finding = "over_capacity"
	NotDeclared  Finding = "undeclared"
	Doubt        Finding = "doubtful"
	OpenIncident Finding = "open_incident"
)

// Findings lists what is wrong with the room by what the district knows of it. It is no grade: grades are a building's.
func (r Room) Findings() []Finding {
	all := []Finding{}
	if r.Capacity > 0 && r.Residents > r.Capacity {
		all = append(all, OverCapacity)
	}
	switch r.Declaring() {
	case Undeclared, Partial:
		all = append(all, NotDeclared)
	case InDoubt:
		all = append(all, Doubt)
	case NotLet, Empty, Declared, Waiting:
	}
	if r.OpenIncidents > 0 {
		all = append(all, OpenIncident)
	}
	return all
}

// Rooms gives a building's rooms by floor and code.
func (s *Service) Rooms(ctx context.Context, by account.Actor, ref Ref) (all []Room, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) error {
		b, err := s.get(ctx, tx, ref)
		if err != nil {
			return err
		}
		all, err = rooms(ctx, tx, b.Code)
		return err
	})
	return all, err
}

// recentEvidence bounds what a card shows of the ledger; what is older stands on each case.
const recentEvidence = 100

// Room gives one room and the newest entries of the ledger on whatever happened in it, newest first.
func (s *Service) Room(ctx context.Context, by account.Actor, code geo.Code) (r Room, entries []evidence.Entry, err error) {
	if code.Level() != geo.Room {
		return r, nil, fault.InvalidField("house.room", "room", fmt.Errorf("%s is no room's code", code))
	}
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) error {
		all, err := rooms(ctx, tx, code)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fault.NotFound("room", code)
		}
		r = all[0]
		entries, err = evidence.Within(ctx, tx, code, recentEvidence)
		return err
	})
	return r, entries, err
}

// Ledger gives the newest entries on a building and whatever happened in it, newest first.
func (s *Service) Ledger(ctx context.Context, by account.Actor, ref Ref) (all []evidence.Entry, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) error {
		b, err := s.get(ctx, tx, ref)
		if err != nil {
			return err
		}
		all, err = evidence.Within(ctx, tx, b.Code, recentEvidence)
		return err
	})
	return all, err
}

// rooms reads the rooms within a building, or one room. Declarations and incidents are counted by one range of their
// indexes on the code each, however many rooms there are.
func rooms(ctx context.Context, tx pgx.Tx, within geo.Code) ([]Room, error) {
	lo, hi := within.Range()
	return collect(ctx, tx, "rooms", func(r pgx.CollectableRow) (Room, error) {
		var room Room
		return room, r.Scan(&room.Code, &room.Floor, &room.Unit, &room.Use, &room.Capacity, &room.Residents,
			&room.Declared, &room.Submitted, &room.Doubtful, &room.OpenIncidents)
	}, roomsSQL, lo, hi)
}

const roomsSQL = `
	select r.code, r.floor, r.unit, r.use, r.capacity, r.residents,
	  coalesce(d.accepted, 0), coalesce(d.submitted, 0), coalesce(d.doubtful, 0), coalesce(i.open, 0)
	from room r
	left join (
	  select code, count(*) filter (where status = 'accepted') as accepted,
	    count(*) filter (where status = 'submitted') as submitted, count(*) filter (where status = 'doubtful') as doubtful
	  from declaration where code >= $1 and code < $2 group by code) d using (code)
	left join (
	  select code, count(*) as open from incident
	  where code >= $1 and code < $2 and status not in ('merged', 'rejected', 'closed') group by code) i using (code)
	where r.code >= $1 and r.code < $2
	order by r.floor, r.code`

// Neighbour is a building near another one.
type Neighbour struct {
	Building
	Metres float64 // between the outlines
}

// nearby is how far one looks for neighbours, in degrees: some 150 metres at the latitude of Futian.
const nearby = 0.0014

// Neighbours gives the buildings nearest to one, nearest first.
func (s *Service) Neighbours(ctx context.Context, by account.Actor, ref Ref, limit int) (all []Neighbour, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) error {
		b, err := s.get(ctx, tx, ref)
		if err != nil {
			return err
		}
		all, err = neighbours(ctx, tx, b.ID, limit)
		return err
	})
	return all, err
}

func neighbours(ctx context.Context, tx pgx.Tx, id int64, limit int) ([]Neighbour, error) {
	// The outline comes first and alone, so that the box around it is a constant to the planner, which then takes the
	// spatial index also under row-level security.
	var box [4]float64
	err := tx.QueryRow(ctx, `select st_xmin(geom), st_ymin(geom), st_xmax(geom), st_ymax(geom) from building where id = $1`, id).
		Scan(&box[0], &box[1], &box[2], &box[3])
	if err != nil {
		return nil, fmt.Errorf("neighbours: %w", err)
	}
	rows, err := tx.Query(ctx, `
		select `+columns+`, st_distance(b.geom::geography, t.geom::geography) as metres `+from+`
		join building t on t.id = $1
		where b.id <> $1 and b.geom && st_makeenvelope($2, $3, $4, $5, 4326)
		order by metres, b.code limit $6`,
		id, box[0]-nearby, box[1]-nearby, box[2]+nearby, box[3]+nearby, limit)
	if err != nil {
		return nil, fmt.Errorf("neighbours: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (n Neighbour, err error) {
		n.Building, err = scan(r, &n.Metres)
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("neighbours: %w", err)
	}
	return all, nil
}

// RoomOf finds the room that a 25-digit code or the last six digits of one name within a building.
func RoomOf(building geo.Code, text string) (geo.Code, error) {
	if len(text) == int(geo.Room)-int(geo.Building) {
		text = string(building) + text
	}
	code, err := geo.ParseCodeAt(text, geo.Room)
	if err != nil {
		return "", fault.InvalidField("house.room", "room", err)
	}
	if !building.Covers(code) {
		return "", fault.InvalidField("house.room", "room", errors.New("the room is in another building"))
	}
	return code, nil
}
