package audience

import (
	"slices"

	"github.com/gridweave/gridweave/realtime/framelog"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// Way is how a listener goes on: first the frames, which are its own, then the log from the offset on. Until is where what
// is there already ends.
type Way struct {
	Frames [][]byte
	Offset int64
	Until  position.Position
}

// Resume finds where what came behind since begins. It gives a reason where that is not known any more.
func (a *Audience) Resume(since position.Position) (Way, wire.Reason) {
	h := a.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if why := h.refuse(since); why != "" {
		return Way{}, why
	}
	s := framelog.StampOf(since)
	if offset, ok := a.Log.Find(s); ok {
		return a.along(offset, s), ""
	}
	if !h.recent.reaches(s) {
		return Way{}, wire.TooOld
	}
	if floor := a.Log.Floor(); s.Compare(floor) < 0 && a.Log.Prepend(a.rebuild(s, floor), s) {
		if offset, ok := a.Log.Find(s); ok {
			return a.along(offset, s), ""
		}
	}
	return a.own(s, false)
}

// along goes on in the log, whose last frame says up to where something has happened.
func (a *Audience) along(offset int64, since framelog.Stamp) Way {
	until := since
	if last, ok := a.Log.StampAt(a.Log.End()); ok && last.Compare(since) > 0 {
		until = last
	}
	return Way{Offset: offset, Until: until.In(a.hub.at.Epoch)}
}

// refuse tells why a position is none to go on from.
func (h *Hub) refuse(since position.Position) wire.Reason {
	switch order, same := since.Compare(h.at); {
	case !same:
		return wire.OtherEpoch
	case order > 0:
		return wire.Ahead
	default:
		return ""
	}
}

// CatchUp shortens the way of a listener whose cursor lags: of entities' states it is told the newest only. It gives a
// reason where even that is too much, or too long ago.
func (a *Audience) CatchUp(has framelog.Stamp) (Way, wire.Reason) {
	h := a.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.recent.reaches(has) {
		return Way{}, wire.TooSlow
	}
	return a.own(has, true)
}

// rebuild makes the frames of a log's past from the recent events, one for each transaction as they were made then.
func (a *Audience) rebuild(from, to framelog.Stamp) []framelog.Frame {
	b := newBatch(a.out.channel, a.out.epoch, from)
	for _, e := range a.hub.recent.between(from, to) {
		kind, ok := a.kind(e)
		if !ok {
			continue
		}
		if len(b.items) > 0 && b.last.LSN != e.stamp.LSN {
			b.end(b.last)
		}
		b.begin(e.stamp)
		b.items = a.hub.appendItemFor(b.items, e, kind, b.epoch)
	}
	b.end(to) // also where nothing is left to tell, so that what follows begins where this ends
	return b.frames
}

// own makes frames for one listener: everything behind s, then the log from its end on.
func (a *Audience) own(s framelog.Stamp, conflate bool) (Way, wire.Reason) {
	h := a.hub
	frames, ok := h.between(newBatch(a.out.channel, a.out.epoch, s), a.kind, conflate)
	if !ok {
		return Way{}, wire.TooSlow
	}
	return Way{Frames: frames, Offset: a.Log.End(), Until: h.at}, ""
}

// kind is what an event is to the audience.
func (a *Audience) kind(e *event) (wire.Kind, bool) {
	if !a.topics.has(e.topic) {
		return "", false
	}
	area := a.key.area
	return e.kind(a.hub.topics[e.topic].Notice, e.old.seenFrom(area), e.now.seenFrom(area))
}

// between writes the recent events behind b's start up to the present, and tells whether they are few enough.
func (h *Hub) between(b *batch, kindOf func(*event) (wire.Kind, bool), conflate bool) ([][]byte, bool) {
	to := framelog.StampOf(h.at)
	events := h.recent.between(b.from, to)
	if conflate {
		events = h.newest(events, kindOf)
	}
	total := 0
	for _, e := range events {
		kind, ok := kindOf(e)
		if !ok {
			continue
		}
		b.begin(e.stamp)
		before := len(b.items)
		b.items = h.appendItemFor(b.items, e, kind, b.epoch)
		if total += len(b.items) - before; total > h.cfg.LogBytes {
			return nil, false
		}
	}
	if len(b.items) > 0 || b.from != to {
		b.end(to)
	}
	return bytesOf(b.frames), true
}

// entity is whom an event supersedes the earlier events of. Notices have no entity: what says the same supersedes.
type entity struct {
	topic uint8
	id    uint64
	says  string
}

// newest leaves out what a later event of the same entity makes irrelevant, in topics of states.
func (h *Hub) newest(events []*event, kindOf func(*event) (wire.Kind, bool)) []*event {
	seen := map[entity]bool{}
	var kept []*event
	for _, e := range slices.Backward(events) {
		if _, ok := kindOf(e); !ok {
			continue
		}
		if t := &h.topics[e.topic]; t.State {
			k := entity{topic: e.topic, id: e.id}
			if t.Notice {
				k.says = string(e.data)
			}
			if seen[k] {
				h.cfg.Metrics.conflated.Inc()
				continue
			}
			seen[k] = true
		}
		kept = append(kept, e)
	}
	slices.Reverse(kept)
	return kept
}
