package declare

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/evidence"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/person"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/realtime/position"
)

// Service holds the use cases of declarations.
type Service struct {
	db     *postgis.DB
	sealer *person.Sealer
	now    func() time.Time
}

// NewService works on db, sealing persons, by the given clock.
func NewService(db *postgis.DB, sealer *person.Sealer, now func() time.Time) *Service {
	return &Service{db: db, sealer: sealer, now: now}
}

// Submit takes a declaration in, checks it, and trusts or doubts it, all in one transaction. A doubtful one opens a task
// for a visit.
func (s *Service) Submit(ctx context.Context, by account.Actor, f Form) (made Declaration, pos position.Position, err error) {
	if by.Is(account.Leader, account.Auditor, account.Department) {
		return Declaration{}, pos, fault.Forbidden("declaration.role", fmt.Sprintf("the role %s does not declare residence", by.Role))
	}
	now := s.now().UTC().Truncate(time.Microsecond) // what PostgreSQL keeps
	v, err := f.validate(now)
	if err != nil {
		return Declaration{}, pos, err
	}
	pos, err = s.db.Write(ctx, by.Scope, func(tx pgx.Tx) error {
		made = s.prepare(by, f, v, now)
		known, err := gather(ctx, tx, v.room, made.sealed.numberHash)
		if err != nil {
			return err
		}
		if !known.roomKnown {
			return fault.NotFound("room", v.room)
		}
		made.Checks = examine(v, known, now)
		if allPass(made.Checks) {
			made.Status, made.DecidedAt, made.DueAt = Accepted, &now, nil
		}
		if made.ID, err = insert(ctx, tx, made); err != nil {
			return err
		}
		if err := s.consequences(ctx, tx, made); err != nil {
			return err
		}
		return record(ctx, tx, by, "submit", "", nil, made)
	})
	if postgis.IsUnique(err, "declaration_lives_once") {
		return Declaration{}, pos, fault.Conflict("declaration.twice", "this person has declared to live in this room already")
	}
	return made, pos, err
}

func (s *Service) prepare(by account.Actor, f Form, v valid, now time.Time) Declaration {
	due := now.Add(clock)
	d := Declaration{
		Code: v.room, Status: Doubtful, Source: f.sourceFor(by), MovedIn: v.movedIn, SubmittedAt: now, DueAt: &due,
		Name: geo.MaskName(v.name), Number: v.number.Masked(),
		sealed: sealed{
			number: s.sealer.Seal([]byte(string(v.number))), numberHash: s.sealer.Hash([]byte(string(v.number))),
			name: s.sealer.Seal([]byte(v.name)),
		},
	}
	if v.phone != "" {
		d.Phone = geo.MaskPhone(v.phone)
		d.sealed.phone, d.sealed.phoneHash = s.sealer.Seal([]byte(v.phone)), s.sealer.Hash([]byte(v.phone))
	}
	if by.ID != 0 {
		d.SubmittedBy = &by.ID
	}
	return d
}

func (f Form) sourceFor(by account.Actor) Source {
	switch {
	case f.Source != "":
		return f.Source
	case by.Is(account.GridWorker):
		return ByGridWorker
	case by.Is(account.Resident, account.Landlord):
		return ByQR
	default:
		return ByCounter
	}
}

// consequences are what a new declaration causes: a resident more, or a visit.
func (s *Service) consequences(ctx context.Context, tx pgx.Tx, d Declaration) error {
	if d.Status == Accepted {
		return move(ctx, tx, d.Code, +1)
	}
	return openVisit(ctx, tx, d)
}

// Act takes one step on a declaration.
func (s *Service) Act(ctx context.Context, by account.Actor, id int64, action Action, reason string) (after Declaration, pos position.Position, err error) {
	pos, err = s.db.Write(ctx, by.Scope, func(tx pgx.Tx) error {
		before, ok, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if !ok {
			return fault.NotFound("declaration", id)
		}
		t, err := Next(before, by, action, reason)
		if err != nil {
			return err
		}
		after = t.apply(before, s.now().UTC().Truncate(time.Microsecond))
		if err := s.store(ctx, tx, by, before, after); err != nil {
			return err
		}
		return record(ctx, tx, by, string(action), reason, &before, after)
	})
	return after, pos, err
}

func (t Transition) apply(d Declaration, now time.Time) Declaration {
	d.Status = t.To
	switch t.Action {
	case Absent:
		due := now.Add(clock)
		d.Visits, d.DueAt = d.Visits+1, &due
	case Doubt:
		due := now.Add(clock)
		d.DueAt = &due
	case MoveOut:
		d.MovedOut = &now
	case Verify, Refute:
		d.Visits, d.DueAt, d.DecidedAt = d.Visits+1, nil, &now
	case Accept:
		d.DueAt, d.DecidedAt = nil, &now
	}
	return d
}

func (s *Service) store(ctx context.Context, tx pgx.Tx, by account.Actor, before, after Declaration) error {
	if err := update(ctx, tx, after, by.ID); err != nil {
		return err
	}
	switch {
	case before.Status == Doubtful && after.Status == Doubtful:
		return postponeVisit(ctx, tx, after)
	case after.Status == Doubtful:
		return openVisit(ctx, tx, after)
	case before.Status == Doubtful:
		if err := endVisit(ctx, tx, after); err != nil {
			return err
		}
	}
	switch after.Status {
	case Accepted:
		return move(ctx, tx, after.Code, +1)
	case MovedOut:
		return move(ctx, tx, after.Code, -1)
	default:
		return nil
	}
}

// Get gives one declaration.
func (s *Service) Get(ctx context.Context, by account.Actor, id int64) (d Declaration, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) error {
		found, ok, err := s.get(ctx, tx, id)
		if err == nil && !ok {
			err = fault.NotFound("declaration", id)
		}
		d = found
		return err
	})
	return d, err
}

// List gives declarations, newest first.
func (s *Service) List(ctx context.Context, by account.Actor, f Filter) (all []Declaration, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) (err error) {
		all, err = s.list(ctx, tx, f)
		return err
	})
	return all, err
}

// Evidence gives the ledger's entries on a declaration, oldest first.
func (s *Service) Evidence(ctx context.Context, by account.Actor, id int64) (all []evidence.Entry, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) error {
		_, ok, err := s.get(ctx, tx, id)
		if err == nil && !ok {
			err = fault.NotFound("declaration", id)
		}
		if err != nil {
			return err
		}
		all, err = evidence.ForSubject(ctx, tx, "declaration", id)
		return err
	})
	return all, err
}

func record(ctx context.Context, tx pgx.Tx, by account.Actor, action, reason string, before *Declaration, after Declaration) error {
	step := evidence.Step{
		By: by.By(), Code: after.Code, Noun: "declaration", Subject: after.ID, Action: action, Reason: reason, After: view(after),
	}
	if before != nil {
		step.Before = view(*before)
	}
	return evidence.Record(ctx, tx, step)
}

// view is what the ledger keeps: which checks failed and where it stands, nothing of the person.
func view(d Declaration) map[string]any {
	failed := []string{}
	for _, c := range d.Checks {
		if !c.OK {
			failed = append(failed, c.Check)
		}
	}
	return map[string]any{"status": d.Status, "failed": failed, "visits": d.Visits, "due_at": d.DueAt}
}
