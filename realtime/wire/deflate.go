package wire

import (
	"bytes"
	"sync"

	"github.com/klauspost/compress/flate"
)

// Deflater deflates messages as permessage-deflate without context takeover wants them, so that what it writes once is
// good for every connection that negotiated that. The zero value is ready; it may be used by many goroutines.
type Deflater struct{ idle sync.Pool }

// deflation is a compressor with what it writes to.
type deflation struct {
	writer *flate.Writer
	out    bytes.Buffer
}

// level is the fastest: the next ones gain a tenth for twice the time.
const level = flate.BestSpeed

// AppendText writes a whole text message in one frame, deflated where that makes it shorter.
func (d *Deflater) AppendText(dst, text []byte) []byte {
	z, ok := d.idle.Get().(*deflation)
	if !ok {
		z = &deflation{}
		z.writer, _ = flate.NewWriter(nil, level) // the level is one that there is
	}
	defer d.idle.Put(z)
	z.out.Reset()
	z.writer.Reset(&z.out)
	_, _ = z.writer.Write(text) // a buffer takes everything
	_ = z.writer.Flush()
	// The four bytes of the empty block that a flush ends with are understood.
	payload := bytes.TrimSuffix(z.out.Bytes(), []byte{0, 0, 0xff, 0xff})
	if len(payload) >= len(text) {
		return AppendText(dst, text)
	}
	return append(appendHeader(dst, final|compressed|opText, len(payload)), payload...)
}
