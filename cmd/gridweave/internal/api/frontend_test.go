package api

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
)

func TestScreensGetThePageAndOtherPathsSayNotFound(t *testing.T) {
	page := "<!doctype html>"
	h := secureHeaders(frontendHandler(fstest.MapFS{
		"index.html":      {Data: []byte(page)},
		"assets/a-123.js": {Data: []byte("x")},
	}))
	for path, status := range map[string]int{
		"/": 200, "/wall/440304": 200, "/b/4403040030120400001": 200, "/insight/440304003": 200, "/assets/a-123.js": 200,
		"/wall": 404, "/wall/440304/more": 404, "/other": 404, "/wall/x.js": 404, "/assets/gone.js": 404, "/.vite/manifest.json": 404,
	} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("%s: status %d, want %d", path, w.Code, status)
		}
		if got := w.Header().Get("Content-Security-Policy"); got != contentSecurity {
			t.Errorf("%s: policy %q", path, got)
		}
	}
}

func TestAPathWithoutScreenIsNeverAnsweredAsUnchanged(t *testing.T) {
	h := frontendHandler(fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}})
	first := httptest.NewRecorder()
	h.ServeHTTP(first, httptest.NewRequest(http.MethodGet, "/", nil))
	r := httptest.NewRequest(http.MethodGet, "/nowhere", nil)
	r.Header.Set("If-None-Match", first.Header().Get("ETag"))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusNotFound || w.Body.Len() == 0 {
		t.Errorf("status %d with %d bytes", w.Code, w.Body.Len())
	}
	r.URL.Path = "/"
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusNotModified {
		t.Errorf("the page itself: status %d", w.Code)
	}
}
