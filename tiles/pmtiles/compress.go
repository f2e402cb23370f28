package pmtiles

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// How large anything may become: a small file must not fill the memory. A directory of a million entries and a tile
// that takes a second to draw are smaller.
const (
	directoryLimit = 4 << 20
	tileLimit      = 32 << 20
)

var errTooLarge = errors.New("pmtiles: larger than any honest archive's")

// Unpack gives a tile's bytes without their compression.
func Unpack(b []byte, c Compression) ([]byte, error) { return unpack(b, c, tileLimit) }

func unpack(b []byte, c Compression, limit int64) ([]byte, error) {
	switch c {
	case NoCompression:
		return b, nil
	case Gzip:
		zr, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("pmtiles unpack: %w", err)
		}
		return readLimited(zr, limit)
	case Zstd:
		zr, err := zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(limit)))
		if err != nil {
			return nil, fmt.Errorf("pmtiles unpack: %w", err)
		}
		defer zr.Close()
		return readLimited(zr, limit)
	case UnknownCompression, Brotli:
	}
	return nil, fmt.Errorf("pmtiles unpack: compression %d is not supported", c)
}

func readLimited(r io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("pmtiles unpack: %w", err)
	}
	if int64(len(b)) > limit {
		return nil, errTooLarge
	}
	return b, nil
}

func gzipped(b []byte) []byte {
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	_, _ = zw.Write(b) // a buffer takes everything
	_ = zw.Close()
	return buf.Bytes()
}
