package wire_test

import (
	"bytes"
	"compress/flate"
	"io"
	"testing"

	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/realtime/wire"
)

// Whatever is deflated, another's inflater gives back, and nothing gets longer by it.
func TestDeflater(t *testing.T) {
	const compressed = 0x40
	var d wire.Deflater
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.StringOfN(rapid.RuneFrom([]rune(`{}"abc`)), 0, 3000, -1).Draw(t, "text"))
		plain := wire.AppendText(nil, text)
		frames := d.AppendText([]byte("before"), text)[len("before"):]
		if len(frames) > len(plain) {
			t.Fatalf("%d bytes became %d", len(plain), len(frames))
		}
		payload, isText, rest := wire.Payload(frames)
		if !isText || len(rest) > 0 {
			t.Fatalf("text %v, %d bytes behind it", isText, len(rest))
		}
		if frames[0]&compressed != 0 {
			tail := []byte{0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff} // the empty block that was left out, and an end
			var err error
			if payload, err = io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(payload), bytes.NewReader(tail)))); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(payload, text) {
			t.Fatalf("%q became %q", text, payload)
		}
	})
}
