package api

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

const smallBook = `{"server":"https://server.invalid",
	"fonts":[{"url":"https://server.invalid/fonts/a.woff2","unicode-range":["U+20-7e"]}],
	"styles":[
		{"theme":"dark","palette":1,"lang":"zh","ground":"own","style":{"name":"d1zh","font-faces":{"F":[]},"sources":{"a":{"url":"https://server.invalid/tiles/a.json"}}}},
		{"theme":"dark","palette":2,"lang":"en","ground":"own","style":{"name":"d2en","font-faces":{"F":[]}}},
		{"theme":"dark","palette":1,"lang":"zh","ground":"protomaps","style":{"name":"base map","font-faces":{}}},
		{"theme":"light","palette":1,"lang":"zh","ground":"own","style":{"name":"l1zh","font-faces":{}}}]}`

func styleServer(ground string) http.Handler {
	book := readStyles(fstest.MapFS{styleFile: {Data: []byte(smallBook)}})
	return styleHandler(book, ground, slog.New(slog.DiscardHandler))
}

func ask(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "http://maps.example:81"+path, http.NoBody)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestStylesAreMadeForWhoAsks(t *testing.T) {
	h := styleServer("own")
	w := ask(h, "/styles/dark.json")
	var style struct {
		Name    string
		Faces   map[string][]struct{ URL string } `json:"font-faces"`
		Sources map[string]struct{ URL string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &style); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	if style.Name != "d1zh" || style.Sources["a"].URL != "http://maps.example:81/tiles/a.json" ||
		len(style.Faces["F"]) != 1 || style.Faces["F"][0].URL != "http://maps.example:81/fonts/a.woff2" {
		t.Errorf("%+v", style)
	}
	if proxied := ask(h, "/styles/dark.json", "X-Forwarded-Proto", "https"); !strings.Contains(proxied.Body.String(), "https://maps.example:81/tiles/") {
		t.Errorf("behind a proxy that speaks HTTPS: %s", proxied.Body)
	}
	for path, want := range map[string]string{
		"/styles/dark.json?lang=en&palette=2": "d2en", "/styles/dark.json?palette=1": "d1zh", "/styles/light.json": "l1zh",
		"/styles/": "http://maps.example:81/styles/light.json",
	} {
		if w := ask(h, path); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	for path, status := range map[string]int{
		"/styles/sepia.json": 404, "/styles/dark": 404, "/styles/documents.json": 404, "/styles/dark.json?palette=3": 422,
		"/styles/dark.json?lang=fr": 422,
	} {
		if w := ask(h, path); w.Code != status || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s, want %d", path, w.Code, w.Body, status)
		}
	}
	if w := ask(styleServer("protomaps"), "/styles/dark.json"); !strings.Contains(w.Body.String(), "base map") {
		t.Errorf("with a base map: %s", w.Body)
	}
}

func TestDocumentsAreKeptAndCompressed(t *testing.T) {
	long := strings.Repeat("x", worthCompressing)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serveDocument(w, r, jsonType, long) })
	plain, packed := ask(h, "/"), ask(h, "/", "Accept-Encoding", "gzip")
	if plain.Header().Get("Content-Encoding") != "" || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("%v, %v", plain.Header(), packed.Header())
	}
	zr, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(zr); err != nil || string(text) != plain.Body.String() {
		t.Errorf("unpacked: %v", err)
	}
	tag := packed.Header().Get("ETag")
	if tag == plain.Header().Get("ETag") || strings.HasPrefix(tag, "W/") {
		t.Errorf("tags %s and %s: want a strong one for each encoding", tag, plain.Header().Get("ETag"))
	}
	if again := ask(h, "/", "Accept-Encoding", "gzip", "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 || again.Header().Get("ETag") != tag {
		t.Errorf("with its tag: %d %v", again.Code, again.Header())
	}
	if other := ask(h, "/", "If-None-Match", tag); other.Code != http.StatusOK {
		t.Errorf("with the tag of the other encoding: %d", other.Code)
	}
	for _, w := range []*httptest.ResponseRecorder{plain, packed} {
		if w.Header().Get("Vary") != "Accept-Encoding" || w.Header().Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%v", w.Header())
		}
	}
}
