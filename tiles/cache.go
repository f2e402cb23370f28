package tiles

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/paulmach/orb/maptile"
	"golang.org/x/sync/singleflight"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/position"
)

// Encoding is how a tile's bytes are compressed, by its name in Content-Encoding.
type Encoding string

// The encodings.
const (
	Identity Encoding = ""
	Gzip     Encoding = "gzip"
	Zstd     Encoding = "zstd"
)

// Body is a tile as it goes over the wire. An empty tile has no bytes. Bodies are shared: never change one.
type Body struct {
	Bytes []byte
	ETag  string // strong, quoted, a function of the bytes alone
}

// Cache keeps tiles of a picture as they go over the wire, and never serves one that has changed. It is safe for
// concurrent use.
type Cache struct {
	picture    *live.Picture
	renew      *generations
	bodies     *otter.Cache[bodyKey, *cached]
	keeps      bool
	flights    singleflight.Group
	compressor *compressor
	workers    chan *Renderer // who draws; as many as there are processors, more would only wait for each other

	mu      sync.Mutex
	at      position.Position
	reached chan struct{}
	renders atomic.Uint64
}

// bodyKey is a tile as some reader gets it. The empty scope stands for readers who see all of the tile.
type bodyKey struct {
	sets     string
	tile     maptile.Tile
	scope    geo.Code
	encoding Encoding
}

type cached struct {
	Body
	generation uint64
	seen       Seen // of a whole tile: who sees all of it
}

// entryOverhead is what an entry costs beside its bytes.
const entryOverhead = 256

// NewCache keeps up to so many bytes of tiles of the picture. 0 keeps none: every request is drawn.
func NewCache(p *live.Picture, maxBytes uint64) (*Cache, error) {
	bodies, err := otter.New(&otter.Options[bodyKey, *cached]{
		MaximumWeight: max(maxBytes, 1), // otter wants one; what is not kept never comes to it
		Weigher:       func(_ bodyKey, c *cached) uint32 { return uint32(len(c.Bytes) + entryOverhead) },
	})
	if err != nil {
		return nil, fmt.Errorf("tile cache: %w", err)
	}
	compressor, err := newCompressor()
	if err != nil {
		return nil, err
	}
	c := &Cache{
		picture: p, renew: newGenerations(), bodies: bodies, keeps: maxBytes > 0, compressor: compressor,
		reached: make(chan struct{}), workers: make(chan *Renderer, runtime.GOMAXPROCS(0)),
	}
	for range cap(c.workers) {
		c.workers <- NewRenderer(p)
	}
	return c, nil
}

// Renders is how many tiles have been drawn since the start: requests that nothing kept could answer.
func (c *Cache) Renders() uint64 { return c.renders.Load() }

// Applied says what a transaction did to the picture and the position that includes it. Tiles that it touched are
// old from here on.
func (c *Cache) Applied(deltas []live.Delta, at position.Position) {
	c.Aged(deltas)
	c.Advance(at)
}

// Aged says that the deltas happened without a transaction. Tiles that they touched are old from here on.
func (c *Cache) Aged(deltas []live.Delta) {
	for _, d := range deltas {
		if d.Old != nil && d.Old.Shape.Kind() != live.Empty {
			c.renew.change(d.Old.Shape.Bounds())
		}
		if d.New != nil && d.New.Shape.Kind() != live.Empty && (d.Old == nil || d.Moved()) {
			c.renew.change(d.New.Shape.Bounds())
		}
	}
}

// Reset says that the picture was loaded anew.
func (c *Cache) Reset(at position.Position) {
	c.renew.all.Add(1)
	c.Forget() // none of what is kept will be found again
	c.Advance(at)
}

// Forget lets go of all that is kept, which takes as much memory as half a city's picture. It is drawn anew when it is
// asked for.
func (c *Cache) Forget() { c.bodies.InvalidateAll() }

// Advance says that nothing changed up to at.
func (c *Cache) Advance(at position.Position) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
	close(c.reached)
	c.reached = make(chan struct{})
}

