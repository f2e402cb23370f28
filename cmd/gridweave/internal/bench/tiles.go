package bench

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
)

const tilesBench = "tiles"

// contenders are the servers of `bench tiles`. Peers may be missing.
type contenders struct {
	cold     *server   // ours without a cache: every request is drawn and compressed
	cached   *server   // ours as it is
	peers    []*server // their rows in the tiles' projection, asking the database each time
	degrees  []*server // the same with rows in degrees
	withOwn  *server   // tegola with its own cache of tiles
	zoom14   []maptile.Tile
	zoom15   []maptile.Tile
	measured []Row
}

// Tiles compares tiles, drawn and cached, with what others' servers make of the same rows.
func Tiles(ctx context.Context, o Options, scale city.Scale) (rows []Row, about string, err error) {
	l, err := openLab(ctx, o, scale)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, l.close(ctx)) }()
	c, err := l.contenders(ctx)
	if err != nil {
		return nil, "", err
	}
	if err := c.sameContent(ctx); err != nil {
		return nil, "", err
	}
	if err := l.runTiles(ctx, c); err != nil {
		return nil, "", err
	}
	about, err = machine(ctx, l.db.Admin)
	return c.measured, about, err
}

func (l *lab) contenders(ctx context.Context) (c *contenders, err error) {
	c = &contenders{}
	if c.zoom14, err = l.dense(ctx); err != nil {
		return nil, err
	}
	if c.zoom15, err = l.fullest(ctx, denseZoom+1, denseTiles); err != nil {
		return nil, err
	}
	if l.Peers != "" {
		if err := l.startPeers(ctx, c); err != nil {
			return nil, err
		}
	}
	if c.cold, err = l.serve(ctx, "cold", "--tile-cache", "0"); err != nil {
		return nil, err
	}
	c.cached, err = l.serve(ctx, "cached")
	return c, err
}

func (l *lab) startPeers(ctx context.Context, c *contenders) error {
	if err := l.makePeerTables(ctx); err != nil {
		return err
	}
	for _, into := range []struct {
		srid    int
		servers *[]*server
	}{{3857, &c.peers}, {4326, &c.degrees}} {
		asmvt, err := l.startAsmvt(ctx, into.srid)
		if err != nil {
			return err
		}
		tegola, err := l.startTegola(ctx, into.srid, false)
		if err != nil {
			return err
		}
		*into.servers = []*server{asmvt, tegola}
	}
	var err error
	c.withOwn, err = l.startTegola(ctx, 3857, true)
	return err
}

// all lists every server.
func (c *contenders) all() []*server {
	all := append([]*server{c.cold, c.cached}, append(c.peers, c.degrees...)...)
	if c.withOwn != nil {
		all = append(all, c.withOwn)
	}
	return all
}

// sameContent makes sure that everybody answers with the same features and attributes before anything is measured. It
// also fills the caches.
func (c *contenders) sameContent(ctx context.Context) error {
	for _, t := range append(c.zoom14, c.zoom15...) {
		want, err := c.cold.features(ctx, t)
		if err != nil {
			return err
		}
		for _, s := range c.all()[1:] {
			got, err := s.features(ctx, t)
			if err != nil {
				return err
			}
			if diff := difference(want, got); diff != "" {
				return fmt.Errorf("%s answers tile %d/%d/%d with something else than ours: %s", s.child.Name, t.Z, t.X, t.Y, diff)
			}
		}
	}
	return nil
}

func (l *lab) runTiles(ctx context.Context, c *contenders) error {
	run := func(ours *server, peers []*server, loads ...load) error {
		for _, load := range loads {
			rows, err := l.compare(ctx, tilesBench, load, append([]*server{ours}, peers...)...)
			if err != nil {
				return err
			}
			c.measured = append(c.measured, rows...)
		}
		return nil
	}
	drawn, err := l.renders(ctx, c.cold)
	if err != nil {
		return err
	}
	err = run(c.cold, c.peers,
		load{"cold z14 c1", 1, c.zoom14, "gzip"}, load{"cold z14 c8", 8, c.zoom14, "gzip"},
		load{"cold z15 c1", 1, c.zoom15, "gzip"}, load{"cold z15 c8", 8, c.zoom15, "gzip"},
		load{"encode z14", 8, c.zoom14, plain})
	if err != nil {
		return err
	}
	if err := l.everyTileDrawn(ctx, c, drawn); err != nil {
		return err
	}
	if err := run(c.cold, c.degrees, load{"cold z14 c8 4326", 8, c.zoom14, "gzip"}); err != nil {
		return err
	}
	err = run(c.cached, c.peers, load{"cached z14 c1", 1, c.zoom14, "gzip"}, load{"cached z14 c8", 8, c.zoom14, "gzip"},
		load{"cached z15 c8", 8, c.zoom15, "gzip"})
	if err != nil || c.withOwn == nil {
		return err
	}
	return run(c.cached, []*server{c.withOwn}, load{"peer-cache z14 c1", 1, c.zoom14, "gzip"}, load{"peer-cache z14 c8", 8, c.zoom14, "gzip"})
}

// everyTileDrawn holds that our cold figures are of tiles drawn, each one: neither kept nor shared between requests.
func (l *lab) everyTileDrawn(ctx context.Context, c *contenders, before uint64) error {
	after, err := l.renders(ctx, c.cold)
	if err != nil {
		return err
	}
	asked := uint64(c.cold.answered)
	if after-before < asked && min(len(c.zoom14), len(c.zoom15)) == denseTiles {
		return fmt.Errorf("of %d requests without a cache only %d were drawn", asked, after-before)
	}
	return nil
}

// renders reads how many tiles our server has drawn.
func (l *lab) renders(ctx context.Context, s *server) (uint64, error) {
	n, err := s.gauge(ctx, "gridweave_tile_renders_total")
	return uint64(n), err
}

// gauge reads one of the figures that our server tells of itself.
func (s *server) gauge(ctx context.Context, name string) (float64, error) {
	body, _, err := s.get(ctx, "/metrics")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(body)) {
		var n float64
		if _, err := fmt.Sscanf(line, name+" %g", &n); err == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("the server does not tell its %s", name)
}
