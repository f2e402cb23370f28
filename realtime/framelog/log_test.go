package framelog_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/realtime/framelog"
)

func at(lsn int) framelog.Stamp { return framelog.Stamp{LSN: uint64(lsn)} }

// frame says everything up to lsn, with one item there.
func frame(lsn, size int) framelog.Frame {
	text := fmt.Appendf(nil, "[%d]", lsn)
	return framelog.Frame{Bytes: append(text, bytes.Repeat([]byte("."), max(0, size-len(text)))...), First: at(lsn), To: at(lsn)}
}

func read(t interface{ Fatalf(string, ...any) }, l *framelog.Log, from int64) []byte {
	var all []byte
	for from < l.End() {
		spans, next, ok := l.Spans(from, 1, nil)
		if !ok || next == from {
			t.Fatalf("nothing at %d, end %d", from, l.End())
		}
		for _, s := range spans {
			all = append(all, s...)
		}
		from = next
	}
	return all
}

// A log is what was appended, less the oldest; each stamp is found at its place, and each place knows its stamp.
func TestLogIsWhatWasAppended(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 300_000).Draw(t, "max")
		l := framelog.New(most, at(10))
		sizes := rapid.SliceOfN(rapid.IntRange(5, 9000), 0, 200).Draw(t, "sizes")
		var frames []framelog.Frame
		for i, size := range sizes {
			f := frame(20+10*i, size)
			l.Append(f)
			frames = append(frames, f)
		}
		var all []byte
		for _, f := range frames {
			all = append(all, f.Bytes...)
		}
		base := l.Base()
		if got := read(t, l, base); !bytes.Equal(got, all[base:]) {
			t.Fatalf("from %d on %d bytes differ from what was appended", base, len(got))
		}
		if kept := l.End() - base; kept > int64(most)+64<<10+9000 {
			t.Fatalf("%d bytes are kept, of at most %d", kept, most)
		}
		offset := int64(0)
		for i, f := range frames {
			begin := at(10 + 10*i)
			found, ok := l.Find(begin)
			if ok != (offset >= base) || ok && found != offset {
				t.Fatalf("stamp %v was found at %d, %v; it is at %d, base %d", begin, found, ok, offset, base)
			}
			if s, ok := l.StampAt(offset); !ok || s != begin {
				t.Fatalf("offset %d is said to be at %v, %v; it is at %v", offset, s, ok, begin)
			}
			offset += int64(len(f.Bytes))
		}
	})
}

// A stamp in the middle of a frame is no place to go on from.
func TestFindInTheMiddle(t *testing.T) {
	l := framelog.New(1<<20, at(10))
	l.Append(framelog.Frame{Bytes: []byte("two items"), First: at(15), To: at(20)})
	l.Append(framelog.Frame{Bytes: []byte("a mark"), First: framelog.Never(), To: at(30)})
	for lsn, want := range map[int]int64{9: -1, 10: 0, 14: 0, 15: -1, 19: -1, 20: 9, 25: 9, 30: 15, 31: 15} {
		if got, ok := l.Find(at(lsn)); ok != (want >= 0) || ok && got != want {
			t.Errorf("%d was found at %d, %v; want %d", lsn, got, ok, want)
		}
	}
}

func TestPrepend(t *testing.T) {
	l := framelog.New(10_000, at(50))
	l.Append(frame(60, 100))
	if l.Prepend([]framelog.Frame{frame(20, 9_950)}, at(10)) {
		t.Error("more than fits was taken")
	}
	if !l.Prepend([]framelog.Frame{frame(20, 100), frame(40, 200)}, at(10)) {
		t.Fatal("what fits was refused")
	}
	if !l.Prepend(nil, at(5)) || l.Floor() != at(5) {
		t.Errorf("the floor is %v, want 5", l.Floor())
	}
	if got, ok := l.Find(at(20)); !ok || !bytes.HasPrefix(read(t, l, got), []byte("[40]")) {
		t.Errorf("behind 20 comes %q", read(t, l, got))
	}
	if got, ok := l.Find(at(50)); !ok || !bytes.HasPrefix(read(t, l, got), []byte("[60]")) {
		t.Errorf("behind 50 comes %q", read(t, l, got))
	}
}

// What a reader was given does not change under it, however far the log goes on.
func TestReadersMayTakeTheirTime(t *testing.T) {
	l := framelog.New(64<<10, at(0))
	l.Append(frame(1, 100))
	spans, _, _ := l.Spans(0, 1, nil)
	before := bytes.Clone(spans[0])
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			cursor := int64(0)
			for cursor < 2_000_000 {
				_, next, ok := l.Spans(cursor, 1, nil)
				if !ok {
					next = l.Base()
				}
				cursor = next
			}
		})
	}
	for i := range 10_000 {
		l.Append(frame(2+i, 200))
	}
	readers.Wait()
	if !bytes.Equal(spans[0], before) {
		t.Error("bytes that a reader holds have changed")
	}
	if _, _, ok := l.Spans(0, 1, nil); ok {
		t.Error("the first bytes are still there")
	}
}
