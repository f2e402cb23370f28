package session_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/audience"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/session"
	"github.com/gridweave/gridweave/realtime/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const epoch = "6a3f09c1d2e4b587-1"

// thing is what the tests' only layer has: points with a value, told by a topic of events and one of states.
type thing struct {
	V    uint32 `json:"v"`
	X, Y int32
}

func appendThing(dst []byte, _ audience.Look, _, now *live.Feature) []byte {
	text, err := json.Marshal(thing{now.Nums[0], now.Label.X, now.Label.Y})
	if err != nil {
		panic(err)
	}
	return append(dst, text...)
}

func testTopics() []audience.Topic {
	source := []audience.Source{{Layer: "thing", Data: appendThing}}
	return []audience.Topic{
		{Name: "fact", Snapshot: true, Sources: source},
		{Name: "state", State: true, Snapshot: true, Sources: source},
	}
}

// node is a server of streams over a picture that the test changes itself, in place of a feed.
type node struct {
	t       *testing.T
	picture *live.Picture
	server  *session.Server
	http    *httptest.Server
	// narrowed serves the same on lines that soon take no more.
	narrowed *httptest.Server
	metrics  *prometheus.Registry
	dials    atomic.Int64
	stop     func()

	mu      sync.Mutex
	scope   geo.Code
	verdict session.Verdict
	lsn     uint64
}

func newNode(t *testing.T, limits session.Limits, with ...func(*session.Config)) *node {
	t.Helper()
	n := &node{t: t, scope: "44", verdict: session.Valid, lsn: 100, metrics: prometheus.NewRegistry()}
	var err error
	if n.picture, err = live.New(live.Spec{Name: "thing", Nums: []string{"v"}}); err != nil {
		t.Fatal(err)
	}
	cfg := session.Config{
		Topics: testTopics(), Log: slog.New(slog.DiscardHandler), Metrics: session.NewMetrics(n.metrics), Limits: limits,
		Following: func() bool { return true }, Nudge: func() {},
	}
	for _, change := range with {
		change(&cfg)
	}
	n.server, err = session.New(n.picture, cfg)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		n.server.ServeWebSocket(w, r, n.identity(), r.Header.Get("Denied") != "") //nolint:contextcheck // the connection outlives its request
	})
	n.http = httptest.NewServer(mux)
	n.narrow(mux)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- n.server.Run(ctx) }()
	n.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { n.stop(); n.http.Close(); n.narrowed.Close() })
	n.reset()
	return n
}

func (n *node) identity() session.Identity {
	n.mu.Lock()
	defer n.mu.Unlock()
	return session.Identity{Account: 1, Scope: n.scope, Again: func() (session.Identity, session.Verdict) {
		n.mu.Lock()
		defer n.mu.Unlock()
		return session.Identity{Account: 1, Scope: n.scope}, n.verdict
	}}
}

// become changes what every credential stands for.
func (n *node) become(scope geo.Code, v session.Verdict) {
	n.mu.Lock()
	n.scope, n.verdict = scope, v
	n.mu.Unlock()
	n.server.Recheck(false, []int64{1})
}

func (n *node) at() position.Position { return position.Position{Epoch: epoch, LSN: n.lsn} }

// reset is what follows a new load.
func (n *node) reset() {
	n.lsn += 10
	n.picture.Advance(n.at())
	n.server.Hub().Reset(n.at())
}

// quiet moves on without anything having happened.
func (n *node) quiet() {
	n.lsn += 10
	n.picture.Advance(n.at())
	n.server.Hub().Advance(n.at())
}

// commit applies one transaction, as the follower does.
func (n *node) commit(changes ...live.Change) []live.Delta {
	n.t.Helper()
	n.lsn += 10
	for i := range changes {
		changes[i].Layer = "thing"
		changes[i].At = position.Position{Epoch: epoch, LSN: n.lsn, Index: uint32(i)}
	}
	n.lsn += 5
	deltas, err := n.picture.Apply(n.at(), changes)
	if err != nil {
		n.t.Fatal(err)
	}
	n.server.Hub().Applied(deltas, n.at())
	return deltas
}

// put is a change that sets a thing.
func put(id uint64, code geo.Code, v uint32, x, y int32) live.Change {
	shape := live.PointShape(live.Vertex{X: x, Y: y})
	return live.Change{ID: id, Code: code, Shape: &shape, Nums: []live.Num{{Field: 0, Value: v}}}
}

// count is the value of a counter; labels are its label values.
func (n *node) count(name string, labels ...string) float64 {
	n.t.Helper()
	families, err := n.metrics.Gather()
	if err != nil {
		n.t.Fatal(err)
	}
	total := 0.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			if len(labels) == 0 || m.GetLabel()[0].GetValue() == labels[0] {
				total += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return total
}

// dial opens a stream and reads its hello.
func (n *node) dial() *websocket.Conn {
	n.t.Helper()
	ws := n.dialRaw(nil)
	if _, ok := read(n.t, ws).(wire.Hello); !ok {
		n.t.Fatal("no hello")
	}
	return ws
}

func (n *node) dialRaw(h http.Header) *websocket.Conn {
	n.t.Helper()
	return n.dialBy(websocket.Dialer{}, n.http, h)
}

// dialNarrow is dial on a line that soon takes no more.
func (n *node) dialNarrow() *websocket.Conn {
	n.t.Helper()
	ws := n.dialBy(narrowDialer(), n.narrowed, nil)
	if _, ok := read(n.t, ws).(wire.Hello); !ok {
		n.t.Fatal("no hello")
	}
	return ws
}

func (n *node) dialBy(dialer websocket.Dialer, to *httptest.Server, h http.Header) *websocket.Conn {
	n.t.Helper()
	// Every second client can inflate, so that both kinds listen to the same.
	dialer.EnableCompression = n.dials.Add(1)%2 == 0
	ws, resp, err := dialer.DialContext(n.t.Context(), "ws"+strings.TrimPrefix(to.URL, "http")+"/stream", h)
	if err != nil {
		n.t.Fatal(err)
	}
	_ = resp.Body.Close()
	n.t.Cleanup(func() { _ = ws.Close() })
	return ws
}

// tb is what a test and a property have in common.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func read(t tb, ws *websocket.Conn) wire.Message {
	t.Helper()
	_, text, err := ws.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	m, err := wire.DecodeServer(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

func send(t tb, ws *websocket.Conn, m wire.Message) {
	t.Helper()
	text, err := wire.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := ws.WriteMessage(websocket.TextMessage, text); err != nil {
		t.Fatal(err)
	}
}

// until reads until a message of the type comes.
func until[M wire.Message](t tb, ws *websocket.Conn) M {
	t.Helper()
	for {
		if m, ok := read(t, ws).(M); ok {
			return m
		}
	}
}

// closedWith reads on and gives the code of the close.
func closedWith(t tb, ws *websocket.Conn) wire.CloseCode {
	t.Helper()
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			e, ok := err.(*websocket.CloseError) //nolint:errorlint // gorilla does not wrap it
			if !ok {
				t.Fatalf("no close, but %v", err)
			}
			return wire.CloseCode(e.Code)
		}
	}
}
