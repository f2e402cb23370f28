package wire

import "encoding/binary"

// Opcodes of WebSocket frames (RFC 6455, section 5.2) that a server sends.
const (
	opText  = 0x1
	opClose = 0x8
	opPing  = 0x9
	opPong  = 0xA

	final      = 0x80
	compressed = 0x40 // RFC 7692: the message is deflated
)

// Header lengths of a server's frames, by the length of the payload.
const (
	shortPayload  = 125
	mediumPayload = 1<<16 - 1
	// MaxHeader is the longest header of a server's frame, in bytes.
	MaxHeader = 10
)

// AppendText writes a whole text message in one frame.
func AppendText(dst, payload []byte) []byte {
	return append(appendHeader(dst, final|opText, len(payload)), payload...)
}

// AppendPing writes a ping without payload.
func AppendPing(dst []byte) []byte { return appendHeader(dst, final|opPing, 0) }

// AppendPong answers a ping; a payload above the protocol's bound is cut off.
func AppendPong(dst, payload []byte) []byte {
	payload = payload[:min(len(payload), shortPayload)]
	return append(appendHeader(dst, final|opPong, len(payload)), payload...)
}

// AppendClose writes a close frame.
func AppendClose(dst []byte, code int, reason string) []byte {
	reason = reason[:min(len(reason), shortPayload-2)]
	dst = appendHeader(dst, final|opClose, 2+len(reason))
	dst = binary.BigEndian.AppendUint16(dst, uint16(code))
	return append(dst, reason...)
}

func appendHeader(dst []byte, first byte, n int) []byte {
	dst = append(dst, first)
	switch {
	case n <= shortPayload:
		return append(dst, byte(n))
	case n <= mediumPayload:
		return binary.BigEndian.AppendUint16(append(dst, 126), uint16(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 127), uint64(n))
	}
}

// Payload gives the payload of the first frame of what AppendText wrote, and what follows it; text is false for
// control frames.
func Payload(frames []byte) (payload []byte, text bool, rest []byte) {
	text = frames[0]&0x0F == opText
	n, at := int(frames[1]), 2
	switch n {
	case 126:
		n, at = int(binary.BigEndian.Uint16(frames[2:])), 4
	case 127:
		n, at = int(binary.BigEndian.Uint64(frames[2:])), MaxHeader
	}
	return frames[at : at+n], text, frames[at+n:]
}

// IsClose tells whether the first of the frames closes.
func IsClose(frames []byte) bool { return frames[0]&0x0F == opClose }
