package session

import (
	"errors"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// transport is where a connection's frames go.
type transport interface {
	// try writes what the line takes without waiting.
	try(v *vector, spans [][]byte) (n int, err error)
	// write writes everything, and gives up where nothing goes for a time.
	write(spans [][]byte, patience time.Duration) error
	// close ends it at once.
	close()
	// linger waits for the other side's end, for a time.
	linger(time.Duration)
}

// tcp is a plain connection.
type tcp struct {
	net.Conn
	raw syscall.RawConn
}

func (t *tcp) try(v *vector, spans [][]byte) (int, error) { return v.write(t.raw, spans) }

// pieceBytes is how much has to go within the patience.
const pieceBytes = 64 << 10

func (t *tcp) write(spans [][]byte, patience time.Duration) error {
	return writePieces(t.Conn, spans, patience)
}

func writePieces(c net.Conn, spans [][]byte, patience time.Duration) error {
	for _, span := range spans {
		for len(span) > 0 {
			if err := c.SetWriteDeadline(time.Now().Add(patience)); err != nil {
				return err
			}
			n, err := c.Write(span[:min(len(span), pieceBytes)])
			if err != nil {
				return err
			}
			span = span[n:]
		}
	}
	return c.SetWriteDeadline(time.Time{})
}

func (t *tcp) close() { _ = t.Close() }

func (t *tcp) linger(d time.Duration) { _ = t.SetReadDeadline(time.Now().Add(d)) }

// wrapped is a connection without a descriptor of its own, such as one with TLS in this process: every write may wait.
type wrapped struct{ net.Conn }

func (wrapped) try(*vector, [][]byte) (int, error) { return 0, nil }

func (w wrapped) write(spans [][]byte, patience time.Duration) error {
	joined := make([]byte, 0, pieceBytes)
	for _, span := range spans {
		joined = append(joined, span...)
	}
	return writePieces(w.Conn, [][]byte{joined}, patience)
}

func (w wrapped) close() { _ = w.Close() }

func (w wrapped) linger(d time.Duration) { _ = w.SetReadDeadline(time.Now().Add(d)) }

// vector writes many spans in one system call. It belongs to one flusher, and keeps what a call needs so that none is
// made anew.
type vector struct {
	spans [][]byte
	n     int
	err   error
	call  func(fd uintptr)

	calls, bytes int // since they were last counted
}

func newVector() *vector {
	v := &vector{}
	v.call = func(fd uintptr) { v.n, v.err = writev(int(fd), v.spans) }
	return v
}

func (v *vector) write(raw syscall.RawConn, spans [][]byte) (int, error) {
	v.spans = spans
	err := raw.Control(v.call) // which keeps the descriptor open meanwhile
	v.spans = nil
	v.calls++
	if err != nil {
		return 0, err
	}
	return v.n, v.err
}

// mostSpans is what one system call is given; the kernel refuses more than 1,024.
const mostSpans = 512

// writev writes all spans as far as the line takes them.
func writev(fd int, spans [][]byte) (n int, err error) {
	for len(spans) > mostSpans {
		size := 0
		for _, s := range spans[:mostSpans] {
			size += len(s)
		}
		took, err := writeOnce(fd, spans[:mostSpans])
		if n += took; err != nil || took < size {
			return n, err
		}
		spans = spans[mostSpans:]
	}
	took, err := writeOnce(fd, spans)
	return n + took, err
}

func writeOnce(fd int, spans [][]byte) (n int, err error) {
	for {
		if len(spans) == 1 {
			n, err = unix.Write(fd, spans[0])
		} else {
			n, err = unix.Writev(fd, spans)
		}
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return 0, nil
		default:
			return max(n, 0), err
		}
	}
}
