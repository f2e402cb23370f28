package api

import (
	"embed"
	"net/http"
)

//go:embed docs/index.html docs/docs.js docs/docs.css
var docs embed.FS

// registerDocs serves the page that draws /api/openapi.json; it loads nothing from elsewhere.
func registerDocs(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/docs", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		serveFile(w, r, docs, "docs/index.html")
	})
	mux.HandleFunc("GET /api/docs/{file}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		serveFile(w, r, docs, "docs/"+r.PathValue("file"))
	})
}
