package bench

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/httpload"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/process"
)

// usage is what a server answered in its turns, and the processor time that it and the database took for that.
type usage struct {
	httpload.Result
	server, database time.Duration
}

func (u *usage) perRequest(d time.Duration) float64 {
	return milliseconds(d) / float64(max(1, u.Requests))
}

// load is a comparison: so many connections, each asking for a tile of its own.
type load struct {
	name     string
	conns    int
	tiles    []maptile.Tile
	encoding string
}

// compare lets the servers take turns under the same load. The first is ours.
func (l *lab) compare(ctx context.Context, bench string, load load, servers ...*server) ([]Row, error) {
	used := make([]usage, len(servers))
	for range l.rounds() {
		for i, s := range servers {
			if err := l.turn(ctx, load, s, &used[i]); err != nil {
				return nil, fmt.Errorf("%s, %s: %w", load.name, s.child.Name, err)
			}
		}
	}
	var rows []Row
	for i, s := range servers {
		rows = append(rows, used[i].rows(bench, load.name, s.peer, &used[0])...)
	}
	l.Log.InfoContext(ctx, bench, "case", load.name, "requests_per_second", int(used[0].PerSecond()))
	return rows, nil
}

// turn measures one server once.
func (l *lab) turn(ctx context.Context, load load, s *server, into *usage) error {
	requests := make([]httpload.Request, load.conns)
	for i := range requests {
		requests[i] = s.request(load.tiles[i%len(load.tiles)], load.encoding)
	}
	open, err := httpload.Open(ctx, s.host, requests, http.StatusOK)
	if err != nil {
		return err
	}
	defer open.Close()
	server, database, err := l.clocks(s)
	if err != nil {
		return err
	}
	result, err := open.Run(ctx, l.span())
	if err != nil {
		return err
	}
	serverAfter, databaseAfter, err := l.clocks(s)
	if err != nil {
		return err
	}
	into.Add(result)
	s.answered += result.Requests
	into.server += serverAfter - server
	into.database += databaseAfter - database
	return nil
}

// clocks reads the processor time used so far by a server and by the database.
func (l *lab) clocks(s *server) (server, database time.Duration, err error) {
	if server, err = process.CPU(s.child.PID()); err != nil {
		return 0, 0, err
	}
	database, err = process.TreeCPU(l.cluster.PID())
	return server, database, err
}

// rows of one server; our is what ours reached in the same case.
func (u *usage) rows(bench, name, peer string, our *usage) []Row {
	figures := []struct {
		metric
		of func(*usage) float64
	}{
		{perSecond(), func(u *usage) float64 { return u.PerSecond() }},
		{p50(), func(u *usage) float64 { return milliseconds(u.Quantile(0.5)) }},
		{p99(), func(u *usage) float64 { return milliseconds(u.Quantile(0.99)) }},
		{cpuPerTile(), func(u *usage) float64 { return u.perRequest(u.server + u.database) }},
		{serverCPU(), func(u *usage) float64 { return u.perRequest(u.server) }},
		{databaseCPU(), func(u *usage) float64 { return u.perRequest(u.database) }},
		{tileBytes(), func(u *usage) float64 { return float64(u.Bytes) / float64(max(1, u.Requests)) }},
	}
	rows := make([]Row, 0, len(figures))
	for _, f := range figures {
		if peer == "" {
			rows = append(rows, ours(bench, name, f.metric, f.of(u)))
			continue
		}
		rows = append(rows, theirs(bench, name, peer, f.metric, f.of(u), f.of(our)))
	}
	return rows
}
