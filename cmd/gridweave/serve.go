package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/roster"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/simulate"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/realtime/node"
	"github.com/gridweave/gridweave/realtime/session"
	"github.com/gridweave/gridweave/tiles"
)

type serveCommand struct {
	place
	Addr              string  `default:"127.0.0.1:8080" env:"GRIDWEAVE_ADDR" help:"Address to listen on." placeholder:"HOST:PORT"`
	SecureCookie      bool    `env:"GRIDWEAVE_SECURE_COOKIE" help:"Browsers reach the server by HTTPS, through a proxy: mark the session cookie so."`
	TileCache         uint64  `default:"64" env:"GRIDWEAVE_TILE_CACHE" help:"Memory for compressed tiles, in MiB: 64 hold some ten thousand of a dense district; 0 keeps none." placeholder:"MIB"`
	TileRate          float64 `default:"1000" env:"GRIDWEAVE_TILE_RATE" help:"Tiles a second that one account may ask for, all its screens together; three times as many at once." placeholder:"N"`
	RequestRate       float64 `default:"100" env:"GRIDWEAVE_REQUEST_RATE" help:"REST requests a second that one account may send; three times as many at once." placeholder:"N"`
	StreamsPerAccount int     `default:"200" env:"GRIDWEAVE_STREAMS_PER_ACCOUNT" help:"Streams that one account may have open at a time." placeholder:"N"`
	StreamsPerAddress int     `default:"5000" env:"GRIDWEAVE_STREAMS_PER_ADDRESS" help:"Streams that one network address may have open at a time; a proxy is one." placeholder:"N"`
	WebhookQueue      int     `default:"100000" env:"GRIDWEAVE_WEBHOOK_QUEUE" help:"Deliveries that may wait for one webhook, paused or refused; beyond that all of them are let go, which the receiver is told." placeholder:"N"`
	Basemap           string  `type:"existingfile" env:"GRIDWEAVE_BASEMAP" help:"Base map to draw under the district: a .pmtiles file in the schema of Protomaps or OpenMapTiles." placeholder:"FILE"`
	nodeFlag
	busFlags
	tlsFlags
	ProfileAddr string `env:"GRIDWEAVE_PROFILE_ADDR" help:"Loopback address for Go's profiles at /debug/pprof/; none by default." placeholder:"HOST:PORT"`
	Demo        bool   `help:"Fill an empty district with a demo and simulate its days; only on a loopback address."`
	demoFlags
	Simulate      bool    `default:"true" negatable:"" help:"With --demo: let things happen, as in the demo's written history."`
	SimulateSpeed float64 `default:"1" help:"With --demo: times as fast as the history, to show more in less time." placeholder:"N"`
}

func (s *serveCommand) streamLimits() session.Limits {
	return session.Limits{PerAccount: s.StreamsPerAccount, PerAddress: s.StreamsPerAddress}
}

// Run serves until the context ends, and then stops in order: first the work that writes, then requests, then the
// pools, then the database.
func (s *serveCommand) Run(c *console) error {
	if s.Demo {
		if err := requireLoopback("--demo with --addr", s.Addr); err != nil {
			return err
		}
		if s.SimulateSpeed <= 0 {
			return errors.New("--simulate-speed: more than 0 times as fast")
		}
	}
	if s.Basemap == "" {
		return s.openAndServe(c, nil)
	}
	basemap, err := tiles.OpenBasemap(s.Basemap)
	if err != nil {
		return err
	}
	return errors.Join(s.openAndServe(c, basemap), basemap.Close())
}

func (s *serveCommand) openAndServe(c *console, basemap *tiles.Basemap) error {
	o, err := s.open(c, postgis.AcquireAlone, slog.LevelInfo)
	if err != nil {
		return err
	}
	if basemap != nil && basemap.Schema() == tiles.OwnGround {
		o.log.WarnContext(c, "the base map's schema is not known: its tiles are served, but no style of ours draws them", "file", s.Basemap)
	}
	return errors.Join(s.serve(c, o, basemap), o.Close(c))
}

