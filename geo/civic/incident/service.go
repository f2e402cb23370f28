package incident

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

// Service holds the use cases of incidents.
type Service struct {
	db     *postgis.DB
	sealer *person.Sealer
	now    func() time.Time
}

// NewService works on db, sealing callers' phones, by the given clock.
func NewService(db *postgis.DB, sealer *person.Sealer, now func() time.Time) *Service {
	return &Service{db: db, sealer: sealer, now: now}
}

// Report takes an incident in: it finds the grid and the building of its place and starts the clock.
func (s *Service) Report(ctx context.Context, by account.Actor, r Report) (made Incident, pos position.Position, err error) {
	if by.Is(account.Leader, account.Auditor) {
		return Incident{}, pos, fault.Forbidden("incident.role", fmt.Sprintf("the role %s does not report incidents", by.Role))
	}
	if err := r.validate(); err != nil {
		return Incident{}, pos, err
	}
	pos, err = s.db.Write(ctx, by.Scope, func(tx pgx.Tx) error {
		made, err = s.prepare(ctx, tx, by, r)
		if err != nil {
			return err
		}
		var hash []byte
		if phone := normalPhone(r.Phone); phone != "" {
			made.PhoneSealed, hash = s.sealer.Seal([]byte(phone)), s.sealer.Hash([]byte(phone))
		}
		if made.ID, err = insert(ctx, tx, made, hash); err != nil {
			return err
		}
		if err := weigh(ctx, tx, made, +1); err != nil {
			return err
		}
		return record(ctx, tx, by, "report", "", nil, made)
	})
	return made, pos, err
}

// prepare decides what the report becomes.
func (s *Service) prepare(ctx context.Context, tx pgx.Tx, by account.Actor, r Report) (Incident, error) {
	kind, ok, err := typeOf(ctx, tx, r.Type)
	if err != nil {
		return Incident{}, err
	}
	if !ok {
		return Incident{}, fault.Invalid("incident.type", fmt.Sprintf("there is no incident type %q", r.Type), fault.Field{Path: "type", Message: "unknown"})
	}
	where, err := locate(ctx, tx, r)
	if err != nil {
		return Incident{}, err
	}
	now := s.now().UTC().Truncate(time.Microsecond) // what PostgreSQL keeps
	due := now.Add(kind.Limits.Accept)
	i := Incident{
		Code: where.code, BuildingID: where.building, Place: where.point, Type: kind, Status: Reported,
		Source: r.sourceFor(by), Description: r.Description, ReportedAt: now, DueAt: &due, UpdatedAt: now,
	}
	if by.ID != 0 {
		i.ReporterID = &by.ID
	}
	return i, nil
}

// Act takes one step: whether it may be taken is the table's to say.
func (s *Service) Act(ctx context.Context, by account.Actor, id int64, o Order) (after Incident, pos position.Position, err error) {
	pos, err = s.db.Write(ctx, by.Scope, func(tx pgx.Tx) error {
		before, ok, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if !ok {
			return fault.NotFound("incident", id)
		}
		now := s.now().UTC().Truncate(time.Microsecond)
		t, err := Next(before, by, o, now)
		if err != nil {
			return err
		}
		after = t.apply(before, by, o, now)
		if t.Action == Assign {
			if after.Handler, after.Department, err = handlerFor(ctx, tx, before, o.Handler); err != nil {
				return err
			}
		}
		if err := s.store(ctx, tx, before, after); err != nil {
			return err
		}
		return record(ctx, tx, by, string(o.Action), o.Reason, &before, after)
	})
	return after, pos, err
}

// store writes the incident and what hangs on it: the handler's task and the building's count of open incidents.
func (s *Service) store(ctx context.Context, tx pgx.Tx, before, after Incident) error {
	if err := update(ctx, tx, after); err != nil {
		return err
	}
	if before.Status.open() != after.Status.open() {
		by := -1
		if after.Status.open() {
			by = +1
		}
		if err := weigh(ctx, tx, after, by); err != nil {
			return err
		}
	}
	switch after.Status {
	case Assigned, Rework:
		return openTask(ctx, tx, after)
	case Resolved, Returned:
		return endTask(ctx, tx, after)
	default:
		return nil
	}
}

