// Package bus carries the database's log between servers through NATS JetStream, for where there are more servers than
// the database should keep replication slots for. One of them, the relay, follows the log through one slot that all
// share and publishes every change, by subjects that are area paths, so that other systems can subscribe to an area too.
// Every server, the relay's as well, is a Node: it loads in the snapshot of a slot that is thrown away afterwards, and
// goes on with what the relay publishes.
//
// PostgreSQL elects the relay: it lets one connection at a time read from a slot, and each server keeps trying. What a
// relay published and did not confirm, the next one publishes again; messages are deduplicated by position, and a Node
// takes each transaction once, whole, in commit order.
//
// A Relay and a Node are each run by one goroutine; the methods beside Run may be called from any.
package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/position"
)

// Config says which NATS to use.
type Config struct {
	URL   string // nats://host:port, several separated by commas
	Token string // "" for none
	Log   *slog.Logger
}

// Bounds of the stream. A server that is away for longer than it reaches back loads anew.
const (
	streamName   = "gridweave"
	streamAge    = time.Hour
	streamBytes  = 1 << 30
	streamWindow = 2 * time.Minute // in which a message published twice is kept once
	askTimeout   = 5 * time.Second
)

// Subjects. A change's is changePrefix, its area path, its table: gridweave.change.44.03.04.003.building_state. What has
// no code, and what is deleted, which the log names by its key alone, has the path noPath.
const (
	changePrefix  = "gridweave.change."
	commitSubject = "gridweave.commit" // ends a transaction
	markSubject   = "gridweave.mark"   // nothing more will come up to here
	resetSubject  = "gridweave.reset"  // what is older than this has a gap before it
	nudgeSubject  = "gridweave.nudge"  // asks the relay where the database stands; not kept
	noPath        = "none"
)

// change is one row's change as it is published.
type change struct {
	Epoch  string `json:"epoch"`
	Commit uint64 `json:"commit"` // LSN of the transaction's commit record
	feed.Wire
}

// commit ends a transaction.
type commit struct {
	Epoch  string    `json:"epoch"`
	Commit uint64    `json:"commit"`
	End    uint64    `json:"end"` // LSN behind the transaction
	Time   time.Time `json:"time"`
	Rows   int       `json:"rows"`
}

// mark and reset say up to where.
type mark struct {
	Epoch string `json:"epoch"`
	LSN   uint64 `json:"lsn"`
}

// Bus is a connection to NATS. It connects again by itself.
type Bus struct {
	conn   *nats.Conn
	stream jetstream.JetStream
	log    *slog.Logger
}

// Connect reaches NATS and makes sure of the stream.
func Connect(ctx context.Context, cfg Config) (*Bus, error) {
	conn, err := nats.Connect(cfg.URL, nats.Name("gridweave"), nats.Token(cfg.Token), nats.MaxReconnects(-1),
		nats.ReconnectWait(250*time.Millisecond), nats.Timeout(askTimeout))
	if err != nil {
		return nil, fmt.Errorf("bus connect: %w", err)
	}
	js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(askTimeout), jetstream.WithPublishAsyncMaxPending(4096))
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("bus connect: %w", err)
	}
	b := &Bus{conn: conn, stream: js, log: cfg.Log}
	if _, err := b.open(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return b, nil
}

// Close ends the connection.
func (b *Bus) Close() { b.conn.Close() }

// open makes sure of the stream.
func (b *Bus) open(ctx context.Context) (jetstream.Stream, error) {
	s, err := b.stream.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: streamName, Description: "Changes of the district's database, by area",
		Subjects: []string{changePrefix + ">", commitSubject, markSubject, resetSubject},
		MaxAge:   streamAge, MaxBytes: streamBytes, Discard: jetstream.DiscardOld, Duplicates: streamWindow,
		Storage: jetstream.FileStorage,
	})
	if err != nil {
		return nil, fmt.Errorf("bus stream: %w", err)
	}
	return s, nil
}

// last is the newest position that was published; zero where there is none.
func (b *Bus) last(ctx context.Context) (position.Position, error) {
	s, err := b.open(ctx)
	if err != nil {
		return position.Position{}, err
	}
	var at position.Position
	var newest uint64
	for _, subject := range []string{commitSubject, markSubject, resetSubject} {
		m, err := s.GetLastMsgForSubject(ctx, subject)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return position.Position{}, fmt.Errorf("bus last: %w", err)
		}
		reached, err := reachedBy(subject, m.Data)
		if err != nil {
			return position.Position{}, err
		}
		// A relay that was overtaken may have said something old last.
		if order, same := reached.Compare(at); m.Sequence > newest && (!same || order > 0) || same && order > 0 {
			at, newest = reached, m.Sequence
		}
	}
	return at, nil
}

func reachedBy(subject string, data []byte) (position.Position, error) {
	if subject == commitSubject {
		var c commit
		err := json.Unmarshal(data, &c)
		return position.Position{Epoch: c.Epoch, LSN: c.End}, err
	}
	var m mark
	err := json.Unmarshal(data, &m)
	return position.Position{Epoch: m.Epoch, LSN: m.LSN}, err
}

// levels are the lengths of a code's parts, which become the tokens of a subject.
func levels() []int { return []int{2, 2, 2, 3, 3, 2, 5, 6} }

// path is a code as tokens of a subject.
func path(code string) string {
	var tokens []string
	for _, n := range levels() {
		if len(code) < n {
			break
		}
		tokens, code = append(tokens, code[:n]), code[n:]
	}
	if len(tokens) == 0 || code != "" {
		return noPath
	}
	return strings.Join(tokens, ".")
}
