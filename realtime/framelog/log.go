package framelog

import (
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

// Chunk sizes, in bytes: a quiet audience costs the first, a busy one soon gets the last, which is what one write can
// usefully take.
const (
	firstChunk = 4 << 10
	lastChunk  = 64 << 10
)

// maxEntries bounds the index, which may reach further back than the bytes do.
const maxEntries = 1 << 15

// Log is the frames of one audience.
type Log struct {
	max  int64
	view atomic.Pointer[view]

	mu      sync.Mutex // of what follows
	entries []entry    // in order; the oldest ones' bytes may be gone
	start   place      // what comes before the first entry
}

// view is what readers see: bytes from base to end, in chunks without a hole between them.
type view struct {
	chunks    []chunk
	base, end int64
}

type chunk struct {
	start int64
	bytes []byte // up to its capacity; what of it counts is said by the view
}

// entry is one frame in the index.
type entry struct {
	place
	first Stamp // of its first item
}

// place is a point between frames: behind the bytes up to end, everything up to and with stamp has been said.
type place struct {
	end   int64
	stamp Stamp
}

// Frame is a frame with what it says: everything behind the frame before, up to and with To.
type Frame struct {
	Bytes []byte
	First Stamp // of its first item, Never where it has none
	To    Stamp
}

// New makes an empty log of at most about max bytes that is complete up to from.
func New(maxBytes int, from Stamp) *Log {
	l := &Log{max: int64(maxBytes), start: place{stamp: from}}
	l.view.Store(&view{})
	return l
}

// Append adds a frame at the end.
func (l *Log) Append(f Frame) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := *l.view.Load()
	v.chunks = room(v.chunks, v.end, len(f.Bytes))
	last := v.chunks[len(v.chunks)-1]
	copy(last.bytes[v.end-last.start:], f.Bytes)
	v.end += int64(len(f.Bytes))
	for len(v.chunks) > 1 && v.end-v.chunks[1].start >= l.max {
		v.chunks = v.chunks[1:]
	}
	v.base = v.chunks[0].start
	l.view.Store(&v)
	l.index(entry{place{v.end, f.To}, f.First})
}

// room gives chunks of which the last has place for n bytes from end on. What is published is never written to again:
// a slice of chunks that readers hold only grows behind what they see.
func room(chunks []chunk, end int64, n int) []chunk {
	size := firstChunk
	if len(chunks) > 0 {
		last := chunks[len(chunks)-1]
		if end-last.start+int64(n) <= int64(len(last.bytes)) {
			return chunks
		}
		size = min(2*len(last.bytes), lastChunk)
	}
	return append(slices.Clip(chunks), chunk{start: end, bytes: make([]byte, max(size, n))})
}

func (l *Log) index(e entry) {
	if len(l.entries) >= maxEntries {
		half := len(l.entries) / 2
		l.start = l.entries[half-1].place
		l.entries = append(make([]entry, 0, maxEntries), l.entries[half:]...)
	}
	l.entries = append(l.entries, e)
}

// Prepend adds frames before the first, which say everything from from on, and tells whether they fit; frames of a log
// that has lost some already do not.
func (l *Log) Prepend(frames []Frame, from Stamp) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := *l.view.Load()
	total := int64(0)
	for _, f := range frames {
		total += int64(len(f.Bytes))
	}
	if l.start.end != v.base || v.end-v.base+total > l.max || len(l.entries)+len(frames) > maxEntries {
		return false
	}
	at := v.base - total
	bytes, entries := make([]byte, 0, total), make([]entry, 0, len(frames)+len(l.entries))
	for _, f := range frames {
		bytes = append(bytes, f.Bytes...)
		entries = append(entries, entry{place{at + int64(len(bytes)), f.To}, f.First})
	}
	if total > 0 {
		v.chunks = append([]chunk{{start: at, bytes: bytes}}, v.chunks...)
	}
	v.base = at
	l.view.Store(&v)
	l.entries = append(entries, l.entries...)
	l.start = place{at, from}
	return true
}

// End is the offset behind the last frame.
func (l *Log) End() int64 { return l.view.Load().end }

// Base is the offset of the oldest byte.
func (l *Log) Base() int64 { return l.view.Load().base }

// Head is up to where everything has been said.
func (l *Log) Head() Stamp {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.entries); n > 0 {
		return l.entries[n-1].stamp
	}
	return l.start.stamp
}

// Floor is from where on the log's bytes say everything.
func (l *Log) Floor() Stamp {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, _ := l.stampAt(l.view.Load().base)
	return s
}

// StampAt tells up to where everything has been said in front of an offset between two frames; false where that is
// too long ago.
func (l *Log) StampAt(offset int64) (Stamp, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stampAt(offset)
}

func (l *Log) stampAt(offset int64) (Stamp, bool) {
	i := sort.Search(len(l.entries), func(i int) bool { return l.entries[i].end > offset })
	switch {
	case i > 0:
		return l.entries[i-1].stamp, true
	case offset == l.start.end:
		return l.start.stamp, true
	default:
		return Stamp{}, false
	}
}

// Find gives the offset from which on everything behind a stamp is said and nothing before it. It answers false where
// such a place is not in the log: before its floor, or in the middle of a frame.
func (l *Log) Find(s Stamp) (int64, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	base := l.view.Load().base
	i := sort.Search(len(l.entries), func(i int) bool { return l.entries[i].stamp.Compare(s) > 0 })
	at := l.start
	if i > 0 {
		at = l.entries[i-1].place
	}
	if at.end < base || s.Compare(at.stamp) < 0 {
		return 0, false
	}
	if i < len(l.entries) && l.entries[i].first.Compare(s) <= 0 {
		return 0, false
	}
	return at.end, true
}

// Spans adds the bytes from an offset on, up to about limit of them and at least one chunk's, and gives the offset
// behind them, which lies between two frames. It answers false where the bytes at the offset have gone.
func (l *Log) Spans(from int64, limit int, spans [][]byte) (_ [][]byte, next int64, ok bool) {
	v := l.view.Load()
	if from < v.base {
		return spans, from, false
	}
	i := len(v.chunks) - 1
	for i > 0 && v.chunks[i].start > from {
		i--
	}
	for ; i < len(v.chunks) && from < v.end && limit > 0; i++ {
		end := v.end
		if i+1 < len(v.chunks) {
			end = v.chunks[i+1].start
		}
		c := v.chunks[i]
		span := c.bytes[from-c.start : end-c.start]
		spans = append(spans, span)
		limit -= len(span)
		from = end
	}
	return spans, from, true
}
