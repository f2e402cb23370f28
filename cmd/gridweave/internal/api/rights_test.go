package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/api"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
)

// tileOf is a tile that has houses of the street, at its deepest zoom.
func tileOf(place [2]float64) string {
	at := maptile.At(place, 15)
	return fmt.Sprintf("/tiles/buildings/15/%d/%d", at.X, at.Y)
}

// commit runs SQL as the administrator and gives a position that includes it.
func (s *surface) commit(t *testing.T, sql string, args ...any) string {
	t.Helper()
	at, err := s.AsAdmin(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return at.String()
}

// Whatever ends or changes what somebody may see, by whatever hand, holds for the tile that asks for its position, and
// for the list after it.
func TestRightsChangeWithTheNextTile(t *testing.T) {
	const street = "/api/v1/areas/" + string(civictest.StreetA)
	s := newSurface(t)
	for name, c := range map[string]struct {
		sql          string
		tile, listed int
	}{
		"another area":    {`update account set code = '440304002' where name = $1`, http.StatusNoContent, http.StatusNotFound},
		"the area above":  {`update account set code = '440304' where name = $1`, http.StatusOK, http.StatusOK},
		"another role":    {`update account set role = 'auditor' where name = $1`, http.StatusOK, http.StatusOK},
		"account ended":   {`update account set active = false where name = $1`, http.StatusUnauthorized, http.StatusUnauthorized},
		"account deleted": {`with t as (delete from token) delete from account where name = $1`, http.StatusUnauthorized, http.StatusUnauthorized},
		"token revoked":   {`update token set revoked_at = now() where account_id = (select id from account where name = $1)`, http.StatusUnauthorized, http.StatusUnauthorized},
		"token over":      {`update token set expires_at = now() where account_id = (select id from account where name = $1)`, http.StatusUnauthorized, http.StatusUnauthorized},
		"token deleted":   {`delete from token where account_id = (select id from account where name = $1)`, http.StatusUnauthorized, http.StatusUnauthorized},
		"token's key":     {`update token set id = default where account_id = (select id from account where name = $1)`, http.StatusOK, http.StatusOK},
		"token truncated": {`truncate token`, http.StatusUnauthorized, http.StatusUnauthorized},
	} {
		who := strings.NewReplacer(" ", "_", "'", "").Replace(name)
		token := s.token(t, who, account.Dispatcher, civictest.StreetA)
		if res, body := s.do(t, http.MethodGet, tileOf(civictest.PlaceA), token, ""); res.StatusCode != http.StatusOK {
			t.Fatalf("%s: before: %d %s", name, res.StatusCode, body)
		}
		args := []any{who}
		if name == "token truncated" {
			args = nil
		}
		at := s.commit(t, c.sql, args...)
		if res, body := s.do(t, http.MethodGet, tileOf(civictest.PlaceA)+"?at="+at, token, ""); res.StatusCode != c.tile {
			t.Errorf("%s: the tile answers %d %s, want %d", name, res.StatusCode, body, c.tile)
		}
		if res, body := s.do(t, http.MethodGet, street, token, ""); res.StatusCode != c.listed {
			t.Errorf("%s: the area answers %d %s, want %d", name, res.StatusCode, body, c.listed)
		}
	}
}

// A session ends with the password that it was opened with, and with signing out, at once.
func TestSessionsEndWithTheirPassword(t *testing.T) {
	s := newSurface(t)
	s.Actor("duty", account.DutyOfficer, civictest.Root)
	b := newBrowser(t, s)
	b.send(t, http.MethodPost, "/api/v1/session", right)
	if res, _ := b.send(t, http.MethodGet, tileOf(civictest.PlaceA), ""); res.StatusCode != http.StatusOK {
		t.Fatalf("signed in: %d", res.StatusCode)
	}
	password := "another long one"
	_, at, err := s.accounts.Change(t.Context(), account.Console("44"), "duty", account.Change{Password: &password})
	if err != nil {
		t.Fatal(err)
	}
	if res, _ := b.send(t, http.MethodGet, tileOf(civictest.PlaceA)+"?at="+at.String(), ""); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("after a new password: %d", res.StatusCode)
	}
	home, err := url.Parse(s.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		s.settle(t)
		if res, text := b.send(t, http.MethodPost, "/api/v1/session", `{"account":"duty","password":"another long one"}`); res.StatusCode != http.StatusCreated {
			t.Fatalf("sign in: %d %s", res.StatusCode, text)
		}
		// The log may not have told of the session yet: it counts all the same.
		if res, _ := b.send(t, http.MethodGet, tileOf(civictest.PlaceA), ""); res.StatusCode != http.StatusOK {
			t.Errorf("just signed in: %d", res.StatusCode)
		}
		cookies := b.Jar.Cookies(home)
		b.send(t, http.MethodDelete, "/api/v1/session", "")
		b.Jar.SetCookies(home, cookies)
		if res, _ := b.send(t, http.MethodGet, tileOf(civictest.PlaceA), ""); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("just signed out: %d", res.StatusCode)
		}
	}
}

