package api_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
)

// The same for plain HTTP, going on by Last-Event-ID.
func TestEvents(t *testing.T) {
	s := newSurface(t)
	token := s.token(t, "street", account.Dispatcher, civictest.StreetA)
	first, stop := s.events(t, token, "/events?topics=grade", "")
	kind, id, _ := first()
	for kind != "snapshot" {
		kind, id, _ = first()
	}
	stop()
	s.exec(t, recolour, civictest.BuildingA, "red")
	again, stop := s.events(t, token, "/events?topics=grade", id)
	defer stop()
	var data string
	for kind != "batch" {
		kind, _, data = again()
		if kind == "resync" || kind == "snapshot" {
			t.Fatalf("a dropped connection starts anew: %s", data)
		}
	}
	if !strings.Contains(data, `"grade":"red"`) {
		t.Errorf("the batch says %s", data)
	}
}

// Who takes the state from elsewhere has an id from the first event on, so that nothing is lost when the connection is lost
// before anything has happened.
func TestEventsWithoutSnapshot(t *testing.T) {
	s := newSurface(t)
	token := s.token(t, "street", account.Dispatcher, civictest.StreetA)
	const path = "/events?topics=grade&snapshot=false"
	first, stop := s.events(t, token, path, "")
	kind, id, _ := first()
	stop()
	if kind != "subscribed" || id == "" {
		t.Fatalf("begins with %s, id %q", kind, id)
	}
	s.exec(t, recolour, civictest.BuildingA, "red")
	again, stop := s.events(t, token, path, id)
	defer stop()
	var data string
	for kind != "batch" {
		if kind, _, data = again(); kind == "resync" {
			t.Fatalf("a dropped connection starts anew: %s", data)
		}
	}
	if !strings.Contains(data, `"grade":"red"`) {
		t.Errorf("the batch says %s", data)
	}
}

// events opens a stream of events, and gives what reads the next one.
func (s *surface) events(t *testing.T, token, path, last string) (next func() (kind, id, data string), stop func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if last != "" {
		req.Header.Set("Last-Event-Id", last)
	}
	resp, err := http.DefaultClient.Do(req) //nolint:bodyclose // stop closes it
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%s answers %d, %s", path, resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	return func() (kind, id, data string) {
		t.Helper()
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "event":
				kind = value
			case "id":
				id = value
			case "data":
				data = value
			case "":
				return kind, id, data
			}
		}
		t.Fatal("the events end: ", lines.Err())
		return "", "", ""
	}, func() { cancel(); _ = resp.Body.Close() }
}
