package api

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/ogc"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

//go:embed ogc.html
var ogcPage string

type ogcAPI struct {
	tileAPI
	version string
	page    *template.Template
}

// ogcHandler answers /ogc: OGC API Tiles over the same tiles, scope and rights.
func ogcHandler(t tileAPI, version string) http.Handler {
	o := ogcAPI{tileAPI: t, version: version, page: template.Must(template.New("ogc").Parse(ogcPage))}
	mux := http.NewServeMux()
	handle := func(pattern string, h callerHandler) { mux.HandleFunc("GET "+pattern, t.withCaller(h)) }
	handle("/ogc/{$}", o.document(func(s ogc.Service, _ string) (ogc.Document, bool) { return s.Landing(), true }))
	handle("/ogc", o.document(func(s ogc.Service, _ string) (ogc.Document, bool) { return s.Landing(), true }))
	handle("/ogc/conformance", o.document(func(s ogc.Service, _ string) (ogc.Document, bool) { return s.Conformance(), true }))
	handle("/ogc/collections", o.document(func(s ogc.Service, _ string) (ogc.Document, bool) { return s.Collections(), true }))
	handle("/ogc/collections/{id}", o.document(func(s ogc.Service, id string) (ogc.Document, bool) { return s.Collection(id) }))
	handle("/ogc/collections/{id}/items", o.items)
	handle("/ogc/tileMatrixSets", o.document(func(s ogc.Service, _ string) (ogc.Document, bool) { return s.MatrixSets(), true }))
	const quad = "/" + ogc.WebMercatorQuad
	handle("/ogc/tileMatrixSets"+quad, o.document(func(s ogc.Service, _ string) (ogc.Document, bool) { return s.MatrixSet(), true }))
	for _, place := range []string{"/ogc/tiles", "/ogc/collections/{id}/tiles"} {
		handle(place, o.document(func(s ogc.Service, id string) (ogc.Document, bool) { return s.Tilesets(id) }))
		handle(place+quad, o.document(func(s ogc.Service, id string) (ogc.Document, bool) { return s.Tileset(id) }))
		handle(place+quad+"/{matrix}/{row}/{col}", o.tile)
	}
	handle("/ogc/api", func(w http.ResponseWriter, r *http.Request, by account.Actor) error {
		serveDocument(w, r, ogc.OpenAPI, o.service(r, by).Interface(o.version))
		return nil
	})
	mux.HandleFunc("/ogc/", t.withCaller(func(http.ResponseWriter, *http.Request, account.Actor) error {
		return &fault.Error{Kind: fault.KindNotFound, Code: "ogc.not_found", Message: "there is no such document; /ogc tells which there are"}
	}))
	return mux
}

func (o ogcAPI) service(r *http.Request, by account.Actor) ogc.Service {
	return ogc.Service{Base: serverAddress(r) + "/ogc", Sets: o.Sets, Picture: o.Picture, Scope: by.Scope}
}

// document answers as JSON, or as a page where the client asks for one.
func (o ogcAPI) document(write func(s ogc.Service, id string) (ogc.Document, bool)) callerHandler {
	return func(w http.ResponseWriter, r *http.Request, by account.Actor) error {
		doc, found := write(o.service(r, by), r.PathValue("id"))
		if !found {
			return fault.NotFound("collection", r.PathValue("id"))
		}
		w.Header().Add("Vary", "Accept")
		switch r.URL.Query().Get("f") {
		case "json":
			serveDocument(w, r, jsonType, doc)
			return nil
		case "html":
		case "":
			if !strings.Contains(r.Header.Get("Accept"), ogc.HTML) {
				serveDocument(w, r, jsonType, doc)
				return nil
			}
		default:
			return fault.Invalid("ogc.format", "f is json or html")
		}
		var buf bytes.Buffer
		if err := o.page.Execute(&buf, doc.Page()); err != nil {
			return fmt.Errorf("ogc page: %w", err)
		}
		serveBytes(w, r, htmlType, buf.Bytes())
		return nil
	}
}

// tile answers {matrix}/{row}/{col}: the row comes first here.
func (o ogcAPI) tile(w http.ResponseWriter, r *http.Request, by account.Actor) error {
	if f := r.URL.Query().Get("f"); f != "" && f != "mvt" {
		return fault.Invalid("ogc.format", "tiles come as mvt only")
	}
	sets, found := o.service(r, by).Drawn(r.PathValue("id"))
	if !found {
		return fault.NotFound("collection", r.PathValue("id"))
	}
	at, err := parseTile(r.PathValue("matrix"), r.PathValue("col"), r.PathValue("row"))
	if err != nil {
		return fault.Invalid("tile.coordinates", err.Error())
	}
	return o.draw(w, r, by, sets, at)
}

// items answers features one by one, for programs that read no tiles.
func (o ogcAPI) items(w http.ResponseWriter, r *http.Request, by account.Actor) error {
	query := r.URL.Query()
	if f := query.Get("f"); f != "" && f != "json" {
		return fault.Invalid("ogc.format", "features come as json only")
	}
	page, found, err := o.service(r, by).Items(r.PathValue("id"), query)
	if err != nil {
		return fault.Invalid("ogc.query", err.Error())
	}
	if !found {
		return fault.NotFound("collection of features", r.PathValue("id"))
	}
	serveDocument(w, r, ogc.GeoJSON, page)
	return nil
}
