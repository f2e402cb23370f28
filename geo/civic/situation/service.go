package situation

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/postgis"
)

// Service answers for areas within the actor's own.
type Service struct {
	db  *postgis.DB
	now func() time.Time
}

// NewService reads from db.
func NewService(db *postgis.DB, now func() time.Time) *Service { return &Service{db: db, now: now} }

// longest bounds how far one request looks: what a wall replays is a day, with a day to spare.
const longest = 48 * time.Hour

// mostSlots bounds a histogram: one bar for each pixel of a wide screen is too many already.
const mostSlots = 500

// Figures gives an area's key figures and the time they are of.
func (s *Service) Figures(ctx context.Context, by account.Actor, code geo.Code) ([]Figure, time.Time, error) {
	now := s.now().UTC()
	all, err := read(ctx, s, by, code, func(tx pgx.Tx) ([]Figure, error) { return figures(ctx, tx, code, now) })
	return all, now, err
}

// History gives what happened in an area within a window.
func (s *Service) History(ctx context.Context, by account.Actor, code geo.Code, w Window) ([]Event, error) {
	if err := span(w.From, w.To); err != nil {
		return nil, err
	}
	if w.Topics == nil {
		w.Topics = []string{}
	}
	return read(ctx, s, by, code, func(tx pgx.Tx) ([]Event, error) { return history(ctx, tx, code, w) })
}

// Activity counts what happened in slots of a width.
func (s *Service) Activity(ctx context.Context, by account.Actor, code geo.Code, from, to time.Time, width time.Duration) ([]Slot, error) {
	if err := span(from, to); err != nil {
		return nil, err
	}
	if width < time.Minute || to.Sub(from) > mostSlots*width {
		return nil, fault.Invalid("situation.step", fmt.Sprintf("a step is a minute or longer, and makes %d slots at the most", mostSlots))
	}
	return read(ctx, s, by, code, func(tx pgx.Tx) ([]Slot, error) { return activity(ctx, tx, code, from, to, width) })
}

// Past gives how things stood in an area at a time, within the last days.
func (s *Service) Past(ctx context.Context, by account.Actor, code geo.Code, at time.Time) (Past, error) {
	if now := s.now(); at.After(now) || now.Sub(at) > longest {
		return Past{}, fault.Invalid("situation.at", fmt.Sprintf("a time within the last %v", longest))
	}
	return read(ctx, s, by, code, func(tx pgx.Tx) (Past, error) { return past(ctx, tx, code, at) })
}

// Stretches that ended before what a wall can look back to are of no use.
const (
	stretchesKept    = longest + 24*time.Hour
	stretchesTrimmed = time.Hour
)

// Run deletes stretches of long ago, now and then until the context ends. Several servers may.
func (s *Service) Run(ctx context.Context, log *slog.Logger) error {
	tick := time.NewTicker(stretchesTrimmed)
	defer tick.Stop()
	for {
		if err := s.trim(ctx); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "stretches of incidents not trimmed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (s *Service) trim(ctx context.Context) error {
	if _, err := s.db.Admin.Exec(ctx, `delete from incident_stretch where until < $1`, s.now().Add(-stretchesKept)); err != nil {
		return fmt.Errorf("stretches trim: %w", err)
	}
	return nil
}

func span(from, to time.Time) error {
	if !from.Before(to) || to.Sub(from) > longest {
		return fault.Invalid("situation.span", fmt.Sprintf("from lies before to, by %v at the most", longest))
	}
	return nil
}

// read runs one read-only transaction in the actor's scope; an area outside of it is none.
func read[T any](ctx context.Context, s *Service, by account.Actor, code geo.Code, fn func(pgx.Tx) (T, error)) (answer T, err error) {
	if !by.Scope.Covers(code) {
		return answer, fault.NotFound("area", code)
	}
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) (err error) {
		if err := postgis.PlanAnew(ctx, tx); err != nil {
			return err
		}
		answer, err = fn(tx)
		return err
	})
	return answer, err
}
