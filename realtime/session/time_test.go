package session_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/session"
	"github.com/gridweave/gridweave/realtime/wire"
)

// pipes is a network within the test's bubble: where everybody waits on it, time goes on at once.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	shut  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.shut:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.shut) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// addressed is one end of a pipe with an address, as the server counts them.
type addressed struct{ net.Conn }

func (addressed) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// timed is a server of streams in a bubble.
type timed struct {
	t       *testing.T
	server  *session.Server
	metrics *prometheus.Registry
	net     *pipes
	stop    func()
	began   time.Time
	until   time.Time // of every credential; zero for never
}

func newTimed(t *testing.T, elsewhere func(position.Position) bool) *timed {
	t.Helper()
	n := &timed{t: t, metrics: prometheus.NewRegistry(), net: &pipes{conns: make(chan net.Conn), shut: make(chan struct{})}, began: time.Now()}
	picture, err := live.New(live.Spec{Name: "thing", Nums: []string{"v"}})
	if err != nil {
		t.Fatal(err)
	}
	n.server, err = session.New(picture, session.Config{
		Topics: testTopics(), Log: slog.New(slog.DiscardHandler), Metrics: session.NewMetrics(n.metrics),
		Following: func() bool { return true }, Nudge: func() {}, Elsewhere: elsewhere,
	})
	if err != nil {
		t.Fatal(err)
	}
	at := position.Position{Epoch: epoch, LSN: 100}
	picture.Advance(at)
	n.server.Hub().Reset(at)
	again := func() (session.Identity, session.Verdict) {
		return session.Identity{Account: 1, Scope: "44", Until: n.until}, session.Valid
	}
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.server.ServeWebSocket(w, r, session.Identity{Account: 1, Scope: "44", Until: n.until, Again: again}, false) //nolint:contextcheck // the connection outlives its request
	})}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 2)
	go func() { ended <- n.server.Run(ctx) }()
	go func() { _ = web.Serve(n.net) }()
	n.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { n.stop(); _ = web.Close() })
	return n
}

// dial opens a stream and reads its hello.
func (n *timed) dial() *websocket.Conn {
	n.t.Helper()
	dialer := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		n.net.conns <- addressed{theirs}
		return ours, nil
	}}
	ws, resp, err := dialer.DialContext(n.t.Context(), "ws://pipe/stream", nil)
	if err != nil {
		n.t.Fatal(err)
	}
	_ = resp.Body.Close()
	n.t.Cleanup(func() { _ = ws.Close() })
	if _, ok := read(n.t, ws).(wire.Hello); !ok {
		n.t.Fatal("no hello")
	}
	return ws
}

func (n *timed) passed() time.Duration { return time.Since(n.began) }

// A server says every ten seconds that it is there, by a mark of each channel, or of none where nothing is subscribed to.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTimed(t, nil)
		ws := n.dial()
		if m := until[wire.Mark](t, ws); m.Channel != "" || n.passed() != 10*time.Second {
			t.Errorf("after %v: %+v", n.passed(), m)
		}
		send(t, ws, wire.Subscribe{ID: "x", Topics: []string{"fact"}, Area: "4403"})
		for beat := 2; beat <= 4; beat++ {
			if m := until[wire.Mark](t, ws); m.Channel != "4403/fact" || n.passed() != time.Duration(beat)*10*time.Second {
				t.Errorf("after %v: %+v", n.passed(), m)
			}
		}
	})
}

// A client that answers no ping, and says nothing, is closed after three quarters of a minute with the code that lets it
// come back; one that only answers stays, and so does one that only asks.
func TestSilentClientIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTimed(t, nil)
		silent, asks, answers := n.dial(), n.dial(), n.dial()
		for _, ws := range []*websocket.Conn{silent, asks} {
			ws.SetPingHandler(func(string) error { return nil })
		}
		gone := make(chan time.Duration, 1)
		go func() {
			if code := closedWith(t, silent); code != wire.CloseSilent || !code.Reconnect() {
				t.Errorf("closed with %v", code)
			}
			gone <- n.passed()
		}()
		go func() {
			for range 40 {
				<-time.After(15 * time.Second)
				send(t, asks, wire.Ping{ID: "1"})
			}
		}()
		heard := make(chan time.Duration, 1)
		go func() {
			for range 60 {
				read(t, answers)
			}
			heard <- n.passed()
		}()
		for pongs := 0; pongs < 40; {
			if _, ok := read(t, asks).(wire.Pong); ok {
				pongs++
			}
		}
		if n.passed() != 10*time.Minute {
			t.Errorf("the one that asks was answered until %v", n.passed())
		}
		if at := <-heard; at != 10*time.Minute {
			t.Errorf("the one that answers heard until %v", at)
		}
		if at := <-gone; at <= 45*time.Second || at > 55*time.Second {
			t.Errorf("the silent one was closed after %v", at)
		}
	})
}

