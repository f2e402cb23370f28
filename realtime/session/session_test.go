package session_test

import (
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/session"
	"github.com/gridweave/gridweave/realtime/wire"
)

// Two nodes hear of the same log. A client loses the one and goes on at the other, where nobody listened to its area
// before, without losing anything.
func TestResumeOnAnotherNode(t *testing.T) {
	one, other := newNode(t, session.Limits{}), newNode(t, session.Limits{})
	both := func(c ...live.Change) {
		one.commit(c...)
		other.commit(c...)
	}
	both(put(1, "440304001", 1, 10, 10))
	l := &listener{t: t, n: one, area: "440304001", topic: "fact", state: map[uint64]thing{}, fresh: true}
	l.start()
	both(put(1, "440304001", 2, 10, 10))
	l.catchUp(one.at())
	told := len(l.events)
	one.stop()
	bye := until[wire.Bye](t, l.ws)
	if bye.RetryAfter < 500 || bye.RetryAfter > 600 {
		t.Errorf("told to come back after %d ms", bye.RetryAfter)
	}
	if code := closedWith(t, l.ws); code != wire.CloseStopping {
		t.Errorf("closed with %d", code)
	}
	for v := range uint32(20) {
		other.commit(put(1, "440304001", 10+v, 10, 10), put(2, "440304002", v, 10, 10))
	}
	l.n = other
	l.start() // to the present
	if l.resyncs != 0 || len(l.events) != told+20 || l.state[1].V != 29 {
		t.Errorf("%d resyncs, %d events, %+v", l.resyncs, len(l.events)-told, l.state[1])
	}
}

// A client that is further back than a node's memory is sent away, with or without a box, while another node remembers
// more, and begins anew once none does.
func TestSentWhereMemoryReaches(t *testing.T) {
	var reaches atomic.Bool
	n := newNode(t, session.Limits{}, func(c *session.Config) {
		c.Elsewhere = func(position.Position) bool { return reaches.Load() }
	})
	old := n.at()
	n.reset()
	for _, box := range []*wire.Box{nil, {-180, -90, 180, 90}} {
		ask := wire.Subscribe{ID: "x", Topics: []string{"fact"}, Area: "440304001", Box: box, Since: old}
		reaches.Store(true)
		ws := n.dial()
		send(t, ws, ask)
		if bye, ok := read(t, ws).(wire.Bye); !ok || bye.RetryAfter < 250 || bye.RetryAfter > 500 {
			t.Errorf("told %+v", bye)
		}
		if code := closedWith(t, ws); code != wire.CloseAway {
			t.Errorf("closed with %d", code)
		}
		reaches.Store(false)
		ws = n.dial()
		send(t, ws, ask)
		if r := until[wire.Resync](t, ws); r.Reason != wire.TooOld {
			t.Errorf("started anew because of %s", r.Reason)
		}
	}
	if to := n.server.Told(); !to.IsZero() {
		t.Errorf("told up to %v, without a mark", to)
	}
}

// A position that a client heard of at another node, which is a moment ahead, is waited for.
func TestPositionAheadIsWaitedFor(t *testing.T) {
	n := newNode(t, session.Limits{})
	n.commit(put(1, "440304001", 1, 10, 10))
	ahead := n.at()
	ahead.LSN += 12 // amid the next transaction: it includes it
	ws := n.dial()
	send(t, ws, wire.Subscribe{ID: "x", Topics: []string{"fact"}, Area: "440304001", Since: ahead})
	n.commit(put(1, "440304001", 2, 10, 10))
	n.commit(put(1, "440304001", 3, 10, 10))
	if s := until[wire.Subscribed](t, ws); !s.Resumed {
		t.Fatal("not resumed")
	}
	if b := until[wire.Batch](t, ws); string(b.Items[0].Data) != `{"v":3,"X":10,"Y":10}` {
		t.Errorf("told %s", b.Items[0].Data)
	}
}

// What cannot be gone on from is said, with the reason, and begins anew.
func TestResyncReasons(t *testing.T) {
	n := newNode(t, session.Limits{RecentBytes: 1000})
	old := n.at()
	for v := range uint32(20) {
		n.commit(put(1, "440304001", v, 10, 10))
	}
	for reason, since := range map[wire.Reason]position.Position{
		wire.TooOld:     old,
		wire.OtherEpoch: {Epoch: "6a3f09c1d2e4b587-2", LSN: n.at().LSN},
		wire.Ahead:      {Epoch: epoch, LSN: 1 << 40},
	} {
		for _, box := range []*wire.Box{nil, {-180, -90, 180, 90}} {
			ws := n.dial()
			send(t, ws, wire.Subscribe{ID: "x", Topics: []string{"fact"}, Area: "440304001", Box: box, Since: since})
			if s := until[wire.Subscribed](t, ws); s.Resumed {
				t.Errorf("%s: resumed", reason)
			}
			if r := until[wire.Resync](t, ws); r.Reason != reason {
				t.Errorf("started anew because of %s, want %s", r.Reason, reason)
			}
			if s := until[wire.Snapshot](t, ws); len(s.Items) != 1 || !s.Reset {
				t.Errorf("%s: a snapshot of %d", reason, len(s.Items))
			}
		}
		if got := n.count("gridweave_stream_resyncs_total", string(reason)); got != 2 {
			t.Errorf("%s was counted %g times", reason, got)
		}
	}
}

