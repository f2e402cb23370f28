package tiles

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// GzipLevel is how hard tiles are compressed for clients without zstd. A tile of 4,000 buildings comes to 88 KB in 1.3 ms;
// the usual level makes 84 KB in 2.3 ms, and what changes every second on a wall is compressed every second.
const GzipLevel = 2

// zstdWindow covers a whole tile (none is above 500 KB), and is all that a browser has to hold to unpack it.
const zstdWindow = 512 << 10

// compressor packs tiles. It keeps what compressing needs, which is more than what comes out. It is safe for concurrent
// use.
type compressor struct {
	gzips sync.Pool // of *gzipper
	zstd  *zstd.Encoder
}

type gzipper struct {
	out    bytes.Buffer
	writer *gzip.Writer
}

func newCompressor() (*compressor, error) {
	// At its fastest zstd makes 86 KB of that tile in 1.2 ms.
	fast, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(zstdWindow))
	if err != nil {
		return nil, fmt.Errorf("tile compressor: %w", err)
	}
	if _, err := gzip.NewWriterLevel(nil, GzipLevel); err != nil {
		return nil, fmt.Errorf("tile compressor: %w", err)
	}
	c := &compressor{zstd: fast}
	c.gzips.New = func() any {
		w, _ := gzip.NewWriterLevel(nil, GzipLevel) // the level was tried above
		return &gzipper{writer: w}
	}
	return c, nil
}

// pack gives a fresh slice, the same for the same bytes.
func (c *compressor) pack(raw []byte, e Encoding) ([]byte, error) {
	switch e {
	case Gzip:
		return c.gzip(raw)
	case Zstd:
		return bytes.Clone(c.zstd.EncodeAll(raw, make([]byte, 0, len(raw)/2))), nil // without the room it was made in
	case Identity:
		return bytes.Clone(raw), nil
	}
	return nil, fmt.Errorf("compress tile: no encoding %q", e)
}

func (c *compressor) gzip(raw []byte) ([]byte, error) {
	z := c.gzips.Get().(*gzipper) //nolint:forcetypeassert,errcheck // the pool holds nothing else
	defer c.gzips.Put(z)
	z.out.Reset()
	z.writer.Reset(&z.out)
	if _, err := z.writer.Write(raw); err != nil {
		return nil, fmt.Errorf("compress tile: %w", err)
	}
	if err := z.writer.Close(); err != nil {
		return nil, fmt.Errorf("compress tile: %w", err)
	}
	return bytes.Clone(z.out.Bytes()), nil
}
