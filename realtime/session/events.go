package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// ServeEvents answers with one subscription as Server-Sent Events, until the client goes: its parameters are those of
// the subscribe message, and Last-Event-ID is where it goes on. Each event has the message's type as its name, the
// message as its data, and as its id the position up to which the client then has everything.
func (s *Server) ServeEvents(w http.ResponseWriter, r *http.Request, id Identity) error {
	m, err := parseEvents(r)
	if err != nil {
		return err
	}
	pace, err := ParsePace(r.URL.Query().Get("pace"))
	if err != nil {
		return err
	}
	out := &eventWriter{w: w, control: http.NewResponseController(w), ended: make(chan struct{}), stateless: m.Snapshot != nil && !*m.Snapshot}
	c := s.newConn(pace, id, addressOf(r), out)
	if _, err := c.prepare(m); err != nil {
		return err
	}
	if !s.enter() {
		return BusyError{wire.CloseStopping}
	}
	defer s.work.Done()
	if code := s.admit(c); code != 0 {
		return BusyError{code}
	}
	defer c.end()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	c.recheck()
	stop := c.follow(r.Context().Done(), out.ended)
	defer stop()
	if err := c.subscribe(r.Context(), m); err != nil {
		c.close(wire.CloseBroken)
	}
	select {
	case <-r.Context().Done():
	case <-out.ended:
	}
	c.end()
	<-c.whenIdle() // nothing may write to the response once its handler has returned
	return nil
}

// BusyError says why a stream is refused.
type BusyError struct{ Code wire.CloseCode }

func (e BusyError) Error() string { return "the stream is refused: " + e.Code.String() }

// RefusedError tells whether an error is the client's, and its code.
func RefusedError(err error) (code string, ok bool) {
	refused, ok := errors.AsType[refusal](err)
	return refused.code, ok
}

// follow has the connection seen as alive while its request is: nothing is heard from such a client.
func (c *Conn) follow(gone <-chan struct{}, ended <-chan struct{}) (stop func()) {
	stopped := make(chan struct{})
	c.server.work.Go(func() {
		tick := time.NewTicker(beatEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				c.alive()
			case <-gone:
				return
			case <-ended:
				return
			case <-stopped:
				return
			}
		}
	})
	return func() { close(stopped) }
}

// parseEvents reads the subscription from the query.
func parseEvents(r *http.Request) (wire.Subscribe, error) {
	q := r.URL.Query()
	m := wire.Subscribe{ID: "events", Topics: strings.Split(q.Get("topics"), ",")}
	if area := q.Get("area"); area != "" {
		code, err := geo.ParseCode(area)
		if err != nil {
			return m, refusal{"area", err.Error()}
		}
		m.Area = code
	}
	if box := q.Get("box"); box != "" {
		var b wire.Box
		parts := strings.Split(box, ",")
		for i := range b {
			var err error
			if len(parts) != len(b) {
				err = strconv.ErrSyntax
			} else {
				b[i], err = strconv.ParseFloat(parts[i], 64)
			}
			if err != nil {
				return m, refusal{"box", "a box is west,south,east,north in degrees"}
			}
		}
		m.Box = &b
	}
	since := r.Header.Get("Last-Event-ID")
	if since == "" {
		since = q.Get("since")
	}
	if since != "" {
		p, err := position.Parse(since)
		if err != nil {
			return m, refusal{"since", err.Error()}
		}
		m.Since = p
	}
	if q.Get("snapshot") == "false" {
		no := false
		m.Snapshot = &no
	}
	return m, nil
}

// eventWriter turns frames into Server-Sent Events.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	ended   chan struct{}
	once    sync.Once
	// stateless says that no snapshot was asked for: whoever comes back then has everything from the first word on.
	stateless bool
}

func (e *eventWriter) try(*vector, [][]byte) (int, error) { return 0, nil }

// write is called by one goroutine at a time.
func (e *eventWriter) write(spans [][]byte, patience time.Duration) error {
	var text bytes.Buffer
	for _, frames := range spans {
		for len(frames) > 0 {
			payload, isText, rest := wire.Payload(frames)
			switch {
			case isText:
				e.appendEvent(&text, payload)
			case wire.IsClose(frames):
				e.close()
			}
			frames = rest
		}
	}
	if err := e.control.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := e.w.Write(text.Bytes()); err != nil {
		return err
	}
	if err := e.control.Flush(); err != nil {
		return err
	}
	return e.control.SetWriteDeadline(time.Time{}) // the server's own would cut the stream off
}

// appendEvent writes an event, with the id that says what a client has once it has got it. Half a snapshot is none to go on
// from.
func (e *eventWriter) appendEvent(text *bytes.Buffer, payload []byte) {
	var head struct {
		Type       string `json:"type"`
		Position   string `json:"position"`
		To         string `json:"to"`
		More       bool   `json:"more"`
		Channel    string `json:"channel"`
		RetryAfter int    `json:"retry_after"`
	}
	if json.Unmarshal(payload, &head) != nil {
		return // every text frame is an object of ours
	}
	switch {
	case head.Type == "batch":
		text.WriteString("id: " + head.To + "\n")
	case head.Type == "mark" && head.Channel != "", head.Type == "snapshot" && !head.More,
		e.stateless && (head.Type == "subscribed" || head.Type == "resync"):
		text.WriteString("id: " + head.Position + "\n")
	case head.Type == "bye":
		text.WriteString("retry: " + strconv.Itoa(head.RetryAfter) + "\n")
	}
	text.WriteString("event: " + head.Type + "\ndata: ")
	text.Write(payload)
	text.WriteString("\n\n")
}

func (e *eventWriter) close() { e.once.Do(func() { close(e.ended) }) }

func (e *eventWriter) linger(time.Duration) {}
