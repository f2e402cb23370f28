package tiles

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

// The same bytes compress to the same bytes, whatever was compressed before: an ETag names them.
func TestCompressorForgets(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	body := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.IntN(7)) // compressible, with matches everywhere
		}
		return b
	}
	want := body(90_000)
	for _, e := range []Encoding{Gzip, Zstd, Identity} {
		fresh, errFresh := newCompressor()
		used, errUsed := newCompressor()
		if err := errors.Join(errFresh, errUsed); err != nil {
			t.Fatal(err)
		}
		for n := range 40 {
			if _, err := used.pack(body(n*3000), e); err != nil {
				t.Fatal(err)
			}
			if _, err := used.pack(want[:n*1000], e); err != nil {
				t.Fatal(err)
			}
		}
		a, errA := fresh.pack(want, e)
		b, errB := used.pack(want, e)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%q: a used compressor gives other bytes, %v, %v", e, errA, errB)
		}
	}
}
