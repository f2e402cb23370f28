package account

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/evidence"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/realtime/position"
)

// TokenPrefix begins every bearer token, so that a leaked one is recognised in a log or a repository.
const TokenPrefix = "gwt_"

// Service holds the use cases of accounts.
type Service struct {
	db     *postgis.DB
	hasher *Hasher
}

// NewService works on db and hashes as many passwords at a time as hasher has places.
func NewService(db *postgis.DB, hasher *Hasher) *Service { return &Service{db: db, hasher: hasher} }

// Create makes an account within the actor's area; only an administrator may.
func (s *Service) Create(ctx context.Context, by Actor, n New) (Account, position.Position, error) {
	if err := permitAdministration(by, n.Code); err != nil {
		return Account{}, position.Position{}, err
	}
	if err := n.validate(); err != nil {
		return Account{}, position.Position{}, err
	}
	hash, err := s.hasher.Hash(ctx, n.Password)
	if err != nil {
		return Account{}, position.Position{}, err
	}
	var made Account
	pos, err := s.db.Write(ctx, by.Scope, func(tx pgx.Tx) error {
		if made, err = insert(ctx, tx, n, hash); err != nil {
			return err
		}
		return record(ctx, tx, by, made, "create", nil, public(made))
	})
	if postgis.IsUnique(err, "account_name_key") {
		return Account{}, position.Position{}, fault.Conflict("account.exists", fmt.Sprintf("there is an account %q already", n.Name))
	}
	return made, pos, err
}

// Change alters role and area, or ends an account; nil leaves a part as it is.
type Change struct {
	Role       *Role
	Code       *geo.Code
	Department *string
	Active     *bool
	Password   *string
}

// Change applies c to the account of that name; it takes effect on the account's next request.
func (s *Service) Change(ctx context.Context, by Actor, name string, c Change) (Account, position.Position, error) {
	if err := permitAdministration(by, by.Scope); err != nil {
		return Account{}, position.Position{}, err
	}
	var hash string
	if c.Password != nil {
		var err error
		if hash, err = s.newHash(ctx, *c.Password); err != nil {
			return Account{}, position.Position{}, err
		}
	}
	var after Account
	pos, err := s.db.Write(ctx, by.Scope, func(tx pgx.Tx) error {
		before, ok, err := lock(ctx, tx, name)
		if err != nil {
			return err
		}
		if !ok {
			return fault.NotFound("account", name)
		}
		if after, err = c.apply(by, before, hash); err != nil {
			return err
		}
		if err := update(ctx, tx, after); err != nil {
			return err
		}
		return record(ctx, tx, by, after, "change", public(before), public(after))
	})
	return after, pos, err
}

func (s *Service) newHash(ctx context.Context, password string) (string, error) {
	if len([]rune(password)) < MinPassword {
		return "", fault.Invalid("account.password", fmt.Sprintf("password: at least %d characters", MinPassword))
	}
	return s.hasher.Hash(ctx, password)
}

func (c Change) apply(by Actor, a Account, hash string) (Account, error) {
	if c.Role != nil {
		a.Role = *c.Role
	}
	if c.Code != nil {
		a.Code = *c.Code
	}
	if c.Department != nil {
		a.Department = *c.Department
	}
	if c.Active != nil {
		a.Active = *c.Active
	}
	if hash != "" {
		a.passwordHash = hash
	}
	if _, err := ParseRole(string(a.Role)); err != nil {
		return a, fault.InvalidField("account.invalid", "role", err)
	}
	if (a.Role == Department) != (a.Department != "") {
		return a, fault.Invalid("account.invalid", "a department account names its department, and no other account does")
	}
	return a, permitAdministration(by, a.Code)
}

// List gives the accounts of the actor's area by code and name.
func (s *Service) List(ctx context.Context, by Actor) ([]Account, error) {
	if !by.Is(Administrator, Auditor) {
		return nil, fault.Forbidden("account.list", "only an administrator or auditor lists accounts")
	}
	var all []Account
	err := s.db.Read(ctx, by.Scope, func(tx pgx.Tx) (err error) {
		all, err = list(ctx, tx)
		return err
	})
	return all, err
}

