package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/topics"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/audience"
	"github.com/gridweave/gridweave/realtime/session"
	"github.com/gridweave/gridweave/realtime/wire"
)

// serveStream runs the stream's server until the test ends.
func (s *surface) serveStream(t *testing.T, picture *live.Picture) *audience.Hub {
	t.Helper()
	var err error
	s.stream, err = session.New(picture, session.Config{
		Topics: topics.All(tilesets.All(), tilesets.Layers()...), Log: slog.New(slog.DiscardHandler),
		Metrics:   session.NewMetrics(prometheus.NewRegistry()),
		Following: func() bool { return s.feed.Following() }, Nudge: func() { s.feed.Nudge() },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.directory.Watch(func(n account.Notice) { s.stream.Recheck(n.All, n.Accounts) })
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.stream.Run(ctx) }()
	s.stopStream = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(s.stopStream)
	return s.stream.Hub()
}

// client is a stream as a client sees it: every message is read by the wire's own types.
type client struct {
	t  *testing.T
	ws *websocket.Conn
}

func (s *surface) dial(t *testing.T, token string) *client {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	ws, resp, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.server.URL, "http")+"/stream",
		http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	return &client{t, ws}
}

func (c *client) send(m wire.Message) {
	c.t.Helper()
	text, err := wire.Encode(m)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.ws.WriteMessage(websocket.TextMessage, text); err != nil {
		c.t.Fatal(err)
	}
}

// next gives the next message; marks are passed over.
func (c *client) next() wire.Message {
	c.t.Helper()
	for {
		if err := c.ws.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			c.t.Fatal(err)
		}
		_, text, err := c.ws.ReadMessage()
		if err != nil {
			c.t.Fatal(err)
		}
		m, err := wire.DecodeServer(text)
		if err != nil {
			c.t.Fatalf("%s: %v", text, err)
		}
		if _, quiet := m.(wire.Mark); !quiet {
			return m
		}
	}
}

// expect gives the next message, which has to be of the type.
func expect[M wire.Message](c *client) M {
	c.t.Helper()
	m := c.next()
	want, ok := m.(M)
	if !ok {
		c.t.Fatalf("got %#v, want a %T", m, want)
	}
	return want
}

// closed gives the code that the server closes with.
func (c *client) closed() int {
	c.t.Helper()
	for {
		if _, _, err := c.ws.ReadMessage(); err != nil {
			if e, ok := err.(*websocket.CloseError); ok { //nolint:errorlint // gorilla does not wrap it
				return e.Code
			}
			c.t.Fatal(err)
		}
	}
}

