package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	orbmvt "github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/api"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/topics"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/area"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/heat"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/civic/incident"
	"github.com/gridweave/gridweave/geo/civic/search"
	"github.com/gridweave/gridweave/geo/civic/situation"
	"github.com/gridweave/gridweave/geo/civic/webhook"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/follow"
	"github.com/gridweave/gridweave/realtime/session"
	"github.com/gridweave/gridweave/tiles"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// surface is the whole HTTP surface over a small district.
type surface struct {
	civictest.District
	server    *httptest.Server
	accounts  *account.Service
	directory *account.Directory
	cache     *tiles.Cache
	feed      *feed.Feed
	stream    *session.Server
	stop      func() // ends following
	// stopStream ends the stream's server, which says goodbye.
	stopStream func()
}

func newSurface(t *testing.T, limits ...api.Limits) *surface {
	t.Helper()
	s := unfed(t, limits...)
	s.stop = s.run(t)
	s.settle(t)
	return s
}

// unfed is a surface that does not follow the log yet.
func unfed(t *testing.T, limits ...api.Limits) *surface {
	t.Helper()
	d := civictest.New(t)
	s := &surface{District: d, accounts: account.NewService(d.DB, account.NewHasher(1))}
	picture, err := tilesets.Picture()
	if err != nil {
		t.Fatal(err)
	}
	if s.cache, err = tiles.NewCache(picture, 1<<20); err != nil {
		t.Fatal(err)
	}
	s.directory = account.NewDirectory()
	s.feed = feed.New(feed.Config{
		URL: d.Admin.Config().ConnString(), Publication: "gridweave", Slot: fmt.Sprintf("surface_%d", time.Now().UnixNano()),
		Log: slog.New(slog.DiscardHandler), Metrics: feed.NewMetrics(prometheus.NewRegistry()),
	}, follow.New(picture, tilesets.Projections(), s.cache, s.serveStream(t, picture)).Keep(s.directory))
	s.server = httptest.NewServer(api.Handler(api.Deps{
		Log: slog.New(slog.DiscardHandler), DB: d.DB, Accounts: s.accounts,
		Authority: account.NewAuthority(s.directory, s.accounts, s.feed.Following), Areas: area.NewService(d.DB),
		Houses: house.NewService(d.DB), Incidents: incident.NewService(d.DB, d.Sealer, time.Now),
		Declarations: declare.NewService(d.DB, d.Sealer, time.Now), Search: search.NewService(d.DB), Heat: heat.NewService(d.DB, time.Now),
		Situation: situation.NewService(d.DB, time.Now), Webhooks: webhook.NewService(d.DB, d.Sealer, topics.Names()),
		Tiles:  api.Tiles{Sets: tilesets.All(), Picture: picture, Cache: s.cache, Nudge: s.feed.Nudge, Report: s.feed.Report},
		Stream: api.Stream{Server: s.stream, Identity: api.IdentityBy(s.directory)}, Welcome: func() bool { return true },
		Frontend: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}}, Metrics: prometheus.NewRegistry(), Version: "test",
		Limits: append(limits, api.Limits{})[0],
	}))
	t.Cleanup(s.server.Close)
	return s
}

