package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	orbmvt "github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
)

type ogcLink struct {
	Rel, Type, Href string
	Templated       bool
}

// ogcDocument is what a client reads of any of the documents.
type ogcDocument struct {
	Title       string
	ConformsTo  []string
	Links       []ogcLink
	Collections []struct {
		ID     string
		Extent *struct{ Spatial struct{ BBox [][]float64 } }
		Links  []ogcLink
	}
	Tilesets []struct {
		DataType, CRS, TileMatrixSetURI string
		Links                           []ogcLink
	}
	TileMatrixSets []struct{ Links []ogcLink }
	Layers         []struct{ ID, MinTileMatrix string }
	Limits         []struct {
		TileMatrix                                     string
		MinTileRow, MaxTileRow, MinTileCol, MaxTileCol uint32
	} `json:"tileMatrixSetLimits"`
}

func (s *surface) ogc(t *testing.T, path, token string) ogcDocument {
	t.Helper()
	res, body := s.do(t, http.MethodGet, path, token, "")
	var doc ogcDocument
	if err := json.Unmarshal(body, &doc); err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%s: %d %s %v", path, res.StatusCode, res.Header.Get("Content-Type"), err)
	}
	return doc
}

// A client that knows nothing but the landing page follows links of relations that the standard defines to a tile, and
// every link on the way leads somewhere, as JSON and as a page.
func TestOGCLeadsFromTheLandingPageToTiles(t *testing.T) {
	s := newSurface(t)
	token := s.token(t, "reader", account.Leader, civictest.Root)
	s.settle(t)
	seen := map[string]bool{}
	drawn := 0
	var follow func(path string)
	follow = func(path string) {
		if seen[path] {
			return
		}
		seen[path] = true
		doc := s.ogc(t, path, token)
		links := doc.Links
		for _, c := range doc.Collections {
			links = append(links, c.Links...)
		}
		for _, set := range doc.Tilesets {
			if set.DataType != "vector" || !strings.HasSuffix(set.TileMatrixSetURI, "/WebMercatorQuad") || !strings.HasSuffix(set.CRS, "/3857") {
				t.Errorf("%s: %+v", path, set)
			}
			links = append(links, set.Links...)
		}
		for _, set := range doc.TileMatrixSets {
			links = append(links, set.Links...)
		}
		if !slices.ContainsFunc(doc.Links, func(l ogcLink) bool { return l.Rel == "self" && l.Href == s.server.URL+path }) {
			t.Errorf("%s: no link to itself in %+v", path, doc.Links)
		}
		for _, l := range links {
			target, err := url.Parse(l.Href)
			if err != nil || !strings.HasPrefix(l.Href, s.server.URL) {
				t.Fatalf("%s links to %q", path, l.Href)
			}
			switch {
			case l.Templated:
				drawn += s.followTiles(t, token, target, doc)
			case l.Type == "application/json":
				follow(target.Path)
			default:
				if res, body := s.do(t, http.MethodGet, target.RequestURI(), token, ""); res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), strings.SplitN(l.Type, ";", 2)[0]) {
					t.Errorf("%s: %d %s %s", l.Href, res.StatusCode, res.Header.Get("Content-Type"), body)
				}
			}
		}
	}
	follow("/ogc")
	if len(seen) < 30 || drawn < 20 {
		t.Errorf("%d documents, %d tiles", len(seen), drawn)
	}
	for _, want := range []string{"/ogc/conformance", "/ogc/collections/building/tiles/WebMercatorQuad", "/ogc/tiles/WebMercatorQuad", "/ogc/tileMatrixSets/WebMercatorQuad"} {
		if !seen[want] {
			t.Errorf("%s was not reached", want)
		}
	}
}

