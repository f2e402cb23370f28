package fanout

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/centrifugal/centrifuge"
)

// patience is what a client may take for a write and for a pong.
const patience = 30 * time.Second

// queueBytes is what may wait for a client.
const queueBytes = 16 << 20

// A client that comes back within so long gets what it missed, as far as so many events hold it.
const (
	historySize = 4096
	historyFor  = 2 * time.Minute
)

// channel is what every client is subscribed to.
const channel = "events"

// Centrifuge is a node of the library with its broker in memory, tuned for one busy channel: as many messages in a frame
// as are waiting, pooled write buffers, no join and leave messages. It keeps a history to recover from, as whoever may
// not lose events has to; without it costs a tenth less.
type Centrifuge struct {
	node *centrifuge.Node
	ws   *centrifuge.WebsocketHandler
}

// NewCentrifuge starts a node.
func NewCentrifuge() (*Centrifuge, error) {
	node, err := centrifuge.New(centrifuge.Config{LogLevel: centrifuge.LogLevelNone, ClientQueueMaxSize: queueBytes})
	if err != nil {
		return nil, fmt.Errorf("centrifuge: %w", err)
	}
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{
			Credentials:        &centrifuge.Credentials{UserID: "bench"},
			Subscriptions:      map[string]centrifuge.SubscribeOptions{channel: {EnableRecovery: true}},
			MaxMessagesInFrame: -1,
		}, nil
	})
	if err := node.Run(); err != nil {
		return nil, fmt.Errorf("centrifuge run: %w", err)
	}
	return &Centrifuge{node: node, ws: centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{
		ReadBufferSize: 1024, UseWriteBufferPool: true, ProcessCommandsOffReadLoop: true,
		CheckOrigin: func(*http.Request) bool { return true },
		// With the defaults it throws clients out that wait for their turn on busy cores.
		WriteTimeout:   patience,
		PingPongConfig: centrifuge.PingPongConfig{PingInterval: 2 * patience, PongTimeout: patience},
	})}, nil
}

// Connect implements Server.
func (c *Centrifuge) Connect(w http.ResponseWriter, r *http.Request) { c.ws.ServeHTTP(w, r) }

// Publish implements Server. The payload is JSON.
func (c *Centrifuge) Publish(payload []byte) error {
	_, err := c.node.Publish(channel, payload, centrifuge.WithHistory(historySize, historyFor))
	return err
}

// Clients implements Server.
func (c *Centrifuge) Clients() int { return c.node.Hub().NumClients() }
