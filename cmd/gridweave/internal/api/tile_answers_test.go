package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
)

// raw asks with exactly these headers, and does not unpack what comes.
func (s *surface) raw(t *testing.T, method, path, token string, headers map[string]string) (answer, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.server.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header}, body
}

func unpack(t *testing.T, coding string, body []byte) []byte {
	t.Helper()
	var r io.Reader = bytes.NewReader(body)
	switch coding {
	case "gzip":
		zr, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = zr
	case "zstd":
		zr, err := zstd.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		defer zr.Close()
		r = zr
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What the client takes decides the coding, and nothing else; each has its own tag; whatever is asked again by its tag
// comes without a body; HEAD tells what GET would.
func TestTileAnswersAreExact(t *testing.T) {
	s := newSurface(t)
	token := s.token(t, "reader", account.Leader, civictest.Root)
	s.settle(t)
	at := maptile.At([2]float64{114.0005, 22.5005}, 15)
	path := fmt.Sprintf("/tiles/areas,buildings/15/%d/%d", at.X, at.Y)
	_, plain := s.raw(t, http.MethodGet, path, token, map[string]string{"Accept-Encoding": "identity"})
	tags := map[string]string{}
	for accept, coding := range map[string]string{
		"": "", "identity": "", "gzip;q=0": "", "gzip;q=0, zstd;q=0": "", "*;q=0": "", "br": "", "gzip": "gzip", "gzip, deflate, br": "gzip",
		"gzip, deflate, br, zstd": "zstd", "gzip;q=1, zstd;q=0.2": "gzip", "identity;q=1, gzip;q=0.3": "", "*": "zstd", "zstd;q=0, *": "gzip",
	} {
		headers := map[string]string{}
		if accept != "" {
			headers["Accept-Encoding"] = accept
		}
		res, body := s.raw(t, http.MethodGet, path, token, headers)
		h := res.Header
		if res.StatusCode != http.StatusOK || h.Get("Content-Encoding") != coding || !bytes.Equal(unpack(t, coding, body), plain) {
			t.Errorf("%q: %d, %q, want %q and the same tile", accept, res.StatusCode, h.Get("Content-Encoding"), coding)
		}
		if h.Get("Content-Length") != strconv.Itoa(len(body)) || h.Get("Content-Type") != "application/vnd.mapbox-vector-tile" ||
			h.Get("Cache-Control") != "private, no-cache" || !slices.Contains(h.Values("Vary"), "Accept-Encoding") || h.Get("X-Position") == "" {
			t.Errorf("%q: %v", accept, h)
		}
		if tag := tags[coding]; tag != "" && tag != h.Get("ETag") {
			t.Errorf("%q: tag %s, and %s before", accept, h.Get("ETag"), tag)
		}
		tags[coding] = h.Get("ETag")
		s.compareHead(t, path, token, headers, res)
		s.compareConditional(t, path, token, headers, h.Get("ETag"))
	}
	if len(tags) != 3 || tags[""] == tags["gzip"] || tags["gzip"] == tags["zstd"] {
		t.Errorf("tags %v: want one of each coding's own", tags)
	}
	// The tag of one coding says nothing about another's bytes.
	if res, _ := s.raw(t, http.MethodGet, path, token, map[string]string{"Accept-Encoding": "gzip", "If-None-Match": tags[""]}); res.StatusCode != http.StatusOK {
		t.Errorf("with another coding's tag: %d", res.StatusCode)
	}
}

func (s *surface) compareHead(t *testing.T, path, token string, headers map[string]string, get answer) {
	t.Helper()
	head, body := s.raw(t, http.MethodHead, path, token, headers)
	if head.StatusCode != get.StatusCode || len(body) != 0 {
		t.Errorf("HEAD with %v: %d, %d bytes", headers, head.StatusCode, len(body))
	}
	for _, name := range []string{"ETag", "Content-Encoding", "Content-Length", "Content-Type", "Cache-Control", "X-Position"} {
		if head.Header.Get(name) != get.Header.Get(name) {
			t.Errorf("HEAD with %v: %s is %q, of GET %q", headers, name, head.Header.Get(name), get.Header.Get(name))
		}
	}
}

func (s *surface) compareConditional(t *testing.T, path, token string, headers map[string]string, tag string) {
	t.Helper()
	for _, known := range []string{tag, `"other", ` + tag, "*", "W/" + tag} {
		asked := map[string]string{"If-None-Match": known}
		for name, value := range headers {
			asked[name] = value
		}
		res, body := s.raw(t, http.MethodGet, path, token, asked)
		h := res.Header
		if res.StatusCode != http.StatusNotModified || len(body) != 0 || h.Get("ETag") != tag || h.Get("X-Position") == "" ||
			h.Get("Cache-Control") != "private, no-cache" || !slices.Contains(h.Values("Vary"), "Accept-Encoding") {
			t.Errorf("%v: %d, %d bytes, %v", asked, res.StatusCode, len(body), h)
		}
	}
}

func TestEmptyTilesHaveNoBody(t *testing.T) {
	s := newSurface(t)
	token := s.token(t, "reader", account.Leader, civictest.Root)
	s.settle(t)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		res, body := s.raw(t, method, "/tiles/buildings/15/0/0", token, map[string]string{"Accept-Encoding": "gzip"})
		h := res.Header
		if res.StatusCode != http.StatusNoContent || len(body) != 0 || h.Get("Content-Encoding") != "" || h.Get("ETag") != "" ||
			h.Get("Cache-Control") != "private, no-cache" || !slices.Contains(h.Values("Vary"), "Accept-Encoding") || h.Get("X-Position") == "" {
			t.Errorf("%s: %d, %d bytes, %v", method, res.StatusCode, len(body), h)
		}
	}
}

// TileJSON 3.0.0 names each of its fields' form; a composite describes the tile that its address gives.
func TestTileJSONKeepsToItsSpecification(t *testing.T) {
	s := newSurface(t)
	token := s.token(t, "reader", account.Leader, civictest.Root)
	s.settle(t)
	for _, names := range []string{"areas", "buildings", "incidents", "base", "areas,buildings", "base,areas,buildings,incidents"} {
		res, body := s.raw(t, http.MethodGet, "/tiles/"+names+".json", token, nil)
		var doc struct {
			TileJSON, Name, Attribution, Scheme string
			Tiles                               []string
			MinZoom, MaxZoom                    int
			Bounds                              []float64
			Center                              []float64
			VectorLayers                        []struct {
				ID               string
				Fields           map[string]string
				MinZoom, MaxZoom int
			} `json:"vector_layers"`
		}
		if err := json.Unmarshal(body, &doc); err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/json" {
			t.Fatalf("%s: %d %v", names, res.StatusCode, err)
		}
		b, c := doc.Bounds, doc.Center
		if doc.TileJSON != "3.0.0" || doc.Name != names || doc.Scheme != "xyz" || doc.Attribution == "" ||
			!slices.Equal(doc.Tiles, []string{s.server.URL + "/tiles/" + names + "/{z}/{x}/{y}"}) {
			t.Errorf("%s: %s", names, body)
		}
		if len(b) != 4 || len(c) != 3 || c[0] < b[0] || c[0] > b[2] || c[1] < b[1] || c[1] > b[3] || int(c[2]) < doc.MinZoom || int(c[2]) > doc.MaxZoom {
			t.Errorf("%s: center %v of bounds %v, zoom %d to %d", names, c, b, doc.MinZoom, doc.MaxZoom)
		}
		seen := map[string]bool{}
		for _, l := range doc.VectorLayers {
			if seen[l.ID] || l.Fields == nil || l.MinZoom < doc.MinZoom || l.MaxZoom > doc.MaxZoom || l.MinZoom > l.MaxZoom {
				t.Errorf("%s: layer %+v", names, l)
			}
			seen[l.ID] = true
		}
		if !seen["_meta"] {
			t.Errorf("%s: the layer _meta is in every tile and not described", names)
		}
	}
	for path, status := range map[string]int{"/tiles/areas,areas.json": 404, "/tiles/areas,none.json": 404, "/tiles/areas": 404, "/tiles/basemap.json": 404, "/tiles/basemap/0/0/0": 404} {
		if res, body := s.raw(t, http.MethodGet, path, token, nil); res.StatusCode != status {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}
