package bus

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Server is a NATS server with JetStream within this process, for installations that have none.
type Server struct{ nats *server.Server }

// startTimeout is what JetStream may take to look through what it has stored.
const startTimeout = 30 * time.Second

// Serve starts one on the address, with its store in a folder. Other servers reach it with the token.
func Serve(address, folder, token string) (*Server, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("bus address %q: %w", address, err)
	}
	if ip := net.ParseIP(host); token == "" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("bus address %q: everybody on the network could read the log; give a token", address)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("bus address %q: %w", address, err)
	}
	if number == 0 {
		number = server.RANDOM_PORT
	}
	nats, err := server.NewServer(&server.Options{
		ServerName: "gridweave", Host: host, Port: number, Authorization: token,
		JetStream: true, StoreDir: folder, NoSigs: true, NoLog: true,
	})
	if err != nil {
		return nil, fmt.Errorf("bus serve: %w", err)
	}
	nats.Start()
	if !nats.ReadyForConnections(startTimeout) {
		nats.Shutdown()
		return nil, errors.New("bus serve: NATS does not get ready")
	}
	return &Server{nats}, nil
}

// URL is where others reach it.
func (s *Server) URL() string { return s.nats.ClientURL() }

// Stop ends it and waits until its store is closed.
func (s *Server) Stop() {
	s.nats.Shutdown()
	s.nats.WaitForShutdown()
}
