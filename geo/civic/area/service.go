package area

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/postgis"
)

// Service answers what can be asked of areas.
type Service struct{ db *postgis.DB }

// NewService reads from db.
func NewService(db *postgis.DB) *Service { return &Service{db: db} }

// List gives areas by code.
func (s *Service) List(ctx context.Context, by account.Actor, f Filter) ([]Area, error) {
	return read(ctx, s.db, by, func(tx pgx.Tx) ([]Area, error) { return list(ctx, tx, f) })
}

// Get gives one area with its outline.
func (s *Service) Get(ctx context.Context, by account.Actor, code geo.Code) (Area, error) {
	return read(ctx, s.db, by, func(tx pgx.Tx) (Area, error) {
		a, ok, err := get(ctx, tx, code)
		if err == nil && !ok {
			err = fault.NotFound("area", code)
		}
		return a, err
	})
}

// Ancestors gives the areas above the actor's own, from the widest down.
func (s *Service) Ancestors(ctx context.Context, by account.Actor) ([]Ancestor, error) {
	return read(ctx, s.db, by, func(tx pgx.Tx) ([]Ancestor, error) { return ancestors(ctx, tx) })
}

// At gives the areas that a point in WGS-84 degrees lies in, from the widest down, as far as the actor may see.
func (s *Service) At(ctx context.Context, by account.Actor, p orb.Point) ([]Area, error) {
	return read(ctx, s.db, by, func(tx pgx.Tx) ([]Area, error) { return at(ctx, tx, p) })
}

// Versions gives the outlines that an area had before, newest first.
func (s *Service) Versions(ctx context.Context, by account.Actor, code geo.Code) ([]Version, error) {
	return read(ctx, s.db, by, func(tx pgx.Tx) ([]Version, error) {
		if _, ok, err := get(ctx, tx, code); err != nil || !ok {
			return nil, orNotFound(err, code)
		}
		return versions(ctx, tx, code)
	})
}

// Stats counts an area and, where parts is a level below, each of its areas of that level.
func (s *Service) Stats(ctx context.Context, by account.Actor, code geo.Code, parts geo.Level) (Figures, []Figures, error) {
	type both struct {
		whole Figures
		parts []Figures
	}
	if !by.Scope.Covers(code) {
		return Figures{}, nil, fault.NotFound("area", code)
	}
	if parts != 0 && (parts <= code.Level() || parts > geo.Grid) {
		return Figures{}, nil, fault.Invalid("area.parts", fmt.Sprintf("a %s has no %ss below it", code.Level(), parts))
	}
	b, err := read(ctx, s.db, by, func(tx pgx.Tx) (b both, err error) {
		if err := postgis.PlanAnew(ctx, tx); err != nil {
			return b, err
		}
		if b.whole, err = whole(ctx, tx, code); err == nil && parts != 0 {
			b.parts, err = figures(ctx, tx, code, parts)
		}
		return b, err
	})
	return b.whole, b.parts, err
}

// Translate finds translations by system and either code; "" stands for any.
func (s *Service) Translate(ctx context.Context, by account.Actor, system, foreign string, code geo.Code) ([]Translation, error) {
	return read(ctx, s.db, by, func(tx pgx.Tx) ([]Translation, error) { return translations(ctx, tx, system, foreign, code) })
}

func orNotFound(err error, code geo.Code) error {
	if err != nil {
		return err
	}
	return fault.NotFound("area", code)
}

// read runs one read-only transaction in the actor's scope and hands its answer out.
func read[T any](ctx context.Context, db *postgis.DB, by account.Actor, fn func(pgx.Tx) (T, error)) (answer T, err error) {
	err = db.Read(ctx, by.Scope, func(tx pgx.Tx) (err error) {
		answer, err = fn(tx)
		return err
	})
	return answer, err
}
