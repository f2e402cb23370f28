package source

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/twpayne/go-shapefile"
	"golang.org/x/net/html/charset"
)

const (
	dbfHead       = 32
	dbfField      = 32
	dbfFieldsEnd  = 0x0d
	dbfDeleted    = '*'
	dbfFileEnd    = 0x1a
	dbfLanguageAt = 29 // the language driver id
)

// attributes reads a .dbf part as text. Numbers stay as they are written: a 25-digit code in a numeric field has no
// place in an int64.
type attributes struct {
	io.Closer
	in      *bufio.Reader
	charset textCharset
	names   []string
	widths  []int
	record  []byte
	records int
	read    int
}

func openAttributes(f *zip.File, cpg string) (*attributes, error) {
	head, err := dbfHeadOf(f)
	if err != nil {
		return nil, err
	}
	enc, err := dbfCharset(f, cpg, head[dbfLanguageAt])
	if err != nil {
		return nil, err
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("unzip: %w", err)
	}
	a := &attributes{Closer: r, in: bufio.NewReaderSize(r, bufferSize), charset: enc}
	if err := a.header(); err != nil {
		_ = r.Close() // opened for reading only
		return nil, err
	}
	return a, nil
}

func dbfHeadOf(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("unzip: %w", err)
	}
	defer func() { _ = r.Close() }() // opened for reading only
	head := make([]byte, dbfHead)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	return head, nil
}

// dbfCharset believes the .cpg part, then the language byte where it says GBK, then the text itself.
func dbfCharset(f *zip.File, cpg string, language byte) (textCharset, error) {
	if cpg != "" {
		name := strings.ToLower(cpg)
		if name == "936" || name == "cp936" {
			name = "gbk"
		}
		if enc, canonical := charset.Lookup(name); enc != nil {
			if canonical == "utf-8" {
				return utf8Charset(), nil
			}
			return textCharset{name: strings.ToUpper(canonical), enc: enc}, nil
		}
	}
	if language == 0x4d || language == 0x7a {
		return gb18030(), nil
	}
	r, err := f.Open()
	if err != nil {
		return textCharset{}, fmt.Errorf("unzip: %w", err)
	}
	defer func() { _ = r.Close() }()                            // opened for reading only
	if _, err := io.CopyN(io.Discard, r, dbfHead); err != nil { // binary numbers, no text
		return textCharset{}, fmt.Errorf("header: %w", err)
	}
	return detectCharset(r)
}

func (a *attributes) header() error {
	head := make([]byte, dbfHead)
	if _, err := io.ReadFull(a.in, head); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	h, err := shapefile.ParseDBFHeader(head, nil)
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	a.records, a.record = h.Records, make([]byte, h.RecordSize)
	rest := make([]byte, max(h.HeaderSize-dbfHead, 0))
	if _, err := io.ReadFull(a.in, rest); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	return a.fields(rest)
}

func (a *attributes) fields(b []byte) error {
	width := 1 // the deletion flag
	for ; len(b) >= dbfField && b[0] != dbfFieldsEnd; b = b[dbfField:] {
		name, _, _ := bytes.Cut(b[:11], []byte{0})
		a.names = append(a.names, strings.TrimSpace(a.charset.text(name)))
		a.widths = append(a.widths, int(b[16]))
		width += int(b[16])
	}
	if width > len(a.record) {
		return fmt.Errorf("its fields are %d bytes wide, its records only %d", width, len(a.record))
	}
	return nil
}

// next gives the values of the next row, nil for one that is marked as deleted.
func (a *attributes) next() ([]string, error) {
	if a.read >= a.records {
		return nil, io.EOF
	}
	_, err := io.ReadFull(a.in, a.record)
	switch {
	case errors.Is(err, io.EOF), err == nil && a.record[0] == dbfFileEnd, errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("the .dbf part ends after %d of %d records", a.read, a.records)
	case err != nil:
		return nil, fmt.Errorf("the .dbf part: %w", err)
	}
	a.read++
	if a.record[0] == dbfDeleted {
		return nil, nil
	}
	return a.values(), nil
}

func (a *attributes) values() []string {
	out := make([]string, len(a.widths))
	at := 1
	for i, w := range a.widths {
		field := bytes.Trim(a.record[at:at+w], " \x00")
		at += w
		if len(field) > 0 && field[0] != '*' { // stars stand for a number that did not fit
			out[i] = a.charset.text(field)
		}
	}
	return out
}
