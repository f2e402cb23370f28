package session

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/gridweave/gridweave/realtime/wire"
)

// Conn is one client. At rest it is a few hundred bytes beside its reader.
type Conn struct {
	server  *Server
	flusher *flusher
	out     transport
	address string
	account int64        // as admitted
	seen    atomic.Int64 // when the client last gave a sign of life, in seconds since 1970
	limit   *rate.Limiter
	passed  uint64 // the flusher's pass that came here last; only the flusher's
	// deflates says that permessage-deflate was negotiated.
	deflates bool

	mu       sync.Mutex
	identity Identity
	known    bool // memory has known the credential once: when it does not any more, it has ended
	queue    [][]byte
	queued   int      // bytes of queue
	rest     [][]byte // of a write that the line took a part of; nothing else may be written before
	subs     []*subscription
	busy     bool // a goroutine of its own writes, the flusher does not
	care     bool // a subscription needs more than writing
	closing  bool // nothing follows what is queued
	gone     bool
	idle     chan struct{} // closed when nothing is left to write; nil while nobody waits for that
	// How often it had to start anew because it was slow, since when.
	slow      int
	slowSince time.Time
}

// writeBytes bounds what a write takes of one log.
const writeBytes = 512 << 10

// enqueue sends frames of the connection's own.
func (c *Conn) enqueue(frames ...[]byte) {
	c.mu.Lock()
	if !c.closing {
		c.add(frames)
	}
	c.mu.Unlock()
	c.flusher.look(c)
}

// add queues frames; c.mu is held.
func (c *Conn) add(frames [][]byte) {
	for _, f := range frames {
		c.queued += len(f)
	}
	c.queue = append(c.queue, frames...)
}

// say sends one message.
func (c *Conn) say(m wire.Message) { c.enqueue(frame(m)) }

// frame encodes a message of ours, which can always be written.
func frame(m wire.Message) []byte {
	text, err := wire.Encode(m)
	if err != nil {
		panic(err)
	}
	return wire.AppendText(nil, text)
}

// close ends the connection behind what is queued.
func (c *Conn) close(code wire.CloseCode) {
	c.mu.Lock()
	first := !c.closing
	if first {
		c.add([][]byte{wire.AppendClose(nil, int(code), code.String())})
		c.closing = true
	}
	c.mu.Unlock()
	if first {
		c.server.cfg.Metrics.closes.WithLabelValues(code.String()).Inc()
		c.out.linger(lingerFor)
		c.flusher.look(c)
	}
}

// flush writes what is pending, as far as the line takes it without waiting. Only the connection's flusher calls it.
func (c *Conn) flush(v *vector) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy || c.gone {
		return
	}
	spans, fell := c.gather(c.flusher.spans[:0])
	defer func() { c.flusher.spans = recycle(spans) }()
	if len(spans) == 0 && !fell && !c.care {
		return
	}
	n, err := 0, error(nil)
	if len(spans) > 0 {
		if n, err = c.out.try(v, spans); err != nil {
			c.out.close() // the reader hears of it and cleans up
			return
		}
		v.bytes += n
	}
	rest := behind(spans, n)
	if len(rest) == 0 && !fell && !c.care {
		c.rests()
		return
	}
	c.rest = append([][]byte(nil), rest...)
	c.busy = true
	c.note()
	if len(rest) > 0 {
		c.server.cfg.Metrics.blocked.Inc()
	}
	c.server.work.Go(c.drain)
}

func recycle(spans [][]byte) [][]byte {
	clear(spans)
	return spans[:0]
}

// gather takes what is pending: first the connection's own frames, then each log's behind its cursor. fell says that a
// cursor is no longer in its log. c.mu is held.
func (c *Conn) gather(spans [][]byte) (_ [][]byte, fell bool) {
	spans = append(spans, c.queue...)
	clear(c.queue)
	c.queue, c.queued = c.queue[:0], 0
	if cap(c.queue) > 64 {
		c.queue = nil
	}
	if c.closing {
		return spans, false
	}
	for _, s := range c.subs {
		if s.audience == nil {
			continue
		}
		if s.audience.Ended() {
			fell = true
			continue
		}
		read := s.audience.Log.Spans
		if c.deflates {
			read = s.audience.Deflated
		}
		var ok bool
		if spans, s.offset, ok = read(s.offset, writeBytes, spans); !ok {
			fell = true
		}
	}
	return spans, fell
}

