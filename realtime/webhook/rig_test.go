package webhook_test

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river/rivertype"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	hooks "github.com/gridweave/gridweave/geo/civic/webhook"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/realtime/audience"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/webhook"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// atOnce tries again without a wait.
type atOnce struct{}

func (atOnce) NextRetry(*rivertype.JobRow) time.Time { return time.Now() }

const epoch = "6a3f09c1d2e4b587-1"

// node is a hub that the test drives in place of a feed, and a reactor.
type node struct {
	picture *live.Picture
	hub     *audience.Hub
	metrics *prometheus.Registry
	stop    func()
}

func newNode(t *testing.T, d civictest.District, lsn uint64, elsewhere ...func(position.Position) bool) *node {
	t.Helper()
	n := &node{metrics: prometheus.NewRegistry()}
	var err error
	if n.picture, err = live.New(live.Spec{Name: "thing", Nums: []string{"v"}}); err != nil {
		t.Fatal(err)
	}
	n.hub, err = audience.New(n.picture, audience.Config{
		Topics: []audience.Topic{{Name: "thing", Sources: []audience.Source{{Layer: "thing", Data: func(dst []byte, _ audience.Look, _, now *live.Feature) []byte {
			return fmt.Appendf(dst, `{"v":%d}`, now.Nums[0])
		}}}}},
		Metrics: audience.NewMetrics(prometheus.NewRegistry()),
	}, func(*audience.Audience) {})
	if err != nil {
		t.Fatal(err)
	}
	at := position.Position{Epoch: epoch, LSN: lsn}
	n.picture.Advance(at)
	n.hub.Reset(at)
	cfg := webhook.Config{
		Hub: n.hub, Pool: d.Admin, Open: d.Sealer.Open, Log: slog.New(slog.DiscardHandler), Backoff: atOnce{}, MaxAttempts: 3,
		Metrics: webhook.NewMetrics(n.metrics), MaxWaiting: 40,
	}
	for _, e := range elsewhere {
		cfg.Elsewhere = e
	}
	r, err := webhook.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	n.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(n.stop)
	return n
}

func (n *node) commit(t *testing.T, lsn uint64, v uint32) {
	t.Helper()
	at := position.Position{Epoch: epoch, LSN: lsn}
	deltas, err := n.picture.Apply(position.Position{Epoch: epoch, LSN: lsn + 1}, []live.Change{{
		Layer: "thing", ID: 1, Code: civictest.StreetA, Nums: []live.Num{{Value: v}}, At: at,
	}})
	if err != nil {
		t.Fatal(err)
	}
	n.hub.Applied(deltas, position.Position{Epoch: epoch, LSN: lsn + 1})
}

// receiver is another department's system.
type receiver struct {
	*httptest.Server
	got    chan webhook.Event
	mu     sync.Mutex
	refuse int // so many deliveries
	secret string
	wrong  string
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{got: make(chan webhook.Event, 1000)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.refuse != 0 {
			r.refuse--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		seconds, _, _ := strings.Cut(strings.TrimPrefix(req.Header.Get(webhook.SignatureHeader), "t="), ",")
		at, _ := strconv.ParseInt(seconds, 10, 64)
		if want := webhook.Sign([]byte(r.secret), body, time.Unix(at, 0)); !hmac.Equal([]byte(want), []byte(req.Header.Get(webhook.SignatureHeader))) {
			r.wrong = req.Header.Get(webhook.SignatureHeader)
		}
		var e webhook.Event
		if err := json.Unmarshal(body, &e); err != nil || req.Header.Get("Content-Type") != "application/cloudevents+json" {
			r.wrong = string(body)
		}
		r.got <- e
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) add(t *testing.T, d civictest.District) (*hooks.Service, hooks.Webhook) {
	t.Helper()
	service := hooks.NewService(d.DB, d.Sealer, []string{"thing"})
	made, _, err := service.Add(t.Context(), account.Console("44"), hooks.New{Code: civictest.StreetA, Topics: []string{"thing"}, URL: r.URL})
	if err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	r.secret = made.Secret
	r.mu.Unlock()
	return service, made.Webhook
}

// heard waits until the reactor listens for the webhook.
func heard(t *testing.T, d civictest.District) {
	t.Helper()
	wait(t, func() bool {
		var n int
		if err := d.Admin.QueryRow(t.Context(), `select count(*) from webhook where epoch = ''`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n == 0
	})
}

// wait asks again until it is so.
func wait(t *testing.T, so func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("never came to be so")
		}
	}
}

func (r *receiver) next(t *testing.T) webhook.Event {
	t.Helper()
	select {
	case e := <-r.got:
		return e
	case <-time.After(time.Minute):
		t.Fatal("nothing was delivered")
		return webhook.Event{}
	}
}
