package api_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
)

// submit sends a form as a browser on plain HTTP does that knows nothing of Sec-Fetch-Site.
func (b *browser) submit(t *testing.T, path string, form url.Values, headers ...string) (answer, string) {
	t.Helper()
	return b.send(t, http.MethodPost, path, form.Encode(), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

func credentials(name, password, next string) url.Values {
	return url.Values{"account": {name}, "password": {password}, "next": {next}}
}

// Where nobody is signed in, every plain page is the form, which leads back.
func TestPlainSignIn(t *testing.T) {
	s := newSurface(t)
	s.Actor("street", account.Dispatcher, civictest.StreetA)
	b := newBrowser(t, s)
	const area = "/plain/area/" + string(civictest.StreetA)
	res, text := b.send(t, http.MethodGet, area+"?lang=en", "")
	if res.StatusCode != http.StatusUnauthorized || !strings.Contains(text, `name="next" value="`+area+`?lang=en"`) {
		t.Fatalf("a stranger: %d %s", res.StatusCode, text)
	}
	if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self'") || strings.Contains(text, "<script") || strings.Contains(text, "style=") {
		t.Errorf("the page needs more than its policy %q allows: %s", csp, text)
	}
	if res, text = b.submit(t, "/plain/session?lang=en", credentials("street", "wrong", area)); res.StatusCode != http.StatusUnauthorized || !strings.Contains(text, "password is wrong") {
		t.Fatalf("a wrong password: %d %s", res.StatusCode, text)
	}
	if res, _ = b.submit(t, "/plain/session", credentials("street", "a long password", area), "Origin", "https://elsewhere.example"); res.StatusCode != http.StatusForbidden {
		t.Errorf("a form from elsewhere: %d", res.StatusCode)
	}
	res, text = b.submit(t, "/plain/session?lang=en", credentials("street", "a long password", area), "Origin", s.server.URL)
	if res.StatusCode != http.StatusOK || !strings.Contains(text, "Area 440304001") {
		t.Fatalf("signed in: %d %s", res.StatusCode, text)
	}
	if res, _ = b.send(t, http.MethodGet, "/api/v1/session", ""); res.StatusCode != http.StatusOK {
		t.Errorf("the session holds for the API too: %d", res.StatusCode)
	}
	if res, text = b.submit(t, "/plain/session/end", url.Values{}); res.StatusCode != http.StatusOK || !strings.Contains(text, `name="password"`) {
		t.Errorf("signed out: %d %s", res.StatusCode, text)
	}
	if res, _ = b.send(t, http.MethodGet, area, ""); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("after signing out: %d", res.StatusCode)
	}
}

// Guessing is slowed down here as on the API: both count together.
func TestPlainSignInIsLimited(t *testing.T) {
	s := newSurface(t)
	s.Actor("street", account.Dispatcher, civictest.StreetA)
	b := newBrowser(t, s)
	for range 3 {
		b.send(t, http.MethodPost, "/api/v1/session", `{"account":"street","password":"wrong"}`)
	}
	for range 2 {
		b.submit(t, "/plain/session", credentials("street", "wrong", ""))
	}
	if res, text := b.submit(t, "/plain/session?lang=en", credentials("street", "a long password", "")); res.StatusCode != http.StatusTooManyRequests || !strings.Contains(text, "Too many tries") {
		t.Errorf("the sixth try: %d %s", res.StatusCode, text)
	}
}

// The form leads to pages of ours only.
func TestPlainLeadsNowhereElse(t *testing.T) {
	s := newSurface(t)
	s.Actor("street", account.Dispatcher, civictest.StreetA)
	for _, next := range []string{"https://elsewhere.example/plain/", "//elsewhere.example/plain/", `/\elsewhere.example`, "/api/v1/session", "javascript:alert(1)", "/plain/%", ""} {
		b := newBrowser(t, s)
		b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		res, _ := b.submit(t, "/plain/session", credentials("street", "a long password", next))
		if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != "/plain?lang=zh" {
			t.Errorf("%q leads to %q, %d", next, to, res.StatusCode)
		}
	}
}

