package fanout

import (
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// queued is how many events may wait for a client before it is thrown out.
const queued = 256

func upgrader() *websocket.Upgrader {
	return &websocket.Upgrader{
		ReadBufferSize: 1024, WriteBufferPool: &sync.Pool{}, CheckOrigin: func(*http.Request) bool { return true },
	}
}

// drain reads what a client sends, and with it answers its pings, until it leaves.
func drain(c *websocket.Conn) {
	for {
		if _, _, err := c.NextReader(); err != nil {
			return
		}
	}
}

// Channels gives each client a channel and a goroutine that writes from it. A client whose channel is full is thrown
// out.
type Channels struct {
	upgrade *websocket.Upgrader

	mu      sync.Mutex
	clients map[chan []byte]*websocket.Conn
}

// NewChannels has no clients yet.
func NewChannels() *Channels {
	return &Channels{upgrade: upgrader(), clients: map[chan []byte]*websocket.Conn{}}
}

// Connect implements Server.
func (s *Channels) Connect(w http.ResponseWriter, r *http.Request) {
	c, err := s.upgrade.Upgrade(w, r, nil)
	if err != nil {
		return // answered by Upgrade
	}
	defer c.Close()
	queue := make(chan []byte, queued)
	s.mu.Lock()
	s.clients[queue] = c
	s.mu.Unlock()
	go write(c, queue)
	drain(c)
	s.leave(queue)
}

func write(c *websocket.Conn, queue <-chan []byte) {
	for payload := range queue {
		_ = c.SetWriteDeadline(time.Now().Add(patience)) // fails as the write does
		if err := c.WriteMessage(websocket.TextMessage, payload); err != nil {
			_ = c.Close() // wakes the reader, which takes the client off the list
		}
	}
}

// leave closes the channel once, under the lock under which it is written to.
func (s *Channels) leave(queue chan []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.clients[queue]; there {
		delete(s.clients, queue)
		close(queue)
	}
}

// Publish implements Server.
func (s *Channels) Publish(payload []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for queue, c := range s.clients {
		select {
		case queue <- payload:
		default:
			_ = c.Close() // wakes the reader, which takes the client off the list
		}
	}
	return nil
}

// Clients implements Server.
func (s *Channels) Clients() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.clients)
}

// Prepared frames an event once and writes it to one client after the other.
type Prepared struct {
	upgrade *websocket.Upgrader

	mu      sync.Mutex
	clients map[*websocket.Conn]struct{}
}

// NewPrepared has no clients yet.
func NewPrepared() *Prepared {
	return &Prepared{upgrade: upgrader(), clients: map[*websocket.Conn]struct{}{}}
}

// Connect implements Server.
func (s *Prepared) Connect(w http.ResponseWriter, r *http.Request) {
	c, err := s.upgrade.Upgrade(w, r, nil)
	if err != nil {
		return // answered by Upgrade
	}
	defer c.Close()
	s.mu.Lock()
	s.clients[c] = struct{}{}
	s.mu.Unlock()
	drain(c)
	s.mu.Lock()
	delete(s.clients, c)
	s.mu.Unlock()
}

// Publish implements Server.
func (s *Prepared) Publish(payload []byte) error {
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, payload)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.clients {
		_ = c.SetWriteDeadline(time.Now().Add(patience)) // fails as the write does
		if err := c.WritePreparedMessage(message); err != nil {
			_ = c.Close() // wakes the reader, which takes the client off the list
		}
	}
	return nil
}

// Clients implements Server.
func (s *Prepared) Clients() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.clients)
}
