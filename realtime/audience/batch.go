package audience

import (
	"github.com/gridweave/gridweave/realtime/framelog"
	"github.com/gridweave/gridweave/realtime/wire"
)

// frameBytes is where a batch or snapshot is cut: a phone should see the first of it before the last has arrived.
const frameBytes = 32 << 10

// batch gathers items for one channel into frames.
type batch struct {
	channel []byte // in JSON
	epoch   string
	from    framelog.Stamp
	items   []byte
	first   framelog.Stamp
	last    framelog.Stamp
	frames  []framelog.Frame
}

func newBatch(channel []byte, epoch string, from framelog.Stamp) *batch {
	return &batch{channel: channel, epoch: epoch, from: from, first: framelog.Never()}
}

// begin makes room for an item; cut says whether a large frame may end here, which is between events only.
func (b *batch) begin(s framelog.Stamp) {
	if len(b.items) > frameBytes && s != b.last {
		b.end(b.last)
	}
	if len(b.items) == 0 {
		b.first = s
	} else {
		b.items = append(b.items, ',')
	}
	b.last = s
}

// end closes the frame: everything up to and with to is said.
func (b *batch) end(to framelog.Stamp) {
	text := make([]byte, 0, len(b.items)+len(b.channel)+2*len(b.epoch)+120)
	text = append(text, batchBegins+`,"channel":`...)
	text = append(text, b.channel...)
	text = append(text, `,"from":`...)
	text = appendPosition(text, b.epoch, b.from)
	text = append(text, batchTo...)
	text = appendPosition(text, b.epoch, to)
	text = append(text, batchItems...)
	text = append(text, b.items...)
	text = append(text, batchEnds...)
	b.frames = append(b.frames, framelog.Frame{
		Bytes: wire.AppendText(make([]byte, 0, len(text)+wire.MaxHeader), text), First: b.first, To: to,
	})
	b.from, b.items, b.first = to, b.items[:0], framelog.Never()
}

// mark is a frame without items, with a ping behind it: browsers answer a ping by themselves, and so show that they are
// alive.
func mark(channel []byte, epoch string, to framelog.Stamp) framelog.Frame {
	text := append([]byte(nil), `{"type":"mark"`...)
	if channel != nil {
		text = append(text, `,"channel":`...)
		text = append(text, channel...)
	}
	text = append(text, `,"position":`...)
	text = appendPosition(text, epoch, to)
	text = append(text, '}')
	return framelog.Frame{Bytes: wire.AppendPing(wire.AppendText(nil, text)), First: framelog.Never(), To: to}
}

func bytesOf(frames []framelog.Frame) [][]byte {
	all := make([][]byte, len(frames))
	for i, f := range frames {
		all[i] = f.Bytes
	}
	return all
}