// handlerFor finds the account that is to handle the incident and holds that the reporter does not.
func handlerFor(ctx context.Context, tx pgx.Tx, i Incident, name string) (*Person, string, error) {
	h, ok, err := handler(ctx, tx, name)
	if err != nil {
		return nil, "", err
	}
	wrong := func(message string) error {
		return fault.Invalid("incident.assignee", message, fault.Field{Path: "handler", Message: message})
	}
	switch {
	case !ok || !h.scope.Covers(i.Code): // an account elsewhere is nothing that this area should learn of
		return nil, "", wrong(fmt.Sprintf("there is no active account %q that works for %s", name, i.Code))
	case i.ReporterID != nil && *i.ReporterID == h.ID:
		return nil, "", fault.Conflict("incident.collector", "who reported an incident does not handle it; assign somebody else")
	case !h.handles():
		return nil, "", wrong(fmt.Sprintf("the role %s does not handle incidents", h.role))
	}
	department := i.Department
	if h.department != "" {
		department = h.department
	}
	return &h.Person, department, nil
}

// Handlers lists who can be given an incident, the department that its type belongs to first.
func (s *Service) Handlers(ctx context.Context, by account.Actor, id int64) (all []Candidate, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) error {
		_, ok, err := get(ctx, tx, id)
		if err != nil {
			return err
		}
		if !ok {
			return fault.NotFound("incident", id)
		}
		all, err = candidates(ctx, tx, id)
		return err
	})
	return all, err
}

// Get gives one incident.
func (s *Service) Get(ctx context.Context, by account.Actor, id int64) (i Incident, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) error {
		found, ok, err := get(ctx, tx, id)
		if err == nil && !ok {
			err = fault.NotFound("incident", id)
		}
		i = found
		return err
	})
	return i, err
}

// List gives incidents, newest first.
func (s *Service) List(ctx context.Context, by account.Actor, f Filter) (all []Incident, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) (err error) {
		all, err = list(ctx, tx, f, s.now())
		return err
	})
	return all, err
}

// Evidence gives the ledger's entries on an incident, oldest first.
func (s *Service) Evidence(ctx context.Context, by account.Actor, id int64) (all []evidence.Entry, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) error {
		if _, ok, err := get(ctx, tx, id); err != nil || !ok {
			return orNotFound(err, id)
		}
		all, err = evidence.ForSubject(ctx, tx, "incident", id)
		return err
	})
	return all, err
}

func orNotFound(err error, id int64) error {
	if err != nil {
		return err
	}
	return fault.NotFound("incident", id)
}

// Classes gives the classification with its limits.
func (s *Service) Classes(ctx context.Context, by account.Actor) (all []Class, err error) {
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) (err error) {
		all, err = classes(ctx, tx)
		return err
	})
	return all, err
}

// Phone gives the reporter's phone, masked; "" where none was left.
func (s *Service) Phone(i Incident) (string, error) {
	if i.PhoneSealed == nil {
		return "", nil
	}
	phone, err := s.sealer.Open(i.PhoneSealed)
	if err != nil {
		return "", fmt.Errorf("incident %d: phone: %w", i.ID, err)
	}
	return geo.MaskPhone(string(phone)), nil
}

func record(ctx context.Context, tx pgx.Tx, by account.Actor, action, reason string, before *Incident, after Incident) error {
	step := evidence.Step{
		By: by.By(), Code: after.Code, Noun: "incident", Subject: after.ID, Action: action, Reason: reason, After: view(after),
	}
	if before != nil {
		step.Before = view(*before)
	}
	return evidence.Record(ctx, tx, step)
}

// view is what the ledger keeps of an incident: its course, never a person's data.
func view(i Incident) map[string]any {
	v := map[string]any{"status": i.Status, "due_at": i.DueAt}
	if i.Handler != nil {
		v["handler"] = i.Handler.Name
	}
	if i.Resolution != "" {
		v["resolution"] = i.Resolution
	}
	if i.Status == Reported {
		v["type"], v["source"], v["place"] = i.Type.Code, i.Source, i.Place
	}
	return v
}