// followTiles asks for one tile of each zoom within the limits that a tileset tells.
func (s *surface) followTiles(t *testing.T, token string, target *url.URL, doc ogcDocument) (drawn int) {
	t.Helper()
	for _, l := range doc.Limits {
		path := strings.NewReplacer("{tileMatrix}", l.TileMatrix, "{tileRow}", fmt.Sprint(l.MinTileRow), "{tileCol}", fmt.Sprint(l.MinTileCol)).Replace(target.Path)
		res, body := s.do(t, http.MethodGet, path+"?"+target.RawQuery, token, "")
		switch res.StatusCode {
		case http.StatusNoContent:
		case http.StatusOK:
			layers, err := orbmvt.Unmarshal(body)
			if err != nil || !slices.ContainsFunc(doc.Layers, func(d struct{ ID, MinTileMatrix string }) bool { return d.ID == layers[0].Name }) {
				t.Errorf("%s: %v", path, err)
			}
			drawn++
		default:
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
	return drawn
}

// A layer alone is the same as among the others, rows come before columns, and the scope is that of every surface.
func TestOGCTiles(t *testing.T) {
	s := newSurface(t)
	token := s.token(t, "reader", account.Leader, civictest.Root)
	own := s.token(t, "street-a", account.Dispatcher, civictest.StreetA)
	s.settle(t)
	at := maptile.At([2]float64{114.0205, 22.5005}, 15)
	path := fmt.Sprintf("/WebMercatorQuad/15/%d/%d", at.Y, at.X)
	whole := map[string]bool{}
	s.drawn(t, token, "/ogc/tiles"+path, whole)
	alone := map[string]bool{}
	s.drawn(t, token, "/ogc/collections/building/tiles"+path, alone)
	if len(alone) == 0 || fmt.Sprint(whole) != fmt.Sprint(alone) {
		t.Errorf("%v alone, %v among others", alone, whole)
	}
	mine := map[string]bool{}
	s.drawn(t, own, "/ogc/tiles"+path+"?f=mvt", mine)
	if len(mine) >= len(whole) {
		t.Errorf("a street sees %d of %d houses", len(mine), len(whole))
	}
	for path, status := range map[string]int{
		"/ogc/nothing": 404, "/ogc/collections/nothing": 404, "/ogc/collections/nothing/tiles": 404, "/ogc/collections/area,building": 404,
		"/ogc/collections/nothing/tiles/WebMercatorQuad": 404, "/ogc/collections/nothing/tiles/WebMercatorQuad/0/0/0": 404,
		"/ogc/tiles/WorldCRS84Quad/0/0/0": 404, "/ogc/tiles/WebMercatorQuad/3/0/8": 422, "/ogc/tiles/WebMercatorQuad/0/0/0?f=png": 422,
		"/ogc/collections?f=xml": 422,
	} {
		if res, body := s.do(t, http.MethodGet, path, token, ""); res.StatusCode != status || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s, want %d", path, res.StatusCode, body, status)
		}
	}
	for _, path := range []string{"/ogc", "/ogc/", "/ogc/api", "/ogc/collections", "/ogc/tiles/WebMercatorQuad/0/0/0"} {
		if res, _ := s.do(t, http.MethodGet, path, "", ""); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d for a stranger", path, res.StatusCode)
		}
	}
	if res, body := s.do(t, http.MethodPost, "/ogc/collections", token, "{}"); res.StatusCode < 400 {
		t.Errorf("POST: %d %s", res.StatusCode, body)
	}
}

// A document tells a reader of a part about that part only.
func TestOGCBoundsAreTheReaders(t *testing.T) {
	s := newSurface(t)
	own := s.token(t, "street-a", account.Dispatcher, civictest.StreetA)
	s.settle(t)
	for _, c := range s.ogc(t, "/ogc/collections", own).Collections {
		if c.Extent == nil {
			continue
		}
		if east := c.Extent.Spatial.BBox[0][2]; east > 114.0201 {
			t.Errorf("%s reaches to %g° E, beyond the reader's street", c.ID, east)
		}
	}
}

// The interface's document names exactly the paths that answer.
func TestOGCInterface(t *testing.T) {
	s := newSurface(t)
	token := s.token(t, "reader", account.Leader, civictest.Root)
	s.settle(t)
	res, body := s.do(t, http.MethodGet, "/ogc/api", token, "")
	var doc struct {
		OpenAPI string
		Servers []struct{ URL string }
		Paths   map[string]struct {
			Get struct{ Parameters []struct{ Name, In string } }
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil || !strings.HasPrefix(doc.OpenAPI, "3.0") || res.Header.Get("Content-Type") != "application/vnd.oai.openapi+json;version=3.0" {
		t.Fatalf("%s %v", res.Header.Get("Content-Type"), err)
	}
	if len(doc.Paths) != 13 || doc.Servers[0].URL != s.server.URL+"/ogc" {
		t.Errorf("%d paths on %v", len(doc.Paths), doc.Servers)
	}
	for path, op := range doc.Paths {
		named := regexp.MustCompile(`\{\w+\}`).FindAllString(path, -1)
		extra := 1
		if strings.HasSuffix(path, "/items") {
			extra = 4
		}
		if len(op.Get.Parameters) != len(named)+extra {
			t.Errorf("%s: parameters %v", path, op.Get.Parameters)
		}
		real := strings.NewReplacer("{collectionId}", "building", "{tileMatrix}", "0", "{tileRow}", "0", "{tileCol}", "0").Replace(path)
		if res, body := s.do(t, http.MethodGet, strings.TrimSuffix("/ogc"+real, "/"), token, ""); res.StatusCode >= 300 {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}
