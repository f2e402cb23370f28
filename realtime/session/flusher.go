package session

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/gridweave/gridweave/realtime/audience"
)

// Pace is how often a client wants to be written to.
type Pace string

// The paces: at once; or at most twenty times a second, as often as a wall can show anything new; or four times, to let
// a phone's radio rest. A pace halves the server's work and lengthens an event's way by half the pace.
const (
	AtOnce Pace = ""
	Wall   Pace = "wall"
	Phone  Pace = "phone"
)

func paces() map[Pace]time.Duration {
	return map[Pace]time.Duration{AtOnce: 0, Wall: 50 * time.Millisecond, Phone: 250 * time.Millisecond}
}

// ParsePace refuses what is none.
func ParsePace(s string) (Pace, error) {
	if _, ok := paces()[Pace(s)]; !ok {
		return "", fmt.Errorf("no pace %q; there are wall and phone, and none means at once", s)
	}
	return Pace(s), nil
}

// flusher writes to its share of the connections. What it has not come to yet grows into larger writes.
type flusher struct {
	every   time.Duration
	load    *load // shared by those of a pace
	signal  chan struct{}
	writer  *vector
	metrics *Metrics
	scratch []*Conn  // what pass works on
	spans   [][]byte // what one flush works on
	passes  uint64

	mu      sync.Mutex
	members map[*audience.Audience][]*subscription
	dirty   map[*audience.Audience]int // how many transactions each has been told of since it was last written
	queue   []*Conn                    // with frames of their own
}

// newFlushers makes as many for each pace as there are cores.
func newFlushers(m *Metrics) map[Pace][]*flusher {
	classes := map[Pace][]*flusher{}
	for pace, every := range paces() {
		shared := &load{}
		for range runtime.GOMAXPROCS(0) {
			classes[pace] = append(classes[pace], &flusher{
				every: every, load: shared, signal: make(chan struct{}, 1), writer: newVector(), metrics: m,
				members: map[*audience.Audience][]*subscription{}, dirty: map[*audience.Audience]int{},
			})
		}
	}
	return classes
}

func (f *flusher) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.signal:
		}
		for wait := max(f.every, f.load.rest(time.Now())); wait > 0; wait = f.load.rest(time.Now()) {
			timer := time.NewTimer(wait)
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-timer.C:
			}
		}
		began := time.Now()
		transactions := f.pass()
		f.load.passed(transactions, began, time.Now())
	}
}

// pass writes what is pending for everybody who was woken, and tells how many transactions the busiest audience had.
func (f *flusher) pass() (most int) {
	f.mu.Lock()
	conns := append(f.scratch[:0], f.queue...)
	for a, told := range f.dirty {
		most = max(most, told)
		for _, s := range f.members[a] {
			conns = append(conns, s.conn)
		}
	}
	clear(f.queue)
	clear(f.dirty)
	f.queue = f.queue[:0]
	f.mu.Unlock()
	f.passes++
	for _, c := range conns {
		if c.passed != f.passes { // it may have been woken for several reasons
			c.passed = f.passes
			c.flush(f.writer)
		}
	}
	clear(conns)
	f.scratch = conns[:0]
	f.metrics.writes.Add(float64(f.writer.calls))
	f.metrics.bytes.Add(float64(f.writer.bytes))
	f.writer.calls, f.writer.bytes = 0, 0
	return most
}

func (f *flusher) ring() {
	select {
	case f.signal <- struct{}{}:
	default: // it will come round
	}
}

func (f *flusher) wake(a *audience.Audience) {
	f.mu.Lock()
	listens := len(f.members[a]) > 0
	if listens {
		f.dirty[a]++
	}
	f.mu.Unlock()
	if listens {
		f.ring()
	}
}

func (f *flusher) look(c *Conn) {
	f.mu.Lock()
	f.queue = append(f.queue, c)
	f.mu.Unlock()
	f.ring()
}

func (f *flusher) join(s *subscription, a *audience.Audience) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.slot = len(f.members[a])
	f.members[a] = append(f.members[a], s)
}

func (f *flusher) leave(s *subscription, a *audience.Audience) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.members[a]
	last := len(all) - 1
	all[s.slot] = all[last]
	all[s.slot].slot = s.slot
	all[last] = nil
	if f.members[a] = all[:last]; last == 0 {
		delete(f.members, a)
	}
}
