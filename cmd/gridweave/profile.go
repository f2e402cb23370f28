package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
)

// profiler serves Go's profiles (net/http/pprof) on an address of its own, which only this machine reaches: a profile
// tells what is in memory.
type profiler struct{ listener net.Listener }

// profiler listens where one was asked for; nil is none.
func (s *serveCommand) profiler(ctx context.Context) (*profiler, error) {
	if s.ProfileAddr == "" {
		return nil, nil //nolint:nilnil // none was asked for
	}
	if err := requireLoopback("--profile-addr", s.ProfileAddr); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.ProfileAddr)
	if err != nil {
		return nil, fmt.Errorf("listen for profiles: %w", err)
	}
	return &profiler{listener: listener}, nil
}

// address is empty where there is none.
func (p *profiler) address() string {
	if p == nil {
		return ""
	}
	return "http://" + p.listener.Addr().String()
}

// close gives the address back where it was never served.
func (p *profiler) close() error {
	if p == nil {
		return nil
	}
	return p.listener.Close()
}

func (p *profiler) serve(ctx context.Context, log *slog.Logger) error {
	if p == nil {
		return nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return serveHTTP(ctx, p.listener, mux, log)
}