// behind gives what is left of spans behind n bytes.
func behind(spans [][]byte, n int) [][]byte {
	for len(spans) > 0 && n >= len(spans[0]) {
		n -= len(spans[0])
		spans = spans[1:]
	}
	if n > 0 {
		spans[0] = spans[0][n:]
	}
	return spans
}

// drain writes on its own until nothing is pending, and takes a lagging connection down the ladder.
func (c *Conn) drain() {
	ctx := context.Background() // ends with the connection, whose writes fail then
	for {
		c.mu.Lock()
		rest := c.rest
		c.rest = nil
		c.mu.Unlock()
		if len(rest) > 0 {
			if err := c.out.write(rest, stuckAfter); err != nil {
				c.stuck(err)
				return
			}
			c.count(rest)
		}
		c.lookAfter(ctx)
		if c.rested() {
			return
		}
	}
}

// rested takes the next spans, or ends the draining where there are none.
func (c *Conn) rested() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	spans, fell := c.gather(nil)
	if c.gone || len(spans) == 0 && !fell && !c.care {
		c.busy = false
		c.rests()
		return true
	}
	c.rest = spans
	c.note()
	return false
}

// note remembers what the client will have once the spans just gathered are written: when its cursors fall off their
// logs meanwhile, nobody else knows. c.mu is held.
func (c *Conn) note() {
	for _, s := range c.subs {
		if s.audience == nil {
			continue
		}
		if has, ok := s.audience.Log.StampAt(s.offset); ok {
			s.has = has
		}
	}
}

// rests tells who waits for it that nothing is left to write; c.mu is held.
func (c *Conn) rests() {
	if c.idle != nil {
		close(c.idle)
		c.idle = nil
	}
}

// whenIdle gives what is closed when nothing is left to write.
func (c *Conn) whenIdle() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	done := c.idle
	if done == nil {
		done = make(chan struct{})
	}
	if c.idle = done; !c.busy && len(c.queue) == 0 {
		c.rests()
	}
	return done
}

func (c *Conn) count(spans [][]byte) {
	for _, s := range spans {
		c.server.cfg.Metrics.bytes.Add(float64(len(s)))
	}
}

// stuck ends a connection whose line takes nothing. A close frame would not get through.
func (c *Conn) stuck(err error) {
	if isTimeout(err) {
		c.server.cfg.Metrics.closes.WithLabelValues(wire.CloseSlow.String()).Inc()
	}
	c.mu.Lock()
	c.closing, c.gone, c.queue, c.busy = true, true, nil, false
	c.rests()
	c.mu.Unlock()
	c.out.close()
}

// beat looks whether the client is alive and still may be here.
func (c *Conn) beat(now time.Time, alive []byte) {
	c.mu.Lock()
	ended := !c.identity.Until.IsZero() && !now.Before(c.identity.Until)
	quiet := len(c.subs) == 0
	c.mu.Unlock()
	switch {
	case ended:
		c.close(wire.CloseUnauthenticated)
	case now.Unix()-c.seen.Load() > int64(silentAfter/time.Second):
		c.close(wire.CloseSilent)
	case quiet:
		c.enqueue(alive)
	}
}

// recheck asks what the credential stands for now, and ends what it does not allow any more.
func (c *Conn) recheck() {
	c.mu.Lock()
	again := c.identity.Again
	c.mu.Unlock()
	now, verdict := again()
	c.mu.Lock()
	if verdict == Ended || verdict == Unknown && c.known {
		c.mu.Unlock()
		c.dropAll()
		c.close(wire.CloseUnauthenticated)
		return
	}
	var out []*subscription
	if verdict == Valid {
		c.known = true
		c.identity.Scope, c.identity.Until = now.Scope, now.Until
		for _, s := range c.subs {
			if !now.Scope.Covers(s.area) {
				out = append(out, s)
			}
		}
	}
	c.mu.Unlock()
	for _, s := range out {
		if c.drop(s) {
			c.say(wire.Unsubscribed{ID: s.id, Reason: "scope"})
		}
	}
}

// end cleans up behind the reader.
func (c *Conn) end() {
	c.mu.Lock()
	c.gone, c.closing, c.queue = true, true, nil
	c.mu.Unlock()
	c.dropAll()
	c.out.close()
	c.server.forget(c)
}