func (s *serveCommand) serve(c *console, o *opened, basemap *tiles.Basemap) error {
	debug.SetGCPercent(garbagePercent)
	services, err := newServices(o)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(c, "tcp", s.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	var members []roster.Member
	if s.Demo {
		if members, err = s.prepareDemo(c, o, services.accounts); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	self, err := s.self(o, listener.Addr().String())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	registry, err := node.Join(c, o.Admin, self, o.log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	secure, err := s.certificate(s.Data, o)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	profiles, err := s.profiler(c)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	live, err := s.newMapping(c, o, registry, self, metrics)
	if err != nil {
		return errors.Join(err, listener.Close(), profiles.close())
	}
	live.basemap = basemap
	hooks, err := s.hooks(live, o, registry, metrics)
	if err != nil {
		return errors.Join(err, listener.Close(), profiles.close())
	}
	handler := s.handler(o, services, live, registry, self, secure, metrics)
	g, ctx := errgroup.WithContext(c)
	g.Go(func() error { return live.feed.Run(ctx) })
	g.Go(func() error { return registry.Run(ctx) })
	g.Go(func() error { return services.heat.Run(ctx, o.log) })
	g.Go(func() error { return services.situation.Run(ctx, o.log) })
	g.Go(func() error {
		if live.awaitPicture(ctx, o.log); ctx.Err() != nil {
			return nil //nolint:nilerr // stopped before there was anything to announce
		}
		return s.announce(c, listener.Addr(), secure, profiles, members)
	})
	g.Go(func() error { return live.stream.Run(ctx) })
	g.Go(func() error { return hooks.Run(ctx) })
	g.Go(func() error { return serveHTTP(ctx, secure.wrap(listener), handler, o.log) })
	g.Go(func() error { return profiles.serve(ctx, o.log) })
	g.Go(func() error { return pruneSessions(ctx, account.NewSessionStore(o.DB), o.log) })
	if s.Demo && s.Simulate {
		g.Go(func() error {
			_, err := newSimulation(o, services, members, simulate.Options{Speed: s.SimulateSpeed, Seed: s.Seed, Log: o.log}).Run(ctx)
			return err
		})
	}
	return g.Wait()
}

// announce prints where the server is and who may sign in: lines for a person, one JSON object for a script.
func (s *serveCommand) announce(c *console, addr net.Addr, secure encryption, profiles *profiler, members []roster.Member) error {
	address := secure.scheme() + "://" + addr.String()
	if s.JSON {
		ready := map[string]any{"event": "ready", "address": address, "accounts": members}
		if a := secure.authority(); a != nil {
			ready["ca"], ready["ca_sha256"] = a.Path, a.Fingerprint()
		}
		if profiles != nil {
			ready["profile"] = profiles.address()
		}
		return c.printJSON(ready)
	}
	c.printLine("Gridweave serves on %s", address)
	secure.trust(c, address)
	if len(members) > 0 {
		c.printLine("\n  %-16s %-18s %-14s %s", "account", "password", "role", "area")
		for _, m := range members {
			c.printLine("  %-16s %-18s %-14s %s", m.Name, m.Password, m.Role, m.Code)
		}
		c.printLine("")
	}
	return nil
}

// pruneEvery is how often ended sessions go: they are small, and refused already.
const pruneEvery = time.Hour

// pruneSessions removes ended sessions; a failure only means that they stay an hour longer.
func pruneSessions(ctx context.Context, store *account.SessionStore, log *slog.Logger) error {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if n, err := store.Prune(ctx); err != nil {
				log.WarnContext(ctx, "prune sessions", "error", err)
			} else if n > 0 {
				log.InfoContext(ctx, "pruned sessions", "count", n)
			}
		}
	}
}

// requireLoopback keeps what is only for this machine off every network: demo accounts, whose names everybody knows who
// reads this project, and profiles. what says which flag asked for it.
func requireLoopback(what, addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%s %s: %w", what, addr, err)
	}
	if ip := net.ParseIP(host); host == "localhost" || (ip != nil && ip.IsLoopback()) {
		return nil
	}
	return fmt.Errorf("%s serves on a loopback address only, such as 127.0.0.1:8080, not on %s", what, addr)
}
