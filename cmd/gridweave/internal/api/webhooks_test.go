package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river/rivertype"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/realtime/webhook"
)

// atOnce tries again without a wait.
type atOnce struct{}

func (atOnce) NextRetry(*rivertype.JobRow) time.Time { return time.Now() }

// serveWebhooks tells webhooks what the surface's stream tells, and takes nothing for delivered that was refused once.
func (s *surface) serveWebhooks(t *testing.T) {
	t.Helper()
	r, err := webhook.New(webhook.Config{
		Hub: s.stream.Hub(), Pool: s.Admin, Open: s.Sealer.Open, Log: slog.New(slog.DiscardHandler), Backoff: atOnce{}, MaxAttempts: 1,
		Metrics: webhook.NewMetrics(prometheus.NewRegistry()),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// call sends a request that has to be answered with a status, and reads the answer.
func call[T any](t *testing.T, s *surface, method, path, token, body string, status int) (answered T) {
	t.Helper()
	res, text := s.do(t, method, path, token, body)
	if res.StatusCode != status {
		t.Fatalf("%s %s: %d %s, want %d", method, path, res.StatusCode, text, status)
	}
	if method != http.MethodGet && status < 300 && res.Header.Get("X-Position") == "" {
		t.Errorf("%s %s: no position", method, path)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &answered); err != nil {
			t.Fatalf("%s %s: %s: %v", method, path, text, err)
		}
	}
	return answered
}

type hookAnswer struct {
	ID            int64
	Area          geo.Code
	Secret        string
	PausedAt      *time.Time `json:"paused_at"`
	Waiting, Dead int
}

type deliveriesAnswer struct {
	Items []struct {
		ID       int64
		State    string
		Attempts int
		Error    string
		Event    struct{ Type, Subject string }
	}
	Next *string
}

// A webhook's life over REST: made, told its secret once, refused by its receiver, tried again, paused and resumed, ended.
func TestWebhooksOverREST(t *testing.T) {
	s := newSurface(t)
	s.serveWebhooks(t)
	chief := s.token(t, "chief", account.Administrator, civictest.StreetA)
	var refuses atomic.Bool
	refuses.Store(true)
	got := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuses.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		got <- r.Header.Get(webhook.SignatureHeader)
	}))
	t.Cleanup(receiver.Close)
	made := call[hookAnswer](t, s, http.MethodPost, "/api/v1/webhooks", chief,
		fmt.Sprintf(`{"area":%q,"topics":["incident"],"url":%q,"label":"water"}`, civictest.StreetA, receiver.URL), http.StatusCreated)
	one := fmt.Sprint("/api/v1/webhooks/", made.ID)
	if made.Secret == "" || made.Area != civictest.StreetA {
		t.Errorf("made %+v", made)
	}
	if _, text := s.do(t, http.MethodGet, one, chief, ""); strings.Contains(string(text), "secret") || !strings.Contains(string(text), `"water"`) {
		t.Errorf("shown again: %s", text)
	}
	s.until(t, func() bool { return s.Int(`select count(*) from webhook where epoch <> ''`) == 1 }) // it listens
	report := func() {
		call[any](t, s, http.MethodPost, "/api/v1/incidents", chief,
			fmt.Sprintf(`{"type":"0101","lon":%g,"lat":%g}`, civictest.PlaceA[0], civictest.PlaceA[1]), http.StatusCreated)
	}
	report()
	var dead deliveriesAnswer
	s.until(t, func() bool {
		dead = call[deliveriesAnswer](t, s, http.MethodGet, one+"/deliveries?state=dead", chief, "", http.StatusOK)
		return len(dead.Items) == 1
	})
	letter := dead.Items[0]
	if letter.State != "dead" || letter.Attempts != 1 || !strings.Contains(letter.Error, "502") || letter.Event.Type != "gridweave.incident.added" {
		t.Errorf("letter %+v", letter)
	}
	refuses.Store(false)
	again := fmt.Sprint(one, "/deliveries/", letter.ID, "/retry")
	call[any](t, s, http.MethodPost, again, chief, "", http.StatusOK)
	if signature := <-got; signature == "" {
		t.Error("not signed")
	}
	call[any](t, s, http.MethodPost, again, chief, "", http.StatusConflict) // it is no dead letter any more
	call[any](t, s, http.MethodPost, fmt.Sprint(one, "/deliveries/999999/retry"), chief, "", http.StatusNotFound)
	if n := call[struct{ Retried int }](t, s, http.MethodPost, one+"/retry", chief, "", http.StatusOK); n.Retried != 0 {
		t.Errorf("%d more dead letters", n.Retried)
	}

	if h := call[hookAnswer](t, s, http.MethodPost, one+"/pause", chief, "", http.StatusOK); h.PausedAt == nil {
		t.Errorf("paused: %+v", h)
	}
	report()
	s.until(t, func() bool { return call[hookAnswer](t, s, http.MethodGet, one, chief, "", http.StatusOK).Waiting == 1 })
	select {
	case <-got:
		t.Error("delivered while paused")
	default:
	}
	if h := call[hookAnswer](t, s, http.MethodPost, one+"/resume", chief, "", http.StatusOK); h.PausedAt != nil {
		t.Errorf("resumed: %+v", h)
	}
	<-got
	s.until(t, func() bool {
		all := call[deliveriesAnswer](t, s, http.MethodGet, one+"/deliveries?limit=1", chief, "", http.StatusOK)
		if len(all.Items) != 1 || all.Next == nil {
			t.Fatalf("the first page: %+v", all)
		}
		rest := call[deliveriesAnswer](t, s, http.MethodGet, one+"/deliveries?limit=1&cursor="+*all.Next, chief, "", http.StatusOK)
		return len(rest.Items) == 1 && rest.Next == nil && all.Items[0].State == "delivered" && rest.Items[0].State == "delivered" &&
			rest.Items[0].ID < all.Items[0].ID
	})
	call[any](t, s, http.MethodDelete, one, chief, "", http.StatusNoContent)
	call[any](t, s, http.MethodGet, one, chief, "", http.StatusNotFound)
	if n := s.Int(`select count(*) from evidence where noun = 'webhook'`); n != 6 { // add, 2 × retry, pause, resume, remove
		t.Errorf("%d steps in the ledger", n)
	}
}

