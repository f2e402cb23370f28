package session_test

import (
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/gridweave/gridweave/realtime/session"
	"github.com/gridweave/gridweave/realtime/wire"
)

// An address has its own bound, and gives back what it closes.
func TestLimitOfAnAddress(t *testing.T) {
	n := newNode(t, session.Limits{PerAddress: 2})
	first := n.dial()
	n.dial()
	if code := closedWith(t, n.dialRaw(nil)); code != wire.CloseTooMany || !code.Reconnect() {
		t.Errorf("the third is closed with %d", code)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for n.count("gridweave_stream_connections") > 1 {
		runtime.Gosched()
	}
	n.dial()
}

func TestLimits(t *testing.T) {
	n := newNode(t, session.Limits{PerAccount: 2, Subscriptions: 1})
	if code := closedWith(t, n.dialRaw(http.Header{"Denied": {"1"}})); code != wire.CloseUnauthenticated {
		t.Errorf("nobody is closed with %d", code)
	}
	first, second := n.dial(), n.dial()
	if code := closedWith(t, n.dialRaw(nil)); code != wire.CloseTooMany {
		t.Errorf("the third is closed with %d", code)
	}
	send(t, first, wire.Subscribe{ID: "a", Topics: []string{"fact"}})
	until[wire.Subscribed](t, first)
	for want, m := range map[string]wire.Subscribe{
		"too_many":  {ID: "b", Topics: []string{"state"}},
		"duplicate": {ID: "a", Topics: []string{"state"}},
		"topics":    {ID: "c", Topics: []string{"weather"}},
		"forbidden": {ID: "c", Topics: []string{"state"}, Area: "45"},
		"id":        {Topics: []string{"state"}},
		"box":       {ID: "c", Topics: []string{"state"}, Box: &wire.Box{1, 1, 0, 0}},
	} {
		send(t, first, m)
		if e := until[wire.Error](t, first); e.Code != want {
			t.Errorf("%+v is refused as %s, want %s", m, e.Code, want)
		}
	}
	send(t, first, wire.Unsubscribe{ID: "a"})
	if u := until[wire.Unsubscribed](t, first); u.ID != "a" {
		t.Errorf("%+v", u)
	}
	if err := second.WriteMessage(websocket.TextMessage, []byte(strings.Repeat("x", wire.MaxMessage+1))); err != nil {
		t.Fatal(err)
	}
	if code := closedWith(t, second); code != wire.CloseTooLarge {
		t.Errorf("a long message is closed with %d", code)
	}
	for range 100 {
		if err := first.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping"}`)); err != nil {
			break // closed already
		}
	}
	if code := closedWith(t, first); code != wire.CloseTooFast {
		t.Errorf("a flood is closed with %d", code)
	}
}
