package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/api"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/topics"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/follow"
	"github.com/gridweave/gridweave/realtime/node"
	"github.com/gridweave/gridweave/realtime/session"
	"github.com/gridweave/gridweave/realtime/webhook"
	"github.com/gridweave/gridweave/tiles"
)

// mapping is the way from the database's log to tiles, wired once.
type mapping struct {
	picture   *live.Picture
	cache     *tiles.Cache
	directory *account.Directory
	feed      *followed
	stream    *session.Server
	past      *follow.Past
	basemap   *tiles.Basemap // nil where none was given
}

// retainedPrefix and its database name the slot that keeps the log for webhooks while no server runs.
const retainedPrefix = node.SlotPrefix + "webhooks_"

// publication names what the migrations publish for the picture.
const publication = "gridweave"

// newMapping wires what serves the map and the stream; Run of its feed makes it live.
func (s *serveCommand) newMapping(ctx context.Context, o *opened, registry *node.Registry, self node.Self, metrics prometheus.Registerer) (*mapping, error) {
	picture, err := tilesets.Picture()
	if err != nil {
		return nil, err
	}
	cache, err := tiles.NewCache(picture, s.TileCache<<20)
	if err != nil {
		return nil, err
	}
	metrics.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "gridweave_tile_renders_total", Help: "Tiles drawn: requests that the cache could not answer.",
	}, func() float64 { return float64(cache.Renders()) }))
	m := &mapping{picture: picture, cache: cache, directory: account.NewDirectory()}
	m.stream, err = session.New(picture, session.Config{
		Topics: topics.All(tilesets.All(), tilesets.Layers()...), Log: o.log, Metrics: session.NewMetrics(metrics), Limits: s.streamLimits(),
		Following: func() bool { return m.feed.Following() }, Nudge: func() { m.feed.Nudge() },
		Elsewhere: registry.Reaches,
	})
	if err != nil {
		return nil, err
	}
	follower := follow.New(picture, tilesets.Projections(), cache, m.stream.Hub()).Keep(m.directory)
	cfg := feed.Config{
		URL: o.url, Publication: publication, Slot: self.Slot(), Needs: follower.Sources(), Log: o.log, Metrics: feed.NewMetrics(metrics),
	}
	m.past = follower.Past(feed.NewRetained(cfg, retainedPrefix))
	if m.feed, err = s.follow(ctx, s.Data, cfg, &thrifty{Consumer: follower, tiles: s.TileCache << 20, forget: cache.Forget}, metrics); err != nil {
		return nil, err
	}
	registry.Remember(node.Memory{Floor: m.stream.Hub().Floor, Told: m.stream.Told, Loaded: m.feed.Loaded()})
	m.directory.Watch(func(n account.Notice) { m.stream.Recheck(n.All, n.Accounts) })
	return m, nil
}

// pictureWait is how long a start is held up by a picture that is not there yet: a city loads in less.
const pictureWait = 20 * time.Second

// awaitPicture returns when there is a map to be seen, or it takes too long to wait for.
func (m *mapping) awaitPicture(ctx context.Context, log *slog.Logger) {
	select {
	case <-ctx.Done():
	case <-m.feed.Loaded():
	case <-time.After(pictureWait):
		log.WarnContext(ctx, "the map is not loaded yet", "reason", m.feed.Report().Reason)
	}
}

// hooks tells other systems what the stream tells.
func (s *serveCommand) hooks(m *mapping, o *opened, registry *node.Registry, metrics prometheus.Registerer) (*webhook.Reactor, error) {
	sealer, err := o.sealer()
	if err != nil {
		return nil, err
	}
	return webhook.New(webhook.Config{
		Hub: m.stream.Hub(), Pool: o.Admin, Open: sealer.Open, Log: o.log, Elsewhere: registry.Reaches, Past: m.past,
		Metrics: webhook.NewMetrics(metrics), MaxWaiting: s.WebhookQueue,
	})
}

// authority decides who is asking, from memory while the log is followed.
func (m *mapping) authority(accounts *account.Service) *account.Authority {
	return account.NewAuthority(m.directory, accounts, m.feed.Following)
}

func (m *mapping) tiles() api.Tiles {
	return api.Tiles{Sets: tilesets.All(), Picture: m.picture, Cache: m.cache, Nudge: m.feed.Nudge, Report: m.feed.Report, Basemap: m.basemap}
}
