package main

import (
	"context"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/gridweave/gridweave/realtime/bus"
	"github.com/gridweave/gridweave/realtime/feed"
)

// busFlags say whether the log comes over a bus, for many servers on one database.
type busFlags struct {
	Bus       string `env:"GRIDWEAVE_BUS" help:"Follow the database's log over NATS JetStream, which one server relays: nats://HOST:PORT, or embedded for a NATS server within this one." placeholder:"URL"`
	BusListen string `default:"127.0.0.1:4222" env:"GRIDWEAVE_BUS_LISTEN" help:"With --bus embedded: address for the other servers." placeholder:"HOST:PORT"`
	BusToken  string `env:"GRIDWEAVE_BUS_TOKEN" help:"Token of the NATS server; an embedded one needs it on any address but loopback." placeholder:"TOKEN"`
}

// source is where a picture's changes come from: the database itself, or a bus.
type source interface {
	Run(ctx context.Context) error
	Report() feed.Report
	Following() bool
	Nudge()
	Loaded() <-chan struct{}
}

// followed is the source with what it needs to run.
type followed struct {
	source
	relay *bus.Relay // nil without a bus
	close func()
}

// follow makes a source that drives the consumer, without a bus a feed of its own slot.
func (b busFlags) follow(ctx context.Context, data string, cfg feed.Config, consumer feed.Consumer, metrics prometheus.Registerer) (*followed, error) {
	if b.Bus == "" {
		return &followed{source: feed.New(cfg, consumer), close: func() {}}, nil
	}
	stop := func() {}
	url := b.Bus
	if url == "embedded" {
		server, err := bus.Serve(b.BusListen, filepath.Join(data, "bus"), b.BusToken)
		if err != nil {
			return nil, err
		}
		url, stop = server.URL(), server.Stop
	}
	conn, err := bus.Connect(ctx, bus.Config{URL: url, Token: b.BusToken, Log: cfg.Log})
	if err != nil {
		stop()
		return nil, err
	}
	f := &followed{relay: bus.NewRelay(conn, cfg), close: func() { conn.Close(); stop() }}
	n := bus.NewNode(conn, cfg, consumer)
	f.source = n
	metrics.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "gridweave_bus_live", Help: "1 while the bus is being followed."},
			func() float64 { return map[bool]float64{true: 1}[n.Following()] }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "gridweave_bus_relaying", Help: "1 while this server relays the log; the gridweave_feed_* metrics are its then."},
			func() float64 { return map[bool]float64{true: 1}[f.relay.Relaying()] }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "gridweave_bus_lag_seconds", Help: "For how long nothing has come over the bus; 0 while it is live."},
			func() float64 { return n.Report().Lag.Seconds() }),
	)
	return f, nil
}

// Run follows until the context ends, and relays where it is this server's turn.
func (f *followed) Run(ctx context.Context) error {
	defer f.close()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return f.source.Run(ctx) })
	if f.relay != nil {
		g.Go(func() error { return f.relay.Run(ctx) })
	}
	return g.Wait()
}
