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

// What the build has compressed is sent as it lies there, to who takes it: brotli before gzip.
func TestFrontendIsPrecompressed(t *testing.T) {
	h := frontendHandler(fstest.MapFS{
		"assets/a-123.js":    {Data: []byte("plain")},
		"assets/a-123.js.br": {Data: []byte("brotli")},
		"assets/a-123.js.gz": {Data: []byte("gzip")},
		"assets/b-123.png":   {Data: []byte("picture")},
	})
	for _, c := range []struct{ path, takes, coding, body string }{
		{"/assets/a-123.js", "gzip, deflate, br, zstd", "br", "brotli"},
		{"/assets/a-123.js", "gzip, br;q=0", "gzip", "gzip"},
		{"/assets/a-123.js", "", "", "plain"},
		{"/assets/b-123.png", "br, gzip", "", "picture"},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, http.NoBody)
		r.Header.Set("Accept-Encoding", c.takes)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if coding := w.Header().Get("Content-Encoding"); coding != c.coding || w.Body.String() != c.body {
			t.Errorf("%s for %q: coding %q, body %q", c.path, c.takes, coding, w.Body)
		}
		if vary := w.Header().Get("Vary"); vary != "Accept-Encoding" {
			t.Errorf("%s for %q: Vary %q", c.path, c.takes, vary)
		}
	}
}
