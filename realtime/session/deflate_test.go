package session_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gridweave/gridweave/realtime/session"
	"github.com/gridweave/gridweave/realtime/wire"
)

// metered counts what comes over a line.
type metered struct {
	net.Conn
	bytes *atomic.Int64
}

func (m metered) Read(b []byte) (int, error) {
	n, err := m.Conn.Read(b)
	m.bytes.Add(int64(n))
	return n, err
}

// Who offers to inflate is sent many events as one short message, who does not gets each as it was; both are told the
// same, and are understood alike.
func TestDeflated(t *testing.T) {
	const events = 200
	n := newNode(t, session.Limits{})
	first := until[wire.Hello](t, n.dialRaw(nil)).Position
	for v := range uint32(events) {
		n.commit(put(uint64(v%7), "440304001", v, 1, 1))
	}
	var told [2]string
	var came [2]int64
	for i, inflates := range []bool{false, true} {
		var bytes atomic.Int64
		dialer := websocket.Dialer{EnableCompression: inflates, NetDial: func(network, address string) (net.Conn, error) {
			c, err := net.Dial(network, address)
			return metered{c, &bytes}, err
		}}
		ws, resp, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(n.http.URL, "http")+"/stream", nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		offered := strings.Contains(resp.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate")
		if offered != inflates {
			t.Errorf("asked for %v, negotiated %v", inflates, offered)
		}
		send(t, ws, wire.Subscribe{ID: "a", Topics: []string{"fact"}, Area: "4403", Since: first})
		if ack := until[wire.Subscribed](t, ws); !ack.Resumed {
			t.Fatal("not resumed")
		}
		has := first
		for has != n.at() {
			b := until[wire.Batch](t, ws)
			if b.From != has {
				t.Fatalf("a gap: has %v, the batch begins at %v", has, b.From)
			}
			has = b.To
			for _, item := range b.Items {
				told[i] += fmt.Sprintln(item.At, item.ID, string(item.Data))
			}
		}
		came[i] = bytes.Load()
		_ = ws.Close()
	}
	if told[0] != told[1] || strings.Count(told[0], "\n") != events {
		t.Errorf("plain:\n%s\ndeflated:\n%s", told[0], told[1])
	}
	if came[1] > came[0]/3 {
		t.Errorf("%d bytes plain, %d deflated", came[0], came[1])
	}
}

// A deflated message above the limit is refused as any other is: its length is what it inflates to.
func TestDeflatedTooLarge(t *testing.T) {
	n := newNode(t, session.Limits{})
	ws, resp, err := (&websocket.Dialer{EnableCompression: true}).DialContext(t.Context(), "ws"+strings.TrimPrefix(n.http.URL, "http")+"/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	defer ws.Close()
	w, err := ws.NextWriter(websocket.TextMessage)
	if err == nil {
		_, err = io.WriteString(w, `{"type":"ping","id":"`+strings.Repeat("a", 64<<10)+`"}`)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := ws.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if code := closedWith(t, ws); code != wire.CloseTooLarge {
		t.Errorf("closed with %v", code)
	}
}
