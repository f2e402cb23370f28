// Package fanout is three ways to send one event to many WebSockets: the centrifuge library, a goroutine and a channel
// for each client, and a loop over the clients with a prepared message. All are driven the same way: clients connect to
// /ws, whoever measures posts an event's bytes to /publish, and /memory tells what the process holds.
package fanout

import (
	"encoding/json"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
)

// Server sends events to everybody who is connected.
type Server interface {
	// Connect upgrades the request and keeps the client until it leaves.
	Connect(w http.ResponseWriter, r *http.Request)
	// Publish sends one event to all clients, in the order of the calls. Nobody changes the payload any more.
	Publish(payload []byte) error
	// Clients is how many are connected and will get the next event.
	Clients() int
}

// maxPayload bounds an event.
const maxPayload = 64 << 10

// Handler serves s.
func Handler(s Server) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ws", s.Connect)
	mux.HandleFunc("POST /publish", func(w http.ResponseWriter, r *http.Request) { publish(w, r, s) })
	mux.HandleFunc("GET /memory", func(w http.ResponseWriter, _ *http.Request) { memory(w, s) })
	return mux
}

// publish sends the body n times (n=1).
func publish(w http.ResponseWriter, r *http.Request, s Server) {
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	n, err := strconv.Atoi(r.URL.Query().Get("n"))
	if err != nil {
		n = 1
	}
	for range n {
		if err := s.Publish(payload); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// memory collects garbage first: what remains is what connections cost.
func memory(w http.ResponseWriter, s Server) {
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	_ = json.NewEncoder(w).Encode(map[string]any{ // a client that is gone needs nothing
		"clients": s.Clients(), "heap_bytes": m.HeapAlloc, "stack_bytes": m.StackInuse,
	})
}
