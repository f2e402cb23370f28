package source

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	recordSeparator = 0x1e     // RFC 8142
	maxFeature      = 64 << 20 // one feature's bytes; more is a broken file, and memory has to end somewhere
	bufferSize      = 1 << 20
)

// objects reads features that stand one after another: one a line, or each after a record separator, or just so.
type objects struct {
	*counted
	features
	in    *bufio.Reader
	split func(*bufio.Reader) ([]byte, error)
	row   int64
}

func newObjects(c *counted) (Reader, error) {
	in := bufio.NewReaderSize(c, bufferSize)
	skipBOM(in)
	head, err := in.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read: %w", err)
	}
	return &objects{counted: c, in: in, split: splitterFor(head)}, nil
}

// splitterFor prefers lines and separators, since after a broken feature they tell where the next one begins.
func splitterFor(head []byte) func(*bufio.Reader) ([]byte, error) {
	head = bytes.TrimLeft(head, " \t\r\n")
	if len(head) > 0 && head[0] == recordSeparator {
		return nextBetweenSeparators
	}
	line, _, more := bytes.Cut(head, []byte("\n"))
	if more && json.Valid(line) {
		return nextLine
	}
	return nextObject
}

func (o *objects) Info() Info { return Info{Format: "newline-delimited GeoJSON"} }

func (o *objects) Next(rec *Record) error {
	for {
		raw, err := o.split(o.in)
		if err != nil {
			return err
		}
		raw = bytes.Trim(raw, " \t\r\n\x1e")
		if len(raw) == 0 {
			continue
		}
		o.row++
		rec.clear(o.row)
		o.parse(raw, rec)
		return nil
	}
}

func nextLine(in *bufio.Reader) ([]byte, error) { return until(in, '\n') }

func nextBetweenSeparators(in *bufio.Reader) ([]byte, error) { return until(in, recordSeparator) }

// until reads up to and including the byte, or to the end of the file.
func until(in *bufio.Reader, stop byte) ([]byte, error) {
	line, err := in.ReadSlice(stop)
	if err == nil {
		return line, nil
	}
	long := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) && len(long) < maxFeature {
		line, err = in.ReadSlice(stop)
		long = append(long, line...)
	}
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, fmt.Errorf("a feature of more than %d MB: the file is broken", maxFeature>>20)
	case errors.Is(err, io.EOF) && len(long) > 0, err == nil:
		return long, nil
	}
	return nil, err //nolint:wrapcheck // io.EOF has to stay io.EOF
}

// nextObject reads one JSON object by counting braces.
func nextObject(in *bufio.Reader) ([]byte, error) {
	if err := skipTo(in, '{'); err != nil {
		return nil, err
	}
	var s braces
	for {
		window, err := in.Peek(max(in.Buffered(), 1))
		if err != nil {
			return nil, fmt.Errorf("the file ends in the middle of a feature: %w", io.ErrUnexpectedEOF)
		}
		n, done := s.scan(window)
		if done && s.object == nil {
			// The whole feature lies in the buffer: it stays there until the next read.
			_, _ = in.Discard(n)
			return window[:n], nil
		}
		s.object = append(s.object, window[:n]...)
		_, _ = in.Discard(n)
		if done {
			return s.object, nil
		}
		if len(s.object) > maxFeature {
			return nil, fmt.Errorf("a feature of more than %d MB: the file is broken", maxFeature>>20)
		}
	}
}

// braces counts nesting over any number of windows.
type braces struct {
	depth    int
	inString bool
	escaped  bool
	object   []byte
}

// scan gives how many bytes of the window belong to the object and whether it ends there.
func (s *braces) scan(window []byte) (int, bool) {
	for i, ch := range window {
		switch {
		case s.escaped:
			s.escaped = false
		case s.inString:
			s.escaped = ch == '\\'
			s.inString = ch != '"'
		case ch == '"':
			s.inString = true
		case ch == '{':
			s.depth++
		case ch == '}':
			if s.depth--; s.depth == 0 {
				return i + 1, true
			}
		}
	}
	return len(window), false
}

// skipTo discards blanks, commas and separators up to the byte, which stays.
func skipTo(in *bufio.Reader, want byte) error {
	for {
		ch, err := in.ReadByte()
		if err != nil {
			return err //nolint:wrapcheck // io.EOF has to stay io.EOF
		}
		switch ch {
		case want:
			return in.UnreadByte()
		case ' ', '\t', '\r', '\n', ',', recordSeparator:
		default:
			return fmt.Errorf("not valid JSON: %q where a feature should begin", ch)
		}
	}
}

func skipBOM(in *bufio.Reader) {
	if b, err := in.Peek(3); err == nil && string(b) == "\xef\xbb\xbf" {
		_, _ = in.Discard(3)
	}
}

// collection reads the features of a FeatureCollection without ever holding more than one.
type collection struct {
	*counted
	features
	in   *bufio.Reader
	info Info
	row  int64
	done bool
}

func newCollection(c *counted) (Reader, error) {
	in := bufio.NewReaderSize(c, bufferSize)
	skipBOM(in)
	r := &collection{counted: c, in: in, info: Info{Format: "GeoJSON"}}
	if err := r.preamble(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *collection) Info() Info { return r.info }

// preamble reads the members before the features; "crs" is long out of the standard and still written by many.
func (r *collection) preamble() error {
	head, err := r.in.Peek(bufferSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read: %w", err)
	}
	c := cursor{b: head}
	if !c.eat('{') {
		return errors.New("not valid JSON: no object")
	}
	for {
		name, ok := c.key()
		if !ok {
			return errors.New(`no "features" found at the top of the collection`)
		}
		if name == "features" {
			break
		}
		raw, err := c.raw()
		if err != nil {
			return err
		}
		if name == "crs" {
			r.info.CRSHint = crsMember(raw)
		}
	}
	if !c.eat('[') {
		return errors.New(`"features" is no array`)
	}
	_, err = r.in.Discard(c.pos)
	return err //nolint:wrapcheck // the bytes were peeked: it cannot fail
}

// crsMember gives the name in {"type":"name","properties":{"name":…}}.
func crsMember(raw []byte) string {
	var m struct {
		Properties struct {
			Name string `json:"name"`
		} `json:"properties"`
	}
	if json.Unmarshal(raw, &m) != nil {
		return ""
	}
	return m.Properties.Name
}

func (r *collection) Next(rec *Record) error {
	if r.done {
		return io.EOF
	}
	switch end, err := r.atEnd(); {
	case err != nil:
		return fmt.Errorf("after feature %d: %w", r.row, err)
	case end:
		r.done = true
		return io.EOF
	}
	raw, err := nextObject(r.in)
	if err != nil {
		return fmt.Errorf("after feature %d: %w", r.row, err)
	}
	r.row++
	rec.clear(r.row)
	r.parse(raw, rec)
	return nil
}

// atEnd steps over blanks and commas and tells whether the array is closed.
func (r *collection) atEnd() (bool, error) {
	for {
		ch, err := r.in.ReadByte()
		if err != nil {
			return false, errors.New("the file ends before its features do: it was cut off")
		}
		switch ch {
		case ' ', '\t', '\r', '\n', ',':
		case ']':
			return true, nil
		default:
			return false, r.in.UnreadByte()
		}
	}
}
