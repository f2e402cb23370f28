package mvttest

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// field is one field of a protocol buffer message.
type field struct {
	number int
	wire   int
	varint uint64 // of wire types 0, 1 and 5
	bytes  []byte // of wire type 2
}

var errWire = errors.New("protocol buffer is cut off")

// eachField calls visit with every field of a message.
func eachField(message []byte, visit func(field) error) error {
	for len(message) > 0 {
		key, n := binary.Uvarint(message)
		if n <= 0 {
			return errWire
		}
		message = message[n:]
		f := field{number: int(key >> 3), wire: int(key & 7)}
		var size int
		switch f.wire {
		case 0:
			if f.varint, size = binary.Uvarint(message); size <= 0 {
				return errWire
			}
		case 1:
			if size = 8; len(message) < size {
				return errWire
			}
			f.varint = binary.LittleEndian.Uint64(message)
		case 5:
			if size = 4; len(message) < size {
				return errWire
			}
			f.varint = uint64(binary.LittleEndian.Uint32(message))
		case 2:
			length, n := binary.Uvarint(message)
			if n <= 0 || length > uint64(len(message)-n) {
				return errWire
			}
			size = n + int(length)
			f.bytes = message[n:size]
		default:
			return fmt.Errorf("wire type %d", f.wire)
		}
		message = message[size:]
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// packed reads a packed field of varints.
func packed(data []byte) (all []uint32, err error) {
	for len(data) > 0 {
		v, n := binary.Uvarint(data)
		if n <= 0 || v > 1<<32-1 {
			return nil, errWire
		}
		all = append(all, uint32(v))
		data = data[n:]
	}
	return all, nil
}