// run follows the log until the test ends or stops it.
func (s *surface) run(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.feed.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// settle waits until map and rights include everything that is committed now.
func (s *surface) settle(t *testing.T) {
	t.Helper()
	want, err := s.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	patience := time.After(30 * time.Second)
	for {
		at, reached := s.cache.Position()
		if order, same := at.Compare(want); same && order >= 0 && s.feed.Following() {
			return
		}
		s.feed.Nudge()
		select {
		case <-reached:
		case <-time.After(20 * time.Millisecond): // not live yet: ask again
		case <-patience:
			t.Fatalf("never reached %v", want)
		}
	}
}

// token makes an account and a bearer token for it.
func (s *surface) token(t *testing.T, name string, role account.Role, code geo.Code) string {
	t.Helper()
	s.Actor(name, role, code)
	token, err := s.accounts.CreateToken(t.Context(), account.Console("44"), name, "test", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// answer is a response whose body has been read.
type answer struct {
	StatusCode int
	Header     http.Header
}

func (s *surface) do(t *testing.T, method, path, token, body string) (answer, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Accept-Encoding", "identity")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	read, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header}, read
}

// A street's account gets nothing of the other street: 404 where it asks for one thing, nothing in lists, tiles of its
// own features alone.
func TestAStreetSeesOnlyItself(t *testing.T) {
	s := newSurface(t)
	own := s.token(t, "street-a", account.Dispatcher, civictest.StreetA)
	other := s.token(t, "street-b", account.Dispatcher, civictest.StreetB)
	res, body := s.do(t, http.MethodPost, "/api/v1/incidents", other, fmt.Sprintf(`{"type":"0101","lon":%g,"lat":%g}`, civictest.PlaceB[0], civictest.PlaceB[1]))
	if res.StatusCode != http.StatusCreated || res.Header.Get("X-Position") == "" {
		t.Fatalf("report: %d %s", res.StatusCode, body)
	}
	var made struct{ ID int64 }
	if err := json.Unmarshal(body, &made); err != nil {
		t.Fatal(err)
	}
	id := s.Int(`select id from building where code = $1`, civictest.BuildingB)
	for _, path := range []string{
		"/api/v1/areas/" + string(civictest.StreetB), "/api/v1/areas/" + string(civictest.GridB),
		"/api/v1/areas/" + string(civictest.StreetB) + "/stats", "/api/v1/areas/" + string(civictest.StreetB) + "/versions",
		"/api/v1/areas/" + string(civictest.Root) + "/stats",
		"/api/v1/buildings/" + string(civictest.BuildingB), fmt.Sprint("/api/v1/buildings/", id),
		"/api/v1/buildings/" + string(civictest.BuildingB) + "/rooms", "/api/v1/buildings/" + string(civictest.BuildingB) + "/rooms/000101",
		"/api/v1/buildings/" + string(civictest.BuildingB) + "/neighbours", "/api/v1/buildings/" + string(civictest.BuildingB) + "/evidence?within=true", "/api/v1/buildings/" + string(civictest.BuildingB) + "/evidence",
		fmt.Sprint("/api/v1/incidents/", made.ID), fmt.Sprint("/api/v1/incidents/", made.ID, "/evidence"),
	} {
		if res, body := s.do(t, http.MethodGet, path, own, ""); res.StatusCode != http.StatusNotFound || bytes.Contains(body, []byte("区域"+civictest.StreetB)) {
			t.Errorf("%s: %d %s, want 404", path, res.StatusCode, body)
		}
	}
	for _, path := range []string{
		"/api/v1/areas", "/api/v1/buildings", "/api/v1/incidents", "/api/v1/declarations", "/api/v1/crosswalk",
		"/api/v1/buildings?bbox=113,22,115,23", "/api/v1/buildings?q=" + string(civictest.StreetB), "/api/v1/areas?q=" + string(civictest.StreetB),
		"/api/v1/areas/at?lon=114.0205&lat=22.5005", "/api/v1/search?q=" + string(civictest.BuildingB), "/api/v1/search?q=%E6%A5%BC1",
	} {
		if res, body := s.do(t, http.MethodGet, path, own, ""); res.StatusCode != http.StatusOK || bytes.Contains(body, []byte(civictest.StreetB)) {
			t.Errorf("%s: %d, and it tells of the other street: %s", path, res.StatusCode, body)
		}
	}
	// The area above can be read by name and outline, and by nothing else.
	res, body = s.do(t, http.MethodGet, "/api/v1/areas/"+string(civictest.Root)+"?outline=true", own, "")
	if res.StatusCode != http.StatusOK || !bytes.Contains(body, []byte("MultiPolygon")) || bytes.Contains(body, []byte("residents")) {
		t.Errorf("the area above: %d %s", res.StatusCode, body)
	}
}

func TestTilesAgreeWithREST(t *testing.T) {
	s := newSurface(t)
	for n, scope := range []geo.Code{civictest.Root, civictest.StreetA, civictest.GridB, civictest.BuildingA, "440305"} {
		token := s.token(t, fmt.Sprint("reader", n), account.Leader, scope)
		listed := map[string]bool{}
		_, body := s.do(t, http.MethodGet, "/api/v1/buildings?limit=200", token, "")
		var list struct{ Items []struct{ ID int64 } }
		if err := json.Unmarshal(body, &list); err != nil {
			t.Fatal(err)
		}
		for _, b := range list.Items {
			listed[fmt.Sprint(b.ID)] = true
		}
		drawn := map[string]bool{}
		nw, se := maptile.At([2]float64{114, 22.51}, 15), maptile.At([2]float64{114.04, 22.5}, 15)
		for x := nw.X; x <= se.X; x++ {
			for y := nw.Y; y <= se.Y; y++ {
				s.drawn(t, token, fmt.Sprintf("/tiles/buildings/15/%d/%d", x, y), drawn)
			}
		}
		want := s.Int(`select count(*) from building where starts_with(code, $1)`, scope)
		if len(listed) != want || len(drawn) != want {
			t.Errorf("%s: %d listed, %d drawn, %d by SQL", scope, len(listed), len(drawn), want)
		}
		for id := range drawn {
			if !listed[id] {
				t.Errorf("%s: building %s is drawn and not listed", scope, id)
			}
		}
	}
}

func (s *surface) drawn(t *testing.T, token, path string, into map[string]bool) {
	t.Helper()
	res, body := s.do(t, http.MethodGet, path, token, "")
	if res.StatusCode == http.StatusNoContent {
		return
	}
	layers, err := orbmvt.Unmarshal(body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", path, res.StatusCode, err)
	}
	for _, l := range layers {
		if l.Name != "building" {
			continue
		}
		for _, f := range l.Features {
			into[fmt.Sprint(f.ID)] = true
		}
	}
}

// Every documented path refuses strangers, as a problem that tells nothing of the inside.
func TestStrangersAreRefused(t *testing.T) {
	s := newSurface(t)
	res, body := s.do(t, http.MethodGet, "/api/openapi.json", "", "")
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(body, &doc); err != nil || res.StatusCode != http.StatusOK || !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Fatalf("openapi: %d, %q, %v", res.StatusCode, doc.OpenAPI, err)
	}
	if len(doc.Paths) < 20 {
		t.Errorf("only %d paths are documented", len(doc.Paths))
	}
	paths := []string{"/tiles/areas/0/0/0", "/tiles/buildings.json"}
	for path, methods := range doc.Paths {
		if _, reads := methods["get"]; reads {
			paths = append(paths, strings.NewReplacer("{code}", "440304", "{building}", "1", "{id}", "1", "{delivery}", "1", "{room}", "000101").Replace(path))
		}
	}
	for _, path := range paths {
		for _, token := range []string{"", "gwt_wrong"} {
			res, body := s.do(t, http.MethodGet, path, token, "")
			if res.StatusCode != http.StatusUnauthorized || res.Header.Get("Content-Type") != "application/problem+json" || !bytes.Contains(body, []byte("request_id")) {
				t.Errorf("%s: %d %s %s", path, res.StatusCode, res.Header.Get("Content-Type"), body)
			}
		}
	}
}

func TestTileRequests(t *testing.T) {
	s := newSurface(t)
	token := s.token(t, "reader", account.Leader, civictest.Root)
	at := maptile.At([2]float64{114.0005, 22.5005}, 15)
	good := fmt.Sprintf("/tiles/buildings/15/%d/%d", at.X, at.Y)
	for path, status := range map[string]int{
		good: http.StatusOK, good + ".mvt": http.StatusOK, "/tiles/areas,buildings" + strings.TrimPrefix(good, "/tiles/buildings"): http.StatusOK,
		"/tiles/buildings/15/0/0": http.StatusNoContent, "/tiles/buildings/19/0/0": http.StatusUnprocessableEntity,
		"/tiles/buildings/3/8/0": http.StatusUnprocessableEntity, "/tiles/buildings/a/b/c": http.StatusUnprocessableEntity,
		"/tiles/nothing/1/0/0": http.StatusNotFound, "/tiles/nothing.json": http.StatusNotFound, "/tiles/buildings.json": http.StatusOK,
		good + "?at=nonsense":                              http.StatusUnprocessableEntity,
		good + "?at=0123456789abcdef-1.0000000000000001.0": http.StatusConflict,
	} {
		if res, body := s.do(t, http.MethodGet, path, token, ""); res.StatusCode != status {
			t.Errorf("%s: %d %s, want %d", path, res.StatusCode, body, status)
		}
	}
	res, _ := s.do(t, http.MethodGet, good, token, "")
	if res.Header.Get("Cache-Control") != "private, no-cache" || res.Header.Get("X-Position") == "" || res.Header.Get("ETag") == "" {
		t.Errorf("headers %v", res.Header)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+good, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("If-None-Match", res.Header.Get("ETag"))
	again, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Body.Close() }()
	if again.StatusCode != http.StatusNotModified || again.Header.Get("X-Position") == "" {
		t.Errorf("with the ETag: %d, position %q; want 304 and one", again.StatusCode, again.Header.Get("X-Position"))
	}
	head, body := s.do(t, http.MethodHead, good, token, "")
	if head.StatusCode != http.StatusOK || len(body) != 0 || head.Header.Get("ETag") != res.Header.Get("ETag") {
		t.Errorf("HEAD: %d, %d bytes", head.StatusCode, len(body))
	}
}
