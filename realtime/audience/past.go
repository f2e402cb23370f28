package audience

import (
	"slices"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/framelog"
	"github.com/gridweave/gridweave/realtime/position"
)

// Eventful are the layers whose every change some topic of the set tells, and the topics of the set that tell states
// only, by name.
func (h *Hub) Eventful(s Set) (layers, states []string) {
	for i, t := range h.topics {
		switch {
		case !s.has(uint8(i)):
		case t.State:
			states = append(states, t.Name)
		default:
			for _, source := range t.Sources {
				layers = append(layers, source.Layer)
			}
		}
	}
	return layers, states
}

// Past writes what a transaction of long ago tells the audience, in topics whose every event counts, as the frames that
// it would have got then; at is the position that includes the transaction. What such a topic takes from other layers is
// of the present.
func (a *Audience) Past(deltas []live.Delta, from, at position.Position) [][]byte {
	h := a.hub
	var events []*event
	h.picture.Read(func(look func(string) *live.Layer) {
		for _, d := range deltas {
			events = h.eventsOf(look, d, events)
		}
	})
	slices.SortStableFunc(events, func(a, b *event) int { return a.stamp.Compare(b.stamp) })
	b := newBatch(quoted(a.Channel), at.Epoch, framelog.StampOf(from))
	for _, e := range events {
		kind, concerns := a.kind(e)
		if !concerns || h.topics[e.topic].State {
			continue
		}
		b.begin(e.stamp)
		b.items = h.appendItemFor(b.items, e, kind, at.Epoch)
	}
	if len(b.items) > 0 {
		b.end(framelog.StampOf(at))
	}
	return bytesOf(b.frames)
}
