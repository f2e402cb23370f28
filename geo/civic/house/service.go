package house

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/evidence"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/realtime/position"
)

// Service holds the use cases of houses.
type Service struct{ db *postgis.DB }

// NewService works on db.
func NewService(db *postgis.DB) *Service { return &Service{db: db} }

// Ref names a building: by its 19-digit code, or by the small number that it has as a feature in tiles.
type Ref struct {
	Code geo.Code
	ID   int64
}

// ParseRef reads either.
func ParseRef(s string) (Ref, error) {
	if id, err := strconv.ParseInt(s, 10, 32); err == nil && id > 0 && len(s) < int(geo.Grid) {
		return Ref{ID: id}, nil
	}
	code, err := geo.ParseCodeAt(s, geo.Building)
	if err != nil {
		return Ref{}, fault.InvalidField("house.ref", "building", err)
	}
	return Ref{Code: code}, nil
}

// String is the name as it was given.
func (r Ref) String() string {
	if r.Code != "" {
		return string(r.Code)
	}
	return strconv.FormatInt(r.ID, 10)
}

// List gives buildings by code.
func (s *Service) List(ctx context.Context, by account.Actor, f Filter) (all []Building, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) (err error) {
		all, err = list(ctx, tx, f)
		return err
	})
	return all, err
}

// Search finds buildings by name or address, with typing errors, or by the beginning of their code; best first.
func (s *Service) Search(ctx context.Context, by account.Actor, text string, limit int) (all []Building, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) (err error) {
		all, err = search(ctx, tx, text, limit)
		return err
	})
	return all, err
}

// Get gives one building with its outline and the history of its grade, newest first.
func (s *Service) Get(ctx context.Context, by account.Actor, ref Ref) (b Building, history []GradeChange, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) error {
		if b, err = s.get(ctx, tx, ref); err != nil {
			return err
		}
		if b.Outline, err = outline(ctx, tx, b.ID); err != nil {
			return err
		}
		history, err = gradeHistory(ctx, tx, b.Code)
		return err
	})
	return b, history, err
}

func (s *Service) get(ctx context.Context, tx pgx.Tx, ref Ref) (Building, error) {
	b, ok, err := get(ctx, tx, ref)
	if err == nil && !ok {
		err = fault.NotFound("building", ref)
	}
	return b, err
}

// Evidence gives the ledger's entries on a building, oldest first.
func (s *Service) Evidence(ctx context.Context, by account.Actor, ref Ref) (all []evidence.Entry, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) error {
		b, err := s.get(ctx, tx, ref)
		if err != nil {
			return err
		}
		all, err = evidence.ForSubject(ctx, tx, "building", b.Code)
		return err
	})
	return all, err
}

// Grade sets a building's grade, with its entry in the history. Setting the grade that it has is a conflict, unless
// score or reasons differ.
func (s *Service) Grade(ctx context.Context, by account.Actor, ref Ref, n NewGrade) (after Building, pos position.Position, err error) {
	if !by.Is(account.DutyOfficer, account.Dispatcher, account.Station, account.Administrator) {
		return Building{}, pos, fault.Forbidden("house.grade", fmt.Sprintf("the role %s does not grade houses", by.Role))
	}
	if err := n.validate(); err != nil {
		return Building{}, pos, err
	}
	pos, err = s.db.Write(ctx, by.Scope, func(tx pgx.Tx) error {
		before, err := s.lock(ctx, tx, ref)
		if err != nil {
			return err
		}
		if before.State.Grade == "" {
			return fault.Conflict("house.not_let", "nothing in this building is let, so it has no grade")
		}
		if same(before.State, n) {
			return fault.Conflict("house.same_grade", fmt.Sprintf("the building is %s already, for the same reasons", n.Grade))
		}
		if after, err = setGrade(ctx, tx, before, n, by.Name); err != nil {
			return err
		}
		return evidence.Record(ctx, tx, evidence.Step{
			By: by.By(), Code: before.Code, Noun: "building", Subject: before.Code, Action: "grade", Reason: n.Reason,
			Before: gradeView(before.State), After: gradeView(after.State),
		})
	})
	return after, pos, err
}

// Patrol records that somebody has been there.
func (s *Service) Patrol(ctx context.Context, by account.Actor, ref Ref) (after Building, pos position.Position, err error) {
	if !by.Is(account.GridWorker, account.Station, account.Dispatcher) {
		return Building{}, pos, fault.Forbidden("house.patrol", fmt.Sprintf("the role %s does not patrol", by.Role))
	}
	pos, err = s.db.Write(ctx, by.Scope, func(tx pgx.Tx) error {
		before, err := s.lock(ctx, tx, ref)
		if err != nil {
			return err
		}
		if after, err = patrol(ctx, tx, before); err != nil {
			return err
		}
		return evidence.Record(ctx, tx, evidence.Step{
			By: by.By(), Code: before.Code, Noun: "building", Subject: before.Code, Action: "patrol",
			Before: map[string]any{"patrolled_at": before.State.PatrolledAt},
			After:  map[string]any{"patrolled_at": after.State.PatrolledAt},
		})
	})
	return after, pos, err
}

func (s *Service) lock(ctx context.Context, tx pgx.Tx, ref Ref) (Building, error) {
	b, err := s.get(ctx, tx, ref)
	if err != nil {
		return Building{}, err
	}
	return lockState(ctx, tx, b)
}

func same(s State, n NewGrade) bool {
	if s.Grade != n.Grade || (s.Score == nil) != (n.Score == nil) || s.Score != nil && *s.Score != *n.Score {
		return false
	}
	was, _ := json.Marshal(s.Reasons) // plain structs always marshal
	is, _ := json.Marshal(n.Reasons)
	return string(was) == string(is)
}

func gradeView(s State) map[string]any {
	return map[string]any{"grade": s.Grade, "score": s.Score, "reasons": s.Reasons}
}
