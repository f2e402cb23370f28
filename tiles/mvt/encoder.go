package mvt

import (
	"encoding/binary"

	"github.com/gridweave/gridweave/geo/live"
)

// Protocol buffer wire types.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
)

// Encoder writes tiles: Start, then for each layer BeginLayer, Add for each feature, EndLayer; Bytes gives the tile.
type Encoder struct {
	frame    Frame
	tile     []byte
	body     []byte // features of the layer being written
	name     string
	keys     []string
	keyIndex []uint32 // index + 1 of each key in the layer's written order; 0 is not used yet
	written  []string
	values   valueTable
	count    int

	feature geometry
	tags    []byte
	scratch []byte
}

// Start begins a tile and forgets the one before.
func (e *Encoder) Start(f Frame) {
	e.frame = f
	e.tile = e.tile[:0]
}

// Frame is that of the tile being written.
func (e *Encoder) Frame() Frame { return e.frame }

// Bytes is the tile as far as its layers are ended; valid until the next Start.
func (e *Encoder) Bytes() []byte { return e.tile }

// BeginLayer begins a layer whose features carry values for these keys, in this order. The key of a value that no
// feature has is not written.
func (e *Encoder) BeginLayer(name string, keys []string) {
	e.name, e.keys = name, keys
	e.keyIndex = append(e.keyIndex[:0], make([]uint32, len(keys))...)
	e.written = e.written[:0]
	e.values.reset()
	e.body = e.body[:0]
	e.count = 0
}

// Add writes one feature where any of it lies in the tile, and tells whether it did. Points must lie within the tile
// itself, lines and polygons are clipped to its buffer. Id 0 means no id.
func (e *Encoder) Add(id uint64, s *live.Shape, values []Value) bool {
	kind := e.feature.encode(e.frame, s)
	if kind == live.Empty {
		return false
	}
	e.writeTags(values)
	f := e.scratch[:0]
	if id != 0 {
		f = binary.AppendUvarint(append(f, 1<<3|wireVarint), id)
	}
	if len(e.tags) > 0 {
		f = appendBytes(f, 2, e.tags)
	}
	f = append(f, 3<<3|wireVarint, byte(kind))
	f = appendBytes(f, 4, e.feature.out)
	e.scratch = f
	e.body = appendBytes(e.body, 2, f)
	e.count++
	return true
}

func (e *Encoder) writeTags(values []Value) {
	t := e.tags[:0]
	for i, v := range values {
		if v.kind == absent {
			continue
		}
		if e.keyIndex[i] == 0 {
			e.written = append(e.written, e.keys[i])
			e.keyIndex[i] = uint32(len(e.written))
		}
		t = binary.AppendUvarint(t, uint64(e.keyIndex[i]-1))
		t = binary.AppendUvarint(t, uint64(e.values.index(v)))
	}
	e.tags = t
}

// EndLayer adds the layer to the tile, unless it has no feature, and tells how many it has.
func (e *Encoder) EndLayer() int {
	if e.count == 0 {
		return 0
	}
	head := append(e.scratch[:0], 15<<3|wireVarint, 2) // version 2
	head = appendBytes(head, 1, []byte(e.name))
	tail := e.tags[:0]
	for _, k := range e.written {
		tail = appendBytes(tail, 3, []byte(k))
	}
	var value [64]byte
	for _, v := range e.values.list {
		tail = appendBytes(tail, 4, v.appendTo(value[:0]))
	}
	tail = binary.AppendUvarint(append(tail, 5<<3|wireVarint), live.Extent)

	e.tile = append(e.tile, 3<<3|wireBytes)
	e.tile = binary.AppendUvarint(e.tile, uint64(len(head)+len(e.body)+len(tail)))
	e.tile = append(append(append(e.tile, head...), e.body...), tail...)
	e.scratch, e.tags = head, tail
	return e.count
}

// appendBytes writes a length-delimited field.
func appendBytes(b []byte, field byte, data []byte) []byte {
	b = append(b, field<<3|wireBytes)
	b = binary.AppendUvarint(b, uint64(len(data)))
	return append(b, data...)
}
