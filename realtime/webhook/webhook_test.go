package webhook_test

import (
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	hooks "github.com/gridweave/gridweave/geo/civic/webhook"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/webhook"
)

// Two nodes tell of the same events: each is delivered once, signed, also where the receiver refuses at first; what it
// refuses too often is a dead letter, which can be tried again.
func TestWebhooks(t *testing.T) {
	d := civictest.New(t)
	one, other := newNode(t, d, 100), newNode(t, d, 100)
	r := newReceiver(t)
	service, hook := r.add(t, d)
	heard(t, d)
	r.mu.Lock()
	r.refuse = 2
	r.mu.Unlock()
	for v := range uint32(20) {
		one.commit(t, 200+uint64(10*v), v)
		other.commit(t, 200+uint64(10*v), v)
	}
	seen := map[string]int{}
	for range 20 {
		e := r.next(t)
		seen[e.ID]++
		if e.SpecVersion != "1.0" || e.Source != "/gridweave/"+epoch || !strings.HasPrefix(e.Type, "gridweave.thing.") ||
			e.Subject != string(civictest.StreetA) || e.Entity != "1" || !strings.HasPrefix(string(e.Data), `{"v":`) {
			t.Errorf("delivered %+v", e)
		}
	}
	if len(seen) != 20 {
		t.Errorf("%d different events of 20", len(seen))
	}
	var jobs int
	if err := d.Admin.QueryRow(t.Context(), `select count(*) from river.river_job`).Scan(&jobs); err != nil || jobs != 20 {
		t.Errorf("%d jobs for 20 events, %v", jobs, err)
	}
	r.mu.Lock()
	if r.wrong != "" {
		t.Errorf("a delivery is not as it should be: %s", r.wrong)
	}
	r.refuse = 3 // as often as is tried
	r.mu.Unlock()
	one.commit(t, 1000, 99)
	var letters []hooks.Delivery
	wait(t, func() bool {
		var err error
		if letters, err = service.Dead(t.Context(), account.Console("44")); err != nil {
			t.Fatal(err)
		}
		return len(letters) == 1
	})
	if letters[0].Webhook != hook.ID || letters[0].Attempts != 3 || !strings.Contains(letters[0].Error, "503") {
		t.Errorf("letter %+v", letters[0])
	}
	if n, _, err := service.Retry(t.Context(), account.Console("44"), hook.ID); n != 1 || err != nil {
		t.Errorf("%d tried again, %v", n, err)
	}
	if e := r.next(t); string(e.Data) != `{"v":99}` {
		t.Errorf("delivered %+v", e)
	}
}

// Where the only node was away, the receiver is told that something may be missing; with another one nothing is.
func TestWebhookAfterARestart(t *testing.T) {
	d := civictest.New(t)
	one, other := newNode(t, d, 100), newNode(t, d, 100)
	r := newReceiver(t)
	r.add(t, d)
	heard(t, d)
	one.stop()
	other.commit(t, 200, 1)
	if e := r.next(t); string(e.Data) != `{"v":1}` {
		t.Errorf("delivered %+v", e)
	}
	other.stop()
	again := newNode(t, d, 900)
	if e := r.next(t); e.Type != "gridweave.resync" || e.Subject != string(civictest.StreetA) || !strings.Contains(string(e.Data), `"topics":["thing"]`) {
		t.Errorf("delivered %+v", e)
	}
	again.commit(t, 1000, 2)
	if e := r.next(t); string(e.Data) != `{"v":2}` {
		t.Errorf("delivered %+v", e)
	}
}

// A node that has just started says nothing of a gap while another one, whose memory reaches further, goes on; marks
// bring the two together, so that it can go on alone afterwards.
func TestWebhookOfAYoungNode(t *testing.T) {
	d := civictest.New(t)
	old := newNode(t, d, 100)
	r := newReceiver(t)
	r.add(t, d)
	heard(t, d)
	var asked, alive atomic.Bool
	alive.Store(true)
	young := newNode(t, d, 300, func(position.Position) bool {
		asked.Store(true)
		return alive.Load()
	})
	wait(t, asked.Load)
	old.hub.Advance(position.Position{Epoch: epoch, LSN: 310})
	old.hub.Mark(time.Now(), time.Hour)
	wait(t, func() bool {
		var done int
		if err := d.Admin.QueryRow(t.Context(), `select lsn::int from webhook`).Scan(&done); err != nil {
			t.Fatal(err)
		}
		return done == 310
	})
	old.stop()
	alive.Store(false)
	young.commit(t, 400, 1)
	if e := r.next(t); string(e.Data) != `{"v":1}` {
		t.Errorf("delivered %+v", e)
	}
}

