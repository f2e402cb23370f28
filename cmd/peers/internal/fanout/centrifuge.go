package fanout

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/centrifugal/centrifuge"
)

// patience is what a client may take for a write, pongWithin for a pong: with the library's defaults it throws clients out
// that wait for their turn on busy cores. It pings a third as often as ours.
const (
	patience   = 30 * time.Second
	pingEvery  = 30 * time.Second
	pongWithin = 25 * time.Second
)

// queueBytes is what may wait for a client.
const queueBytes = 16 << 20

// A client that comes back within so long gets what it missed, as far as so many events hold it.
const (
	historySize = 4096
	historyFor  = 2 * time.Minute
)

// channel is what every client is subscribed to.
const channel = "events"

// Access is who may connect, and what of the events is theirs.
type Access struct {
	Token string // of the one account
	Area  string // the account hears of what starts with this code
	Topic string // and asked for
}

// Centrifuge is a node of the library with its broker in memory, tuned for one busy channel: as many messages in a frame
// as are waiting, pooled write buffers, no join and leave messages. It keeps a history to recover from, as whoever may
// not lose events has to; without it costs a tenth less.
type Centrifuge struct {
	node   *centrifuge.Node
	ws     *centrifuge.WebsocketHandler
	access *Access
}

// NewCentrifuge starts a node. With access it does what ours does for each delivery: a client is who its token says, and
// the server sends it what lies in its area and belongs to its topic, by a filter on the publications' tags, which the
// client cannot change. Without, whoever comes gets everything: the least that the library can do.
func NewCentrifuge(access *Access) (*Centrifuge, error) {
	node, err := centrifuge.New(centrifuge.Config{LogLevel: centrifuge.LogLevelNone, ClientQueueMaxSize: queueBytes})
	if err != nil {
		return nil, fmt.Errorf("centrifuge: %w", err)
	}
	c := &Centrifuge{node: node, access: access}
	node.OnConnecting(c.admit)
	if err := node.Run(); err != nil {
		return nil, fmt.Errorf("centrifuge run: %w", err)
	}
	c.ws = centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{
		ReadBufferSize: 1024, UseWriteBufferPool: true, ProcessCommandsOffReadLoop: true,
		CheckOrigin: func(*http.Request) bool { return true }, WriteTimeout: patience,
		PingPongConfig: centrifuge.PingPongConfig{PingInterval: pingEvery, PongTimeout: pongWithin},
	})
	return c, nil
}

func (c *Centrifuge) admit(_ context.Context, e centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
	options := centrifuge.SubscribeOptions{EnableRecovery: true}
	if c.access != nil {
		if e.Token != c.access.Token {
			return centrifuge.ConnectReply{}, centrifuge.DisconnectInvalidToken
		}
		options.ServerTagsFilter = &centrifuge.FilterNode{Op: "and", Nodes: []*centrifuge.FilterNode{
			{Key: "code", Cmp: "sw", Val: c.access.Area},
			{Key: "topic", Cmp: "eq", Val: c.access.Topic},
		}}
	}
	return centrifuge.ConnectReply{
		Credentials:        &centrifuge.Credentials{UserID: "bench"},
		Subscriptions:      map[string]centrifuge.SubscribeOptions{channel: options},
		MaxMessagesInFrame: -1,
	}, nil
}

// Connect implements Server.
func (c *Centrifuge) Connect(w http.ResponseWriter, r *http.Request) { c.ws.ServeHTTP(w, r) }

// Publish implements Server. The payload is JSON; what the filters look at becomes tags.
func (c *Centrifuge) Publish(payload []byte) error {
	options := []centrifuge.PublishOption{centrifuge.WithHistory(historySize, historyFor)}
	if c.access != nil {
		var about struct{ Topic, Code string }
		if err := json.Unmarshal(payload, &about); err != nil {
			return fmt.Errorf("centrifuge publish: %w", err)
		}
		options = append(options, centrifuge.WithTags(map[string]string{"topic": about.Topic, "code": about.Code}))
	}
	_, err := c.node.Publish(channel, payload, options...)
	return err
}

// Clients implements Server.
func (c *Centrifuge) Clients() int { return c.node.Hub().NumClients() }
