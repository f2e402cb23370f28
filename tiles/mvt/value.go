package mvt

import (
	"encoding/binary"
	"math"
)

type valueKind uint8

const (
	absent valueKind = iota
	stringValue
	floatValue
	uintValue
	sintValue
	boolValue
)

// Value is an attribute of a feature; the zero Value is absent and is not written.
type Value struct {
	text string
	bits uint64
	kind valueKind
}

// String is a text; the empty text is absent, as a map shows nothing for either.
func String(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{kind: stringValue, text: s}
}

// Uint is a whole number from 0.
func Uint(n uint64) Value { return Value{kind: uintValue, bits: n} }

// Int is a whole number; those from 0 are written as Uint writes them.
func Int(n int64) Value {
	if n >= 0 {
		return Uint(uint64(n))
	}
	return Value{kind: sintValue, bits: uint64(n)}
}

// Float is a double.
func Float(f float64) Value { return Value{kind: floatValue, bits: math.Float64bits(f)} }

// Bool is true or false.
func Bool(b bool) Value {
	if b {
		return Value{kind: boolValue, bits: 1}
	}
	return Value{kind: boolValue}
}

// Less orders whole numbers from 0, an absent value behind all of them.
func (v Value) Less(o Value) bool {
	return v.kind == uintValue && (o.kind != uintValue || v.bits < o.bits)
}

// appendTo writes the value as a Tile.Value message: one field, numbered as the specification does.
func (v Value) appendTo(b []byte) []byte {
	switch v.kind {
	case stringValue:
		b = append(b, 1<<3|wireBytes)
		b = binary.AppendUvarint(b, uint64(len(v.text)))
		return append(b, v.text...)
	case floatValue:
		b = append(b, 3<<3|wireFixed64)
		return binary.LittleEndian.AppendUint64(b, v.bits)
	case uintValue:
		return binary.AppendUvarint(append(b, 5<<3|wireVarint), v.bits)
	case sintValue:
		return binary.AppendUvarint(append(b, 6<<3|wireVarint), zigzag64(int64(v.bits)))
	case boolValue:
		return append(b, 7<<3|wireVarint, byte(v.bits))
	case absent:
	}
	return b
}

func zigzag64(n int64) uint64 { return uint64(n<<1) ^ uint64(n>>63) }

// Small whole numbers are found by indexing; nearly all attributes are such.
const smallValues = 1024

// valueTable numbers a layer's values in the order of their first use.
type valueTable struct {
	list  []Value
	small [smallValues]uint32 // index + 1; 0 is not used yet
	texts map[string]uint32
	other map[Value]uint32
}

func (t *valueTable) reset() {
	for _, v := range t.list {
		if v.kind == uintValue && v.bits < smallValues {
			t.small[v.bits] = 0
		}
	}
	clear(t.list) // texts are not held longer than their tile
	t.list = t.list[:0]
	clear(t.texts)
	clear(t.other)
}

func (t *valueTable) add(v Value) uint32 {
	t.list = append(t.list, v)
	return uint32(len(t.list) - 1)
}

func (t *valueTable) text(s string) uint32 {
	if i, ok := t.texts[s]; ok {
		return i
	}
	if t.texts == nil {
		t.texts = map[string]uint32{}
	}
	i := t.add(Value{kind: stringValue, text: s})
	t.texts[s] = i
	return i
}

// index is for all that is neither a text nor a small number.
func (t *valueTable) index(v Value) uint32 {
	if i, ok := t.other[v]; ok {
		return i
	}
	if t.other == nil {
		t.other = map[Value]uint32{}
	}
	i := t.add(v)
	t.other[v] = i
	return i
}
