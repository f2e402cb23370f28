package session

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"github.com/gridweave/gridweave/realtime/wire"
)

// readBuffer is small: clients say little, and ten thousand of them say nothing most of the time.
const readBuffer = 1 << 10

// Twenty messages a second, and sixty at once: a map that is dragged, not a flood.
const (
	messagesPerSecond = 20
	messagesAtOnce    = 60
)

// ServeWebSocket makes a stream of a request. Somebody who is nobody (denied) is told so by a close code, since a browser
// shows its page nothing of an answer that refuses the handshake.
func (s *Server) ServeWebSocket(w http.ResponseWriter, r *http.Request, id Identity, denied bool) {
	pace, err := ParsePace(r.URL.Query().Get("pace"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	hijacker := &hijacker{ResponseWriter: w}
	upgrader := websocket.Upgrader{
		// With a pool, which it never comes to use, gorilla does not keep the server's own buffer of 4 KB for writing.
		ReadBufferSize: readBuffer, WriteBufferPool: &sync.Pool{}, Subprotocols: []string{wire.Subprotocol}, HandshakeTimeout: stuckAfter,
		EnableCompression: true,
		Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
			http.Error(w, reason.Error(), status)
		},
	}
	ws, err := upgrader.Upgrade(hijacker, r, nil)
	if err != nil {
		return // it has been answered
	}
	hijacker.gate.shut.Store(true)
	c := s.newConn(pace, id, addressOf(r), transportOf(hijacker.gate.Conn))
	c.deflates = hijacker.gate.deflates
	s.begin(c, denied, func() { c.read(ws) })
}

// begin admits a connection and starts its reader. The caller returns: a handler that waited would keep the request.
func (s *Server) begin(c *Conn, denied bool, read func()) {
	if !s.enter() {
		c.out.close()
		return
	}
	refused := wire.CloseUnauthenticated
	if !denied {
		refused = s.admit(c)
	}
	if refused == 0 {
		at := s.hub.Position()
		c.say(wire.Hello{Epoch: at.Epoch, Position: at, Heartbeat: int(heartbeat / time.Second)})
		c.recheck() // what was taken away since the request was looked at, was told of before the connection was known
	} else {
		c.close(refused)
	}
	go func() {
		defer s.work.Done()
		read()
	}()
}

func (s *Server) newConn(pace Pace, id Identity, address string, out transport) *Conn {
	c := &Conn{
		server: s, flusher: s.flusherFor(pace), out: out, address: address, account: id.Account, identity: id,
		limit: rate.NewLimiter(messagesPerSecond, messagesAtOnce),
	}
	c.alive()
	return c
}

// Ready tells whether there is anything to tell yet: the picture is loaded.
func (s *Server) Ready() bool { return !s.hub.Position().IsZero() }

func (c *Conn) alive() { c.seen.Store(time.Now().Unix()) }

// read takes what the client says until it has nothing more to say.
func (c *Conn) read(ws *websocket.Conn) {
	defer c.end()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ws.SetPingHandler(func(data string) error {
		c.alive()
		c.enqueue(wire.AppendPong(nil, []byte(data)))
		return nil
	})
	ws.SetPongHandler(func(string) error { c.alive(); return nil })
	ws.SetCloseHandler(func(code int, _ string) error {
		c.answerClose(code)
		return nil
	})
	for {
		text, err := next(ws)
		if err != nil {
			c.readEnds(err)
			return
		}
		c.alive()
		if !apart(func() bool { return c.hear(ctx, text) }) {
			c.discard(ws)
			return
		}
	}
}

// apart does the work on a goroutine of its own and waits for it. A stack grows to the deepest call and stays so: the
// ten thousand readers that only wait keep 4 KB each this way instead of 8.
func apart(work func() bool) bool {
	done := make(chan bool, 1)
	go func() { done <- work() }()
	return <-done
}

// next reads a message of no more than the limit.
func next(ws *websocket.Conn) ([]byte, error) {
	kind, r, err := ws.NextReader()
	if err != nil {
		return nil, err
	}
	if kind != websocket.TextMessage {
		return nil, errBinary
	}
	var text bytes.Buffer
	n, err := io.Copy(&text, io.LimitReader(r, wire.MaxMessage+1))
	if err == nil && n > wire.MaxMessage {
		err = errTooLarge
	}
	return text.Bytes(), err
}

var (
	errBinary   = errors.New("a binary message")
	errTooLarge = errors.New("a message above the limit")
)

// readEnds closes with the code that fits, where the client did not close by itself.
func (c *Conn) readEnds(err error) {
	switch {
	case errors.Is(err, errTooLarge):
		c.close(wire.CloseTooLarge)
	case errors.Is(err, errBinary), isProtocol(err):
		c.close(wire.CloseProtocol)
	default:
		return
	}
	c.settle()
}

// isProtocol tells a client that breaks the protocol from a line that broke.
func isProtocol(err error) bool {
	_, closed := errors.AsType[*websocket.CloseError](err)
	_, network := errors.AsType[net.Error](err)
	return !closed && !network && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, net.ErrClosed)
}

