package source

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
)

// table reads CSV with a header line. Geometry is a column of WKT (or of WKB in hexadecimal, as psql prints it), or
// two columns of longitude and latitude; a table without either has none.
type table struct {
	*counted
	in       *csv.Reader
	info     Info
	names    []string
	shape    int // column of the geometry, or -1
	lon, lat int // columns of the point, or -1
	row      int64
}

func newCSV(c *counted) (Reader, error) {
	enc, err := detectFileCharset(c.f.Name())
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(enc.reader(c), bufferSize)
	skipBOM(in)
	head, err := in.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read: %w", err)
	}
	t := &table{counted: c, in: csv.NewReader(in), info: Info{Format: "CSV", Encoding: enc.name}}
	t.in.Comma = separator(head)
	t.in.LazyQuotes = true
	t.in.ReuseRecord = true
	t.in.FieldsPerRecord = -1 // a short row is one row's trouble
	return t, t.header()
}

// separator is the candidate that divides the header line into most columns.
func separator(head []byte) rune {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	best, most := ',', 0
	for _, candidate := range []rune{',', ';', '\t', '|'} {
		if n := strings.Count(string(line), string(candidate)); n > most {
			best, most = candidate, n
		}
	}
	return best
}

func (t *table) header() error {
	names, err := t.in.Read()
	if err != nil {
		return fmt.Errorf("header line: %w", err)
	}
	t.names = make([]string, len(names))
	for i, n := range names {
		t.names[i] = strings.TrimSpace(n)
	}
	t.shape = column(t.names, "wkt", "geom", "geometry", "the_geom", "wkb_geometry")
	t.lon = column(t.names, "lon", "lng", "longitude", "long", "x", "经度")
	t.lat = column(t.names, "lat", "latitude", "y", "纬度")
	if (t.lon < 0) != (t.lat < 0) {
		t.lon, t.lat = -1, -1
	}
	return nil
}

// column is the first of the names that the table has, ignoring case, or -1.
func column(names []string, wanted ...string) int {
	for _, w := range wanted {
		if i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, w) }); i >= 0 {
			return i
		}
	}
	return -1
}

func (t *table) Info() Info { return t.info }

func (t *table) Next(rec *Record) error {
	fields, err := t.in.Read()
	t.row++
	rec.clear(t.row)
	if perr := (*csv.ParseError)(nil); errors.As(err, &perr) {
		rec.Err = fmt.Errorf("line %d: %w", perr.Line, perr.Err)
		return nil
	}
	if err != nil {
		return err //nolint:wrapcheck // io.EOF has to stay io.EOF
	}
	if len(fields) > len(t.names) {
		rec.Err = fmt.Errorf("%d columns, but the header names %d", len(fields), len(t.names))
		return nil
	}
	rec.Names = t.names
	rec.Values = make([]string, len(t.names))
	for i, f := range fields {
		rec.Values[i] = strings.TrimSpace(f)
	}
	if rec.Geom, err = t.geometry(rec.Values); err != nil {
		rec.clear(t.row)
		rec.Err = err
	}
	return nil
}

func (t *table) geometry(values []string) (orb.Geometry, error) {
	if t.shape >= 0 {
		return parseShape(values[t.shape])
	}
	if t.lon < 0 || values[t.lon] == "" && values[t.lat] == "" {
		return nil, nil //nolint:nilnil // a row without geometry is legal
	}
	lon, err := strconv.ParseFloat(values[t.lon], 64)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is no longitude", t.names[t.lon], values[t.lon])
	}
	lat, err := strconv.ParseFloat(values[t.lat], 64)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is no latitude", t.names[t.lat], values[t.lat])
	}
	return orb.Point{lon, lat}, nil
}

// parseShape reads WKT, with or without "SRID=…;" in front, or WKB in hexadecimal.
func parseShape(s string) (orb.Geometry, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // a row without geometry is legal
	}
	if b, err := hex.DecodeString(s); err == nil {
		return parseEWKB(b)
	}
	if _, rest, ok := strings.Cut(s, ";"); ok && strings.HasPrefix(strings.ToUpper(s), "SRID=") {
		s = rest
	}
	g, err := wkt.Unmarshal(s)
	if err != nil {
		return nil, fmt.Errorf("geometry is no WKT: %w", err)
	}
	return g, nil
}
