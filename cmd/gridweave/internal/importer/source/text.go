package source

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// textCharset is how a file's text is written, found by reading it: Chinese offices write GBK as often as UTF-8, and say
// so as often as not.
type textCharset struct {
	name string
	enc  encoding.Encoding // nil for UTF-8
}

func utf8Charset() textCharset { return textCharset{name: "UTF-8"} }

// gb18030 contains GBK and GB 2312.
func gb18030() textCharset { return textCharset{name: "GB18030", enc: simplifiedchinese.GB18030} }

func utf16Charset() textCharset {
	return textCharset{name: "UTF-16", enc: unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)}
}

// detectCharset reads until something cannot be UTF-8. A guess from the first bytes would fail on a file whose first
// Chinese name stands in row ten thousand; a guess field by field on "一", which in GBK is valid UTF-8 as well.
func detectCharset(r io.Reader) (textCharset, error) {
	in := bufio.NewReaderSize(r, bufferSize)
	if b, err := in.Peek(2); err == nil && (string(b) == "\xff\xfe" || string(b) == "\xfe\xff") {
		return utf16Charset(), nil
	}
	for {
		window, err := in.Peek(max(in.Buffered(), utf8.UTFMax))
		whole := validPrefix(window)
		if whole < len(window) && (err != nil || len(window)-whole >= utf8.UTFMax) {
			return gb18030(), nil
		}
		if errors.Is(err, io.EOF) {
			return utf8Charset(), nil
		}
		if err != nil {
			return textCharset{}, fmt.Errorf("read: %w", err)
		}
		if _, err := in.Discard(max(whole, 1)); err != nil {
			return textCharset{}, fmt.Errorf("read: %w", err)
		}
	}
}

// validPrefix gives how many bytes at the beginning are UTF-8.
func validPrefix(b []byte) int {
	if utf8.Valid(b) {
		return len(b)
	}
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return len(b)
}

func detectFileCharset(path string) (textCharset, error) {
	f, err := os.Open(path)
	if err != nil {
		return textCharset{}, fmt.Errorf("open file: %w", err)
	}
	defer func() { _ = f.Close() }() // opened for reading only
	return detectCharset(f)
}

// reader decodes the stream to UTF-8.
func (c textCharset) reader(r io.Reader) io.Reader {
	if c.enc == nil {
		return r
	}
	return c.enc.NewDecoder().Reader(r)
}

// text decodes one field.
func (c textCharset) text(b []byte) string {
	if c.enc == nil {
		return string(b)
	}
	out, err := c.enc.NewDecoder().Bytes(b)
	if err != nil {
		return string(b)
	}
	return string(out)
}
