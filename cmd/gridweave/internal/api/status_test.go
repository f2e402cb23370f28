package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/api"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
)

func (s *surface) status(t *testing.T, token string) (status api.Status) {
	t.Helper()
	res, body := s.do(t, http.MethodGet, "/api/v1/status", token, "")
	if err := json.Unmarshal(body, &status); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %s, %v", res.StatusCode, body, err)
	}
	return status
}

// Whoever looks at a map that is not followed any more is told since when: by the tile, the status, the probe.
func TestStaleIsSaid(t *testing.T) {
	s := newSurface(t)
	admin := s.token(t, "admin", account.Administrator, civictest.Root)
	reader := s.token(t, "reader", account.Leader, civictest.Root)
	s.settle(t)
	if got := s.status(t, reader); got.State != "live" || got.Cause != "" || got.Position == "" || got.LagSeconds != 0 {
		t.Errorf("live: %+v", got)
	}
	if res, _ := s.do(t, http.MethodGet, tileOf(civictest.PlaceA), reader, ""); res.Header.Get("X-Stale-Since") != "" {
		t.Error("a live tile is marked stale")
	}
	before := time.Now()
	s.stop()
	if got := s.status(t, reader); got.State != "stale" || got.Cause != "disconnected" || got.Reason != "" || got.Since.After(before) {
		t.Errorf("stale, for a reader: %+v", got)
	}
	if got := s.status(t, admin); got.Reason == "" {
		t.Errorf("stale, for an administrator: %+v", got)
	}
	res, body := s.do(t, http.MethodGet, tileOf(civictest.PlaceA), reader, "")
	if since, err := time.Parse(time.RFC3339Nano, res.Header.Get("X-Stale-Since")); res.StatusCode != http.StatusOK || len(body) == 0 || err != nil || since.After(before) {
		t.Errorf("a stale tile: %d, %d bytes, since %q", res.StatusCode, len(body), res.Header.Get("X-Stale-Since"))
	}
	if res, body := s.do(t, http.MethodGet, "/readyz", "", ""); res.StatusCode != http.StatusOK || !strings.Contains(string(body), "stale since") {
		t.Errorf("ready: %d %s", res.StatusCode, body)
	}
}

// A server that has nothing to show yet says so, instead of showing an empty map.
func TestNothingIsShownBeforeTheFirstLoad(t *testing.T) {
	s := unfed(t)
	token := s.token(t, "reader", account.Leader, civictest.Root)
	if res, body := s.do(t, http.MethodGet, tileOf(civictest.PlaceA), token, ""); res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("tile: %d %s", res.StatusCode, body)
	}
	if res, _ := s.do(t, http.MethodGet, "/readyz", "", ""); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("ready: %d", res.StatusCode)
	}
	if got := s.status(t, token); got.State != "starting" {
		t.Errorf("status: %+v", got)
	}
}
