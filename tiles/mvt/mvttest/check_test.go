package mvttest

import (
	"encoding/binary"
	"strings"
	"testing"
)

// message builds protocol buffer messages by hand, right or wrong ones.
type message []byte

func (m message) varint(number int, v uint64) message {
	return binary.AppendUvarint(binary.AppendUvarint(m, uint64(number)<<3), v)
}

func (m message) bytes(number int, b []byte) message {
	m = binary.AppendUvarint(binary.AppendUvarint(m, uint64(number)<<3|2), uint64(len(b)))
	return append(m, b...)
}

func packedOf(all ...uint64) (b []byte) {
	for _, v := range all {
		b = binary.AppendUvarint(b, v)
	}
	return b
}

func command(id, count uint64) uint64 { return count<<3 | id }

func zig(n int64) uint64 { return uint64(n<<1) ^ uint64(n>>63) }

// square is a ring of 10 units, clockwise as seen on the map.
func square() []byte {
	return packedOf(command(1, 1), zig(5), zig(5), command(2, 3), zig(10), 0, 0, zig(10), zig(-10), 0, command(7, 1))
}

func featureOf(kind uint64, tags, geometry []byte) message {
	return message(nil).varint(1, 7).bytes(2, tags).varint(3, kind).bytes(4, geometry)
}

func layerOf(features ...message) message {
	l := message(nil).varint(15, 2).bytes(1, []byte("l"))
	for _, f := range features {
		l = l.bytes(2, f)
	}
	return l.bytes(3, []byte("k")).bytes(4, message(nil).varint(5, 3)).varint(5, 4096)
}

func tile(layers ...message) (t message) {
	for _, l := range layers {
		t = t.bytes(3, l)
	}
	return t
}

func TestCheckTakesWhatIsRight(t *testing.T) {
	layers, err := Check(tile(layerOf(featureOf(3, packedOf(0, 0), square()))), 64)
	if err != nil || len(layers) != 1 || len(layers[0].Features) != 1 || len(layers[0].Features[0].Parts[0]) != 4 {
		t.Fatalf("%+v, %v", layers, err)
	}
}

// A checker that takes anything holds nothing: each rule is broken once.
func TestCheckRefuses(t *testing.T) {
	tags := packedOf(0, 0)
	good := featureOf(3, tags, square())
	head := message(nil).varint(15, 2).bytes(1, []byte("l"))
	for name, c := range map[string]struct {
		tile message
		says string
	}{
		"version 1":          {tile(message(nil).varint(15, 1).bytes(1, []byte("l")).bytes(2, featureOf(1, nil, packedOf(command(1, 1), 2, 2)))), "version"},
		"no name":            {tile(message(nil).varint(15, 2).bytes(2, featureOf(1, nil, packedOf(command(1, 1), 2, 2)))), "no name"},
		"no feature":         {tile(head), "no feature"},
		"two layers":         {tile(layerOf(good), layerOf(good)), "two layers"},
		"two ids":            {tile(layerOf(good, good)), "two features"},
		"key twice":          {tile(layerOf(good).bytes(3, []byte("k"))), "comes twice"},
		"value twice":        {tile(layerOf(good).bytes(4, message(nil).varint(5, 3))), "comes twice"},
		"value of nothing":   {tile(layerOf(good).bytes(4, nil)), "0 fields"},
		"unused key":         {tile(layerOf(good).bytes(3, []byte("other"))), "are used"},
		"tag out of range":   {tile(layerOf(featureOf(3, packedOf(0, 9), square()))), "out of range"},
		"odd tags":           {tile(layerOf(featureOf(3, packedOf(0), square()))), "tags"},
		"key twice in one":   {tile(layerOf(featureOf(3, packedOf(0, 0, 0, 0), square()))), "comes twice"},
		"kind 4":             {tile(layerOf(featureOf(4, tags, square()))), "field 3"},
		"no geometry":        {tile(layerOf(featureOf(3, tags, nil))), "no geometry"},
		"not closed":         {tile(layerOf(featureOf(3, tags, square()[:len(square())-1]))), "missing"},
		"two of three":       {tile(layerOf(featureOf(3, tags, packedOf(command(1, 1), 0, 0, command(2, 1), 2, 2, command(7, 1))))), "ring of 2"},
		"wound wrong":        {tile(layerOf(featureOf(3, tags, packedOf(command(1, 1), 0, 0, command(2, 2), 0, 20, 20, 0, command(7, 1))))), "area"},
		"no area":            {tile(layerOf(featureOf(3, tags, packedOf(command(1, 1), 0, 0, command(2, 2), 20, 0, 20, 0, command(7, 1))))), "area"},
		"no length":          {tile(layerOf(featureOf(2, tags, packedOf(command(1, 1), 0, 0, command(2, 1), 0, 0)))), "without length"},
		"first point again":  {tile(layerOf(featureOf(3, tags, packedOf(command(1, 1), 0, 0, command(2, 3), 20, 0, 0, 20, 19, 19, command(7, 1))))), "repeats"},
		"outside":            {tile(layerOf(featureOf(1, tags, packedOf(command(1, 1), zig(4200), 0)))), "outside"},
		"line of no points":  {tile(layerOf(featureOf(2, tags, packedOf(command(1, 1), 0, 0)))), "missing"},
		"count 0":            {tile(layerOf(featureOf(1, tags, packedOf(command(1, 0))))), "count 0"},
		"cut off":            {tile(layerOf(good))[:20], "cut off"},
		"another field":      {tile(layerOf(good).varint(9, 1)), "field 9"},
		"points in two goes": {tile(layerOf(featureOf(1, tags, packedOf(command(1, 1), 2, 2, command(1, 1), 2, 2)))), "one command"},
	} {
		if _, err := Check(c.tile, 64); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want something about %q", name, err, c.says)
		}
	}
}
