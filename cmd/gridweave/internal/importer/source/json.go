package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// maxDepth keeps a hostile file from exhausting the stack.
const maxDepth = 64

var errShort = errors.New("the JSON ends in the middle")

// cursor walks over one JSON text. encoding/json would do the same, at a fifth of the speed: a city's footprints are
// mostly numbers.
type cursor struct {
	b   []byte
	pos int
}

func (c *cursor) space() {
	for c.pos < len(c.b) {
		switch c.b[c.pos] {
		case ' ', '\t', '\n', '\r':
			c.pos++
		default:
			return
		}
	}
}

// peek gives the next byte that is no blank, or 0 at the end.
func (c *cursor) peek() byte {
	c.space()
	if c.pos < len(c.b) {
		return c.b[c.pos]
	}
	return 0
}

// eat steps over the byte if it comes next.
func (c *cursor) eat(ch byte) bool {
	if c.peek() != ch {
		return false
	}
	c.pos++
	return true
}

// key reads the next `"name":` of an object that has been entered; false at its end or where it is broken.
func (c *cursor) key() (string, bool) {
	c.eat(',')
	name, ok := c.text()
	if !ok || !c.eat(':') {
		return "", false
	}
	return name, true
}

// span gives the bytes of a string without its quotes and whether it holds escapes.
func (c *cursor) span() (s []byte, escaped, ok bool) {
	if !c.eat('"') {
		return nil, false, false
	}
	start := c.pos
	for ; c.pos < len(c.b); c.pos++ {
		switch c.b[c.pos] {
		case '\\':
			escaped = true
			c.pos++
		case '"':
			s = c.b[start:c.pos]
			c.pos++
			return s, escaped, true
		}
	}
	return nil, false, false
}

func (c *cursor) text() (string, bool) {
	start := c.pos
	s, escaped, ok := c.span()
	if !ok || !escaped {
		return string(s), ok
	}
	c2 := cursor{b: c.b, pos: start}
	c2.space()
	var out string
	if json.Unmarshal(c.b[c2.pos:c.pos], &out) != nil {
		return "", false
	}
	return out, true
}

// skip steps over any value.
func (c *cursor) skip() error {
	switch c.peek() {
	case 0:
		return errShort
	case '"':
		if _, _, ok := c.span(); !ok {
			return errShort
		}
		return nil
	case '{', '[':
		return c.skipNested()
	}
	start := c.pos
	for c.pos < len(c.b) && !isDelimiter(c.b[c.pos]) {
		c.pos++
	}
	if c.pos == start {
		return fmt.Errorf("unexpected %q", c.b[c.pos])
	}
	return nil
}

func isDelimiter(ch byte) bool {
	switch ch {
	case ',', '}', ']', ':', ' ', '\t', '\n', '\r', '"', '{', '[':
		return true
	}
	return false
}

func (c *cursor) skipNested() error {
	for depth := 0; c.pos < len(c.b); {
		switch c.b[c.pos] {
		case '"':
			if _, _, ok := c.span(); !ok {
				return errShort
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		c.pos++
		if depth == 0 {
			return nil
		}
	}
	return errShort
}

// raw gives the bytes of the next value.
func (c *cursor) raw() ([]byte, error) {
	c.space()
	start := c.pos
	if err := c.skip(); err != nil {
		return nil, err
	}
	return c.b[start:c.pos], nil
}

// scalar gives a property's value as text: strings without quotes, numbers with every digit they were written with
// (a 19-digit code survives), null as "", anything nested as its JSON.
func (c *cursor) scalar() (string, error) {
	if c.peek() == '"' {
		s, ok := c.text()
		if !ok {
			return "", errShort
		}
		return s, nil
	}
	b, err := c.raw()
	if err != nil || string(b) == "null" {
		return "", err
	}
	if b[0] != '{' && b[0] != '[' && !json.Valid(b) {
		return "", fmt.Errorf("%q is no JSON value", b)
	}
	return string(b), nil
}

func (c *cursor) number() (float64, error) {
	c.space()
	start := c.pos
	for c.pos < len(c.b) && !isDelimiter(c.b[c.pos]) {
		c.pos++
	}
	f, err := strconv.ParseFloat(string(c.b[start:c.pos]), 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no coordinate", c.b[start:c.pos])
	}
	return f, nil
}
