package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/realtime/feed"
)

// Status is how new what this server shows is.
type Status struct {
	Node       string    `json:"node" doc:"The server's name among those on the database."`
	Version    string    `json:"version"`
	State      string    `json:"state" enum:"starting,live,stale" doc:"live: the database's log is followed. stale: what is shown was true at 'since'. starting: nothing is loaded yet."`
	Since      time.Time `json:"since" doc:"When it became live, or when what is shown was last known to be true."`
	Cause      string    `json:"cause,omitempty" enum:"disconnected,waiting,loading,unreadable" doc:"Why it is not live: the database is away; a load waits for a long transaction; everything is being loaded; the schema is not this server's."`
	Reason     string    `json:"reason,omitempty" doc:"The same at length, for an administrator or auditor: it may name processes of the database."`
	Position   string    `json:"position" doc:"What map and rights include."`
	LagBytes   uint64    `json:"lag_bytes" doc:"Log that the database had written at the last look and that is not shown yet."`
	LagSeconds float64   `json:"lag_seconds" doc:"For how long it has been behind; 0 where it was not at the last look."`
}

type statusOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Status
}

func registerStatus(api huma.API, d Deps) {
	huma.Register(api, huma.Operation{
		OperationID: "status", Method: http.MethodGet, Path: "/api/v1/status",
		Summary: "How new what this server shows is", Tags: []string{"status"}, Security: needsAccount(),
	}, func(ctx context.Context, _ *struct{}) (*statusOutput, error) {
		r := d.Tiles.Report()
		s := Status{
			Node: d.Node, Version: d.Version, State: string(r.State), Since: r.Since.UTC(), Cause: string(r.Cause),
			Position: r.Position.String(), LagBytes: r.LagBytes, LagSeconds: r.Lag.Seconds(),
		}
		if actorOf(ctx).Is(account.Administrator, account.Auditor) {
			s.Reason = r.Reason
		}
		return &statusOutput{CacheControl: "no-store", Body: s}, nil
	})
}

// markStale says of an answer from memory since when it may be untrue.
func markStale(h http.Header, r feed.Report) {
	if r.State == feed.Stale {
		h.Set("X-Stale-Since", r.Since.UTC().Format(time.RFC3339Nano))
	}
}
