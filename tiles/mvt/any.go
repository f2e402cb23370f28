package mvt

import "math"

// Any is the value as string, float64, uint64, int64 or bool; nil where it is absent.
func (v Value) Any() any {
	switch v.kind {
	case stringValue:
		return v.text
	case floatValue:
		return math.Float64frombits(v.bits)
	case uintValue:
		return v.bits
	case sintValue:
		return int64(v.bits)
	case boolValue:
		return v.bits == 1
	case absent:
	}
	return nil
}
