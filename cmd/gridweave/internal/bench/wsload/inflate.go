package wsload

import (
	"bytes"
	"io"

	"github.com/klauspost/compress/flate"
)

// inflater undoes permessage-deflate without context takeover.
type inflater struct {
	reader io.Reader
	out    bytes.Buffer
}

func newInflater() *inflater { return &inflater{reader: flate.NewReader(nil)} }

// inflate gives a message until the next call. What cannot be inflated has no events in it, and is missed.
func (i *inflater) inflate(message []byte) []byte {
	// The empty block that senders leave out, and one that ends the stream.
	const tail = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"
	i.out.Reset()
	resetter, _ := i.reader.(flate.Resetter) // it is one
	_ = resetter.Reset(io.MultiReader(bytes.NewReader(message), bytes.NewReader([]byte(tail))), nil)
	_, _ = i.out.ReadFrom(i.reader)
	return i.out.Bytes()
}
