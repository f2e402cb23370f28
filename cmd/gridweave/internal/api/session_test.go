package api_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
)

// browser is a client that keeps cookies, and sends what a browser sends beside them.
type browser struct {
	http.Client
	s *surface
}

func newBrowser(t *testing.T, s *surface) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{Client: http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}, s: s}
}

func (b *browser) send(t *testing.T, method, path, body string, headers ...string) (answer, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, b.s.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header}, string(text)
}

const (
	right = `{"account":"duty","password":"a long password"}`
	wrong = `{"account":"duty","password":"another password"}`
)

func TestSession(t *testing.T) {
	s := newSurface(t)
	s.Actor("duty", account.DutyOfficer, civictest.Root)
	b := newBrowser(t, s)
	for _, body := range []string{wrong, `{"account":"nobody","password":"a long password"}`} {
		if res, text := b.send(t, http.MethodPost, "/api/v1/session", body); res.StatusCode != http.StatusUnauthorized || !strings.Contains(text, "account or password is wrong") {
			t.Errorf("%s: %d %s", body, res.StatusCode, text)
		}
	}
	res, text := b.send(t, http.MethodPost, "/api/v1/session", right)
	if res.StatusCode != http.StatusCreated || !strings.Contains(text, `"duty_officer"`) {
		t.Fatalf("sign in: %d %s", res.StatusCode, text)
	}
	cookie, err := http.ParseSetCookie(res.Header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode {
		t.Errorf("cookie %+v", cookie)
	}
	if n := s.Int(`select count(*) from session where token = $1`, cookie.Value); n != 0 {
		t.Error("the cookie stands in the database in clear")
	}
	if n := s.Int(`select count(*) from session where account_id is not null`); n != 1 {
		t.Errorf("%d sessions, want 1", n)
	}
	if res, _ := b.send(t, http.MethodGet, "/api/v1/session", ""); res.StatusCode != http.StatusOK {
		t.Errorf("who am I: %d", res.StatusCode)
	}
	// A role that ends, ends at once.
	if _, err := s.Admin.Exec(t.Context(), `update account set active = false where name = 'duty'`); err != nil {
		t.Fatal(err)
	}
	s.settle(t)
	if res, _ := b.send(t, http.MethodGet, "/tiles/areas/0/0/0", ""); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("an ended account's tile: %d", res.StatusCode)
	}
	if _, err := s.Admin.Exec(t.Context(), `update account set active = true where name = 'duty'`); err != nil {
		t.Fatal(err)
	}
	s.settle(t)
	if res, _ := b.send(t, http.MethodGet, "/api/v1/session", ""); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("an account that came back is signed in still: %d", res.StatusCode)
	}
	b.send(t, http.MethodPost, "/api/v1/session", right)
	if res, _ := b.send(t, http.MethodDelete, "/api/v1/session", ""); res.StatusCode != http.StatusNoContent {
		t.Errorf("sign out: %d", res.StatusCode)
	}
	if res, _ := b.send(t, http.MethodGet, "/api/v1/session", ""); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("after signing out: %d", res.StatusCode)
	}
	if n := s.Int(`select count(*) from session`); n != 0 {
		t.Errorf("%d sessions left", n)
	}
}

// Another site's page cannot use the cookie to write.
func TestOtherOriginsCannotWrite(t *testing.T) {
	s := newSurface(t)
	s.Actor("duty", account.DutyOfficer, civictest.Root)
	b := newBrowser(t, s)
	b.send(t, http.MethodPost, "/api/v1/session", right)
	grade := `{"grade":"red","reason":"x"}`
	path := "/api/v1/buildings/" + string(civictest.BuildingA) + "/grade"
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://elsewhere.example"}} {
		if res, _ := b.send(t, http.MethodPost, path, grade, headers...); res.StatusCode != http.StatusForbidden {
			t.Errorf("%v: %d, want 403", headers, res.StatusCode)
		}
	}
	if res, text := b.send(t, http.MethodPost, path, grade, "Sec-Fetch-Site", "same-origin"); res.StatusCode != http.StatusOK || res.Header.Get("X-Position") == "" {
		t.Errorf("from our own page: %d %s", res.StatusCode, text)
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	s := newSurface(t)
	s.Actor("duty", account.DutyOfficer, civictest.Root)
	b := newBrowser(t, s)
	limited := 0
	for range 8 {
		res, _ := b.send(t, http.MethodPost, "/api/v1/session", wrong)
		if res.StatusCode == http.StatusTooManyRequests && res.Header.Get("Retry-After") != "" {
			limited++
		}
	}
	if limited != 3 {
		t.Errorf("%d of 8 guesses were limited, want 3", limited)
	}
	if res, _ := b.send(t, http.MethodPost, "/api/v1/session", right); res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the right password among guesses: %d", res.StatusCode)
	}
}

func TestEveryAnswerIsHardened(t *testing.T) {
	s := newSurface(t)
	b := newBrowser(t, s)
	for _, path := range []string{"/", "/wall/440304", "/api/v1/session", "/api/docs", "/healthz", "/tiles/areas/0/0/0", "/assets/none.js"} {
		res, _ := b.send(t, http.MethodGet, path, "")
		h := res.Header
		if !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Request-Id") == "" {
			t.Errorf("%s: %v", path, h)
		}
	}
	if res, _ := b.send(t, http.MethodGet, "/healthz", "", "X-Request-Id", "abcdefgh-1234"); res.Header.Get("X-Request-Id") != "abcdefgh-1234" {
		t.Error("a plain request id was not kept")
	}
	if res, _ := b.send(t, http.MethodGet, "/healthz", "", "X-Request-Id", "evil\tvalue of a request"); strings.Contains(res.Header.Get("X-Request-Id"), "evil") {
		t.Error("a request id that is not plain was kept")
	}
	if res, _ := b.send(t, http.MethodPost, "/api/v1/session", `{"account":"`+strings.Repeat("x", 3<<20)+`"}`); res.StatusCode < 400 || res.StatusCode >= 500 {
		t.Errorf("a body of 3 MB: %d", res.StatusCode)
	}
}
