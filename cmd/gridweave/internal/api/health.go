package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gridweave/gridweave/realtime/feed"
)

// readyTimeout is what a load balancer waits at the most; a database slower than that is not ready.
const readyTimeout = 2 * time.Second

// registerHealth adds liveness (the process answers), readiness (it has something to show, can reach its database and
// can go on with the clients of the others) and metrics. A server that is stale is ready, and says so: all others may be
// as well.
func registerHealth(mux *http.ServeMux, d Deps) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if err := d.DB.App.Ping(ctx); err != nil {
			d.Log.WarnContext(ctx, "not ready", "error", err)
			answer(w, http.StatusServiceUnavailable, "the database does not answer")
			return
		}
		switch r := d.Tiles.Report(); {
		case r.State == feed.Starting:
			answer(w, http.StatusServiceUnavailable, "the map is not loaded yet: "+string(r.Cause))
		case !d.Welcome():
			answer(w, http.StatusServiceUnavailable, "the clients of another server are not past the place where this one's memory begins")
		case r.State == feed.Stale:
			markStale(w.Header(), r)
			answer(w, http.StatusOK, fmt.Sprintf("ready, but the map is stale since %s: %s", r.Since.UTC().Format(time.RFC3339), r.Cause))
		default:
			answer(w, http.StatusOK, "ready")
		}
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(d.Metrics, promhttp.HandlerOpts{}))
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