// While a webhook is paused what happens waits, up to a bound; what is beyond that is lost, all of it at once: the receiver
// is told so once it hears again, and everybody else by a dead letter and counts.
func TestPausedForTooLong(t *testing.T) {
	d := civictest.New(t)
	n := newNode(t, d, 100)
	r := newReceiver(t)
	service, hook := r.add(t, d)
	heard(t, d)
	admin := account.Console("44")
	if _, _, err := service.Pause(t.Context(), admin, hook.ID); err != nil {
		t.Fatal(err)
	}
	get := func() hooks.Webhook {
		w, err := service.Get(t.Context(), admin, hook.ID)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	const happen = 100
	for v := range uint32(happen) {
		n.commit(t, 200+uint64(10*v), v)
		// One transaction each, so that the bound is met at the same place.
		wait(t, func() bool {
			w := get()
			told := min(1, int(w.Lost)) // gridweave.resync waits as well
			return w.Waiting-told+int(w.Lost) == int(v)+1
		})
	}
	w := get()
	if w.Lost == 0 || w.LostAt == nil || w.Waiting > 44 || w.Dead != 2 {
		t.Fatalf("%+v", w)
	}
	letters, err := service.Deliveries(t.Context(), admin, hook.ID, hooks.Filter{State: hooks.Dead})
	if err != nil || len(letters) != 2 || !strings.Contains(letters[0].Error, "more than 40 deliveries waited") {
		t.Errorf("letters %+v, %v", letters, err)
	}
	if got := counted(t, n.metrics, "gridweave_webhook_lost_total"); got != float64(w.Lost) {
		t.Errorf("the metric says %g of %d", got, w.Lost)
	}
	if _, _, err := service.Resume(t.Context(), admin, hook.ID); err != nil {
		t.Fatal(err)
	}
	// The second time, what was told the first time went with all else.
	var gap webhook.Unsaid
	events := map[string]bool{}
	for range w.Waiting {
		e := r.next(t)
		if e.Type != "gridweave.resync" {
			events[e.ID] = true
			continue
		}
		if err := json.Unmarshal(e.Data, &gap); err != nil || gap.Reason != "queue_full" || len(gap.Topics) != 1 || gap.Lost == 0 {
			t.Errorf("told %s, %v", e.Data, err)
		}
	}
	if gap.Reason == "" || len(events)+int(w.Lost) != happen {
		t.Errorf("%d events told, %d lost, of %d; told %+v", len(events), w.Lost, happen, gap)
	}
}

// counted is a counter's value.
func counted(t *testing.T, from *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

func TestWebhookRefusals(t *testing.T) {
	d := civictest.New(t)
	s := hooks.NewService(d.DB, d.Sealer, []string{"thing"})
	admin := account.Console("44")
	for _, n := range []hooks.New{
		{Code: civictest.StreetA, Topics: []string{"thing"}, URL: "ftp://example"},
		{Code: civictest.StreetA, Topics: []string{"thing"}, URL: "http://user:password@example"},
		{Code: civictest.StreetA, URL: "http://example"},
		{Code: civictest.StreetA, Topics: []string{"weather"}, URL: "http://example"},
		{Code: "45", Topics: []string{"thing"}, URL: "http://example"},
	} {
		if _, _, err := s.Add(t.Context(), admin, n); err == nil {
			t.Errorf("%+v was taken", n)
		}
	}
	leader := account.Actor{Role: account.Leader, Scope: "44"}
	if _, err := s.List(t.Context(), leader, hooks.Filter{}); err == nil {
		t.Error("a leader lists webhooks")
	}
	made, _, err := s.Add(t.Context(), admin, hooks.New{Code: civictest.StreetA, Topics: []string{"thing"}, URL: "http://example"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Remove(t.Context(), account.Console("45"), made.ID); err == nil {
		t.Error("removed from another city")
	}
	if _, err := s.Remove(t.Context(), admin, made.ID); err != nil {
		t.Error(err)
	}
	var steps int
	if err := d.Admin.QueryRow(t.Context(), `select count(*) from evidence where noun = 'webhook'`).Scan(&steps); err != nil || steps != 2 {
		t.Errorf("%d steps in the ledger, %v", steps, err)
	}
}
