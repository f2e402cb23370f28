package wsload

import (
	"bytes"
	"encoding/binary"
)

// The opcodes of RFC 6455.
const (
	opText  = 1
	opClose = 8
	opPing  = 9
)

// parser takes what the server sends in pieces of any size, and counts the marker in the payloads. A marker does not
// begin with what it ends with.
type parser struct {
	marker []byte
	// control is told of each control frame, and text of each whole text message where it is set.
	control func(op byte, payload []byte)
	text    func(payload []byte)

	head   [10]byte
	had    int    // bytes of the head so far
	left   uint64 // bytes of the payload to come
	inside bool   // of a payload
	kept   []byte // of a control frame, of a deflated message or, where text is set, of any
	swell  *inflater
	tail   []byte // what the last piece ended with: a marker may go on in the next
}

// feed takes the next piece and tells how many markers ended in it.
func (p *parser) feed(b []byte) (events int) {
	for len(b) > 0 {
		if !p.inside {
			b = b[p.readHead(b):]
			continue
		}
		n := min(p.left, uint64(len(b)))
		events += p.take(b[:n])
		b = b[n:]
		if p.left -= n; p.left == 0 {
			events += p.endFrame()
		}
	}
	return events
}

func (p *parser) op() byte { return p.head[0] & 0x0f }

func (p *parser) deflated() bool { return p.head[0]&0x40 != 0 }

// readHead takes bytes until the head is whole. Servers do not mask.
func (p *parser) readHead(b []byte) (used int) {
	for used < len(b) {
		p.head[p.had] = b[used]
		p.had++
		used++
		if p.had < 2 {
			continue
		}
		size := 2
		switch p.head[1] & 0x7f {
		case 126:
			size = 4
		case 127:
			size = 10
		}
		if p.had < size {
			continue
		}
		switch size {
		case 2:
			p.left = uint64(p.head[1] & 0x7f)
		case 4:
			p.left = uint64(binary.BigEndian.Uint16(p.head[2:]))
		default:
			p.left = binary.BigEndian.Uint64(p.head[2:])
		}
		p.inside, p.kept = true, p.kept[:0]
		if p.left == 0 {
			p.endFrame()
		}
		return used
	}
	return used
}

func (p *parser) take(b []byte) (events int) {
	if p.op() >= opClose || p.text != nil || p.deflated() {
		p.kept = append(p.kept, b...)
	}
	if p.op() >= opClose || p.deflated() || len(p.marker) == 0 {
		return 0
	}
	if len(p.tail) > 0 {
		// A marker that lies across the pieces ends within the first bytes of this one.
		joined := append(p.tail, b[:min(len(b), len(p.marker)-1)]...)
		events = bytes.Count(joined, p.marker)
		if len(b) < len(p.marker)-1 {
			p.tail = append(p.tail[:0], joined[max(0, len(joined)-len(p.marker)+1):]...)
			return events
		}
	}
	p.tail = append(p.tail[:0], b[max(0, len(b)-len(p.marker)+1):]...)
	return events + bytes.Count(b, p.marker)
}

// endFrame tells how many markers a deflated message had; those of others have been told.
func (p *parser) endFrame() (events int) {
	if p.deflated() {
		if p.swell == nil {
			p.swell = newInflater()
		}
		p.kept = append(p.kept[:0], p.swell.inflate(p.kept)...)
		events = bytes.Count(p.kept, p.marker)
	}
	switch {
	case p.op() >= opClose:
		if p.control != nil {
			p.control(p.op(), p.kept)
		}
	default:
		p.tail = p.tail[:0] // no marker goes from one message into the next
		if p.text != nil {
			p.text(p.kept)
		}
	}
	p.inside, p.had = false, 0
	return events
}

// appendFrame writes a client's frame. The mask is zero, so that the payload stays as it is.
func appendFrame(dst []byte, op byte, payload []byte) []byte {
	dst = append(dst, 0x80|op)
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, 0x80|byte(n))
	default: // no message of a client here is longer
		dst = append(dst, 0x80|126)
		dst = binary.BigEndian.AppendUint16(dst, uint16(n))
	}
	dst = append(dst, 0, 0, 0, 0)
	return append(dst, payload...)
}
