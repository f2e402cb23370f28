package session_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/session"
	"github.com/gridweave/gridweave/realtime/wire"
)

// told is one event as the oracle knows it: who a thing was and is, and where.
type told struct {
	at       position.Position // of the change, as the log numbers it
	id       uint64
	old, now *live.Feature
}

// listener is a client that believes nothing: it checks every message against what it has.
type listener struct {
	t     tb
	n     *node
	ws    *websocket.Conn
	area  geo.Code
	box   *wire.Box
	topic string
	// narrow has its line take little.
	narrow bool

	has     position.Position
	state   map[uint64]thing
	events  []string // what it was told since it last began anew
	began   position.Position
	resyncs int
	fresh   bool // has not been told its state yet
	boxes   []boxFrom
}

// boxFrom is a box and the position from which on it is in force.
type boxFrom struct {
	from position.Position
	box  *wire.Box
}

func (l *listener) start() {
	dial := l.n.dial
	if l.narrow {
		dial = l.n.dialNarrow
	}
	l.ws = dial()
	send(l.t, l.ws, wire.Subscribe{ID: "x", Topics: []string{l.topic}, Area: l.area, Box: l.box, Since: l.has})
	s, ok := read(l.t, l.ws).(wire.Subscribed)
	if !ok {
		l.t.Fatal("not subscribed")
	}
	if order, same := s.Until.Compare(s.Position); !same || order < 0 || !s.Resumed && order != 0 {
		l.t.Fatalf("from %v to the present at %v", s.Position, s.Until)
	}
	if l.has.IsZero() || !s.Resumed {
		l.begin(s.Position)
		l.fresh = true
		return
	}
	l.catchUp(s.Until)
}

// begin forgets.
func (l *listener) begin(at position.Position) {
	l.has, l.began, l.events = at, at, nil
	l.boxes = []boxFrom{{at, l.box}}
}

// catchUp reads until everything up to a position has been told.
func (l *listener) catchUp(to position.Position) {
	for !l.reached(to) {
		l.take(read(l.t, l.ws))
	}
}

func (l *listener) reached(to position.Position) bool {
	order, same := l.has.Compare(to)
	return same && order >= 0 && !l.fresh
}

func (l *listener) take(m wire.Message) {
	switch m := m.(type) {
	case wire.Mark:
		if m.Channel != "" {
			l.advance(m.Position)
		}
	case wire.Resync:
		l.resyncs++
		l.begin(m.Position)
		l.fresh = true
	case wire.Snapshot:
		l.snapshot(m)
	case wire.Leave:
		for _, g := range m.Items {
			delete(l.state, g.ID)
		}
		l.boxes = append(l.boxes, boxFrom{m.Position, l.box})
		l.advance(m.Position)
	case wire.Batch:
		l.batch(m)
	default:
		l.t.Fatalf("unexpected %#v", m)
	}
}

func (l *listener) snapshot(m wire.Snapshot) {
	if m.Reset {
		l.state = map[uint64]thing{}
		if m.Position != l.has {
			l.t.Fatalf("a snapshot at %v begins what was to begin at %v", m.Position, l.has)
		}
	}
	l.fresh = m.More
	for _, i := range m.Items {
		if i.Kind != wire.Present {
			l.t.Fatalf("a snapshot has %s", i.Kind)
		}
		l.keep(i)
	}
}

func (l *listener) batch(m wire.Batch) {
	if order, same := m.From.Compare(l.has); !same || order > 0 {
		l.t.Fatalf("a gap: has everything up to %v, the batch begins at %v", l.has, m.From)
	}
	last := l.has
	for _, i := range m.Items {
		if order, _ := i.At.Compare(last); order <= 0 {
			l.t.Fatalf("%v came after %v", i.At, last)
		}
		last = i.At
		l.events = append(l.events, fmt.Sprint(i.At.LSN, " ", i.ID, " ", i.Kind))
		if i.Kind == wire.Left || i.Kind == wire.Removed {
			delete(l.state, i.ID)
			continue
		}
		l.keep(i)
	}
	if order, _ := last.Compare(m.To); order > 0 {
		l.t.Fatalf("%v lies behind its batch's end %v", last, m.To)
	}
	l.advance(m.To)
}

