package tiles

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// compress gives a fresh slice, the same for the same bytes.
func compress(raw []byte, e Encoding) ([]byte, error) {
	switch e {
	case Gzip:
		return gzipped(raw)
	case Zstd:
		w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, fmt.Errorf("compress tile: %w", err)
		}
		return w.EncodeAll(raw, make([]byte, 0, len(raw)/2)), nil
	case Identity:
		return bytes.Clone(raw), nil
	}
	return nil, fmt.Errorf("compress tile: no encoding %q", e)
}

func gzipped(raw []byte) ([]byte, error) {
	var buf bytes.Buffer
	zw, err := gzip.NewWriterLevel(&buf, gzip.DefaultCompression)
	if err != nil {
		return nil, fmt.Errorf("compress tile: %w", err)
	}
	if _, err := zw.Write(raw); err != nil {
		return nil, fmt.Errorf("compress tile: %w", err)
	}
	if err := zw.Close(); err != nil {
		return nil, fmt.Errorf("compress tile: %w", err)
	}
	return buf.Bytes(), nil
}