// A line that takes nothing for half a minute is given up; who reads meanwhile is not held up.
func TestDeadLineIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTimed(t, nil)
		dead, reads := n.dial(), n.dial()
		for beat := 1; beat <= 4; beat++ { // the first mark is what the dead one does not take
			if until[wire.Mark](t, reads); n.passed() != time.Duration(beat)*10*time.Second {
				t.Errorf("mark %d came after %v", beat, n.passed())
			}
		}
		synctest.Wait()
		if _, _, err := dead.ReadMessage(); err == nil || n.passed() != 40*time.Second {
			t.Errorf("after %v: %v", n.passed(), err)
		}
		families, err := n.metrics.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				if f.GetName() == "gridweave_stream_closes_total" && m.GetLabel()[0].GetValue() == "slow" && m.GetCounter().GetValue() != 1 {
					t.Errorf("%g lines were given up", m.GetCounter().GetValue())
				}
			}
		}
	})
}

// A session that ends by its time ends its stream, with the code that says not to come back.
func TestCredentialRunsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTimed(t, nil)
		n.until = n.began.Add(time.Hour)
		ws := n.dial()
		if code := closedWith(t, ws); code != wire.CloseUnauthenticated || code.Reconnect() {
			t.Errorf("closed with %v", code)
		}
		if n.passed() < time.Hour || n.passed() > time.Hour+10*time.Second {
			t.Errorf("closed after %v", n.passed())
		}
	})
}

// A server that stops spreads the moments at which its clients are to come back, and does not wait for one that does not
// take its leave.
func TestGoodbyeIsSpread(t *testing.T) {
	const clients = 150
	synctest.Test(t, func(t *testing.T) {
		n := newTimed(t, nil)
		all := make([]*websocket.Conn, clients)
		for i := range all {
			all[i] = n.dial()
		}
		n.dial() // never reads again
		began := time.Now()
		stopped := make(chan time.Duration, 1)
		go func() { n.stop(); stopped <- time.Since(began) }()
		waits := map[int]int{}
		for _, ws := range all {
			bye := until[wire.Bye](t, ws)
			waits[bye.RetryAfter]++
			if bye.RetryAfter < 500 || bye.RetryAfter > 500+clients+1 {
				t.Errorf("told to come back after %d ms", bye.RetryAfter)
			}
			if code := closedWith(t, ws); code != wire.CloseStopping {
				t.Errorf("closed with %v", code)
			}
			_ = ws.Close()
		}
		if len(waits) < clients/3 {
			t.Errorf("%d different waits for %d clients", len(waits), clients)
		}
		if took := <-stopped; took > 5*time.Second {
			t.Errorf("stopping took %v", took)
		}
	})
}

// Whoever always comes back to a server that cannot go on, though another one could, begins anew after a while.
func TestSentAwayNotForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTimed(t, func(position.Position) bool { return true })
		since := position.Position{Epoch: epoch, LSN: 50}
		times := 0
		for {
			ws := n.dial()
			send(t, ws, wire.Subscribe{ID: "x", Topics: []string{"fact"}, Area: "4403", Since: since})
			bye, away := read(t, ws).(wire.Bye)
			if !away {
				if r := until[wire.Resync](t, ws); r.Reason != wire.TooOld {
					t.Errorf("%+v", r)
				}
				break
			}
			times++
			if code := closedWith(t, ws); code != wire.CloseAway {
				t.Errorf("closed with %v", code)
			}
			_ = ws.Close()
			<-time.After(time.Duration(bye.RetryAfter) * time.Millisecond)
		}
		if n.passed() < 15*time.Second || n.passed() > 16*time.Second || times < 30 {
			t.Errorf("sent away %d times, in %v", times, n.passed())
		}
	})
}