// A client that does not read delays nobody, and is told the newest state when it reads again, or to start anew.
func TestStalledClient(t *testing.T) {
	n := newNode(t, session.Limits{LogBytes: 256 << 10, QueueBytes: 128 << 10})
	n.commit(put(1, "440304001", 0, 10, 10), put(2, "440304001", 0, 10, 10))
	stalled := &listener{t: t, n: n, area: "440304001", topic: "state", state: map[uint64]thing{}, fresh: true, narrow: true}
	stalled.start()
	reader := &listener{t: t, n: n, area: "440304001", topic: "fact", state: map[uint64]thing{}, fresh: true}
	reader.start()
	box := &wire.Box{-180, -90, 180, 90}
	view := &listener{t: t, n: n, area: "440304001", topic: "state", box: box, state: map[uint64]thing{}, fresh: true, narrow: true}
	view.start()
	v := uint32(0)
	some := func() {
		for range 200 { // far less than a log holds, so that nobody who reads has to lag
			v++
			n.commit(put(1+uint64(v%2), "440304001", v, 10, 10))
		}
		reader.catchUp(n.at()) // it would not be served, were it to wait for the others
	}
	for n.count("gridweave_stream_blocked_total") < 2 {
		if some(); v > 100_000 {
			t.Fatal("lines that take everything")
		}
	}
	for range 8 {
		some()
	}
	for _, l := range []*listener{stalled, view} {
		l.events = nil
		l.catchUp(n.at())
		if l.state[1+uint64(v%2)].V != v || l.state[1+uint64((v-1)%2)].V != v-1 {
			t.Errorf("state %+v, want %d and %d", l.state, v, v-1)
		}
	}
	caughtUp, resyncs := n.count("gridweave_stream_caught_up_total"), n.count("gridweave_stream_resyncs_total")
	if caughtUp+resyncs < 2 {
		t.Errorf("caught up %g times, started anew %g times: both lagged", caughtUp, resyncs)
	}
	if reader.resyncs != 0 {
		t.Error("who reads had to start anew")
	}
}

// More frames than the kernel takes in one call, gathered for a client that is written to now and then, all come.
func TestManyFramesAtOnce(t *testing.T) {
	const frames = 3000
	n := newNode(t, session.Limits{})
	ws, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(n.http.URL, "http")+"/stream?pace=phone", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	defer ws.Close()
	send(t, ws, wire.Subscribe{ID: "a", Topics: []string{"fact"}, Area: "44", Box: &wire.Box{-180, -90, 180, 90}})
	until[wire.Snapshot](t, ws)
	for v := range uint32(frames) {
		n.commit(put(1, "440304001", v, 10, 10))
	}
	for range frames {
		until[wire.Batch](t, ws)
	}
}

// Events of a topic that is not of states are never left out, also for who lags.
func TestEventsAreNotConflated(t *testing.T) {
	n := newNode(t, session.Limits{})
	n.commit(put(1, "440304001", 0, 10, 10))
	l := &listener{t: t, n: n, area: "440304001", topic: "fact", state: map[uint64]thing{}, fresh: true, narrow: true}
	l.start()
	v := uint32(0)
	for n.count("gridweave_stream_blocked_total") == 0 && v < 200_000 {
		v++
		n.commit(put(1, "440304001", v, 10, 10))
	}
	l.catchUp(n.at())
	if l.resyncs == 0 && len(l.events) != int(v) {
		t.Errorf("%d events of %d, and no resync", len(l.events), v)
	}
	if l.state[1].V != v {
		t.Errorf("state %+v, want %d", l.state, v)
	}
}

