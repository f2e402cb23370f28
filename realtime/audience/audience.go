package audience

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/realtime/framelog"
	"github.com/gridweave/gridweave/realtime/position"
)

// Audience is an area and a set of topics that somebody listens to, with its log.
type Audience struct {
	Channel string // what names it on the wire
	Log     *framelog.Log

	hub    *Hub
	key    key
	scope  *scope
	topics Set
	ended  atomic.Bool

	// Under the hub's lock.
	out       *batch
	touched   bool
	listeners int
	idle      time.Time // since when nobody listens

	deflated deflated

	snapshotMu sync.Mutex
	snapshot   *snapshot // the last one made, while it may serve others
}

type key struct {
	area   geo.Code
	topics Set
}

// Join listens to an area's topics; Leave ends that.
func (h *Hub) Join(area geo.Code, topics Set) *Audience {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := key{area, topics}
	a := h.audiences[k]
	if a == nil {
		a = h.open(k)
	}
	a.listeners++
	return a
}

func (h *Hub) open(k key) *Audience {
	from := framelog.StampOf(h.at)
	channel := string(k.area) + "/" + strings.Join(h.topics.names(k.topics), ",")
	a := &Audience{
		Channel: channel, Log: framelog.New(h.cfg.LogBytes, from), hub: h, key: k, topics: k.topics,
		scope: h.intern(k.area), out: newBatch(quoted(channel), h.at.Epoch, from),
	}
	a.scope.audiences = append(a.scope.audiences, a)
	h.audiences[k] = a
	h.cfg.Metrics.audiences.Set(float64(len(h.audiences)))
	return a
}

// Leave ends what Join began. The log stays for a while, for those who come back.
func (a *Audience) Leave() {
	a.hub.mu.Lock()
	defer a.hub.mu.Unlock()
	a.listeners--
	a.idle = time.Now()
}

// Ended tells that the log says nothing any more, since the picture was loaded anew: Join again, and begin anew.
func (a *Audience) Ended() bool { return a.ended.Load() }

// Area is what it listens to.
func (a *Audience) Area() geo.Code { return a.key.area }

// Topics are what it listens to.
func (a *Audience) Topics() Set { return a.topics }

// append moves finished frames to the log.
func (a *Audience) append() {
	for _, f := range a.out.frames {
		a.Log.Append(f)
	}
	a.out.frames = a.out.frames[:0]
}

// Start gives where to begin for who takes the present state from elsewhere: what follows the offset is all that comes
// behind the position.
func (a *Audience) Start() (offset int64, at position.Position) {
	a.hub.mu.Lock()
	defer a.hub.mu.Unlock()
	return a.Log.End(), a.hub.at
}

// Mark says to every listener up to where its channel is complete, and so shows both sides that the other is alive.
// Logs that nobody has listened to for the grace time end.
func (h *Hub) Mark(now time.Time, grace time.Duration) {
	h.mu.Lock()
	if h.at.IsZero() {
		h.mu.Unlock()
		return
	}
	var woken []*Audience
	to := framelog.StampOf(h.at)
	for k, a := range h.audiences {
		if a.listeners == 0 && now.Sub(a.idle) > grace {
			h.end(k, a)
			continue
		}
		a.Log.Append(mark(a.out.channel, a.out.epoch, to))
		a.out.from = to
		a.forget()
		woken = append(woken, a)
	}
	for v := range h.views {
		v.mark(to)
	}
	h.mu.Unlock()
	for _, a := range woken {
		h.wake(a)
	}
}

func (h *Hub) end(k key, a *Audience) {
	delete(h.audiences, k)
	i := slices.Index(a.scope.audiences, a)
	a.scope.audiences = slices.Delete(a.scope.audiences, i, i+1)
	h.release(a.scope)
	a.ended.Store(true)
	h.cfg.Metrics.audiences.Set(float64(len(h.audiences)))
}

// Heartbeat is a frame that says where the hub stands, to a connection that listens to nothing.
func (h *Hub) Heartbeat() []byte {
	at := h.Position()
	return mark(nil, at.Epoch, framelog.StampOf(at)).Bytes
}
