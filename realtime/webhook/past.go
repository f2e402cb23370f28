package webhook

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// Past is the database's log of a time in which no server was there.
type Past interface {
	// Keep has the log kept from a position on; the zero position lets go of it. It may take long.
	Keep(ctx context.Context, from position.Position) error
	// Since tells what happened to the features of these layers behind from, up to and with to, transaction by
	// transaction with the position that includes it; false where not all of that can be told any more.
	Since(ctx context.Context, from, to position.Position, layers []string, take func(deltas []live.Delta, at position.Position) error) (told bool, err error)
}

// keepEvery is how often what has become jobs is let go of.
const keepEvery = 5 * time.Second

// keep has the log kept from where the last of the webhooks has got to, until the context ends.
func (r *Reactor) keep(ctx context.Context) {
	if r.cfg.Past == nil {
		return
	}
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		if at := r.cfg.Hub.Position(); !at.IsZero() {
			from, err := r.needed(ctx, at.Epoch)
			if err == nil {
				err = r.cfg.Past.Keep(ctx, from)
			}
			if err != nil && ctx.Err() == nil {
				r.cfg.Log.WarnContext(ctx, "webhooks: the log is not kept for while no server runs", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// needed is the position from which on some webhook has events coming to it that the log can tell of later; zero where
// there is none.
func (r *Reactor) needed(ctx context.Context, epoch string) (from position.Position, err error) {
	hooks, err := loadHooks(ctx, r.cfg.Pool)
	if err != nil {
		return from, err
	}
	for _, h := range hooks {
		topics, err := r.cfg.Hub.Topics(h.topics)
		if err != nil || h.done.Epoch != epoch {
			continue // hears nothing, or not yet
		}
		if layers, _ := r.cfg.Hub.Eventful(topics); len(layers) == 0 {
			continue
		}
		if order, same := h.done.Compare(from); from.IsZero() || same && order < 0 {
			from = h.done
		}
	}
	return from, nil
}

// anew goes on from the present, after every event that the log still tells of. Where that is not all that the webhook
// is to hear, the receiver is told to ask for the present state.
func (r *Reactor) anew(ctx context.Context, e *ear, reason wire.Reason) error {
	var at position.Position
	e.offset, at = e.audience.Start()
	layers, unsaid := r.cfg.Hub.Eventful(e.audience.Topics())
	told := false
	if r.cfg.Past != nil && reason == wire.TooOld && len(layers) > 0 {
		var err error
		if told, err = r.recount(ctx, e, at, layers); err != nil {
			return err
		}
	}
	if !told {
		unsaid = e.topics
	}
	var events []Event
	if len(unsaid) > 0 {
		events = []Event{resyncAt(at, e, Unsaid{Topics: unsaid, Reason: string(reason)})}
	}
	return r.insert(ctx, e, events, at)
}

// recount makes jobs of what the log tells, up to a position.
func (r *Reactor) recount(ctx context.Context, e *ear, to position.Position, layers []string) (told bool, err error) {
	var waiting []Event
	from := e.done
	told, err = r.cfg.Past.Since(ctx, from, to, layers, func(deltas []live.Delta, at position.Position) error {
		events, _, err := eventsOf(e.audience.Past(deltas, from, at), from)
		if err != nil {
			return err
		}
		from = at
		if waiting = append(waiting, events...); len(waiting) < insertAtATime {
			return nil
		}
		err = r.insert(ctx, e, waiting, at)
		waiting = nil
		return err
	})
	if err != nil {
		return false, err
	}
	r.cfg.Log.InfoContext(ctx, "webhook is told what happened while no server was there", "webhook", e.id, "complete", told)
	return told, r.insert(ctx, e, waiting, from)
}

// Unsaid is what gridweave.resync carries: the topics of which something may be missing, and why. Where too much waited
// it says how many deliveries were let go.
type Unsaid struct {
	Topics []string `json:"topics"`
	Reason string   `json:"reason"`
	Lost   int      `json:"lost,omitempty"`
}

func resyncAt(at position.Position, e *ear, u Unsaid) Event {
	data, err := json.Marshal(u)
	if err != nil {
		panic(err) // texts can always be written
	}
	return Event{
		SpecVersion: "1.0", ID: at.String(), Source: source(at), Type: "gridweave.resync", Subject: string(e.area),
		DataContentType: "application/json", Data: data,
	}
}
