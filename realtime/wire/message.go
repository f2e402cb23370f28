package wire

import (
	"encoding/json"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/realtime/position"
)

// Subprotocol is what both sides name in the handshake.
const Subprotocol = "gridweave.v1"

// Box is west, south, east, north in WGS-84 degrees.
type Box [4]float64

// Valid tells whether the box lies on the globe and is not turned over.
func (b Box) Valid() bool {
	return b[0] >= -180 && b[2] <= 180 && b[1] >= -90 && b[3] <= 90 && b[0] <= b[2] && b[1] <= b[3]
}

// Messages of the client.
type (
	// Subscribe asks for topics within an area and, where Box is there, within that box of it.
	Subscribe struct {
		ID     string   `json:"id"`             // the client's own name for it, at most MaxID bytes
		Topics []string `json:"topics"`         // in any order, each once
		Area   geo.Code `json:"area,omitempty"` // the account's own where left out
		Box    *Box     `json:"box,omitempty"`
		// Since is what the client has everything up to, from an earlier subscription to the same: what came after it
		// follows, or a Resync.
		Since position.Position `json:"since,omitzero"`
		// Snapshot is false for a client that takes the present state from tiles or REST: it is told only what changes
		// from the acknowledged position on. True where left out.
		Snapshot *bool `json:"snapshot,omitempty"`
	}

	// Move gives a subscription another box. A Leave and a Snapshot follow: what went out and what came in.
	Move struct {
		ID  string `json:"id"`
		Box Box    `json:"box"`
	}

	// Unsubscribe ends a subscription; Unsubscribed is the last that is said of it.
	Unsubscribe struct {
		ID string `json:"id"`
	}

	// Ping asks for a Pong with the same id.
	Ping struct {
		ID string `json:"id,omitempty"`
	}
)

// Messages of the server.
type (
	// Hello comes first.
	Hello struct {
		Epoch     string            `json:"epoch"`     // of every position that follows
		Position  position.Position `json:"position"`  // where the server stands
		Heartbeat int               `json:"heartbeat"` // seconds within which the server says something; silence of two means that the connection is dead
	}

	// Subscribed acknowledges a subscription after its registration: from Position on nothing is missing, and who has
	// everything up to Until is at the present. Channel is what names it in all that follows.
	Subscribed struct {
		ID       string            `json:"id"`
		Channel  string            `json:"channel"`
		Position position.Position `json:"position"`
		Until    position.Position `json:"until"`
		Resumed  bool              `json:"resumed"` // what came after since follows; otherwise a Snapshot, where asked for
	}

	// Snapshot is the present state at a position. Several follow one another while More; the first of a whole state
	// says Reset: forget what you had of this channel. Without Reset it adds what a Move brought in.
	Snapshot struct {
		Channel  string            `json:"channel"`
		Position position.Position `json:"position"`
		Reset    bool              `json:"reset"`
		More     bool              `json:"more"`
		Items    []Item            `json:"items"`
	}

	// Batch is everything that happened behind From, up to and with To. From is where the Subscribed, Snapshot, Batch
	// or Mark before ended: a client that sees another one has lost something.
	Batch struct {
		Channel string            `json:"channel"`
		From    position.Position `json:"from"`
		To      position.Position `json:"to"`
		Items   []Item            `json:"items"`
	}

	// Mark says that the channel is complete up to a position: nothing happened there. Without a channel it only says
	// that the server is alive, and where it stands.
	Mark struct {
		Channel  string            `json:"channel,omitempty"`
		Position position.Position `json:"position"`
	}

	// Leave names what is no longer in a moved box.
	Leave struct {
		Channel  string            `json:"channel"`
		Position position.Position `json:"position"`
		Items    []Gone            `json:"items"`
	}

	// Gone is one entity that is no longer there for the client.
	Gone struct {
		Topic string `json:"topic"`
		ID    uint64 `json:"id"`
	}

	// Resync says that what happened in between cannot be told: the channel goes on from Position, with a Snapshot
	// before where one was asked for.
	Resync struct {
		Channel  string            `json:"channel"`
		Reason   Reason            `json:"reason"`
		Position position.Position `json:"position"`
	}

	// Unsubscribed ends a subscription, by the client's wish or, with a reason, because its account may no longer have it.
	Unsubscribed struct {
		ID     string `json:"id"`
		Reason string `json:"reason,omitempty"`
	}

	// Error refuses one message of the client; ID is the subscription's or the ping's.
	Error struct {
		ID      string `json:"id,omitempty"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}

	// Bye says that the server stops, or that another one can go on where this one cannot, and after how many
	// milliseconds to come back: each client is told another time.
	Bye struct {
		RetryAfter int `json:"retry_after"`
	}

	// Pong answers a Ping.
	Pong struct {
		ID string `json:"id,omitempty"`
	}
)

// Item is one event, or in a Snapshot one entity.
type Item struct {
	Topic string            `json:"topic"`
	Kind  Kind              `json:"kind"`
	ID    uint64            `json:"id"`   // of the entity; in tiles the feature's id
	Code  geo.Code          `json:"code"` // where it belongs, or belonged where it left or is gone
	At    position.Position `json:"at"`
	Data  json.RawMessage   `json:"data,omitempty"` // by the topic; nothing of what left or is gone
	// Final is the status in which it ended, of what is gone from the present while its row remains: a closed incident.
	Final string `json:"final,omitempty"`
}

// Kind is what happened to an entity, as this audience sees it.
type Kind string

// The kinds.
const (
	Present Kind = "present" // in a Snapshot
	Added   Kind = "added"
	Changed Kind = "changed"
	Removed Kind = "removed"
	Enter   Kind = "enter" // it was there before, elsewhere
	Left    Kind = "leave" // it is still there, elsewhere
)

// Reason is why a channel starts anew.
type Reason string

// The reasons.
const (
	OtherEpoch Reason = "epoch"  // the position is of another database, or of the same before it was restored
	Ahead      Reason = "ahead"  // the position is ahead of the database: it was restored from a backup
	TooOld     Reason = "floor"  // what came after the position is no longer kept
	TooSlow    Reason = "slow"   // the client fell further behind than is kept for it
	Reloaded   Reason = "reload" // the server had to load its picture anew
)

// Bounds of what a client may say.
const (
	MaxID      = 64
	MaxMessage = 4096 // bytes
)