// Who has to start anew again and again, since it reads too slowly, is closed, with the code that lets it come back.
func TestSlowClientIsClosed(t *testing.T) {
	n := newNode(t, session.Limits{LogBytes: 16 << 10, RecentBytes: 16 << 10})
	ws := n.dialNarrow()
	send(t, ws, wire.Subscribe{ID: "x", Topics: []string{"fact"}, Area: "440304001"})
	until[wire.Snapshot](t, ws)
	for v, resyncs := uint32(0), 0; ; {
		for range 3000 {
			v++
			n.commit(put(1, "440304001", v, 10, 10))
		}
		for anew := false; !anew; {
			_, text, err := ws.ReadMessage()
			if websocket.IsCloseError(err, int(wire.CloseSlow)) {
				if resyncs != 4 || n.count("gridweave_stream_resyncs_total", string(wire.TooSlow)) != 4 || n.count("gridweave_stream_closes_total", "slow") != 1 {
					t.Errorf("closed after starting anew %d times", resyncs)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			m, err := wire.DecodeServer(text)
			if err != nil {
				t.Fatal(err)
			}
			if _, anew = m.(wire.Resync); anew {
				resyncs++
			}
		}
	}
}

// What breaks the protocol is closed with our code and by our own frame: nothing that gorilla would write by itself gets
// onto the line.
func TestProtocolErrors(t *testing.T) {
	n := newNode(t, session.Limits{})
	ws := n.dial()
	if err := ws.WriteMessage(websocket.BinaryMessage, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if code := closedWith(t, ws); code != wire.CloseProtocol {
		t.Errorf("a binary message is closed with %d", code)
	}
	ws = n.dial()
	if _, err := ws.NetConn().Write([]byte{0x81, 0x01, 'x'}); err != nil { // a client's frame has to be masked
		t.Fatal(err)
	}
	if code := closedWith(t, ws); code != wire.CloseProtocol {
		t.Errorf("an unmasked frame is closed with %d", code)
	}
	ws = n.dial()
	send(t, ws, wire.Hello{Epoch: "x"})
	until[wire.Error](t, ws)
	if code := closedWith(t, ws); code != wire.CloseProtocol {
		t.Errorf("a server's message is closed with %d", code)
	}
	ws = n.dial()
	if err := ws.WriteControl(websocket.PingMessage, []byte("hey"), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	ponged := make(chan string, 1)
	ws.SetPongHandler(func(data string) error { ponged <- data; return nil })
	send(t, ws, wire.Ping{})
	until[wire.Pong](t, ws)
	if got := <-ponged; got != "hey" {
		t.Errorf("a ping is answered with %q", got)
	}
	if err := ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if code := closedWith(t, ws); code != 1000 {
		t.Errorf("a close is answered with %d", code)
	}
}

// When a right goes, what it gave ends at once; when the credential goes, the connection does.
func TestRecheck(t *testing.T) {
	n := newNode(t, session.Limits{})
	ws := n.dial()
	no := false
	for _, m := range []wire.Subscribe{
		{ID: "wide", Topics: []string{"fact"}, Snapshot: &no},
		{ID: "box", Topics: []string{"fact"}, Box: &wire.Box{-180, -90, 180, 90}, Snapshot: &no},
		{ID: "stays", Topics: []string{"fact"}, Area: "440304001", Snapshot: &no},
	} {
		send(t, ws, m)
		until[wire.Subscribed](t, ws)
	}
	n.become("440304001", session.Valid)
	n.commit(put(1, "440304002", 1, 10, 10), put(2, "440304001", 1, 10, 10))
	for range 2 {
		if u := until[wire.Unsubscribed](t, ws); u.ID == "stays" || u.Reason != "scope" {
			t.Errorf("%+v", u)
		}
	}
	if b := until[wire.Batch](t, ws); len(b.Items) != 1 || b.Items[0].Code != "440304001" {
		t.Errorf("told %+v", b.Items)
	}
	n.become("440304001", session.Ended)
	if code := closedWith(t, ws); code != wire.CloseUnauthenticated {
		t.Errorf("closed with %d", code)
	}
}

// A connection at rest takes no more than 8 KB of heap and stacks, its client's end in this process included.
func TestIdleMemory(t *testing.T) {
	const conns = 1000
	n := newNode(t, session.Limits{PerAccount: conns})
	clients := make([]net.Conn, 0, conns)
	t.Cleanup(func() {
		for _, c := range clients {
			_ = c.Close()
		}
	})
	open := func() {
		conn, err := net.Dial("tcp", strings.TrimPrefix(n.http.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, conn)
		const hello = "GET /stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
		if _, err := conn.Write([]byte(hello)); err != nil {
			t.Fatal(err)
		}
	}
	open()
	before := inUse()
	for range conns - 1 {
		open()
	}
	for n.count("gridweave_stream_connections") < conns {
		runtime.Gosched()
	}
	if each := (inUse() - before) / (conns - 1); each > 8<<10 {
		t.Errorf("%d bytes a connection", each)
	} else {
		t.Logf("%d bytes a connection", each)
	}
}

func inUse() uint64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)

	return m.HeapAlloc + m.StackInuse
}