// settle gives what is queued the time to go out before the connection ends.
func (c *Conn) settle() {
	deadline := time.NewTimer(lingerFor)
	defer deadline.Stop()
	select {
	case <-c.whenIdle():
	case <-deadline.C:
	}
}

// discard reads on until the client has closed too, so that it gets to read why.
func (c *Conn) discard(ws *websocket.Conn) {
	for {
		if _, _, err := ws.NextReader(); err != nil {
			return
		}
	}
}

// answerClose sends the close back, as the protocol wants it, where the client began.
func (c *Conn) answerClose(code int) {
	c.mu.Lock()
	first := !c.closing
	if first {
		c.add([][]byte{wire.AppendClose(nil, code, "")})
		c.closing = true
	}
	c.mu.Unlock()
	if first {
		c.flusher.look(c)
		c.settle()
	}
}

// hear does what a message asks for, and tells whether to go on.
func (c *Conn) hear(ctx context.Context, text []byte) bool {
	if !c.limit.Allow() {
		c.close(wire.CloseTooFast)
		return false
	}
	m, err := wire.DecodeClient(text)
	if err != nil {
		c.say(wire.Error{Code: "message", Message: err.Error()})
		c.close(wire.CloseProtocol)
		return false
	}
	id := ""
	switch m := m.(type) {
	case wire.Ping:
		if len(m.ID) <= wire.MaxID {
			c.say(wire.Pong(m))
		}
	case wire.Subscribe:
		id, err = m.ID, c.subscribe(ctx, m)
	case wire.Move:
		id, err = m.ID, c.move(ctx, m)
	case wire.Unsubscribe:
		id, err = m.ID, c.unsubscribe(m)
	}
	if refused, ok := errors.AsType[refusal](err); ok {
		c.say(wire.Error{ID: id, Code: refused.code, Message: refused.message})
	} else if err != nil {
		c.close(wire.CloseBroken) // unless it is closed already
		return false
	}
	return true
}

// hijacker finds Hijack behind middleware, and gives gorilla a connection that it can shake hands on and read from. Once
// that is done nobody but us writes: the frames that gorilla sends by itself, about errors of the protocol, must not
// fall into the middle of ours.
type hijacker struct {
	http.ResponseWriter
	gate *gate
}

type gate struct {
	net.Conn
	shut     atomic.Bool
	deflates bool // the handshake's answer said so; gorilla knows, and does not tell
}

// Write lets the handshake through, and nothing after it.
func (g *gate) Write(b []byte) (int, error) {
	if g.shut.Load() {
		return len(b), nil
	}
	g.deflates = g.deflates || bytes.Contains(b, []byte("permessage-deflate"))
	return g.Conn.Write(b)
}

// Hijack implements http.Hijacker.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.gate = &gate{Conn: conn}
	return h.gate, rw, nil
}

// transportOf writes to the descriptor where there is one of its own.
func transportOf(conn net.Conn) transport {
	if t, ok := conn.(*net.TCPConn); ok {
		if raw, err := t.SyscallConn(); err == nil {
			return &tcp{Conn: conn, raw: raw}
		}
	}
	return wrapped{conn}
}

// addressOf is who is counted: the other end of the line.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