// until asks again until it is so.
func (s *surface) until(t *testing.T, so func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("never came to be so")
		}
	}
}

// Only an administrator has webhooks, and only those of his area.
func TestWebhookRightsAndScope(t *testing.T) {
	s := newSurface(t)
	chief := s.token(t, "chief", account.Administrator, civictest.Root)
	street := s.token(t, "street", account.Administrator, civictest.StreetA)
	body := func(area geo.Code) string {
		return fmt.Sprintf(`{"area":%q,"topics":["grade"],"url":"http://127.0.0.1:1/"}`, area)
	}
	own := call[hookAnswer](t, s, http.MethodPost, "/api/v1/webhooks", street, body(civictest.GridA), http.StatusCreated)
	for _, area := range []geo.Code{civictest.StreetB, civictest.Root} {
		call[any](t, s, http.MethodPost, "/api/v1/webhooks", street, body(area), http.StatusNotFound)
	}
	for _, bad := range []string{
		`{"area":"x","topics":["grade"],"url":"http://a"}`, `{"area":"440304001","topics":[],"url":"http://a"}`,
		`{"area":"440304001","topics":["weather"],"url":"http://a"}`, `{"area":"440304001","topics":["grade"],"url":"file:///etc/passwd"}`,
		`{"area":"440304001","topics":["grade"],"url":"http://a:b@c"}`,
	} {
		call[any](t, s, http.MethodPost, "/api/v1/webhooks", street, bad, http.StatusUnprocessableEntity)
	}
	other := call[hookAnswer](t, s, http.MethodPost, "/api/v1/webhooks", chief, body(civictest.StreetB), http.StatusCreated)
	type listed struct{ Items []hookAnswer }
	if l := call[listed](t, s, http.MethodGet, "/api/v1/webhooks", street, "", http.StatusOK); len(l.Items) != 1 || l.Items[0].ID != own.ID {
		t.Errorf("the street lists %+v", l.Items)
	}
	if l := call[listed](t, s, http.MethodGet, "/api/v1/webhooks", chief, "", http.StatusOK); len(l.Items) != 2 {
		t.Errorf("the district lists %+v", l.Items)
	}
	foreign := fmt.Sprint("/api/v1/webhooks/", other.ID)
	steps := map[string]string{
		foreign: http.MethodGet, foreign + "/deliveries": http.MethodGet, foreign + "/pause": http.MethodPost, foreign + "/resume": http.MethodPost,
		foreign + "/retry": http.MethodPost, foreign + "/deliveries/1/retry": http.MethodPost,
	}
	for path, method := range steps {
		call[any](t, s, method, path, street, "", http.StatusNotFound)
	}
	call[any](t, s, http.MethodDelete, foreign, street, "", http.StatusNotFound)
	for n, role := range []account.Role{account.Leader, account.DutyOfficer, account.Dispatcher, account.Auditor} {
		token := s.token(t, fmt.Sprint("role", n), role, civictest.Root)
		for path, method := range steps {
			call[any](t, s, method, path, token, "", http.StatusForbidden)
		}
		call[any](t, s, http.MethodGet, "/api/v1/webhooks", token, "", http.StatusForbidden)
		call[any](t, s, http.MethodPost, "/api/v1/webhooks", token, body(civictest.StreetB), http.StatusForbidden)
		call[any](t, s, http.MethodDelete, foreign, token, "", http.StatusForbidden)
	}
	call[hookAnswer](t, s, http.MethodGet, foreign, chief, "", http.StatusOK)
}
