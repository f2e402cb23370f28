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
)

// Service holds the use cases of webhooks. Only an administrator has any of them.
type Service struct {
	db     *postgis.DB
	sealer *person.Sealer
	topics []string
}

// NewService works on db; topics are those that can be told.
func NewService(db *postgis.DB, sealer *person.Sealer, topics []string) *Service {
	return &Service{db: db, sealer: sealer, topics: topics}
}

// Add makes a webhook and tells its secret, for the only time. It hears what happens from a moment later on.
func (s *Service) Add(ctx context.Context, by account.Actor, n New) (Webhook, string, error) {
	if err := permit(by); err != nil {
		return Webhook{}, "", err
	}
	if !by.Scope.Covers(n.Code) {
		return Webhook{}, "", fault.NotFound("area", n.Code)
	}
	if err := n.validate(s.topics); err != nil {
		return Webhook{}, "", err
	}
	secret := rand.Text()
	var made Webhook
	_, err := s.db.AsAdmin(ctx, func(tx pgx.Tx) (err error) {
		if made, err = insert(ctx, tx, n, s.sealer.Seal([]byte(secret))); err != nil {
			return err
		}
		return record(ctx, tx, by, made, "add")
	})
	return made, secret, err
}

// List gives the webhooks of the actor's area.
func (s *Service) List(ctx context.Context, by account.Actor) (all []Webhook, err error) {
	if err := permit(by); err != nil {
		return nil, err
	}
	_, err = s.db.AsAdmin(ctx, func(tx pgx.Tx) (err error) {
		all, err = list(ctx, tx, by.Scope)
		return err
	})
	return all, err
}

// Remove ends a webhook; what waits for it is not delivered any more.
func (s *Service) Remove(ctx context.Context, by account.Actor, id int64) error {
	if err := permit(by); err != nil {
		return err
	}
	_, err := s.db.AsAdmin(ctx, func(tx pgx.Tx) error {
		gone, found, err := remove(ctx, tx, by.Scope, id)
		if err != nil {
			return err
		}
		if !found {
			return fault.NotFound("webhook", id)
		}
		return record(ctx, tx, by, gone, "remove")
	})
	return err
}

// Dead gives the dead letters of the actor's webhooks, the newest first.
func (s *Service) Dead(ctx context.Context, by account.Actor) (all []Letter, err error) {
	if err := permit(by); err != nil {
		return nil, err
	}
	_, err = s.db.AsAdmin(ctx, func(tx pgx.Tx) (err error) {
		all, err = dead(ctx, tx, by.Scope)
		return err
	})
	return all, err
}

// Retry has a webhook's dead letters tried again, and tells how many there were.
func (s *Service) Retry(ctx context.Context, by account.Actor, id int64) (n int64, err error) {
	if err := permit(by); err != nil {
		return 0, err
	}
	_, err = s.db.AsAdmin(ctx, func(tx pgx.Tx) error {
		hook, found, err := get(ctx, tx, by.Scope, id)
		if err != nil {
			return err
		}
		if !found {
			return fault.NotFound("webhook", id)
		}
		if n, err = revive(ctx, tx, id); err != nil {
			return err
		}
		return record(ctx, tx, by, hook, "retry")
	})
	return n, err
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
