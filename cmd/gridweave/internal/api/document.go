package api

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/klauspost/compress/gzip"
)

const (
	jsonType = "application/json"
	htmlType = "text/html; charset=utf-8"
)

// worthCompressing is the size from which a compressed document is the smaller one on the wire, headers and all.
const worthCompressing = 1024

// serveDocument answers v as JSON of that media type.
func serveDocument(w http.ResponseWriter, r *http.Request, mediaType string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // documents are plain structs of ours
	}
	serveBytes(w, r, mediaType, body)
}

// serveBytes answers a document that depends on who asks and may be another a moment later: it is kept by nobody but
// the asker, and only to be asked for again.
func serveBytes(w http.ResponseWriter, r *http.Request, mediaType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Cache-Control", "private, no-cache")
	h.Add("Vary", "Accept-Encoding")
	coding := ""
	if len(body) >= worthCompressing {
		coding = negotiate(r.Header.Get("Accept-Encoding"), "gzip")
	}
	if coding != "" {
		body = gzipped(body)
	}
	serveEncoded(w, r, coding, strongETag(body), body)
}

func gzipped(body []byte) []byte {
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	_, _ = zw.Write(body) // a buffer takes everything
	_ = zw.Close()
	return buf.Bytes()
}
