package audience

import (
	"context"
	"slices"
	"sync"

	"github.com/tidwall/rtree"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/framelog"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// Config says what is told and how much of it is kept. Zero bounds mean the defaults.
type Config struct {
	Topics []Topic
	// RecentBytes bounds the events of the whole district that are kept to resume from, LogBytes one audience's frames.
	RecentBytes, LogBytes int
	// DeflateFrom is from how many bytes on frames are deflated for those who negotiated it.
	DeflateFrom int
	Metrics     *Metrics
}

// Defaults: 64 MB are some hundred thousand events, a busy day of a district; one audience's megabyte is what a client
// on a slow line reads in a minute.
const (
	defaultRecentBytes = 64 << 20
	defaultLogBytes    = 1 << 20
)

// Deflating pays where there is something to gain. An event alone, of some 400 bytes, would lose two fifths at the most,
// for as much work as writing it (BenchmarkJoin); sixteen in one message lose three quarters. One goes as it is.
const defaultDeflateFrom = 512

// maxDeltas is where telling what changed would take longer than beginning anew: an import, not somebody's work.
const maxDeltas = 50_000

// Hub tells audiences what changes. It implements follow.Listener.
type Hub struct {
	cfg     Config
	picture *live.Picture
	topics  topics
	byLayer map[string][]origin
	wake    func(*Audience) // a log has grown, or has ended

	deflater wire.Deflater

	mu        sync.Mutex
	at        position.Position
	recent    ring
	scopes    map[geo.Code]*scope
	audiences map[key]*Audience
	views     map[*View]struct{}
	boxes     rtree.RTreeGN[float32, *View] // outwards; the views know their own
	viewers   [MaxTopics]int                // open views by topic
	serial    uint64                        // of the event being told, so that a view found twice is told once
	touched   []*Audience                   // by the transaction being told
	viewed    []*View
	sought    sought        // by the transaction being told
	moved     chan struct{} // closed when at moves on; nil while nobody waits
}

// scope is an area that somebody listens to. An event's code resolves to the few scopes above it once, and all that
// follows compares them as they are.
type scope struct {
	code      geo.Code
	audiences []*Audience
	refs      int
}

// sought is the last code that was asked for, and the scopes found for it.
type sought struct {
	code  geo.Code
	found within
}

// New makes a hub over a picture. What it says is read where wake says that there is something.
func New(picture *live.Picture, cfg Config, wake func(*Audience)) (*Hub, error) {
	h := &Hub{
		cfg: cfg, picture: picture, topics: cfg.Topics, byLayer: map[string][]origin{}, wake: wake,
		scopes: map[geo.Code]*scope{}, audiences: map[key]*Audience{}, views: map[*View]struct{}{},
	}
	if err := h.topics.check(picture); err != nil {
		return nil, err
	}
	if h.cfg.RecentBytes == 0 {
		h.cfg.RecentBytes = defaultRecentBytes
	}
	if h.cfg.LogBytes == 0 {
		h.cfg.LogBytes = defaultLogBytes
	}
	if h.cfg.DeflateFrom == 0 {
		h.cfg.DeflateFrom = defaultDeflateFrom
	}
	h.recent.max = h.cfg.RecentBytes
	for i, t := range h.topics {
		for j := range t.Sources {
			s := &t.Sources[j]
			h.byLayer[s.Layer] = append(h.byLayer[s.Layer], origin{uint8(i), s})
		}
	}
	return h, nil
}

// Topics gives the set of the named topics, or says which there are.
func (h *Hub) Topics(names []string) (Set, error) { return h.topics.named(names) }

// Position is up to where everything has been told; zero until the picture is loaded.
func (h *Hub) Position() position.Position {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

// Floor is the position behind which everything can still be told; zero until the picture is loaded.
func (h *Hub) Floor() position.Position {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.at.IsZero() {
		return position.Position{}
	}
	return h.recent.floor.In(h.at.Epoch)
}

// Applied implements follow.Listener.
func (h *Hub) Applied(deltas []live.Delta, at position.Position) {
	if len(deltas) > maxDeltas {
		h.Reset(at)
		return
	}
	var events []*event
	h.picture.Read(func(look func(string) *live.Layer) {
		for _, d := range deltas {
			events = h.eventsOf(look, d, events)
		}
	})
	slices.SortStableFunc(events, func(a, b *event) int { return a.stamp.Compare(b.stamp) })
	h.mu.Lock()
	h.sought = sought{}
	for _, e := range events {
		h.recent.add(e)
		h.spread(e)
	}
	h.cfg.Metrics.told(len(events), h.recent.bytes)
	woken := h.close(at)
	h.mu.Unlock()
	for _, a := range woken {
		h.wake(a)
	}
}

// Aged implements follow.Listener: who shows what is recent, knows itself when it is not any more.
func (h *Hub) Aged([]live.Delta) {}

// Advance implements follow.Listener.
func (h *Hub) Advance(at position.Position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.advance(at)
}

func (h *Hub) advance(at position.Position) {
	h.at = at
	if h.moved != nil {
		close(h.moved)
		h.moved = nil
	}
}

// Reset implements follow.Listener: what happened before cannot be told any more, and every listener begins anew.
func (h *Hub) Reset(at position.Position) {
	h.mu.Lock()
	h.recent.reset(framelog.StampOf(at))
	ended := make([]*Audience, 0, len(h.audiences))
	for _, a := range h.audiences {
		a.ended.Store(true)
		ended = append(ended, a)
		h.release(a.scope)
	}
	clear(h.audiences)
	for _, s := range h.scopes {
		s.audiences = nil
	}
	for v := range h.views {
		v.lost()
	}
	h.advance(at)
	h.mu.Unlock()
	for _, a := range ended {
		h.wake(a)
	}
}

// Wait returns when everything up to and with p has been told, or the context ends.
func (h *Hub) Wait(ctx context.Context, p position.Position) error {
	for {
		h.mu.Lock()
		if order, same := h.at.Compare(p); !h.at.IsZero() && (!same || order >= 0) {
			h.mu.Unlock()
			return nil
		}
		moved := h.wait()
		h.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// wait gives what is closed when the hub moves on.
func (h *Hub) wait() <-chan struct{} {
	if h.moved == nil {
		h.moved = make(chan struct{})
	}
	return h.moved
}

// stand has collect look at the picture and then commit act on what was found, with nothing happening in between: both
// see the picture as of the hub's own position. The picture is at most the one transaction ahead that is just being told.
func (h *Hub) stand(ctx context.Context, collect func(Look), commit func()) error {
	for {
		h.mu.Lock()
		if !h.at.IsZero() && h.picture.Read(collect) == h.at {
			commit()
			h.mu.Unlock()
			return nil
		}
		moved := h.wait()
		h.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// intern gives the scope of an area, which release gives back.
func (h *Hub) intern(area geo.Code) *scope {
	s := h.scopes[area]
	if s == nil {
		s = &scope{code: area}
		h.scopes[area] = s
	}
	s.refs++
	return s
}

func (h *Hub) release(s *scope) {
	if s.refs--; s.refs == 0 {
		delete(h.scopes, s.code)
	}
}

// within is the scopes that somebody listens to and that cover a code, widest first.
type within struct {
	scopes [8]*scope // as many as there are levels
	n      int
}

func (w *within) has(s *scope) bool { return slices.Contains(w.scopes[:w.n], s) }

// scopesOf gives the scopes of where an entity is. A change is an event of several topics, which ask for the same one
// after the other.
func (h *Hub) scopesOf(s side) within {
	if !s.there {
		return within{}
	}
	if h.sought.code != s.code {
		h.sought = sought{s.code, h.scopesAt(s.code)}
	}
	return h.sought.found
}

// scopesAt asks for the code's prefixes at each level, which are what geo.Code.Covers says yes to.
func (h *Hub) scopesAt(code geo.Code) (w within) {
	for _, l := range geo.Levels() {
		prefix, ok := code.At(l)
		if !ok {
			break
		}
		if found := h.scopes[prefix]; found != nil {
			w.scopes[w.n] = found
			w.n++
		}
	}
	return w
}

// spread gives one event to everybody whom it concerns.
func (h *Hub) spread(e *event) {
	if len(h.scopes) == 0 {
		return
	}
	if e.old.public || e.now.public {
		for _, s := range h.scopes {
			h.tell(s, e, e.old.there, e.now.there)
		}
	}
	is := h.scopesOf(e.now)
	was := is
	if !e.old.there || e.old.code != e.now.code || !e.now.there {
		was = h.scopesOf(e.old)
	}
	for _, s := range is.scopes[:is.n] {
		h.tell(s, e, was.has(s), true)
	}
	for _, s := range was.scopes[:was.n] {
		if !is.has(s) {
			h.tell(s, e, true, false)
		}
	}
	if h.boxes.Len() > 0 {
		h.spreadBoxes(e, &was, &is)
	}
}

func (h *Hub) tell(s *scope, e *event, saw, sees bool) {
	kind, _ := e.kind(h.topics[e.topic].Notice, saw, sees)
	for _, a := range s.audiences {
		if !a.topics.has(e.topic) {
			continue
		}
		if !a.touched {
			a.touched = true
			h.touched = append(h.touched, a)
		}
		a.out.begin(e.stamp)
		a.out.items = h.appendItemFor(a.out.items, e, kind, a.out.epoch)
	}
}

// close ends the transaction: frames go to their logs and views.
func (h *Hub) close(at position.Position) (woken []*Audience) {
	to := framelog.StampOf(at)
	for _, a := range h.touched {
		a.touched = false
		a.out.end(to)
		a.append()
	}
	woken = append(woken, h.touched...)
	for _, v := range h.viewed {
		v.touched = false
		v.out.end(to)
		v.send()
	}
	h.touched, h.viewed = h.touched[:0], h.viewed[:0]
	h.advance(at)
	return woken
}

// Moved gives what is closed when the hub moves on: something was told, or nothing happened up to a new position.
func (h *Hub) Moved() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wait()
}