// SignIn checks name and password. A wrong password, an unknown name and an ended account look the same.
func (s *Service) SignIn(ctx context.Context, name, password string) (Account, error) {
	a, found, err := byName(ctx, s.db.App, strings.ToLower(strings.TrimSpace(name)))
	if err != nil {
		return Account{}, fmt.Errorf("sign in: %w", err)
	}
	matches, err := s.hasher.Matches(ctx, password, a.passwordHash)
	if err != nil {
		return Account{}, fmt.Errorf("sign in: %w", err)
	}
	if !found || !matches || !a.Active {
		return Account{}, fault.Unauthenticated("account or password is wrong")
	}
	return a, nil
}

// ByID gives an active account by its id, as a session names it.
func (s *Service) ByID(ctx context.Context, id int64) (Account, error) {
	a, found, err := byID(ctx, s.db.App, id)
	return activeOr(a, found, err, "your session has ended; sign in again")
}

// ByName gives an active account by name, for commands on the server's own console.
func (s *Service) ByName(ctx context.Context, name string) (Account, error) {
	a, found, err := byName(ctx, s.db.App, name)
	return activeOr(a, found, err, fmt.Sprintf("there is no active account %q", name))
}

// ByCredential asks the database what a bearer token or a session's cookie stands for; see Authority, which answers
// from memory.
func (s *Service) ByCredential(ctx context.Context, c Credential) (Standing, error) {
	standing, found, err := byCredential(ctx, s.db.App, c)
	if err != nil {
		return Standing{}, fmt.Errorf("credential: %w", err)
	}
	if !found {
		return Standing{}, c.refused()
	}
	return standing, nil
}

func activeOr(a Account, found bool, err error, message string) (Account, error) {
	if err != nil {
		return Account{}, fmt.Errorf("account: %w", err)
	}
	if !found || !a.Active {
		return Account{}, fault.Unauthenticated(message)
	}
	return a, nil
}

// CreateToken makes a bearer token for the account of that name and returns it: the only time it is seen in clear.
// A zero expires means never.
func (s *Service) CreateToken(ctx context.Context, by Actor, name, label string, expires time.Time) (string, error) {
	if err := permitAdministration(by, by.Scope); err != nil {
		return "", err
	}
	token := TokenPrefix + randomText()
	_, err := s.db.Write(ctx, by.Scope, func(tx pgx.Tx) error {
		a, ok, err := lock(ctx, tx, name)
		if err != nil {
			return err
		}
		if !ok {
			return fault.NotFound("account", name)
		}
		if err := insertToken(ctx, tx, a.ID, BearerCredential(token), label, expires); err != nil {
			return err
		}
		return record(ctx, tx, by, a, "create_token", nil, map[string]any{"label": label})
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

func permitAdministration(by Actor, code geo.Code) error {
	if !by.Is(Administrator) {
		return fault.Forbidden("account.administration", "only an administrator manages accounts")
	}
	if !by.Scope.Covers(code) {
		return fault.Forbidden("account.scope", fmt.Sprintf("area %s lies outside your own %s", code, by.Scope))
	}
	return nil
}

func record(ctx context.Context, tx pgx.Tx, by Actor, a Account, action string, before, after any) error {
	return evidence.Record(ctx, tx, evidence.Step{
		By: by.By(), Code: a.Code, Noun: "account", Subject: a.Name, Action: action, Before: before, After: after,
	})
}

// public is what the ledger keeps of an account.
func public(a Account) map[string]any {
	return map[string]any{"role": a.Role, "code": a.Code, "department": a.Department, "active": a.Active}
}

// randomText is 256 bits from the system's source; rand.Read never fails.
func randomText() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// RandomPassword is long enough to be safe and free of look-alike marks of punctuation: for demo accounts.
func RandomPassword() string { return randomText()[:16] }
