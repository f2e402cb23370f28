package audience

import (
	"bytes"
	"sync"

	"github.com/gridweave/gridweave/realtime/wire"
)

// deflateMost is how much of a log is deflated at a time, in bytes.
const deflateMost = 64 << 10

// deflated keeps the last spans of an audience's log that were deflated. Connections that are written to in turns stand at
// the same offsets, and so a span is deflated once for all of them.
type deflated struct {
	mu    sync.Mutex
	spans [8]deflatedSpan
	next  int
	plain [][]byte // what one call works on
}

type deflatedSpan struct {
	from, to int64
	bytes    []byte
}

// Deflated adds what the log says from an offset on, as framelog.Log.Spans does, for a connection that negotiated
// permessage-deflate.
func (a *Audience) Deflated(from int64, limit int, spans [][]byte) (_ [][]byte, next int64, ok bool) {
	for limit > 0 {
		span, worth, ok := a.deflatedFrom(from)
		if !ok {
			return spans, from, false
		}
		if !worth {
			return a.Log.Spans(from, limit, spans)
		}
		spans = append(spans, span.bytes)
		limit -= int(span.to - from)
		from = span.to
	}
	return spans, from, true
}

// deflatedFrom gives a span; worth is false where what follows is too little.
func (a *Audience) deflatedFrom(from int64) (span deflatedSpan, worth, ok bool) {
	d := &a.deflated
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.spans {
		if s.from == from && s.to > from {
			return s, true, true
		}
	}
	if a.Log.End()-from < int64(a.hub.cfg.DeflateFrom) {
		return span, false, true
	}
	span.from = from
	d.plain, span.to, ok = a.Log.Spans(from, deflateMost, d.plain[:0])
	if !ok {
		return span, false, false
	}
	span.bytes = a.hub.join(d.plain)
	clear(d.plain)
	d.spans[d.next] = span
	d.next = (d.next + 1) % len(d.spans)
	return span, true, true
}

// join deflates frames of one channel: batches that follow each other become one message, since a message of one event
// has little that repeats.
func (h *Hub) join(spans [][]byte) []byte {
	j := joiner{deflater: &h.deflater}
	for _, frames := range spans {
		for len(frames) > 0 {
			payload, text, rest := wire.Payload(frames)
			if !text || !j.add(payload) {
				j.end()
				j.out = append(j.out, frames[:len(frames)-len(rest)]...)
			}
			frames = rest
		}
	}
	j.end()
	return j.out
}

// joiner makes one batch of several.
type joiner struct {
	deflater *wire.Deflater
	out      []byte
	text     []byte // reused
	head, to []byte
	items    [][]byte
	size     int
}

// What a batch is written between, by batch.end.
const (
	batchBegins = `{"type":"batch"`
	batchTo     = `,"to":`
	batchItems  = `,"items":[`
	batchEnds   = `]}`
)

// add takes a batch's payload; false where it is none.
func (j *joiner) add(payload []byte) bool {
	if !bytes.HasPrefix(payload, []byte(batchBegins)) {
		return false
	}
	head, rest, _ := bytes.Cut(payload, []byte(batchTo))
	to, items, whole := bytes.Cut(rest, []byte(batchItems))
	if !whole {
		return false
	}
	if j.size > frameBytes {
		j.end()
	}
	if j.head == nil {
		j.head = head
	}
	j.to = to
	if items = bytes.TrimSuffix(items, []byte(batchEnds)); len(items) > 0 {
		j.items = append(j.items, items)
		j.size += len(items)
	}
	return true
}

// end writes the message.
func (j *joiner) end() {
	if j.head == nil {
		return
	}
	text := append(j.text[:0], j.head...)
	text = append(text, batchTo...)
	text = append(text, j.to...)
	text = append(text, batchItems...)
	for i, items := range j.items {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, items...)
	}
	text = append(text, batchEnds...)
	j.out = j.deflater.AppendText(j.out, text)
	j.text, j.head, j.items, j.size = text, nil, j.items[:0], 0
}

// Deflate deflates a connection's own frames, each by itself.
func (h *Hub) Deflate(frames [][]byte) [][]byte {
	all := make([][]byte, len(frames))
	for i, f := range frames {
		all[i] = f
		if len(f) < h.cfg.DeflateFrom {
			continue
		}
		if payload, text, rest := wire.Payload(f); text && len(rest) == 0 {
			all[i] = h.deflater.AppendText(nil, payload)
		}
	}
	return all
}