// What an account sees is what the API shows it: its own area and nothing beside it.
func TestPlainScope(t *testing.T) {
	s := newSurface(t)
	token := s.token(t, "street", account.Dispatcher, civictest.StreetA)
	for path, want := range map[string]int{
		"/plain/area/440304001":                        http.StatusOK,
		"/plain/area/44030400100101":                   http.StatusOK,
		"/plain/area/440304001/incidents":              http.StatusOK,
		"/plain/area/440304001/buildings?grade=red":    http.StatusOK,
		"/plain/b/" + string(civictest.BuildingA):      http.StatusOK,
		"/plain/area/440304":                           http.StatusNotFound, // above
		"/plain/area/440304002":                        http.StatusNotFound, // beside
		"/plain/area/440304002/incidents":              http.StatusNotFound,
		"/plain/area/440304002/buildings":              http.StatusNotFound,
		"/plain/b/" + string(civictest.BuildingB):      http.StatusNotFound,
		"/plain/b/44030400100101":                      http.StatusNotFound, // no building's code
		"/plain/area/x":                                http.StatusNotFound,
		"/plain/elsewhere":                             http.StatusNotFound,
		"/plain/area/440304001/incidents?before=x":     http.StatusNotFound,
		"/plain/area/440304001/buildings?after=' or 1": http.StatusNotFound,
	} {
		u, query, _ := strings.Cut(path, "?")
		if query != "" {
			u += "?" + url.PathEscape(query)
		}
		if res, body := s.do(t, http.MethodGet, u, token, ""); res.StatusCode != want {
			t.Errorf("%s: %d instead of %d: %s", path, res.StatusCode, want, body)
		}
	}
	_, body := s.do(t, http.MethodGet, "/plain/area/440304001/buildings", token, "")
	for _, code := range regexp.MustCompile(`/plain/b/(\d+)`).FindAllStringSubmatch(string(body), -1) {
		if !civictest.StreetA.Covers(geo.Code(code[1])) {
			t.Errorf("the list shows %s", code[1])
		}
	}
}

// Names and descriptions come from people and files; none of them is a tag here.
func TestPlainEscapes(t *testing.T) {
	s := newSurface(t)
	const evil = `<script>alert("x")</script>`
	s.commit(t, `update building set name_zh = $1, address_zh = $1 where code = $2`, evil, civictest.BuildingA)
	s.commit(t, `insert into incident (code, geom, type, source, due_at, description) values ('44030400100101', st_setsrid(st_point(114.0005, 22.5005), 4326), '0101', 'sensor', now(), $1)`, evil)
	token := s.token(t, "street", account.Dispatcher, civictest.StreetA)
	for _, path := range []string{"/plain/b/" + string(civictest.BuildingA), "/plain/area/440304001/buildings", "/plain/area/440304001/incidents", "/plain/area/440304001?lang=" + url.QueryEscape(evil)} {
		res, body := s.do(t, http.MethodGet, path, token, "")
		if res.StatusCode != http.StatusOK || strings.Contains(string(body), "<script") || strings.Contains(path, "incidents") && !strings.Contains(string(body), "&lt;script&gt;") {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}

// A list goes on where the page before ended, and shows everything once.
func TestPlainPages(t *testing.T) {
	s := newSurface(t)
	s.commit(t, `insert into building (code, geom) select '44030400100101' || lpad((100 + n)::text, 5, '0'),
		st_multi(st_makeenvelope(114.001, 22.501, 114.0011, 22.5011, 4326)) from generate_series(1, 120) n`)
	s.commit(t, `insert into building_state (building_id, code) select id, code from building on conflict do nothing`)
	s.commit(t, `insert into incident (code, geom, type, source, due_at) select '44030400100101', st_setsrid(st_point(114.0005, 22.5005), 4326), '0101', 'sensor', now() from generate_series(1, 120)`)
	token := s.token(t, "street", account.Dispatcher, civictest.StreetA)
	for list, row := range map[string]string{"buildings": `/plain/b/\d+`, "incidents": `<tr><th scope="row">`} {
		path, found, pages := "/plain/area/440304001/"+list, 0, 0
		for path != "" && pages < 9 {
			_, body := s.do(t, http.MethodGet, path, token, "")
			found += len(regexp.MustCompile(row).FindAll(body, -1))
			pages++
			path = ""
			if next := regexp.MustCompile(`class="further"><a href="([^"]+)"`).FindSubmatch(body); next != nil {
				path = strings.ReplaceAll(string(next[1]), "&amp;", "&")
			}
		}
		want := s.Int(`select count(*) from ` + strings.TrimSuffix(list, "s") + ` where code like '440304001%'`)
		if found != want || pages != 3 {
			t.Errorf("%s: %d rows on %d pages; %d exist", list, found, pages, want)
		}
	}
}
