package session

import (
	"context"
	"errors"
	"net"
	"slices"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/audience"
	"github.com/gridweave/gridweave/realtime/framelog"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// subscription is one of a connection: a cursor in an audience's log, or a view of its own.
type subscription struct {
	conn     *Conn
	id       string
	area     geo.Code
	topics   audience.Set
	snapshot bool

	audience *audience.Audience // nil for a view
	offset   int64              // in the audience's log; under the connection's lock
	has      framelog.Stamp     // what the client has at the offset; noted when the line takes no more
	slot     int                // among the flusher's members; under its lock

	view *audience.View
	box  live.Box
	full bool // there was no room for the view
	lost bool // the view's picture was loaded anew
}

// conflateAfter is how far a cursor may lag, as a part of its log, before only the newest states are told.
const conflateAfter = 2

// reachWithin is how long a position that lies ahead may take to be reached, where the log is followed.
const reachWithin = 3 * time.Second

// subscribe begins a subscription; the error is for the client.
func (c *Conn) subscribe(ctx context.Context, m wire.Subscribe) error {
	s, err := c.prepare(m)
	if err != nil {
		return err
	}
	if !m.Since.IsZero() {
		c.reach(ctx, m.Since)
	}
	if m.Box != nil {
		return c.openView(ctx, s, m)
	}
	return c.openAudience(ctx, s, m)
}

// prepare checks what is asked for.
func (c *Conn) prepare(m wire.Subscribe) (*subscription, error) {
	topics, err := c.server.hub.Topics(m.Topics)
	if err != nil {
		return nil, refusal{"topics", err.Error()}
	}
	s := &subscription{conn: c, id: m.ID, area: m.Area, topics: topics, snapshot: m.Snapshot == nil || *m.Snapshot}
	if m.Box != nil {
		if !m.Box.Valid() {
			return nil, refusal{"box", "a box is west, south, east, north in degrees"}
		}
		s.box = worldBox(*m.Box)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.area == "" {
		s.area = c.identity.Scope
	}
	switch {
	case m.ID == "" || len(m.ID) > wire.MaxID:
		return nil, refusal{"id", "an id has 1 to 64 bytes"}
	case c.find(m.ID) != nil:
		return nil, refusal{"duplicate", "there is a subscription with this id"}
	case !c.identity.Scope.Covers(s.area):
		return nil, refusal{"forbidden", "area " + string(s.area) + " lies outside your own " + string(c.identity.Scope)}
	case s.area.Level() > geo.Building:
		return nil, refusal{"area", "a room is no area to listen to"}
	case m.Box == nil && slices.ContainsFunc(c.subs, func(o *subscription) bool {
		return o.view == nil && o.area == s.area && o.topics == s.topics
	}):
		return nil, refusal{"duplicate", "there is a subscription to the same"}
	case len(c.subs) >= c.server.cfg.Limits.Subscriptions:
		return nil, refusal{"too_many", "a connection has no more subscriptions than this one has"}
	}
	return s, nil
}

// errAway says that the connection was closed, since another server can serve the client better.
var errAway = errors.New("another server can go on")

// refusal is an error that the client is told.
type refusal struct{ code, message string }

func (r refusal) Error() string { return r.message }

// reach waits until the server stands at a position that the client has heard of elsewhere. A node may be a little
// behind another, or without its database for a while; a position that the database does not reach is refused later.
func (c *Conn) reach(ctx context.Context, p position.Position) {
	for {
		c.server.cfg.Nudge()
		wait, cancel := context.WithTimeout(ctx, reachWithin)
		err := c.server.hub.Wait(wait, p)
		cancel()
		if err == nil || ctx.Err() != nil || c.server.cfg.Following() {
			return
		}
	}
}

// openAudience begins at the place that the client asks for.
func (c *Conn) openAudience(ctx context.Context, s *subscription, m wire.Subscribe) error {
	a := c.server.hub.Join(s.area, s.topics)
	way, frames, err := c.beginning(ctx, s, a, m.Since)
	if err != nil {
		a.Leave()
		return err
	}
	s.audience = a
	if !c.attach(s, way.Offset, append(frames, way.Frames...)) {
		a.Leave()
		return refusal{"forbidden", "area " + string(s.area) + " lies outside your own"}
	}
	return nil
}

// beginning finds where to begin, and what to say first.
func (c *Conn) beginning(ctx context.Context, s *subscription, a *audience.Audience, since position.Position) (audience.Way, [][]byte, error) {
	reason := wire.Reason("")
	if !since.IsZero() {
		var way audience.Way
		if way, reason = a.Resume(since); reason == "" {
			c.server.cfg.Metrics.resumes.Inc()
			way.Frames = c.own(way.Frames)
			return way, [][]byte{frame(wire.Subscribed{ID: s.id, Channel: a.Channel, Position: since, Until: way.Until, Resumed: true})}, nil
		}
		if c.sendAway(since, reason) {
			return way, nil, errAway
		}
	}
	way, at, err := c.present(ctx, s, a)
	if err != nil {
		return way, nil, err
	}
	frames := [][]byte{frame(wire.Subscribed{ID: s.id, Channel: a.Channel, Position: at, Until: at})}
	if reason != "" {
		frames = append(frames, c.resync(a.Channel, reason, at))
	}
	return way, frames, nil
}

// own deflates frames that are made for this connection alone, where it negotiated that.
func (c *Conn) own(frames [][]byte) [][]byte {
	if !c.deflates {
		return frames
	}
	return c.server.hub.Deflate(frames)
}

// present is how to begin with the state of now.
func (c *Conn) present(ctx context.Context, s *subscription, a *audience.Audience) (audience.Way, position.Position, error) {
	if s.snapshot {
		return a.Snapshot(ctx, c.deflates)
	}
	offset, at := a.Start()
	return audience.Way{Offset: offset}, at, nil
}

func (c *Conn) resync(channel string, reason wire.Reason, at position.Position) []byte {
	c.server.cfg.Metrics.resyncs.WithLabelValues(string(reason)).Inc()
	return frame(wire.Resync{Channel: channel, Reason: reason, Position: at})
}

// attach adds a subscription with a cursor, unless it may not be here any more.
func (c *Conn) attach(s *subscription, offset int64, frames [][]byte) bool {
	c.mu.Lock()
	if c.gone || !c.identity.Scope.Covers(s.area) {
		c.mu.Unlock()
		return false
	}
	s.offset = offset
	c.subs = append(c.subs, s)
	if !c.closing {
		c.add(frames)
	}
	c.mu.Unlock()
	c.flusher.join(s, s.audience)
	c.flusher.look(c)
	return true
}

// openView begins a view. It is among the subscriptions before it says anything, so that whatever takes a right away
// finds it.
func (c *Conn) openView(ctx context.Context, s *subscription, m wire.Subscribe) error {
	s.view = c.server.hub.View(sink{s}, "#"+s.id, s.area, s.topics, s.box, s.snapshot)
	s.view.Deflates = c.deflates
	c.mu.Lock()
	if c.gone || !c.identity.Scope.Covers(s.area) {
		c.mu.Unlock()
		s.view.Close()
		return refusal{"forbidden", "area " + string(s.area) + " lies outside your own"}
	}
	c.subs = append(c.subs, s)
	c.mu.Unlock()
	subscribed := func(resumed bool, reason wire.Reason) audience.Hello {
		return func(at, until position.Position) [][]byte {
			frames := [][]byte{frame(wire.Subscribed{ID: s.id, Channel: s.view.Channel, Position: at, Until: until, Resumed: resumed})}
			if reason != "" {
				frames = append(frames, c.resync(s.view.Channel, reason, at))
			}
			return frames
		}
	}
	reason := wire.Reason("")
	if !m.Since.IsZero() {
		if reason = s.view.Resume(m.Since, subscribed(true, "")); reason == "" {
			c.server.cfg.Metrics.resumes.Inc()
			return nil
		}
		if c.sendAway(m.Since, reason) {
			c.drop(s)
			return errAway
		}
	}
	return s.view.Begin(ctx, subscribed(false, reason))
}

// move gives a view another box.
func (c *Conn) move(ctx context.Context, m wire.Move) error {
	if !m.Box.Valid() {
		return refusal{"box", "a box is west, south, east, north in degrees"}
	}
	c.mu.Lock()
	s := c.find(m.ID)
	c.mu.Unlock()
	if s == nil || s.view == nil {
		return refusal{"unknown", "there is no subscription with this id and a box"}
	}
	return s.view.Move(ctx, worldBox(m.Box))
}

// find gives the subscription of an id; c.mu is held.
func (c *Conn) find(id string) *subscription {
	for _, s := range c.subs {
		if s.id == id {
			return s
		}
	}
	return nil
}

func (c *Conn) unsubscribe(m wire.Unsubscribe) error {
	c.mu.Lock()
	s := c.find(m.ID)
	c.mu.Unlock()
	if s == nil || !c.drop(s) {
		return refusal{"unknown", "there is no subscription with this id"}
	}
	c.say(wire.Unsubscribed{ID: m.ID})
	return nil
}

// drop ends a subscription; false where somebody else did.
func (c *Conn) drop(s *subscription) bool {
	c.mu.Lock()
	i := slices.Index(c.subs, s)
	if i >= 0 {
		c.subs = slices.Delete(c.subs, i, i+1)
	}
	a := s.audience
	c.mu.Unlock()
	if i < 0 {
		return false
	}
	if a != nil {
		c.flusher.leave(s, a)
		a.Leave()
	} else {
		s.view.Close()
	}
	return true
}

func (c *Conn) dropAll() {
	c.mu.Lock()
	all := slices.Clone(c.subs)
	c.mu.Unlock()
	for _, s := range all {
		c.drop(s)
	}
}

func worldBox(b wire.Box) live.Box {
	minX, minY := live.World(b[0], b[3])
	maxX, maxY := live.World(b[2], b[1])
	return live.Box{MinX: minX, MinY: minY, MaxX: maxX, MaxY: maxY}
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}
