package api

import (
	"bytes"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// frontendHandler serves the built front end: assets under content-hashed names for ever, each precompressed by the
// build, and index.html for every path that is a screen's (the URL is the state, the page reads it). Another path
// without an extension gets the page too, which says that there is no such screen, but as 404.
func frontendHandler(files fs.FS) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if strings.HasPrefix(name, "assets/") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			serveFile(w, r, files, name)
			return
		}
		if strings.HasPrefix(name, "fonts/") || strings.HasPrefix(name, "sprites/") {
			// Their names stay from version to version, for maps of others that name them.
			w.Header().Set("Cache-Control", "public, max-age=86400")
			serveFile(w, r, files, name)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		switch {
		case isScreen(name):
			name = "index.html"
		case path.Ext(name) == "":
			name = "index.html"
			w = &statusOverride{ResponseWriter: w, status: http.StatusNotFound}
			r = withoutConditions(r)
		}
		serveFile(w, r, files, name)
	})
}

// isScreen tells whether a path names a screen: the start, the live wall, a building, the heatmap. The page's own router
// (frontend/src/shell/route.ts) decides whether the code in it makes sense.
func isScreen(name string) bool {
	if name == "" {
		return true
	}
	screen, code, _ := strings.Cut(name, "/")
	switch screen {
	case "wall", "b", "insight":
		return code != "" && !strings.Contains(code, "/") && path.Ext(code) == ""
	default:
		return false
	}
}

// statusOverride answers a whole body under another status.
type statusOverride struct {
	http.ResponseWriter
	status int
}

func (w *statusOverride) WriteHeader(int) { w.ResponseWriter.WriteHeader(w.status) }

// withoutConditions makes http.ServeContent answer whole: neither 304 nor a part goes with 404.
func withoutConditions(r *http.Request) *http.Request {
	plain := r.Clone(r.Context())
	for _, h := range []string{"If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range"} {
		plain.Header.Del(h)
	}
	return plain
}

// serveFile picks the best encoding that the client takes and the build made.
func serveFile(w http.ResponseWriter, r *http.Request, files fs.FS, name string) {
	w.Header().Add("Vary", "Accept-Encoding")
	if coding := negotiate(r.Header.Get("Accept-Encoding"), "br", "gzip"); coding != "" {
		suffix := map[string]string{"br": ".br", "gzip": ".gz"}[coding]
		if body, err := fs.ReadFile(files, name+suffix); err == nil {
			w.Header().Set("Content-Encoding", coding)
			serveBody(w, r, name, body)
			return
		}
	}
	body, err := fs.ReadFile(files, name)
	if err != nil {
		w.Header().Del("Cache-Control")
		http.NotFound(w, r)
		return
	}
	serveBody(w, r, name, body)
}

func serveBody(w http.ResponseWriter, r *http.Request, name string, body []byte) {
	w.Header().Set("ETag", strongETag(body))
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}
