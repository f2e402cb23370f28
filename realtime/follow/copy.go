package follow

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// copyReader takes what COPY … TO STDOUT (FORMAT binary) writes, in pieces of any length, and hands on row after row.
// The cells are valid during the call only.
type copyReader struct {
	take   func(cells [][]byte) error
	cells  [][]byte
	rest   []byte // the beginning of what is not complete yet
	headed bool
	ended  bool
}

var (
	errCopy    = errors.New("not what COPY writes in binary")
	errCopyEnd = errors.New("the rows end early")
)

// copySignature begins every binary copy; flags and the length of an extension follow.
const copySignature = "PGCOPY\n\xff\r\n\x00"

// Write implements io.Writer.
func (r *copyReader) Write(p []byte) (int, error) {
	data := p
	if len(r.rest) > 0 {
		r.rest = append(r.rest, p...)
		data = r.rest
	}
	if !r.headed {
		head := len(copySignature) + 8
		if len(data) < head {
			r.rest = append([]byte(nil), data...)
			return len(p), nil
		}
		if !bytes.HasPrefix(data, []byte(copySignature)) || binary.BigEndian.Uint32(data[head-4:]) != 0 {
			return 0, errCopy
		}
		data, r.headed = data[head:], true
	}
	for len(data) > 0 && !r.ended {
		n, err := r.row(data)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			break
		}
		data = data[n:]
	}
	r.rest = append(r.rest[:0], data...)
	return len(p), nil
}

// row takes one row and gives its length, 0 where it is not complete.
func (r *copyReader) row(data []byte) (int, error) {
	if len(data) < 2 {
		return 0, nil
	}
	fields := int16(binary.BigEndian.Uint16(data))
	if fields == -1 {
		r.ended = true
		return 2, nil
	}
	if int(fields) != len(r.cells) {
		return 0, fmt.Errorf("%w: %d fields, want %d", errCopy, fields, len(r.cells))
	}
	at := 2
	for i := range r.cells {
		if len(data) < at+4 {
			return 0, nil
		}
		n := int(int32(binary.BigEndian.Uint32(data[at:])))
		at += 4
		if n < 0 {
			r.cells[i] = nil
			continue
		}
		if len(data) < at+n {
			return 0, nil
		}
		r.cells[i] = data[at : at+n : at+n]
		at += n
	}
	return at, r.take(r.cells)
}

// end tells whether everything came.
func (r *copyReader) end() error {
	if !r.ended {
		return errCopyEnd
	}
	return nil
}