// Position is what every tile served from now on includes, and a channel that is closed when it has advanced.
func (c *Cache) Position() (position.Position, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at, c.reached
}

// ErrBusy says that a tile could not be drawn in time.
var ErrBusy = errors.New("tile: too many tiles are being drawn")

// drawWithin is how long a tile may wait for its turn to be drawn. Drawing takes milliseconds; when hundreds wait, it is
// better to tell the last of them than to let them ask again.
const drawWithin = 5 * time.Second

// Tile gives a tile for a reader of that scope, and the position it reflects. Whoever asks for the same at the same time
// waits for one drawing, which has a deadline of its own and is no single reader's: one who leaves, by the context,
// stops waiting and nothing else.
func (c *Cache) Tile(ctx context.Context, sets []Set, scope geo.Code, t maptile.Tile, e Encoding) (Body, position.Position, error) {
	// Position first: a body found or made after it reflects it at least.
	at, _ := c.Position()
	key := bodyKey{sets: namesOf(sets), tile: t, encoding: e}
	generation := c.renew.of(t)
	if body, ok := c.lookup(key, scope, generation); ok {
		return body, at, nil
	}
	flight := fmt.Sprintf("%s|%d/%d/%d|%s|%s|%d", key.sets, t.Z, t.X, t.Y, scope, e, generation)
	made := c.flights.DoChan(flight, func() (any, error) { return c.make(key, sets, scope, generation) })
	select {
	case m := <-made:
		if m.Err != nil {
			return Body{}, at, m.Err
		}
		return m.Val.(*cached).Body, at, nil //nolint:forcetypeassert,errcheck // make returns nothing else
	case <-ctx.Done():
		return Body{}, at, ctx.Err()
	}
}

// lookup prefers the whole tile, which all readers share who see all of it.
func (c *Cache) lookup(key bodyKey, scope geo.Code, generation uint64) (Body, bool) {
	whole, ok := c.bodies.GetIfPresent(key)
	if ok && whole.generation == generation && (whole.seen.Open || scope.Covers(whole.seen.Within)) {
		return whole.Body, true
	}
	key.scope = scope
	own, ok := c.bodies.GetIfPresent(key)
	if ok && own.generation == generation {
		return own.Body, true
	}
	return Body{}, false
}

// make draws and compresses a tile, when it is its turn.
func (c *Cache) make(key bodyKey, sets []Set, scope geo.Code, generation uint64) (*cached, error) {
	late := time.NewTimer(drawWithin)
	defer late.Stop()
	select {
	case r := <-c.workers:
		defer func() { c.workers <- r }()
		return c.work(r, key, sets, scope, generation)
	case <-late.C:
		return nil, ErrBusy
	}
}

// work draws what the picture holds now. It is kept unless the tile has changed since it was asked for: what then was
// drawn is good for who asked, and would never be found again.
func (c *Cache) work(r *Renderer, key bodyKey, sets []Set, scope geo.Code, generation uint64) (*cached, error) {
	c.renders.Add(1)
	var recipes []Recipe
	for _, s := range sets {
		recipes = append(recipes, s.Recipes...)
	}
	raw, seen := r.Render(recipes, scope, key.tile)
	made := &cached{generation: generation, seen: seen}
	if len(raw) > 0 {
		body, err := c.compressor.pack(raw, key.encoding)
		if err != nil {
			return nil, err
		}
		made.Body = Body{Bytes: body, ETag: etagOf(body)}
	}
	if !seen.Open && !scope.Covers(seen.Within) {
		key.scope = scope
	}
	if c.keeps && c.renew.of(key.tile) == generation {
		c.bodies.Set(key, made)
	}
	return made, nil
}

func etagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

func namesOf(sets []Set) string {
	if len(sets) == 1 {
		return sets[0].Name
	}
	names := make([]string, len(sets))
	for i, s := range sets {
		names[i] = s.Name
	}
	return strings.Join(names, ",")
}