func (l *listener) keep(i wire.Item) {
	if !l.area.Covers(i.Code) {
		l.t.Fatalf("%s was told of %s", l.area, i.Code)
	}
	var x thing
	if err := json.Unmarshal(i.Data, &x); err != nil {
		l.t.Fatal(err)
	}
	l.state[i.ID] = x
}

func (l *listener) advance(to position.Position) {
	if order, _ := to.Compare(l.has); order > 0 {
		l.has = to
	}
}

// sees tells whether a thing is in the listener's view with a box.
func (l *listener) sees(f *live.Feature, box *wire.Box) bool {
	if f == nil || !l.area.Covers(f.Code) {
		return false
	}
	if box == nil {
		return true
	}
	minX, minY := live.World(box[0], box[3])
	maxX, maxY := live.World(box[2], box[1])
	return f.Label.X >= minX && f.Label.X <= maxX && f.Label.Y >= minY && f.Label.Y <= maxY
}

// expected is what the listener has to have been told since it began.
func (l *listener) expected(history []told) []string {
	var events []string
	for _, e := range history {
		if order, _ := e.at.Compare(l.began); order <= 0 {
			continue
		}
		box := l.boxes[0].box
		for _, b := range l.boxes {
			if order, _ := e.at.Compare(b.from); order > 0 {
				box = b.box
			}
		}
		saw, sees := l.sees(e.old, box), l.sees(e.now, box)
		kind := wire.Kind("")
		switch {
		case saw && sees:
			kind = wire.Changed
		case sees && e.old == nil:
			kind = wire.Added
		case sees:
			kind = wire.Enter
		case saw && e.now == nil:
			kind = wire.Removed
		case saw:
			kind = wire.Left
		default:
			continue
		}
		events = append(events, fmt.Sprint(e.at.LSN, " ", e.id, " ", kind))
	}
	return events
}

// Random histories of changes, disconnections, other nodes, moved boxes and new loads: each event in scope arrives exactly once and
// in order, or lies before a resync; the state is the picture's; nothing comes from outside.
func TestRandomHistories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := &historian{rt: rt}
		for range 2 {
			recent := rapid.SampledFrom([]int{2_000, 1 << 20}).Draw(rt, "recent")
			h.forgets = h.forgets || recent < 1<<20
			n := newNode(t, session.Limits{RecentBytes: recent, DeflateFrom: rapid.SampledFrom([]int{1, 1 << 20}).Draw(rt, "deflate")})
			defer n.stop()
			h.nodes = append(h.nodes, n)
		}
		for _, topic := range []string{"fact", "state"} {
			h.listen("44", nil, topic)
			h.listen("440304001", nil, topic)
			h.listen("440304", &wire.Box{0, 0, 90, 80}, topic)
		}
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			h.step()
		}
		h.settle()
		for _, l := range h.listeners {
			h.judge(l)
			_ = l.ws.Close()
		}
	})
}

type historian struct {
	nodes     []*node // of one database: each hears the same
	rt        *rapid.T
	listeners []*listener
	history   []told
	forgets   bool // something may have happened that cannot be told any more
}

func (h *historian) listen(area geo.Code, box *wire.Box, topic string) {
	l := &listener{t: h.rt, n: h.nodes[0], area: area, box: box, topic: topic, state: map[uint64]thing{}}
	l.fresh = true
	l.start()
	h.listeners = append(h.listeners, l)
}

