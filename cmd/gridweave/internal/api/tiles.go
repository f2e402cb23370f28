package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/tiles"
)

const mvtType = "application/vnd.mapbox-vector-tile"

// Tiles is what the tile handler serves from.
type Tiles struct {
	Sets    tiles.Sets
	Picture *live.Picture
	Cache   *tiles.Cache
	Nudge   func()         // asks for the database's present position
	Basemap *tiles.Basemap // nil where none was given
	Report  func() feed.Report
}

type tileAPI struct {
	Tiles
	guard guard
	log   *slog.Logger
}

// tileHandler answers /tiles/{sets}/{z}/{x}/{y} and /tiles/{sets}.json.
func tileHandler(t tileAPI) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /tiles/{sets}/{z}/{x}/{y}", t.withCaller(t.tile))
	mux.HandleFunc("GET /tiles/{document}", t.withCaller(t.describe))
	mux.HandleFunc("GET /tiles/{$}", t.withCaller(t.index))
	mux.HandleFunc("GET /tiles/"+tiles.BasemapName+"/{z}/{x}/{y}", t.withCaller(t.basemapTile))
	mux.HandleFunc("GET /tiles/"+tiles.BasemapName+".json", t.withCaller(t.describeBasemap))
	return mux
}

type callerHandler func(w http.ResponseWriter, r *http.Request, by account.Actor) error

// withCaller refuses strangers and answers errors as problems.
func (t tileAPI) withCaller(next callerHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		by, err := callerOf(r.Context())
		if err == nil {
			err = next(w, r, by.Actor)
		}
		if err != nil {
			writeProblem(w, r, t.log, err)
		}
	}
}

func (t tileAPI) describe(w http.ResponseWriter, r *http.Request, by account.Actor) error {
	name, isJSON := strings.CutSuffix(r.PathValue("document"), ".json")
	if !isJSON {
		return fault.NotFound("tileset document", r.PathValue("document"))
	}
	sets, err := t.Sets.Named(name)
	if err != nil {
		return fault.NotFound("tileset", name).Because(err)
	}
	serveDocument(w, r, jsonType, tiles.Describe(sets, t.Picture, by.Scope, serverAddress(r)))
	return nil
}

// serverAddress is the address the client used, behind a proxy that says so or not.
func serverAddress(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

func (t tileAPI) tile(w http.ResponseWriter, r *http.Request, by account.Actor) error {
	sets, err := t.Sets.Named(r.PathValue("sets"))
	if err != nil {
		return &fault.Error{Kind: fault.KindNotFound, Code: "tile.set", Message: err.Error()}
	}
	at, err := parseTile(r.PathValue("z"), r.PathValue("x"), r.PathValue("y"))
	if err != nil {
		return fault.Invalid("tile.coordinates", err.Error())
	}
	return t.draw(w, r, by, sets, at)
}

// draw answers a tile of the sets as the caller may see it.
func (t tileAPI) draw(w http.ResponseWriter, r *http.Request, by account.Actor, sets []tiles.Set, at maptile.Tile) error {
	by, err := t.await(r, by)
	if err != nil {
		return err
	}
	state := t.Report()
	if state.State == feed.Starting {
		w.Header().Set("Retry-After", "1")
		return fault.Unavailable("the map is not loaded yet: "+string(state.Cause), nil)
	}
	encoding := bestEncoding(r.Header.Get("Accept-Encoding"))
	body, pos, err := t.Cache.Tile(r.Context(), sets, by.Scope, at, encoding)
	if errors.Is(err, tiles.ErrBusy) {
		return fault.Unavailable("too many tiles are being drawn", err)
	}
	if err != nil {
		return err
	}
	w.Header().Set("X-Position", pos.String())
	markStale(w.Header(), state)
	serveTile(w, r, mvtType, encoding, body)
	return nil
}

// serveTile answers a tile in its encoding; 204 where there is nothing in it.
func serveTile(w http.ResponseWriter, r *http.Request, mediaType string, e tiles.Encoding, body tiles.Body) {
	h := w.Header()
	h.Set("Cache-Control", "private, no-cache")
	h.Add("Vary", "Accept-Encoding")
	if len(body.Bytes) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	h.Set("Content-Type", mediaType)
	serveEncoded(w, r, string(e), body.ETag, body.Bytes)
}

// bestEncoding prefers what is smallest and cheapest to unpack, as far as the client leaves the choice.
func bestEncoding(accept string) tiles.Encoding {
	return tiles.Encoding(negotiate(accept, string(tiles.Zstd), string(tiles.Gzip)))
}

// awaitTimeout bounds ?at=: a picture that has not come so far by then is in trouble, and the client is told.
const awaitTimeout = 5 * time.Second

// nudgeEvery is how often the server's position is asked for while somebody waits.
const nudgeEvery = 100 * time.Millisecond

// await holds a request with ?at=POSITION until the tiles include that position, and tells what the caller may see
// then: the position may be that of a change to its own rights.
func (t tileAPI) await(r *http.Request, by account.Actor) (account.Actor, error) {
	text := r.URL.Query().Get("at")
	if text == "" {
		return by, nil
	}
	want, err := position.Parse(text)
	if err != nil {
		return by, fault.InvalidField("tile.position", "at", err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), awaitTimeout)
	defer cancel()
	if err := t.reach(ctx, want); err != nil {
		return by, err
	}
	standing, err := t.guard.authority.Check(r.Context(), credentialOf(r))
	return standing.Actor, err
}

// reach waits until tiles and rights include the position.
func (t Tiles) reach(ctx context.Context, want position.Position) error {
	for {
		at, reached := t.Cache.Position()
		order, same := at.Compare(want)
		if !same {
			return fault.Conflict("tile.epoch", "the position is of another database than this server's; start anew")
		}
		if order >= 0 {
			return nil
		}
		t.Nudge()
		select {
		case <-reached:
		case <-time.After(nudgeEvery):
		case <-ctx.Done():
			return fault.Unavailable("the map has not come so far yet", ctx.Err())
		}
	}
}

// parseTile accepts whole numbers within the zoom's range; the last may carry the ending .mvt or .pbf.
func parseTile(z, x, y string) (maptile.Tile, error) {
	y = strings.TrimSuffix(strings.TrimSuffix(y, ".mvt"), ".pbf")
	zoom, errZ := strconv.ParseUint(z, 10, 8)
	col, errX := strconv.ParseUint(x, 10, 32)
	row, errY := strconv.ParseUint(y, 10, 32)
	if errors.Join(errZ, errX, errY) != nil {
		return maptile.Tile{}, fmt.Errorf("tile %s/%s/%s: zoom, column and row are whole numbers", z, x, y)
	}
	if zoom > tiles.MaxZoom {
		return maptile.Tile{}, fmt.Errorf("tile %s/%s/%s: the deepest zoom is %d", z, x, y, tiles.MaxZoom)
	}
	if side := uint64(1) << zoom; col >= side || row >= side {
		return maptile.Tile{}, fmt.Errorf("tile %s/%s/%s: at zoom %d column and row are 0 to %d", z, x, y, zoom, side-1)
	}
	return maptile.New(uint32(col), uint32(row), maptile.Zoom(zoom)), nil
}
