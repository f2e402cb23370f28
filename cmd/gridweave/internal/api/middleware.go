package api

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gridweave/gridweave/geo/civic/evidence"
)

// contentSecurity allows what the page itself is made of and nothing else: no inline code, no other host. WebAssembly is
// the reader of plates' codes in browsers that have none of their own; it is served from here like any script.
const contentSecurity = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; " +
	"img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// outermost wraps the whole surface, first to last: name the request, measure and log it, keep a panic from
// taking the server along, harden the answer, bound the body.
func outermost(d Deps, next http.Handler) http.Handler {
	h := limitBody(next)
	h = d.Encryption.headers(secureHeaders(h))
	h = recoverPanics(d.Log, h)
	h = observe(newMeter(d.Metrics), d.Log, h)
	return nameRequests(h)
}

// nameRequests gives each request an id that its log lines, its problems and its evidence share. An id sent by the
// client is kept only if it is short and plain: it ends in the log.
func nameRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !plainID(id) {
			id = rand.Text()
		}
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(evidence.WithRequestID(r.Context(), id)))
	})
}

func plainID(s string) bool {
	if len(s) < 8 || len(s) > 64 {
		return false
	}
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' {
			return false
		}
	}
	return true
}

func recoverPanics(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { //nolint:contextcheck // the request carries it
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { //nolint:errorlint // the value itself is panicked with
				panic(cause)
			}
			log.ErrorContext(r.Context(), "panic", "cause", cause, "stack", string(debug.Stack()))
			writeProblem(w, r, log, fmt.Errorf("panic: %v", cause))
		}()
		next.ServeHTTP(w, r)
	})
}

func secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurity)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// observe logs and measures each request under its route's pattern: paths and ids would be unbounded series.
func observe(m *meter, log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		sw := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		m.inFlight.Inc()
		defer m.inFlight.Dec()
		next.ServeHTTP(sw, r)
		took := time.Since(start)
		m.record(route(r), r.Method, sw.status, took)
		log.DebugContext(r.Context(), "request", "request_id", evidence.RequestID(r.Context()), "method", r.Method,
			"path", r.URL.Path, "status", sw.status, "bytes", sw.bytes, "took", took)
	})
}

// statusWriter remembers what was answered. Unwrap keeps Hijack and Flush within reach of http.ResponseController.
type statusWriter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap serves http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
