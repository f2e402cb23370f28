package webhook

import (
	"context"
	"crypto/rand"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/evidence"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/person"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/realtime/position"
)

// Service holds the use cases of webhooks. Only an administrator has any of them, within his area.
type Service struct {
	db     *postgis.DB
	sealer *person.Sealer
	topics []string
}

// NewService works on db; topics are those that can be told.
func NewService(db *postgis.DB, sealer *person.Sealer, topics []string) *Service {
	return &Service{db: db, sealer: sealer, topics: topics}
}

// Added is a new webhook with its secret, which is told this once.
type Added struct {
	Webhook
	Secret string
}

// Add makes a webhook. It hears what happens from a moment later on.
func (s *Service) Add(ctx context.Context, by account.Actor, n New) (made Added, pos position.Position, err error) {
	if err := permit(by); err != nil {
		return made, pos, err
	}
	if !by.Scope.Covers(n.Code) {
		return made, pos, fault.NotFound("area", n.Code)
	}
	if err := n.validate(s.topics); err != nil {
		return made, pos, err
	}
	made.Secret = rand.Text()
	pos, err = s.db.AsAdmin(ctx, func(tx pgx.Tx) (err error) {
		if made.Webhook, err = insert(ctx, tx, n, s.sealer.Seal([]byte(made.Secret))); err != nil {
			return err
		}
		return record(ctx, tx, by, made.Webhook, "add")
	})
	return made, pos, err
}

// List gives the webhooks of the actor's area, by id.
func (s *Service) List(ctx context.Context, by account.Actor, f Filter) (all []Webhook, err error) {
	return all, s.read(ctx, by, func(tx pgx.Tx) (err error) {
		all, err = list(ctx, tx, by.Scope, f)
		return err
	})
}

// Get gives one.
func (s *Service) Get(ctx context.Context, by account.Actor, id int64) (w Webhook, err error) {
	return w, s.read(ctx, by, func(tx pgx.Tx) (err error) {
		w, err = get(ctx, tx, by.Scope, id)
		return err
	})
}

// Remove ends a webhook; what waits for it is not delivered any more.
func (s *Service) Remove(ctx context.Context, by account.Actor, id int64) (position.Position, error) {
	_, pos, err := s.change(ctx, by, id, "remove", func(tx pgx.Tx, _ Webhook) error { return remove(ctx, tx, id) })
	return pos, err
}

// Pause has a webhook's deliveries wait; what happens meanwhile waits as well.
func (s *Service) Pause(ctx context.Context, by account.Actor, id int64) (Webhook, position.Position, error) {
	return s.change(ctx, by, id, "pause", func(tx pgx.Tx, _ Webhook) error { return pause(ctx, tx, id) })
}

// Resume has everything go that waited.
func (s *Service) Resume(ctx context.Context, by account.Actor, id int64) (Webhook, position.Position, error) {
	return s.change(ctx, by, id, "resume", func(tx pgx.Tx, _ Webhook) error { return resume(ctx, tx, id) })
}

// Dead gives the newest dead letters of all the actor's webhooks.
func (s *Service) Dead(ctx context.Context, by account.Actor) (all []Delivery, err error) {
	return all, s.read(ctx, by, func(tx pgx.Tx) (err error) {
		all, err = dead(ctx, tx, by.Scope)
		return err
	})
}

// Deliveries gives a webhook's deliveries, the newest first.
func (s *Service) Deliveries(ctx context.Context, by account.Actor, id int64, f Filter) (all []Delivery, err error) {
	return all, s.read(ctx, by, func(tx pgx.Tx) error {
		if _, err := get(ctx, tx, by.Scope, id); err != nil {
			return err
		}
		all, err = deliveries(ctx, tx, id, f)
		return err
	})
}

// Retry has a webhook's dead letters tried again, and tells how many there were.
func (s *Service) Retry(ctx context.Context, by account.Actor, id int64) (n int64, pos position.Position, err error) {
	_, pos, err = s.change(ctx, by, id, "retry", func(tx pgx.Tx, _ Webhook) (err error) {
		n, err = revive(ctx, tx, id, 0)
		return err
	})
	return n, pos, err
}

// RetryOne has one dead letter tried again.
func (s *Service) RetryOne(ctx context.Context, by account.Actor, id, letter int64) (d Delivery, pos position.Position, err error) {
	_, pos, err = s.change(ctx, by, id, "retry", func(tx pgx.Tx, _ Webhook) error {
		if d, err = delivery(ctx, tx, id, letter); err != nil {
			return err
		}
		if d.State != Dead {
			return fault.Conflict("webhook.delivery", "only a dead letter can be tried again")
		}
		if _, err := revive(ctx, tx, id, letter); err != nil {
			return err
		}
		d, err = delivery(ctx, tx, id, letter)
		return err
	})
	return d, pos, err
}

func (s *Service) read(ctx context.Context, by account.Actor, work func(pgx.Tx) error) error {
	if err := permit(by); err != nil {
		return err
	}
	_, err := s.db.AsAdmin(ctx, work)
	return err
}

// change does work on a webhook of the actor's area, and gives it as it is afterwards, or was last.
func (s *Service) change(ctx context.Context, by account.Actor, id int64, action string, work func(pgx.Tx, Webhook) error) (w Webhook, pos position.Position, err error) {
	if err := permit(by); err != nil {
		return w, pos, err
	}
	pos, err = s.db.AsAdmin(ctx, func(tx pgx.Tx) (err error) {
		if w, err = get(ctx, tx, by.Scope, id); err != nil {
			return err
		}
		if err := work(tx, w); err != nil {
			return err
		}
		if action != "remove" {
			if w, err = get(ctx, tx, by.Scope, id); err != nil {
				return err
			}
		}
		return record(ctx, tx, by, w, action)
	})
	return w, pos, err
}

func permit(by account.Actor) error {
	if !by.Is(account.Administrator) {
		return fault.Forbidden("webhook.administration", "only an administrator manages webhooks")
	}
	return nil
}

func record(ctx context.Context, tx pgx.Tx, by account.Actor, w Webhook, action string) error {
	return evidence.Record(ctx, tx, evidence.Step{
		By: by.By(), Code: w.Code, Noun: "webhook", Subject: w.ID, Action: action,
		After: map[string]any{"url": w.URL, "topics": w.Topics, "label": w.Label},
	})
}
