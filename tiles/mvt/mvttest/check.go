package mvttest

import (
	"errors"
	"fmt"
)

// Layer is what Check found in a layer.
type Layer struct {
	Name     string
	Extent   uint32
	Features []Feature
}

// Feature is what Check found in a feature.
type Feature struct {
	ID    uint64
	Kind  int // 1 points, 2 lines, 3 polygons
	Parts [][][2]int32
}

// Check reads a tile whose geometry reaches at most buffer units beyond its extent, or tells the first rule that it
// breaks.
func Check(tile []byte, buffer int32) ([]Layer, error) {
	var layers []Layer
	names := map[string]bool{}
	err := eachField(tile, func(f field) error {
		if f.number != 3 || f.wire != 2 {
			return fmt.Errorf("tile has a field %d of wire type %d", f.number, f.wire)
		}
		l, err := layer(f.bytes, buffer)
		if err != nil {
			return fmt.Errorf("layer %q: %w", l.Name, err)
		}
		if names[l.Name] {
			return fmt.Errorf("two layers are named %q", l.Name)
		}
		names[l.Name] = true
		layers = append(layers, l)
		return nil
	})
	return layers, err
}

// contents are a layer's fields before they are judged together.
type contents struct {
	Layer
	version    uint64
	keys       []string
	values     []string
	features   [][]byte
	usedKeys   map[uint32]bool
	usedValues map[uint32]bool
}

func layer(data []byte, buffer int32) (Layer, error) {
	c := contents{usedKeys: map[uint32]bool{}, usedValues: map[uint32]bool{}, Layer: Layer{Extent: 4096}}
	if err := eachField(data, c.take); err != nil {
		return c.Layer, err
	}
	switch {
	case c.version != 2:
		return c.Layer, fmt.Errorf("version %d", c.version)
	case c.Name == "":
		return c.Layer, errors.New("it has no name")
	case c.Extent == 0:
		return c.Layer, errors.New("extent 0")
	case len(c.features) == 0:
		return c.Layer, errors.New("it has no feature")
	}
	if err := errors.Join(unique("key", c.keys), unique("value", c.values)); err != nil {
		return c.Layer, err
	}
	ids := map[uint64]bool{}
	for _, data := range c.features {
		f, err := c.feature(data, buffer)
		if err != nil {
			return c.Layer, fmt.Errorf("feature %d: %w", f.ID, err)
		}
		if f.ID != 0 && ids[f.ID] {
			return c.Layer, fmt.Errorf("two features have the id %d", f.ID)
		}
		ids[f.ID] = true
		c.Features = append(c.Features, f)
	}
	if len(c.usedKeys) != len(c.keys) || len(c.usedValues) != len(c.values) {
		return c.Layer, fmt.Errorf("of %d keys %d are used, of %d values %d", len(c.keys), len(c.usedKeys), len(c.values), len(c.usedValues))
	}
	return c.Layer, nil
}

func (c *contents) take(f field) error {
	switch {
	case f.number == 15 && f.wire == 0:
		c.version = f.varint
	case f.number == 1 && f.wire == 2:
		c.Name = string(f.bytes)
	case f.number == 2 && f.wire == 2:
		c.features = append(c.features, f.bytes)
	case f.number == 3 && f.wire == 2:
		c.keys = append(c.keys, string(f.bytes))
	case f.number == 4 && f.wire == 2:
		c.values = append(c.values, string(f.bytes))
		return value(f.bytes)
	case f.number == 5 && f.wire == 0:
		c.Extent = uint32(f.varint)
	default:
		return fmt.Errorf("field %d of wire type %d", f.number, f.wire)
	}
	return nil
}

// value holds that exactly one of a value's fields is there, of its own wire type.
func value(data []byte) error {
	wires := map[int]int{1: 2, 2: 5, 3: 1, 4: 0, 5: 0, 6: 0, 7: 0}
	n := 0
	err := eachField(data, func(f field) error {
		n++
		if wire, ok := wires[f.number]; !ok || wire != f.wire {
			return fmt.Errorf("value has a field %d of wire type %d", f.number, f.wire)
		}
		return nil
	})
	if err == nil && n != 1 {
		return fmt.Errorf("value has %d fields", n)
	}
	return err
}

func unique(what string, all []string) error {
	seen := map[string]bool{}
	for _, s := range all {
		if seen[s] {
			return fmt.Errorf("the %s %q comes twice", what, s)
		}
		seen[s] = true
	}
	return nil
}

func (c *contents) feature(data []byte, buffer int32) (f Feature, err error) {
	var tags, geometry []byte
	err = eachField(data, func(p field) error {
		switch {
		case p.number == 1 && p.wire == 0:
			f.ID = p.varint
		case p.number == 2 && p.wire == 2:
			tags = p.bytes
		case p.number == 3 && p.wire == 0 && p.varint >= 1 && p.varint <= 3:
			f.Kind = int(p.varint)
		case p.number == 4 && p.wire == 2:
			geometry = p.bytes
		default:
			return fmt.Errorf("field %d of wire type %d, %d", p.number, p.wire, p.varint)
		}
		return nil
	})
	if err != nil {
		return f, err
	}
	if err := c.tags(tags); err != nil {
		return f, err
	}
	f.Parts, err = commands(geometry, f.Kind)
	if err != nil {
		return f, err
	}
	return f, f.check(-buffer, int32(c.Extent)+buffer)
}

func (c *contents) tags(data []byte) error {
	tags, err := packed(data)
	if err != nil {
		return err
	}
	if len(tags)%2 != 0 {
		return fmt.Errorf("%d tags", len(tags))
	}
	own := map[uint32]bool{}
	for i := 0; i < len(tags); i += 2 {
		key, value := tags[i], tags[i+1]
		if int(key) >= len(c.keys) || int(value) >= len(c.values) {
			return fmt.Errorf("tag %d, %d is out of range", key, value)
		}
		if own[key] {
			return fmt.Errorf("key %q comes twice", c.keys[key])
		}
		own[key], c.usedKeys[key], c.usedValues[value] = true, true, true
	}
	return nil
}