func (s *surface) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := s.AsAdmin(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

const recolour = `update building_state set grade = $2 where code = $1`

func TestStreamSubscribeSnapshotLive(t *testing.T) {
	s := newSurface(t)
	c := s.dial(t, s.token(t, "street", account.Dispatcher, civictest.StreetA))
	hello := expect[wire.Hello](c)
	c.send(wire.Subscribe{ID: "wall", Topics: []string{"grade", "incident"}})
	subscribed := expect[wire.Subscribed](c)
	if subscribed.Position.Epoch != hello.Epoch || subscribed.Resumed {
		t.Errorf("%+v after %+v", subscribed, hello)
	}
	snapshot := expect[wire.Snapshot](c)
	if len(snapshot.Items) != 8 || !snapshot.Reset || snapshot.More || snapshot.Position != subscribed.Position {
		t.Errorf("snapshot of %d items, %v %v at %v", len(snapshot.Items), snapshot.Reset, snapshot.More, snapshot.Position)
	}
	s.exec(t, recolour, civictest.BuildingB, "red") // outside
	s.exec(t, recolour, civictest.BuildingA, "red")
	batch := expect[wire.Batch](c)
	if len(batch.Items) != 1 {
		t.Fatalf("%d items: %+v", len(batch.Items), batch)
	}
	item := batch.Items[0]
	var data struct{ Grade, Was string }
	if err := json.Unmarshal(item.Data, &data); err != nil {
		t.Fatal(err)
	}
	if item.Code != civictest.BuildingA || item.Kind != wire.Changed || data.Grade != "red" || data.Was == "" {
		t.Errorf("item %+v with %+v", item, data)
	}
	c.send(wire.Ping{ID: "7"})
	if pong := expect[wire.Pong](c); pong.ID != "7" {
		t.Errorf("pong %q", pong.ID)
	}
}

// A dropped connection goes on where it was: nothing is lost, nothing comes twice, nothing starts anew.
func TestStreamResumes(t *testing.T) {
	s := newSurface(t)
	token := s.token(t, "street", account.Dispatcher, civictest.StreetA)
	c := s.dial(t, token)
	expect[wire.Hello](c)
	c.send(wire.Subscribe{ID: "wall", Topics: []string{"grade"}})
	expect[wire.Subscribed](c)
	since := expect[wire.Snapshot](c).Position
	_ = c.ws.Close()
	for _, grade := range []string{"red", "orange", "red"} {
		s.exec(t, recolour, civictest.BuildingA, grade)
	}
	c = s.dial(t, token)
	expect[wire.Hello](c)
	c.send(wire.Subscribe{ID: "again", Topics: []string{"grade"}, Since: since})
	if got := expect[wire.Subscribed](c); !got.Resumed || got.Position != since {
		t.Fatalf("%+v, want resumed at %v", got, since)
	}
	var grades []string
	for len(grades) < 3 {
		for _, item := range expect[wire.Batch](c).Items {
			var data struct{ Grade string }
			if err := json.Unmarshal(item.Data, &data); err != nil {
				t.Fatal(err)
			}
			grades = append(grades, data.Grade)
		}
	}
	if fmt.Sprint(grades) != "[red orange red]" {
		t.Errorf("got %v", grades)
	}
}

// Clients that come back ask the database nothing: who they are, and what they missed, is in memory.
func TestComingBackAsksNoDatabase(t *testing.T) {
	const clients = 50
	s := newSurface(t)
	token := s.token(t, "street", account.Dispatcher, civictest.StreetA)
	s.settle(t)
	all := make([]*client, clients)
	for i := range all {
		all[i] = s.dial(t, token)
		expect[wire.Hello](all[i])
		all[i].send(wire.Subscribe{ID: "wall", Topics: []string{"grade"}})
		expect[wire.Subscribed](all[i])
	}
	since := expect[wire.Snapshot](all[0]).Position
	s.exec(t, recolour, civictest.BuildingA, "red")
	expect[wire.Batch](all[0])
	for _, c := range all {
		_ = c.ws.Close()
	}
	s.Close() // whoever asks now, fails
	for i := range all {
		c := s.dial(t, token)
		expect[wire.Hello](c)
		c.send(wire.Subscribe{ID: "wall", Topics: []string{"grade"}, Since: since})
		if got := expect[wire.Subscribed](c); !got.Resumed {
			t.Fatalf("client %d: %+v", i, got)
		}
		expect[wire.Batch](c)
	}
}

// Another area is refused; a role that changes ends what it allowed, at once; a session that ends closes.
func TestStreamRights(t *testing.T) {
	s := newSurface(t)
	c := s.dial(t, s.token(t, "mover", account.Dispatcher, civictest.StreetA))
	expect[wire.Hello](c)
	c.send(wire.Subscribe{ID: "other", Topics: []string{"grade"}, Area: civictest.StreetB})
	if e := expect[wire.Error](c); e.Code != "forbidden" || e.ID != "other" {
		t.Errorf("%+v", e)
	}
	no := false
	c.send(wire.Subscribe{ID: "own", Topics: []string{"grade"}, Snapshot: &no})
	expect[wire.Subscribed](c)
	c.send(wire.Subscribe{ID: "box", Topics: []string{"grade"}, Box: &wire.Box{113, 22, 115, 23}, Snapshot: &no})
	expect[wire.Subscribed](c)
	street := civictest.StreetB
	if _, _, err := s.accounts.Change(t.Context(), account.Console("44"), "mover", account.Change{Code: &street}); err != nil {
		t.Fatal(err)
	}
	s.exec(t, recolour, civictest.BuildingA, "red")
	for range 2 {
		if u := expect[wire.Unsubscribed](c); u.Reason != "scope" {
			t.Errorf("%+v", u)
		}
	}
	c.send(wire.Subscribe{ID: "new", Topics: []string{"grade"}, Area: civictest.StreetB, Snapshot: &no})
	expect[wire.Subscribed](c)
	s.exec(t, recolour, civictest.BuildingB, "red")
	if b := expect[wire.Batch](c); b.Items[0].Code != civictest.BuildingB {
		t.Errorf("%+v", b)
	}
	s.exec(t, `update token set revoked_at = now()`)
	if code := c.closed(); code != int(wire.CloseUnauthenticated) {
		t.Errorf("closed with %d", code)
	}
}

func TestStreamRefusesNobody(t *testing.T) {
	s := newSurface(t)
	if code := s.dial(t, "gwt_nothing").closed(); code != int(wire.CloseUnauthenticated) {
		t.Errorf("closed with %d", code)
	}
	if answer, _ := s.do(t, http.MethodGet, "/events?topics=grade", "", ""); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("/events answers %d", answer.StatusCode)
	}
	token := s.token(t, "street", account.Dispatcher, civictest.StreetA)
	dialer := websocket.Dialer{}
	_, resp, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.server.URL, "http")+"/stream",
		http.Header{"Authorization": {"Bearer " + token}, "Origin": {"https://elsewhere.example"}})
	if err == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("another site's page: %v", err)
	}
	_ = resp.Body.Close()
}

