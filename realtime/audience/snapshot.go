package audience

import (
	"context"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/framelog"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// snapshot is the present state as frames, and from where on the log goes on with it.
type snapshot struct {
	frames   [][]byte
	deflated [][]byte // made when the first asks for it
	at       position.Position
	offset   int64
}

func (s *snapshot) way(h *Hub, deflated bool) Way {
	if !deflated {
		return Way{Frames: s.frames, Offset: s.offset, Until: s.at}
	}
	if s.deflated == nil {
		s.deflated = h.Deflate(s.frames)
	}
	return Way{Frames: s.deflated, Offset: s.offset, Until: s.at}
}

// sharedLag is how much log a listener may be given beside a snapshot that was made for another. When ten thousand have
// to begin anew, one snapshot serves them.
const sharedLag = 128 << 10

// Snapshot is the present state, deflated for who negotiated that, and where the log goes on from it.
func (a *Audience) Snapshot(ctx context.Context, deflated bool) (Way, position.Position, error) {
	a.snapshotMu.Lock()
	defer a.snapshotMu.Unlock()
	if s := a.snapshot; s != nil && s.offset >= a.Log.Base() && a.Log.End()-s.offset < sharedLag {
		return s.way(a.hub, deflated), s.at, nil
	}
	h := a.hub
	var found []portion
	var s snapshot
	err := h.stand(ctx, func(look Look) {
		found = h.present(a.topics, func(s *Source) []*live.Feature {
			var all []*live.Feature
			look(s.Layer).All(func(f *live.Feature) {
				if a.key.area.Covers(f.Code) {
					all = append(all, f)
				}
			})
			return all
		})
	}, func() { s.at, s.offset = h.at, a.Log.End() })
	if err != nil {
		return Way{}, position.Position{}, err
	}
	s.frames = h.snapshotFrames(a.out.channel, s.at, true, found)
	a.snapshot = &s
	return s.way(h, deflated), s.at, nil
}

// forget drops a snapshot after a while: who comes later gets a newer one.
func (a *Audience) forget() {
	if a.snapshotMu.TryLock() {
		a.snapshot = nil
		a.snapshotMu.Unlock()
	}
}

// portion is what a snapshot shows of one source.
type portion struct {
	origin
	features []*live.Feature
}

// present gathers features, for those topics of the set that have a present state.
func (h *Hub) present(s Set, of func(*Source) []*live.Feature) []portion {
	var found []portion
	for i, t := range h.topics {
		if !s.has(uint8(i)) || !t.Snapshot {
			continue
		}
		for j := range t.Sources {
			source := &t.Sources[j]
			found = append(found, portion{origin{uint8(i), source}, of(source)})
		}
	}
	return found
}

// encodeAtATime is how many features are written while the picture stands still: a tenth of a millisecond.
const encodeAtATime = 200

// snapshotFrames writes features; at least one frame, the last without more.
func (h *Hub) snapshotFrames(channel []byte, at position.Position, reset bool, found []portion) [][]byte {
	w := snapshotWriter{channel: channel, at: at, reset: reset}
	for _, p := range found {
		for features := p.features; len(features) > 0; {
			n := min(len(features), encodeAtATime)
			h.picture.Read(func(look func(string) *live.Layer) {
				for _, f := range features[:n] {
					w.next()
					w.items = h.itemHead(w.items, p.topic, wire.Present, f.ID, f.Code)
					w.items = appendPosition(w.items, at.Epoch, framelog.StampOf(at))
					w.items = append(w.items, `,"data":`...)
					w.items = p.source.Data(w.items, look, nil, f)
					w.items = append(w.items, '}')
				}
			})
			features = features[n:]
		}
	}
	w.end(false)
	return w.frames
}

// snapshotWriter cuts items into frames.
type snapshotWriter struct {
	channel []byte
	at      position.Position
	reset   bool
	items   []byte
	frames  [][]byte
}

func (w *snapshotWriter) next() {
	if len(w.items) > frameBytes {
		w.end(true)
	}
	if len(w.items) > 0 {
		w.items = append(w.items, ',')
	}
}

func (w *snapshotWriter) end(more bool) {
	text := make([]byte, 0, len(w.items)+len(w.channel)+150)
	text = append(text, `{"type":"snapshot","channel":`...)
	text = append(text, w.channel...)
	text = append(text, `,"position":`...)
	text = appendPosition(text, w.at.Epoch, framelog.StampOf(w.at))
	text = append(text, `,"reset":`...)
	text = appendBool(text, w.reset)
	text = append(text, `,"more":`...)
	text = appendBool(text, more)
	text = append(text, `,"items":[`...)
	text = append(text, w.items...)
	text = append(text, `]}`...)
	w.frames = append(w.frames, wire.AppendText(make([]byte, 0, len(text)+wire.MaxHeader), text))
	w.items, w.reset = w.items[:0], false
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}
