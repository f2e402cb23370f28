package bus

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/position"
)

// RelaySlot is the slot that the servers share.
const RelaySlot = "gridweave_relay"

// markEvery is how often the relay says how far everything is, also where nothing happened: so others know that it
// lives.
const markEvery = time.Second

// Relay publishes the database's log while it is this server's turn.
type Relay struct {
	bus    *Bus
	feed   *feed.Feed
	nudged atomic.Bool
	said   time.Time // of the last mark; the feed's goroutine only
}

// NewRelay publishes what cfg says; slot and start are the relay's own affair.
func NewRelay(b *Bus, cfg feed.Config) *Relay {
	r := &Relay{bus: b}
	cfg.Slot, cfg.From = RelaySlot, b.last
	r.feed = feed.New(cfg, r)
	return r
}

// Run publishes whenever it is this server's turn, until the context ends.
func (r *Relay) Run(ctx context.Context) error {
	nudges, err := r.bus.conn.Subscribe(nudgeSubject, func(*nats.Msg) {
		if r.feed.Following() {
			r.nudged.Store(true)
			r.feed.Nudge()
		}
	})
	if err != nil {
		return fmt.Errorf("bus relay: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	marking := make(chan struct{})
	go func() {
		defer close(marking)
		r.keepMarking(ctx)
	}()
	err = r.feed.Run(ctx)
	stop()
	<-marking
	_ = nudges.Unsubscribe() // the connection may be gone
	return err
}

// Relaying tells whether it is this server's turn.
func (r *Relay) Relaying() bool { return r.feed.Following() }

// keepMarking repeats how far everything is, so that others know that the relay lives.
func (r *Relay) keepMarking(ctx context.Context) {
	tick := time.NewTicker(markEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if r.feed.Following() {
				r.mark(r.feed.Position())
			}
		}
	}
}

// Load implements feed.Consumer: the slot was made anew, so whatever came before it and was not published is a gap.
func (r *Relay) Load(ctx context.Context, _ pgx.Tx, at position.Position) error {
	if _, err := r.bus.open(ctx); err != nil {
		return err
	}
	data, err := json.Marshal(mark{Epoch: at.Epoch, LSN: at.LSN})
	if err != nil {
		return err
	}
	_, err = r.bus.stream.Publish(ctx, resetSubject, data, jetstream.WithMsgID(at.String()+".reset"))
	if err != nil {
		return fmt.Errorf("bus reset: %w", err)
	}
	return nil
}

// Apply implements feed.Consumer: a transaction is published when JetStream has stored all of it, and published again
// where it has not.
func (r *Relay) Apply(ctx context.Context, t feed.Transaction) error {
	acks := make([]jetstream.PubAckFuture, 0, len(t.Rows)+1)
	for _, row := range t.Rows {
		code, _, _ := row.Text("code")
		ack, err := r.publish(changePrefix+path(code)+"."+row.Table,
			fmt.Sprintf("%s.%X.%d", t.Epoch, t.Commit, row.Index), change{t.Epoch, t.Commit, row.Wire()})
		if err != nil {
			return err
		}
		acks = append(acks, ack)
	}
	ack, err := r.publish(commitSubject, fmt.Sprintf("%s.%X.commit", t.Epoch, t.Commit), commit{t.Epoch, t.Commit, t.End, t.Time, len(t.Rows)})
	if err != nil {
		return err
	}
	return await(ctx, append(acks, ack))
}

func (r *Relay) publish(subject, id string, message any) (jetstream.PubAckFuture, error) {
	data, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("bus publish: %w", err)
	}
	ack, err := r.bus.stream.PublishAsync(subject, data, jetstream.WithMsgID(id))
	if err != nil {
		return nil, fmt.Errorf("bus publish: %w: %w", feed.ErrAgain, err)
	}
	return ack, nil
}

func await(ctx context.Context, acks []jetstream.PubAckFuture) error {
	patience := time.NewTimer(askTimeout)
	defer patience.Stop()
	for _, ack := range acks {
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			return fmt.Errorf("bus publish: %w: %w", feed.ErrAgain, err)
		case <-patience.C:
			return fmt.Errorf("bus publish: %w: JetStream does not answer", feed.ErrAgain)
		case <-ctx.Done():
			return fmt.Errorf("bus publish: %w: %w", feed.ErrAgain, ctx.Err())
		}
	}
	return nil
}

// Advance implements feed.Consumer. Somebody who asked is told at once, all others now and then.
func (r *Relay) Advance(at position.Position) {
	if r.nudged.Swap(false) || time.Since(r.said) >= markEvery {
		r.said = time.Now()
		r.mark(at)
	}
}

// mark is not waited for: the next one says as much.
func (r *Relay) mark(at position.Position) {
	data, err := json.Marshal(mark{Epoch: at.Epoch, LSN: at.LSN})
	if err != nil {
		return
	}
	_ = r.bus.conn.Publish(markSubject, data)
}