// What leaves an area is announced to who saw it, without saying where it went; a box does the same.
func TestStreamEnterAndLeave(t *testing.T) {
	s := newSurface(t)
	a := s.dial(t, s.token(t, "aa", account.Dispatcher, civictest.StreetA))
	b := s.dial(t, s.token(t, "bb", account.Dispatcher, civictest.StreetB))
	for _, c := range []*client{a, b} {
		expect[wire.Hello](c)
		c.send(wire.Subscribe{ID: "x", Topics: []string{"building"}})
		expect[wire.Subscribed](c)
		expect[wire.Snapshot](c)
	}
	const moved geo.Code = "4403040020010100099"
	s.exec(t, `delete from room where code like $1 || '%'`, civictest.BuildingA)
	s.exec(t, `update building set code = $2 where code = $1`, civictest.BuildingA, moved)
	left := expect[wire.Batch](a).Items
	if len(left) != 1 || left[0].Kind != wire.Left || left[0].Code != civictest.BuildingA || left[0].Data != nil {
		t.Errorf("the old street is told %+v", left)
	}
	came := expect[wire.Batch](b).Items
	if len(came) != 1 || came[0].Kind != wire.Enter || came[0].Code != moved || came[0].Data == nil {
		t.Errorf("the new street is told %+v", came)
	}
}

func TestStreamMovesItsBox(t *testing.T) {
	s := newSurface(t)
	c := s.dial(t, s.token(t, "duty", account.DutyOfficer, civictest.Root))
	expect[wire.Hello](c)
	c.send(wire.Subscribe{ID: "view", Topics: []string{"building"}, Box: &wire.Box{114, 22.5, 114.0099, 22.51}})
	expect[wire.Subscribed](c)
	first := expect[wire.Snapshot](c)
	if len(first.Items) != 4 || first.Channel != "#view" {
		t.Fatalf("%d items on %s", len(first.Items), first.Channel)
	}
	c.send(wire.Move{ID: "view", Box: wire.Box{114.01, 22.5, 114.0199, 22.51}})
	if gone := expect[wire.Leave](c); len(gone.Items) != 4 {
		t.Errorf("%d left, want 4", len(gone.Items))
	}
	if came := expect[wire.Snapshot](c); len(came.Items) != 4 || came.Reset {
		t.Errorf("%d came, reset %v", len(came.Items), came.Reset)
	}
	s.exec(t, recolour, civictest.BuildingA, "red") // in the old box
	s.exec(t, `update building_state set grade = 'red' where code like '44030400100102%'`)
	if got := expect[wire.Batch](c); len(got.Items) != 4 {
		t.Errorf("%d items, want the four houses of the new box: %+v", len(got.Items), got.Items)
	}
}

func TestAsyncAPIIsServed(t *testing.T) {
	s := newSurface(t)
	answer, body := s.do(t, http.MethodGet, "/api/asyncapi.json", "", "")
	if answer.StatusCode != http.StatusOK || !json.Valid(body) {
		t.Errorf("%d, %d bytes", answer.StatusCode, len(body))
	}
}