// Neither a tile nor the check of who asks for it asks the database.
func TestTilesNeverAskTheDatabase(t *testing.T) {
	s := newSurface(t)
	token := s.token(t, "reader", account.Leader, civictest.Root)
	s.Actor("duty", account.DutyOfficer, civictest.Root)
	b := newBrowser(t, s)
	b.send(t, http.MethodPost, "/api/v1/session", right)
	s.settle(t)
	before := s.App.Stat().AcquireCount() + s.Admin.Stat().AcquireCount()
	for range 50 {
		s.do(t, http.MethodGet, tileOf(civictest.PlaceA), token, "")
		s.do(t, http.MethodGet, "/tiles/buildings.json", token, "")
		if res, _ := b.send(t, http.MethodGet, tileOf(civictest.PlaceB), ""); res.StatusCode != http.StatusOK {
			t.Fatalf("%d", res.StatusCode)
		}
	}
	if after := s.App.Stat().AcquireCount() + s.Admin.Stat().AcquireCount(); after != before {
		t.Errorf("150 requests asked the database %d times", after-before)
	}
}

// While the log is not followed the database answers who is asking, so that what was taken away is gone.
func TestRightsWhileTheLogIsNotFollowed(t *testing.T) {
	s := newSurface(t)
	token := s.token(t, "reader", account.Leader, civictest.Root)
	s.settle(t)
	credential := account.BearerCredential(token)
	if _, verdict := s.directory.Standing(credential, time.Now()); verdict != account.Valid {
		t.Fatalf("verdict %v", verdict)
	}
	asks := account.NewAuthority(s.directory, s.accounts, func() bool { return false })
	follows := account.NewAuthority(s.directory, s.accounts, func() bool { return true })
	s.stop()
	s.commit(t, `update account set code = '440304001' where name = 'reader'`)
	for name, c := range map[string]struct {
		a    *account.Authority
		want string
	}{"not followed": {asks, "440304001"}, "followed": {follows, "440304"}} {
		if standing, err := c.a.Check(t.Context(), credential); err != nil || string(standing.Scope) != c.want {
			t.Errorf("%s: %v, %v, want scope %s", name, standing, err, c.want)
		}
	}
	s.App.Close()
	if standing, err := asks.Check(t.Context(), credential); err != nil || standing.Scope != civictest.Root {
		t.Errorf("with the database away: %v, %v; want what was known last", standing, err)
	}
	if _, err := asks.Check(t.Context(), account.BearerCredential("gwt_other")); err == nil {
		t.Error("with the database away an unknown token is let in")
	}
}

// An account that asks too much is told when to come back, and others do not feel it.
func TestAccountsAreLimited(t *testing.T) {
	s := newSurface(t, api.Limits{Tiles: 0.01, Requests: 0.01})
	busy := s.token(t, "busy", account.Leader, civictest.Root)
	quiet := s.token(t, "quiet", account.Leader, civictest.Root)
	for _, path := range []string{tileOf(civictest.PlaceA), "/api/v1/areas"} {
		res, body := s.do(t, http.MethodGet, path, busy, "")
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s", path, res.StatusCode, body)
		}
		res, body = s.do(t, http.MethodGet, path, busy, "")
		if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Content-Type") != "application/problem+json" ||
			!strings.Contains(string(body), `"limited"`) {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
		if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err != nil || seconds < 90 || seconds > 100 {
			t.Errorf("%s: Retry-After %q, want the hundred seconds until there is room", path, res.Header.Get("Retry-After"))
		}
		if res, body := s.do(t, http.MethodGet, path, quiet, ""); res.StatusCode != http.StatusOK {
			t.Errorf("%s, another account: %d %s", path, res.StatusCode, body)
		}
	}
}

// Credentials that nobody has heard of do not have the database asked without end.
func TestStrangersAreLimited(t *testing.T) {
	s := newSurface(t)
	known := s.token(t, "reader", account.Leader, civictest.Root)
	s.settle(t)
	asked := s.App.Stat().AcquireCount()
	limited := 0
	for n := range 150 {
		if res, _ := s.do(t, http.MethodGet, "/tiles/areas/0/0/0", fmt.Sprint("gwt_guess", n), ""); res.StatusCode == http.StatusTooManyRequests {
			limited++
		}
	}
	if n := s.App.Stat().AcquireCount() - asked; limited == 0 || n+int64(limited) != 150 {
		t.Errorf("of 150 guesses %d asked the database, %d were refused", n, limited)
	}
	if res, _ := s.do(t, http.MethodGet, "/tiles/areas/0/0/0", known, ""); res.StatusCode != http.StatusNoContent && res.StatusCode != http.StatusOK {
		t.Errorf("a known token from the same address: %d", res.StatusCode)
	}
}