func (h *historian) step() {
	switch rapid.IntRange(0, 12).Draw(h.rt, "what") {
	case 0:
		h.forgets = true
		h.nodes[0].reset()
		h.nodes[1].quiet()
	case 1, 2:
		l := rapid.SampledFrom(h.listeners).Draw(h.rt, "who")
		l.catchUpAsFar(rapid.IntRange(0, 3).Draw(h.rt, "reads"))
		_ = l.ws.Close()
		l.n = rapid.SampledFrom(h.nodes).Draw(h.rt, "where")
		l.start()
	case 3:
		for _, l := range h.listeners {
			if l.box == nil || l.fresh {
				continue
			}
			west := float64(rapid.IntRange(-170, 80).Draw(h.rt, "west"))
			box := wire.Box{west, -80, west + 90, 80}
			send(l.t, l.ws, wire.Move{ID: "x", Box: box})
			l.moved(box)
		}
	default:
		h.change()
	}
}

// catchUpAsFar reads a few messages, if there are.
func (l *listener) catchUpAsFar(messages int) {
	for range messages {
		l.n.server.Hub().Mark(time.Now(), time.Hour) // there is always something to read
		l.take(read(l.t, l.ws))
	}
	if l.fresh {
		// A client that has not got its whole beginning has nothing to go on from.
		l.has = position.Position{}
	}
}

// moved reads until the leave that answers a move.
func (l *listener) moved(box wire.Box) {
	for {
		m := read(l.t, l.ws)
		if _, ok := m.(wire.Leave); ok {
			l.box = &box
			l.take(m)
			l.take(read(l.t, l.ws)) // what came in
			return
		}
		l.take(m)
	}
}

// change commits a random transaction, or rolls one back, which nobody hears of.
func (h *historian) change() {
	var changes []live.Change
	for range rapid.IntRange(1, 4).Draw(h.rt, "changes") {
		id := uint64(rapid.IntRange(1, 6).Draw(h.rt, "id"))
		if rapid.IntRange(0, 4).Draw(h.rt, "gone") == 0 {
			changes = append(changes, live.Change{ID: id, Gone: true})
			continue
		}
		c := geo.Code(fmt.Sprintf("44030400%d001", rapid.IntRange(1, 2).Draw(h.rt, "street")))
		x := int32(rapid.IntRange(0, 1<<30-1).Draw(h.rt, "x"))
		changes = append(changes, put(id, c, uint32(rapid.IntRange(0, 99).Draw(h.rt, "v")), x, 1<<29-1000))
	}
	h.nodes[1].commit(slices.Clone(changes)...)
	for _, d := range h.nodes[0].commit(changes...) {
		e := told{at: d.At, old: d.Old, now: d.New}
		e.at.Index = (e.at.Index + 1) * 32
		if d.New != nil {
			e.id = d.New.ID
		} else {
			e.id = d.Old.ID
		}
		h.history = append(h.history, e)
	}
}

// settle has everybody read everything.
func (h *historian) settle() {
	for _, n := range h.nodes {
		n.commit()
		n.server.Hub().Mark(time.Now(), time.Hour)
	}
	for _, l := range h.listeners {
		l.catchUp(l.n.at())
	}
}

func (h *historian) judge(l *listener) {
	if !h.forgets && l.resyncs > 0 {
		h.rt.Fatalf("%s of %s, box %v: started anew %d times, though nothing was forgotten", l.topic, l.area, l.box, l.resyncs)
	}
	want := map[uint64]thing{}
	l.n.picture.Read(func(layer func(string) *live.Layer) {
		layer("thing").All(func(f *live.Feature) {
			if l.sees(f, l.box) {
				want[f.ID] = thing{f.Nums[0], f.Label.X, f.Label.Y}
			}
		})
	})
	if diff := cmp.Diff(want, l.state); diff != "" {
		h.rt.Fatalf("%s of %s, box %v: state (-picture +client):\n%s", l.topic, l.area, l.box, diff)
	}
	if diff := cmp.Diff(l.expected(h.history), l.events); diff != "" {
		h.rt.Fatalf("%s of %s, box %v: events since %v (-happened +told):\n%s", l.topic, l.area, l.box, l.began, diff)
	}
}
