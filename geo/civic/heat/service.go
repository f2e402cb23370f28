package heat

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/postgis"
)

// Service answers from the cube.
type Service struct {
	db       *postgis.DB
	now      func() time.Time
	follower *follower
	grounds  grounds
}

// NewService reads from db; now is the clock.
func NewService(db *postgis.DB, now func() time.Time) *Service {
	return &Service{db: db, now: now, follower: &follower{db: db}}
}

// read checks the query and its scope, brings the copy of the cube up to date, and runs one read-only transaction in the
// actor's scope for what is no count.
func read[T any](ctx context.Context, s *Service, by account.Actor, q Query, fn func(pgx.Tx, *cube) (T, error)) (answer T, err error) {
	if err := q.validate(); err != nil {
		return answer, err
	}
	if !by.Scope.Covers(q.Area) {
		return answer, fault.NotFound("area", q.Area)
	}
	c, err := s.follower.present(ctx)
	if err != nil {
		return answer, err
	}
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) (err error) {
		answer, err = fn(tx, c)
		return err
	})
	return answer, err
}

// about begins what an answer says of itself. The part of a time that lies before the first record or after now is not
// known.
func (s *Service) about(c *cube, q Query, v Value) About {
	a := About{Query: q, Unit: q.Measure.unit(), AsOf: s.now().UTC()}
	if v.per() > 0 {
		a.Unit += "_" + string(v)
	}
	first := c.began(q)
	from, to := q.From, q.To
	if q.Measure.State() {
		from = to.Add(-time.Hour)
	}
	want := int(to.Sub(from) / time.Hour)
	if first.IsZero() {
		a.Completeness = append(a.Completeness, Share{"period", 0, want})
		return a
	}
	if q.Measure.State() {
		first = time.Time{} // a state holds from before its first change on
	}
	if now := a.AsOf.Add(time.Hour).Truncate(time.Hour); to.After(now) {
		to = now
	}
	if from.Before(first) {
		from = first
	}
	a.Completeness = append(a.Completeness, Share{"period", max(0, int(to.Sub(from)/time.Hour)), want})
	return a
}

// below checks that a level lies in the query's area, and is none of houses.
func below(q Query, level geo.Level) error {
	if level < q.Area.Level() || level > geo.Grid {
		return fault.Invalid("insight.level", "there is no such level in a "+q.Area.Level().String(),
			fault.Field{Path: "level", Message: "want a level from " + q.Area.Level().String() + " to grid"})
	}
	return nil
}
