package audience

import (
	"context"
	"sync"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/framelog"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// Sink takes frames of a view. Its methods are called with the hub locked and must not wait.
type Sink interface {
	// Push queues frames for sending; false says that there is no room, and then none is taken.
	Push(frames [][]byte) bool
	// Lost says that the view says nothing any more until it is begun anew, since the picture was.
	Lost(*View)
}

// View is a listener with a box of its own.
type View struct {
	Channel string
	// Deflates says that the client negotiated it; set before the view begins. Events go as they are: nobody shares them.
	Deflates bool

	hub      *Hub
	sink     Sink
	scope    *scope
	topics   Set
	snapshot bool // the present state comes from here

	work sync.Mutex // one of begin, Move and CatchUp at a time

	// Under the hub's lock.
	box     live.Box
	open    bool
	out     *batch
	touched bool
	serial  uint64
	settled bool           // what it begins with is on its way; until then what happens is held back
	pending [][]byte       // held back
	told    framelog.Stamp // what the client has, or has on its way
	lagging bool           // there was no room for what came behind that
}

// View makes a listener of the topics within a box of an area. It says nothing before Resume, Snapshot or Start.
func (h *Hub) View(sink Sink, channel string, area geo.Code, topics Set, box live.Box, snapshot bool) *View {
	h.mu.Lock()
	defer h.mu.Unlock()
	v := &View{Channel: channel, hub: h, sink: sink, scope: h.intern(area), topics: topics, box: box, snapshot: snapshot}
	v.out = newBatch(quoted(channel), h.at.Epoch, framelog.StampOf(h.at))
	return v
}

// Area is what it listens to.
func (v *View) Area() geo.Code { return v.scope.code }

// Close ends the view; nothing is pushed after it.
func (v *View) Close() {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	v.detach()
	v.hub.release(v.scope)
}

func (v *View) attach(settled bool) {
	h := v.hub
	if !v.open {
		v.open = true
		lo, hi := v.box.Outwards()
		h.boxes.Insert(lo, hi, v)
		h.views[v] = struct{}{}
		h.count(v.topics, 1)
		h.cfg.Metrics.views.Set(float64(len(h.views)))
	}
	v.out.epoch, v.out.from = h.at.Epoch, framelog.StampOf(h.at)
	v.settled, v.lagging = settled, false
}

func (v *View) detach() {
	if !v.open {
		return
	}
	v.open, v.pending = false, nil
	lo, hi := v.box.Outwards()
	v.hub.boxes.Delete(lo, hi, v)
	delete(v.hub.views, v)
	v.hub.count(v.topics, -1)
	v.hub.cfg.Metrics.views.Set(float64(len(v.hub.views)))
}

// count keeps how many open views listen to each topic.
func (h *Hub) count(s Set, by int) {
	for topic := range h.viewers {
		if s.has(uint8(topic)) {
			h.viewers[topic] += by
		}
	}
}

// lost is told when the picture was loaded anew.
func (v *View) lost() {
	v.detach()
	v.sink.Lost(v)
}

// Hello makes the frames with which a view begins at a position, and after which one is at the present.
type Hello func(at, until position.Position) [][]byte

// Begin starts the view: with the present state, where that was asked for, behind the frames that hello makes of the
// position. Everything behind that position follows.
func (v *View) Begin(ctx context.Context, hello Hello) error {
	v.work.Lock()
	defer v.work.Unlock()
	var found []portion
	var at position.Position
	err := v.hub.stand(ctx, func(look Look) {
		found = nil
		if v.snapshot {
			found = v.hub.present(v.topics, v.inside(look, v.box))
		}
	}, func() { at = v.hub.at; v.attach(false) })
	if err != nil {
		return err
	}
	frames := hello(at, at)
	if v.snapshot {
		frames = append(frames, v.snapshotFrames(at, true, found)...)
	}
	v.settle(frames)
	return nil
}

func (v *View) snapshotFrames(at position.Position, reset bool, found []portion) [][]byte {
	frames := v.hub.snapshotFrames(v.out.channel, at, reset, found)
	if v.Deflates {
		return v.hub.Deflate(frames)
	}
	return frames
}

// Resume starts the view with what came behind since, or gives the reason why that is not known any more.
func (v *View) Resume(since position.Position, hello Hello) wire.Reason {
	h := v.hub
	v.work.Lock()
	defer v.work.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	if why := h.refuse(since); why != "" {
		return why
	}
	s := framelog.StampOf(since)
	if !h.recent.reaches(s) {
		return wire.TooOld
	}
	frames, ok := h.between(newBatch(v.out.channel, h.at.Epoch, s), v.kind, false)
	if !ok {
		return wire.TooSlow
	}
	v.attach(true)
	v.told = s
	v.push(append(hello(since, h.at), frames...), v.out.from)
	return ""
}

// CatchUp goes on with a view for which there was no room, with the newest states only; it gives a reason where that
// is too much, or too long ago, and nothing where the view does not lag.
func (v *View) CatchUp() wire.Reason {
	h := v.hub
	v.work.Lock()
	defer v.work.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !v.open || !v.lagging {
		return ""
	}
	if !h.recent.reaches(v.told) {
		return wire.TooSlow
	}
	frames, ok := h.between(newBatch(v.out.channel, h.at.Epoch, v.told), v.kind, true)
	if !ok {
		return wire.TooSlow
	}
	v.attach(true)
	v.push(frames, v.out.from)
	return ""
}

// Lagging tells whether there was no room for something.
func (v *View) Lagging() bool {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	return v.lagging
}

// Move gives the view another box: a leave names what went out, a snapshot brings what came in.
func (v *View) Move(ctx context.Context, to live.Box) error {
	v.work.Lock()
	defer v.work.Unlock()
	h := v.hub
	var old, now []portion
	var at position.Position
	var open bool
	err := h.stand(ctx, func(look Look) {
		old, now = nil, nil
		if v.snapshot {
			old, now = h.present(v.topics, v.inside(look, v.box)), h.present(v.topics, v.inside(look, to))
		}
	}, func() {
		at = h.at
		if open = v.open; open {
			lo, hi := v.box.Outwards()
			h.boxes.Delete(lo, hi, v)
			lo, hi = to.Outwards()
			h.boxes.Insert(lo, hi, v)
			v.settled = false
		}
		v.box = to
	})
	if err != nil {
		return err
	}
	if !open {
		old, now = nil, nil // what was lost begins anew with the new box; the move is answered all the same
	}
	left, entered := h.difference(old, now)
	text, err := wire.Encode(wire.Leave{Channel: v.Channel, Position: at, Items: left})
	if err != nil {
		return err
	}
	frames := append([][]byte{wire.AppendText(nil, text)}, v.snapshotFrames(at, false, entered)...)
	if !open {
		h.mu.Lock()
		defer h.mu.Unlock()
		v.sink.Push(frames)
		return nil
	}
	v.settle(frames)
	return nil
}

// difference names what is only in old, and gives the features that are only in now.
func (h *Hub) difference(old, now []portion) (left []wire.Gone, entered []portion) {
	left = []wire.Gone{}
	for i, p := range now {
		stays := map[uint64]bool{}
		for _, f := range old[i].features {
			stays[f.ID] = true
		}
		came := portion{origin: p.origin}
		for _, f := range p.features {
			if !stays[f.ID] {
				came.features = append(came.features, f)
			}
			delete(stays, f.ID)
		}
		for id := range stays {
			left = append(left, wire.Gone{Topic: h.topics[p.topic].Name, ID: id})
		}
		entered = append(entered, came)
	}
	return left, entered
}

// inside finds what a reader of the box sees.
func (v *View) inside(look Look, box live.Box) func(*Source) []*live.Feature {
	return func(s *Source) []*live.Feature {
		var seen []*live.Feature
		take := func(f *live.Feature) {
			if place, ok := s.place(look, f); ok && box.Intersects(place) && v.scope.code.Covers(f.Code) {
				seen = append(seen, f)
			}
		}
		if s.Place != nil {
			look(s.Layer).All(take) // the layer's own index knows nothing of such places
			return seen
		}
		for _, f := range look(s.Layer).Within(box, nil) {
			take(f)
		}
		return seen
	}
}

// settle sends what the view begins with, and what happened meanwhile.
func (v *View) settle(frames [][]byte) {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	if !v.open {
		return
	}
	v.settled = true
	pending := v.pending
	v.pending = nil
	v.told = framelog.Stamp{} // without room even for its beginning there is nothing to go on from
	v.push(append(frames, pending...), v.out.from)
}

// push sends what brings the client up to a stamp, or remembers that there was no room.
func (v *View) push(frames [][]byte, to framelog.Stamp) {
	if len(frames) > 0 && !v.sink.Push(frames) {
		v.lagging = true
		return
	}
	v.told = to
}

// send moves finished frames on their way.
func (v *View) send() {
	frames := bytesOf(v.out.frames)
	v.out.frames = v.out.frames[:0]
	switch {
	case !v.settled:
		v.pending = append(v.pending, frames...)
	case !v.lagging:
		v.push(frames, v.out.from)
	}
}

func (v *View) mark(to framelog.Stamp) {
	if v.lagging || !v.settled {
		return
	}
	v.out.from = to
	v.push([][]byte{mark(v.out.channel, v.out.epoch, to).Bytes}, to)
}

// kind is what an event is to the view.
func (v *View) kind(e *event) (wire.Kind, bool) {
	if !v.topics.has(e.topic) {
		return "", false
	}
	area := v.scope.code
	saw := v.holds(e.old) && e.old.seenFrom(area)
	sees := v.holds(e.now) && e.now.seenFrom(area)
	return e.kind(v.hub.topics[e.topic].Notice, saw, sees)
}

func (v *View) holds(s side) bool { return s.there && s.placed && v.box.Intersects(s.box) }

// spreadBoxes gives an event to the views whose boxes it touches, before or after.
func (h *Hub) spreadBoxes(e *event, was, is *within) {
	if h.viewers[e.topic] == 0 {
		return
	}
	h.serial++
	visit := func(_, _ [2]float32, v *View) bool {
		if v.serial == h.serial || v.lagging || !v.topics.has(e.topic) {
			return true
		}
		v.serial = h.serial
		saw := v.holds(e.old) && (e.old.public || was.has(v.scope))
		sees := v.holds(e.now) && (e.now.public || is.has(v.scope))
		kind, ok := e.kind(h.topics[e.topic].Notice, saw, sees)
		if !ok {
			return true
		}
		if !v.touched {
			v.touched = true
			h.viewed = append(h.viewed, v)
		}
		v.out.begin(e.stamp)
		v.out.items = h.appendItemFor(v.out.items, e, kind, v.out.epoch)
		return true
	}
	if e.now.placed {
		lo, hi := e.now.box.Outwards()
		h.boxes.Search(lo, hi, visit)
	}
	if e.old.placed && (!e.now.placed || e.old.box != e.now.box) {
		lo, hi := e.old.box.Outwards()
		h.boxes.Search(lo, hi, visit)
	}
}
