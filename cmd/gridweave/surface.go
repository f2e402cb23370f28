package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/api"
	"github.com/gridweave/gridweave/frontend"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/area"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/heat"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/civic/incident"
	"github.com/gridweave/gridweave/geo/civic/search"
	"github.com/gridweave/gridweave/geo/civic/situation"
	"github.com/gridweave/gridweave/geo/civic/webhook"
	"github.com/gridweave/gridweave/realtime/node"
)

// Times of the HTTP server. A request's head arrives in one packet or two; a phone on a bad network may take longer
// for a body; no answer of ours takes a minute; an idle connection is worth keeping between two refreshes of a map.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	stopTimeout       = 10 * time.Second
)

// services are the use cases, wired once.
type services struct {
	accounts     *account.Service
	areas        *area.Service
	houses       *house.Service
	incidents    *incident.Service
	declarations *declare.Service
	search       *search.Service
	situation    *situation.Service
	heat         *heat.Service
	webhooks     *webhook.Service
}

func newServices(o *opened) (services, error) {
	sealer, err := o.sealer()
	if err != nil {
		return services{}, err
	}
	hooks, err := o.webhooks()
	if err != nil {
		return services{}, err
	}
	return services{
		accounts:     o.accounts(),
		areas:        area.NewService(o.DB),
		houses:       house.NewService(o.DB),
		incidents:    incident.NewService(o.DB, sealer, time.Now),
		declarations: declare.NewService(o.DB, sealer, time.Now),
		search:       search.NewService(o.DB),
		situation:    situation.NewService(o.DB, time.Now),
		heat:         heat.NewService(o.DB, time.Now),
		webhooks:     hooks,
	}, nil
}

func (s *serveCommand) handler(o *opened, v services, m *mapping, registry *node.Registry, self node.Self, secure encryption, metrics *prometheus.Registry) http.Handler {
	return api.Handler(api.Deps{
		Log: o.log, DB: o.DB, Accounts: v.accounts, Authority: m.authority(v.accounts), Areas: v.areas, Houses: v.houses, Incidents: v.incidents,
		Declarations: v.declarations, Search: v.search, Heat: v.heat, Situation: v.situation, Webhooks: v.webhooks, Tiles: m.tiles(),
		Stream: api.Stream{Server: m.stream, Identity: api.IdentityBy(m.directory)}, Welcome: registry.Welcome, Frontend: frontend.FS(), Metrics: metrics,
		Version: version, Node: self.Name, Encryption: secure.forBrowsers(s.SecureCookie), Demo: s.Demo,
		Limits: api.Limits{Tiles: s.TileRate, Requests: s.RequestRate},
	})
}

func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.InfoContext(ctx, "stopping")
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return errors.Join(fmt.Errorf("stop: requests were cut off: %w", err), server.Close())
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
