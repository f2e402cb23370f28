package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/api"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/topics"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/follow"
	"github.com/gridweave/gridweave/realtime/session"
	"github.com/gridweave/gridweave/tiles"
)

// mapping is the way from the database's log to tiles, wired once.
type mapping struct {
	picture   *live.Picture
	cache     *tiles.Cache
	directory *account.Directory
	feed      *feed.Feed
	stream    *session.Server
	basemap   *tiles.Basemap // nil where none was given
}

// publication names what the migrations publish for the picture.
const publication = "gridweave"

// newMapping keeps up to so many bytes of tiles.
func newMapping(o *opened, tileCacheBytes uint64, limits session.Limits, metrics prometheus.Registerer) (*mapping, error) {
	picture, err := tilesets.Picture()
	if err != nil {
		return nil, err
	}
	cache, err := tiles.NewCache(picture, tileCacheBytes)
	if err != nil {
		return nil, err
	}
	metrics.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "gridweave_tile_renders_total", Help: "Tiles drawn: requests that the cache could not answer.",
	}, func() float64 { return float64(cache.Renders()) }))
	slot, err := slotName(o.keys)
	if err != nil {
		return nil, err
	}
	m := &mapping{picture: picture, cache: cache, directory: account.NewDirectory()}
	m.stream, err = session.New(picture, session.Config{
		Topics: topics.All(tilesets.All(), tilesets.Layers()...), Log: o.log, Metrics: session.NewMetrics(metrics), Limits: limits,
		Following: func() bool { return m.feed.Following() }, Nudge: func() { m.feed.Nudge() },
	})
	if err != nil {
		return nil, err
	}
	follower := follow.New(picture, tilesets.Projections(), cache, m.stream.Hub()).Keep(m.directory)
	m.feed = feed.New(feed.Config{
		URL: o.url, Publication: publication, Slot: slot, Needs: follower.Sources(), Log: o.log, Metrics: feed.NewMetrics(metrics),
	}, follower)
	m.directory.Watch(func(n account.Notice) { m.stream.Recheck(n.All, n.Accounts) })
	return m, nil
}

// authority decides who is asking, from memory while the log is followed.
func (m *mapping) authority(accounts *account.Service) *account.Authority {
	return account.NewAuthority(m.directory, accounts, m.feed.Following)
}

func (m *mapping) tiles() api.Tiles {
	return api.Tiles{Sets: tilesets.All(), Picture: m.picture, Cache: m.cache, Nudge: m.feed.Nudge, Basemap: m.basemap}
}

// slotName is the node's own name for its replication slot: the same after a restart, so that it finds what it left
// behind, and another one for every data folder.
func slotName(dir string) (string, error) {
	host, err := os.Hostname()
	if err != nil {
		return "", err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(host + abs))
	return "gridweave_" + hex.EncodeToString(sum[:8]), nil
}
