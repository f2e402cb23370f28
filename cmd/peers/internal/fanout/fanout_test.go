package fanout_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/gridweave/gridweave/cmd/peers/internal/fanout"
)

// Every server delivers every event to every client, in order.
func TestEveryClientGetsEveryEvent(t *testing.T) {
	filtered, lean := newCentrifuge(t, access()), newCentrifuge(t, nil)
	for name, s := range map[string]fanout.Server{
		"centrifuge": filtered, "centrifuge-lean": lean, "channels": fanout.NewChannels(), "prepared": fanout.NewPrepared(),
	} {
		t.Run(name, func(t *testing.T) { deliver(t, s, strings.HasPrefix(name, "centrifuge")) })
	}
}

func access() *fanout.Access { return &fanout.Access{Token: "key", Area: "4403", Topic: "grade"} }

func newCentrifuge(t *testing.T, access *fanout.Access) *fanout.Centrifuge {
	t.Helper()
	s, err := fanout.NewCentrifuge(access)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What lies elsewhere, or belongs to another topic, is not sent; a stranger gets nothing.
func TestCentrifugeSendsWhatOneMaySee(t *testing.T) {
	s := newCentrifuge(t, access())
	server := httptest.NewServer(fanout.Handler(s))
	t.Cleanup(server.Close)
	c := connect(t, server.URL, true)
	for _, event := range []string{`{"n":"b~","topic":"grade","code":"4404"}`, `{"n":"c~","topic":"tiles","code":"4403"}`, `{"n":"a~","topic":"grade","code":"440301"}`} {
		if err := s.Publish([]byte(event)); err != nil {
			t.Fatal(err)
		}
	}
	for {
		_, got, err := c.ReadMessage()
		if err != nil || bytes.Contains(got, []byte("b~")) || bytes.Contains(got, []byte("c~")) {
			t.Fatalf("%s, %v", got, err)
		}
		if bytes.Contains(got, []byte("a~")) {
			break
		}
	}
	stranger := connect(t, server.URL, false)
	if err := stranger.WriteMessage(websocket.TextMessage, []byte(`{"id":1,"connect":{"token":"other"}}`)); err != nil {
		t.Fatal(err)
	}
	if _, got, err := stranger.ReadMessage(); err == nil {
		t.Errorf("a stranger got %s", got)
	}
}

func deliver(t *testing.T, s fanout.Server, greets bool) {
	server := httptest.NewServer(fanout.Handler(s))
	t.Cleanup(server.Close)
	var clients []*websocket.Conn
	for range 3 {
		clients = append(clients, connect(t, server.URL, greets))
	}
	for s.Clients() < len(clients) {
		runtime.Gosched()
	}
	for _, event := range []string{`{"n":"a~","topic":"grade","code":"4403"}`, `{"n":"b~","topic":"grade","code":"4403"}`} {
		resp, err := http.Post(server.URL+"/publish?n=2", "application/json", strings.NewReader(event))
		if err != nil || resp.StatusCode != http.StatusNoContent {
			t.Fatalf("%v, %v", resp, err)
		}
		_ = resp.Body.Close()
	}
	for i, c := range clients {
		var got []byte
		for bytes.Count(got, []byte("~")) < 4 {
			_, payload, err := c.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, payload...)
		}
		if a, b := bytes.LastIndex(got, []byte("a~")), bytes.Index(got, []byte("b~")); a > b {
			t.Errorf("client %d: out of order: %s", i, got)
		}
	}
	memory(t, server.URL)
}

func connect(t *testing.T, url string, greets bool) *websocket.Conn {
	t.Helper()
	c, resp, err := websocket.DefaultDialer.Dial(strings.Replace(url, "http", "ws", 1)+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = c.Close() })
	if !greets {
		return c
	}
	if err := c.WriteMessage(websocket.TextMessage, []byte(`{"id":1,"connect":{"token":"key"}}`)); err != nil {
		t.Fatal(err)
	}
	if _, reply, err := c.ReadMessage(); err != nil || !bytes.Contains(reply, []byte(`"connect"`)) {
		t.Fatalf("%s, %v", reply, err)
	}
	return c
}

func memory(t *testing.T, url string) {
	t.Helper()
	resp, err := http.Get(url + "/memory")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var m map[string]int
	if err := json.NewDecoder(resp.Body).Decode(&m); err != nil || m["clients"] != 3 || m["heap_bytes"] == 0 || m["stack_bytes"] == 0 {
		t.Errorf("%v, %v", m, err)
	}
}
