package source

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/paulmach/orb"
)

// Record is one feature or row of a file.
type Record struct {
	Row    int64    // 1 for the first feature, in the order of the file
	Names  []string // property names, shared between records that have the same
	Values []string // the text of each property; "" where it is null or missing
	Geom   orb.Geometry
	Err    error // why this row cannot be read; the other members are then empty
}

// Info is what a file says about itself.
type Info struct {
	Format   string `json:"format"`             // "GeoJSON", "newline-delimited GeoJSON", "CSV", "Shapefile", "GeoPackage"
	Layer    string `json:"layer,omitempty"`    // the layer that is read, in formats that have several
	CRSHint  string `json:"crs_hint,omitempty"` // "EPSG:4490" or the text that names the system, where the file names one
	Encoding string `json:"encoding,omitempty"` // "UTF-8", "GB18030" …, in formats that leave it open
	Rows     int64  `json:"rows,omitempty"`     // how many rows to expect, where the file says so
}

// Reader yields the records of one file in their order.
type Reader interface {
	// Next fills rec with the next record and gives io.EOF after the last. Any other error ends the file.
	Next(rec *Record) error
	Info() Info
	// Done is the share of the file that has been read, 0 to 1.
	Done() float64
	Close() error
}

// Options choose among what a file holds.
type Options struct {
	Layer string // of a Shapefile or GeoPackage with several layers
}

// Open finds out what the file is by its content and returns its reader, which is good as long as the context.
func Open(ctx context.Context, path string, o Options) (Reader, error) {
	kind, err := sniffFile(path)
	if err != nil {
		return nil, err
	}
	switch kind {
	case kindCollection:
		return openFile(path, newCollection)
	case kindObjects:
		return openFile(path, newObjects)
	case kindCSV:
		return openFile(path, newCSV)
	case kindZip:
		return openShapefile(path, o.Layer)
	case kindSQLite:
		return openGeoPackage(ctx, path, o.Layer)
	}
	return nil, fmt.Errorf("open %s: %s", path, kind)
}

// counted counts the bytes that have gone through it, which is what progress is measured by.
type counted struct {
	f     *os.File
	read  int64
	total int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.f.Read(p)
	c.read += int64(n)
	return n, err //nolint:wrapcheck // io.EOF has to stay io.EOF
}

// Done is the share of the file read so far.
func (c *counted) Done() float64 {
	if c.total == 0 {
		return 1
	}
	return float64(c.read) / float64(c.total)
}

func (c *counted) Close() error { return c.f.Close() }

func openFile(path string, open func(*counted) (Reader, error)) (Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	info, err := f.Stat()
	if err == nil {
		var r Reader
		if r, err = open(&counted{f: f, total: info.Size()}); err == nil {
			return r, nil
		}
	}
	_ = f.Close() // nothing was written; the first error says what is wrong
	return nil, fmt.Errorf("open %s: %w", path, err)
}

// clear makes the record ready for the next row and keeps nothing of the last one.
func (r *Record) clear(row int64) { *r = Record{Row: row} }

// Get gives the value of the first property of that name, ignoring case.
func (r *Record) Get(name string) string {
	for i, n := range r.Names {
		if strings.EqualFold(n, name) {
			return r.Values[i]
		}
	}
	return ""
}

// Each calls fn for every record of the file until it ends or fn fails.
func Each(r Reader, fn func(*Record) error) error {
	var rec Record
	for {
		err := r.Next(&rec)
		if err == io.EOF { //nolint:errorlint // Reader promises io.EOF itself
			return nil
		}
		if err != nil {
			return err
		}
		if err := fn(&rec); err != nil {
			return err
		}
	}
}
