package session

import (
	"context"
	"slices"
	"time"

	"github.com/gridweave/gridweave/realtime/audience"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// mostResyncs is how often within slowWindow a connection may have to start anew because it was slow, before it is
// closed: it would only go round in circles.
const (
	mostResyncs = 4
	slowWindow  = time.Minute
)

// sink takes a view's frames to its connection.
type sink struct{ *subscription }

// Push implements audience.Sink.
func (s sink) Push(frames [][]byte) bool {
	c := s.conn
	c.mu.Lock()
	room := c.queued < c.server.cfg.Limits.QueueBytes
	switch {
	case c.closing:
		room = true // and nothing of it is sent
	case room:
		c.add(frames)
	default:
		s.full, c.care = true, true
	}
	c.mu.Unlock()
	c.flusher.look(c)
	return room
}

// Lost implements audience.Sink.
func (s sink) Lost(*audience.View) {
	s.conn.mu.Lock()
	s.lost, s.conn.care = true, true
	s.conn.mu.Unlock()
	s.conn.flusher.look(s.conn)
}

// lookAfter takes lagging subscriptions one step down the ladder. Only the connection's draining goroutine calls it.
func (c *Conn) lookAfter(ctx context.Context) {
	c.mu.Lock()
	subs := slices.Clone(c.subs)
	closing := c.closing
	c.care = false
	c.mu.Unlock()
	if closing {
		return
	}
	for _, s := range subs {
		if s.view != nil {
			c.lookAfterView(ctx, s)
		} else {
			c.lookAfterCursor(ctx, s)
		}
	}
}

func (c *Conn) lookAfterCursor(ctx context.Context, s *subscription) {
	c.mu.Lock()
	a, offset, has := s.audience, s.offset, s.has
	c.mu.Unlock()
	log := a.Log
	switch {
	case a.Ended():
		c.rejoin(ctx, s)
		return
	case offset >= log.Base() && log.End()-offset <= int64(c.server.cfg.Limits.LogBytes)/conflateAfter:
		return
	}
	way, reason := a.CatchUp(has)
	if reason != "" {
		c.startAnew(ctx, s, reason)
		return
	}
	c.server.cfg.Metrics.caughtUp.Inc()
	c.turn(s, way.Offset, c.own(way.Frames))
}

// turn sets a cursor behind frames of the connection's own, unless the subscription has ended.
func (c *Conn) turn(s *subscription, offset int64, frames [][]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.Contains(c.subs, s) && !c.closing {
		s.offset = offset
		c.add(frames)
	}
}

// rejoin moves a subscription to the log that follows one that ended.
func (c *Conn) rejoin(ctx context.Context, s *subscription) {
	a := c.server.hub.Join(s.area, s.topics)
	c.mu.Lock()
	old := s.audience
	stays := slices.Contains(c.subs, s)
	if stays {
		s.audience = a
		s.offset = a.Log.End()
		c.flusher.leave(s, old)
		c.flusher.join(s, a)
	}
	c.mu.Unlock()
	if !stays {
		a.Leave()
		return
	}
	c.startAnew(ctx, s, wire.Reloaded)
}

// startAnew has the client forget what it has and begin with the present.
func (c *Conn) startAnew(ctx context.Context, s *subscription, reason wire.Reason) {
	if reason == wire.TooSlow && c.tooSlow() {
		c.close(wire.CloseSlow)
		return
	}
	way, at, err := c.present(ctx, s, s.audience)
	if err != nil {
		return // the connection ends
	}
	c.turn(s, way.Offset, append([][]byte{c.resync(s.audience.Channel, reason, at)}, way.Frames...))
}

// tooSlow counts.
func (c *Conn) tooSlow() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if now.Sub(c.slowSince) > slowWindow {
		c.slowSince, c.slow = now, 0
	}
	c.slow++
	return c.slow > mostResyncs
}

func (c *Conn) lookAfterView(ctx context.Context, s *subscription) {
	c.mu.Lock()
	lost, full := s.lost, s.full
	s.lost, s.full = false, false
	c.mu.Unlock()
	reason := wire.Reason("")
	switch {
	case lost:
		reason = wire.Reloaded
	case full:
		if reason = s.view.CatchUp(); reason == "" {
			c.server.cfg.Metrics.caughtUp.Inc()
		}
	}
	if reason == "" {
		return
	}
	if reason == wire.TooSlow && c.tooSlow() {
		c.close(wire.CloseSlow)
		return
	}
	_ = s.view.Begin(ctx, func(at, _ position.Position) [][]byte { // the error is the context's end
		return [][]byte{c.resync(s.view.Channel, reason, at)}
	})
}
