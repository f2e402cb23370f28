package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// stream opens a stream on a server and subscribes to buildings.
func (s *server) stream(t *testing.T, token string, since position.Position) *websocket.Conn {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.ready.Address, "http")+"/stream",
		http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	text, err := wire.Encode(wire.Subscribe{ID: "x", Topics: []string{"building"}, Area: "440304", Since: since})
	if err == nil {
		err = ws.WriteMessage(websocket.TextMessage, text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return ws
}

// heard reads until a message of the type comes, or so long that it will not.
func heard[M wire.Message](t *testing.T, ws *websocket.Conn) M {
	t.Helper()
	if err := ws.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		m, err := wire.DecodeServer(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if m, ok := m.(M); ok {
			return m
		}
	}
}

// remembers waits until the other servers can know what this one, which is alone, remembers.
func (s *server) remembers(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	for said := false; !said; pause(t.Context(), 10*time.Millisecond) {
		if err := conn.QueryRow(t.Context(), `select bool_and(floor <> '') from node`).Scan(&said); err != nil {
			t.Fatal(err)
		}
	}
}

// A second server starts beside the first. A client that was away meanwhile, and is brought to the new one, is sent back
// to the first and goes on there; the new one is ready once everybody can be served by it, without anything happening.
func TestClientsOfAnotherServer(t *testing.T) {
	data := folder(t)
	first := startServer(t, "--data", data, "--node", "first", "--log-level", "error")
	_, url, _ := program(t, "", "db", "url", "--data", data)
	if code, _, errs := program(t, "a long password\n", "user", "create", "--data", data, "--account", "chief", "--role", "administrator",
		"--area", "440304", "--password-stdin"); code != 0 {
		t.Fatal(errs)
	}
	_, token, _ := program(t, "", "token", "create", "--data", data, "--account", "chief")
	token = strings.TrimSpace(token)
	ws := first.stream(t, token, position.Position{})
	since := heard[wire.Subscribed](t, ws).Position
	if err := ws.Close(); err != nil {
		t.Fatal(err)
	}
	first.remembers(t, strings.TrimSpace(url))
	second := startServer(t, "--data", folder(t), "--database-url", strings.TrimSpace(url), "--node", "second", "--log-level", "error")
	ws = second.stream(t, token, since)
	if bye := heard[wire.Bye](t, ws); bye.RetryAfter == 0 {
		t.Errorf("%+v", bye)
	}
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, int(wire.CloseAway)) {
		t.Errorf("closed with %v", err)
	}
	if s := heard[wire.Subscribed](t, first.stream(t, token, since)); !s.Resumed {
		t.Error("the first server did not go on")
	}
	for ready := false; !ready; pause(t.Context(), 100*time.Millisecond) {
		status, _ := second.get(t, "/readyz", "")
		ready = status == http.StatusOK
	}
	if status, body := first.get(t, "/readyz", ""); status != http.StatusOK {
		t.Errorf("the first server: %d %s", status, body)
	}
}
