package audience

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"testing"

	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/realtime/framelog"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

const deflateEpoch = "6a3f09c1d2e4b587-1"

// appendNews adds an event as the topic grade tells it.
func appendNews(b *batch, s framelog.Stamp) {
	b.begin(s)
	b.items = fmt.Appendf(b.items, `{"topic":"grade","kind":"changed","id":%d,"code":"44030400300501%05d","at":`, s.LSN%7919, s.LSN*31%99991+1)
	b.items = appendPosition(b.items, b.epoch, s)
	b.items = fmt.Appendf(b.items, `,"data":{"grade":"red","was":"green","name_zh":"","name_en":"","lon":114.04%05d,"lat":22.54%05d}}`, s.LSN*7%99991, s.LSN*13%99991)
}

// messages inflates what is deflated, and gives every text message; control frames are counted.
func messages(t tb, frames []byte) (texts [][]byte, controls int) {
	for len(frames) > 0 {
		payload, text, rest := wire.Payload(frames)
		switch {
		case !text:
			controls++
		case frames[0]&0x40 != 0:
			tail := []byte{0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff}
			inflated, err := io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(payload), bytes.NewReader(tail))))
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, inflated)
		default:
			texts = append(texts, payload)
		}
		frames = rest
	}
	return texts, controls
}

type tb interface{ Fatal(args ...any) }

// Whatever batches and marks a span holds, and however it is cut: joined they tell the same events in the same order,
// without a gap between their positions.
func TestJoin(t *testing.T) {
	hub := &Hub{}
	rapid.Check(t, func(t *rapid.T) {
		from := framelog.Stamp{LSN: 100}
		b := newBatch(quoted("440304/grade,incident"), deflateEpoch, from)
		var spans [][]byte
		var want []position.Position
		marks, to := 0, from
		for range rapid.IntRange(0, 60).Draw(t, "frames") {
			to.LSN += 10
			if rapid.IntRange(0, 9).Draw(t, "mark") == 0 {
				spans = append(spans, mark(b.channel, b.epoch, to).Bytes)
				b.from = to
				marks++
				continue
			}
			for range rapid.IntRange(0, 60).Draw(t, "events") {
				to.Index++
				appendNews(b, to)
				want = append(want, to.In(deflateEpoch))
			}
			to.Index++
			b.end(to)
			var span []byte
			for _, f := range b.frames {
				span = append(span, f.Bytes...)
			}
			b.frames = b.frames[:0]
			spans = append(spans, span)
		}
		texts, pings := messages(t, hub.join(spans))
		has := from.In(deflateEpoch)
		for _, text := range texts {
			m, err := wire.DecodeServer(text)
			if err != nil {
				t.Fatal(err)
			}
			switch m := m.(type) {
			case wire.Mark:
				marks--
				has = m.Position
			case wire.Batch:
				if m.From != has {
					t.Fatalf("a gap: has %v, the batch begins at %v", has, m.From)
				}
				has = m.To
				for _, item := range m.Items {
					if len(want) == 0 || item.At != want[0] {
						t.Fatalf("%v is none of %v", item.At, want)
					}
					want = want[1:]
				}
			}
		}
		if len(want) > 0 || marks != 0 || has != to.In(deflateEpoch) || pings > len(spans) {
			t.Fatalf("%d events and %d marks are missing; has %v instead of %v", len(want), marks, has, to)
		}
	})
}

// What deflating events costs once for all, and what each of them then weighs: by itself, and many together.
func BenchmarkJoin(b *testing.B) {
	hub := &Hub{}
	for _, n := range []int{1, 2, 4, 16, 64} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			batch := newBatch(quoted("440304/grade"), deflateEpoch, framelog.Stamp{LSN: 100})
			var plain []byte
			for i := range n {
				s := framelog.Stamp{LSN: uint64(100_000 + 376*i), Index: 36}
				appendNews(batch, s)
				batch.end(s)
				plain = append(plain, batch.frames[i].Bytes...)
			}
			var out []byte
			for b.Loop() {
				out = hub.join([][]byte{plain})
			}
			b.ReportMetric(float64(len(plain))/float64(n), "B/event")
			b.ReportMetric(float64(len(out))/float64(n), "deflated-B/event")
		})
	}
}
