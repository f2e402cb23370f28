package mvt

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/gridweave/gridweave/geo/live"
)

// Protocol buffer wire types.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
)

// Encoder writes tiles: Start, then for each layer BeginLayer, its features, EndLayer; Bytes gives the tile. A feature is
// its geometry (Shape or Point), where that shows its attributes (Uint, Text, Value), and Feature, which writes it. Add
// does all three.
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
	kind    live.Kind // of the feature being written
	tags    []byte
	scratch []byte
}

// Start begins a tile and forgets the one before.
func (e *Encoder) Start(f Frame) {
	e.frame = f
	e.tile = e.tile[:0]
}

// Frame is that of the tile being written.
func (e *Encoder) Frame() *Frame { return &e.frame }

// Bytes is the tile as far as its layers are ended; valid until the next Start.
func (e *Encoder) Bytes() []byte { return e.tile }

// BeginLayer begins a layer whose features carry values for these keys, in this order. The key of a value that no
// feature has is not written.
func (e *Encoder) BeginLayer(name string, keys []string) {
	e.name, e.keys = name, keys
	e.keyIndex = slices.Grow(e.keyIndex[:0], len(keys))[:len(keys)]
	clear(e.keyIndex)
	e.written = e.written[:0]
	e.values.reset()
	e.body = e.body[:0]
	e.count = 0
}

// Shape begins a feature, and tells whether any of it lies in the tile; where not, nothing more of it is to be written.
// Points must lie within the tile itself, lines and polygons are clipped to its buffer.
func (e *Encoder) Shape(s *live.Shape) bool {
	e.kind = e.feature.encode(&e.frame, s)
	e.tags = e.tags[:0]
	return e.kind != live.Empty
}

// Point is Shape for a single point.
func (e *Encoder) Point(v live.Vertex) bool {
	e.kind = e.feature.point(&e.frame, v)
	e.tags = e.tags[:0]
	return e.kind != live.Empty
}

// At begins a feature that is a point within the tile, in tile units.
func (e *Encoder) At(x, y int32) {
	e.feature.at(x, y)
	e.kind = live.Points
	e.tags = e.tags[:0]
}

// Square begins a feature that is a square within the tile, by its north-west corner and side in tile units.
func (e *Encoder) Square(x, y, side int32) {
	e.feature.square(x, y, side)
	e.kind = live.Polygon
	e.tags = e.tags[:0]
}

// Uint gives the feature a whole number under the layer's key of that index.
func (e *Encoder) Uint(key int, n uint64) {
	if n >= smallValues {
		e.Value(key, Uint(n))
		return
	}
	i := e.values.small[n]
	if i == 0 {
		i = e.values.add(Uint(n)) + 1
		e.values.small[n] = i
	}
	e.tag(key, i-1)
}

// Text gives the feature a text; the empty one is left out.
func (e *Encoder) Text(key int, text string) {
	if text != "" {
		e.tag(key, e.values.text(text))
	}
}

// Value gives the feature any value; an absent one is left out.
func (e *Encoder) Value(key int, v Value) {
	switch {
	case v.kind == absent:
	case v.kind == stringValue:
		e.Text(key, v.text)
	case v.kind == uintValue && v.bits < smallValues:
		e.Uint(key, v.bits)
	default:
		e.tag(key, e.values.index(v))
	}
}

func (e *Encoder) tag(key int, value uint32) {
	k := e.keyIndex[key]
	if k == 0 {
		e.written = append(e.written, e.keys[key])
		k = uint32(len(e.written))
		e.keyIndex[key] = k
	}
	if k--; k < 1<<7 && value < 1<<7 {
		e.tags = append(e.tags, byte(k), byte(value))
		return
	}
	e.tags = binary.AppendUvarint(binary.AppendUvarint(e.tags, uint64(k)), uint64(value))
}

// Feature writes the feature that was begun. Id 0 means no id.
func (e *Encoder) Feature(id uint64) {
	geometry, tags := e.feature.out, e.tags
	size := 3 + uvarintLen(uint64(len(geometry))) + len(geometry)
	if id != 0 {
		size += 1 + uvarintLen(id)
	}
	if len(tags) > 0 {
		size += 1 + uvarintLen(uint64(len(tags))) + len(tags)
	}
	b := appendUvarint(append(e.body, 2<<3|wireBytes), uint64(size))
	if id != 0 {
		b = appendUvarint(append(b, 1<<3|wireVarint), id)
	}
	if len(tags) > 0 {
		b = append(appendUvarint(append(b, 2<<3|wireBytes), uint64(len(tags))), tags...)
	}
	b = append(b, 3<<3|wireVarint, byte(e.kind), 4<<3|wireBytes)
	e.body = append(appendUvarint(b, uint64(len(geometry))), geometry...)
	e.count++
}

// Add writes one feature where any of it lies in the tile, and tells whether it did.
func (e *Encoder) Add(id uint64, s *live.Shape, values []Value) bool {
	if !e.Shape(s) {
		return false
	}
	for i, v := range values {
		e.Value(i, v)
	}
	e.Feature(id)
	return true
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

// uvarintLen is the number of bytes of a varint.
func uvarintLen(n uint64) int { return (bits.Len64(n|1) + 6) / 7 }

// appendUvarint has the one-byte case spelled out, which lengths nearly always are.
func appendUvarint(b []byte, n uint64) []byte {
	if n < 1<<7 {
		return append(b, byte(n))
	}
	return binary.AppendUvarint(b, n)
}

// appendBytes writes a length-delimited field.
func appendBytes(b []byte, field byte, data []byte) []byte {
	b = append(b, field<<3|wireBytes)
	b = binary.AppendUvarint(b, uint64(len(data)))
	return append(b, data...)
}
