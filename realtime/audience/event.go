package audience

import (
	"encoding/json"
	"strconv"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/framelog"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// event is one change, as one topic tells it.
type event struct {
	stamp    framelog.Stamp
	topic    uint8
	id       uint64
	old, now side
	data     []byte
	final    string // the status in which it ended, where it is gone and its row tells
	item     []byte // as who had it in view all the time sees it; nil where it is gone
}

// side is an entity before or after the change.
type side struct {
	there  bool
	public bool
	placed bool // it has a place that a box may hold
	code   geo.Code
	box    live.Box
}

// seenFrom tells whether a reader of the area may see it.
func (s side) seenFrom(area geo.Code) bool { return s.there && (s.public || area.Covers(s.code)) }

// eventBytes is about what an event takes beside its texts.
const eventBytes = 200

func (e *event) size() int { return eventBytes + len(e.data) + len(e.item) }

// stampOf numbers an event: its change's ordinal, counted from 1 so that 0 lies before the transaction's first, and
// within it the topic's. No filter has a part in it, so that every node gives the same event the same stamp.
func stampOf(at position.Position, topic uint8, second bool) framelog.Stamp {
	index := (at.Index+1)*2*MaxTopics + uint32(topic)
	if second {
		index += MaxTopics
	}
	return framelog.Stamp{LSN: at.LSN, Index: index}
}

// origin is one source of one topic.
type origin struct {
	topic  uint8
	source *Source
}

// eventsOf gives what the topics tell of a delta.
func (h *Hub) eventsOf(look Look, d live.Delta, events []*event) []*event {
	for _, o := range h.byLayer[d.Layer.Spec.Name] {
		if o.source.Concerns != nil && !o.source.Concerns(d.Old, d.New) {
			continue
		}
		if h.topics[o.topic].Notice && d.Old != nil && d.New != nil && d.Old.Code != d.New.Code {
			// Two places, each of which is told to its own readers only.
			events = append(events, h.eventOf(look, o, stampOf(d.At, o.topic, false), d.At.Epoch, d.Old, nil),
				h.eventOf(look, o, stampOf(d.At, o.topic, true), d.At.Epoch, nil, d.New))
			continue
		}
		events = append(events, h.eventOf(look, o, stampOf(d.At, o.topic, false), d.At.Epoch, d.Old, d.New))
		events[len(events)-1].final = d.Final
	}
	return events
}

func (h *Hub) eventOf(look Look, o origin, stamp framelog.Stamp, epoch string, before, now *live.Feature) *event {
	e := &event{stamp: stamp, topic: o.topic, old: o.source.side(look, before), now: o.source.side(look, now)}
	if now != nil {
		e.id = now.ID
	} else {
		e.id = before.ID
	}
	if now != nil || h.topics[o.topic].Notice {
		e.data = o.source.Data(nil, look, before, now)
		e.item = h.appendItem(nil, e, e.shown(h.topics[o.topic].Notice), e.code(), epoch)
	}
	return e
}

// shown is the kind for who had it in view all the time.
func (e *event) shown(notice bool) wire.Kind {
	if !e.old.there && !notice {
		return wire.Added
	}
	return wire.Changed
}

// code is where it is, or was.
func (e *event) code() geo.Code {
	if e.now.there {
		return e.now.code
	}
	return e.old.code
}

// kind tells what the event is to somebody who saw the entity before, or sees it now; false where it is nothing.
func (e *event) kind(notice, saw, sees bool) (wire.Kind, bool) {
	switch {
	case !saw && !sees:
		return "", false
	case notice:
		return wire.Changed, true
	case saw && sees:
		return wire.Changed, true
	case sees && e.old.there:
		return wire.Enter, true
	case sees:
		return wire.Added, true
	case e.now.there:
		return wire.Left, true
	default:
		return wire.Removed, true
	}
}

// appendItemFor writes the event as it is to such a reader. What left is named by its old code: the new one is none of
// the reader's business.
func (h *Hub) appendItemFor(dst []byte, e *event, kind wire.Kind, epoch string) []byte {
	switch {
	case kind == wire.Left || kind == wire.Removed:
		return h.appendItem(dst, e, kind, e.old.code, epoch)
	case kind == e.shown(h.topics[e.topic].Notice):
		return append(dst, e.item...)
	default:
		return h.appendItem(dst, e, kind, e.code(), epoch)
	}
}

func (h *Hub) appendItem(dst []byte, e *event, kind wire.Kind, code geo.Code, epoch string) []byte {
	dst = h.itemHead(dst, e.topic, kind, e.id, code)
	dst = appendPosition(dst, epoch, e.stamp)
	switch {
	case kind == wire.Removed && e.final != "":
		dst = append(dst, `,"final":`...)
		dst = append(dst, quoted(e.final)...)
	case kind != wire.Left && kind != wire.Removed:
		dst = append(dst, `,"data":`...)
		dst = append(dst, e.data...)
	}
	return append(dst, '}')
}

func (h *Hub) itemHead(dst []byte, topic uint8, kind wire.Kind, id uint64, code geo.Code) []byte {
	dst = append(dst, `{"topic":"`...)
	dst = append(dst, h.topics[topic].Name...)
	dst = append(dst, `","kind":"`...)
	dst = append(dst, kind...)
	dst = append(dst, `","id":`...)
	dst = strconv.AppendUint(dst, id, 10)
	dst = append(dst, `,"code":"`...)
	dst = append(dst, code...)
	return append(dst, `","at":`...)
}

// appendPosition writes a position as position.Position does, quoted.
func appendPosition(dst []byte, epoch string, s framelog.Stamp) []byte {
	const digits = "0123456789ABCDEF"
	dst = append(dst, '"')
	dst = append(dst, epoch...)
	dst = append(dst, '.')
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, digits[s.LSN>>shift&0xF])
	}
	dst = append(dst, '.')
	dst = strconv.AppendUint(dst, uint64(s.Index), 10)
	return append(dst, '"')
}

// quoted is a text in JSON.
func quoted(s string) []byte {
	b, _ := json.Marshal(s) // a string can always be written
	return b
}
