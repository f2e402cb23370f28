package source

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/twpayne/go-shapefile"
)

// shpHeader is the length of the head of a .shp file in bytes.
const shpHeader = 100

// shapes reads a zipped Shapefile record by record. It uses go-shapefile's record reader and not its Scanner, since
// that one ends at the first broken ring, and the other 600,000 buildings are fine.
type shapes struct {
	zip    *zip.ReadCloser
	shp    io.ReadCloser
	in     *bufio.Reader
	attrs  *attributes
	info   Info
	row    int64
	closes []io.Closer
}

func openShapefile(name, layer string) (Reader, error) {
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, fmt.Errorf("open %s: the zip archive is broken: %w", name, err)
	}
	s := &shapes{zip: z, closes: []io.Closer{z}}
	if err := s.open(layer); err != nil {
		_ = s.Close() // nothing was written; the first error says what is wrong
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return s, nil
}

// parts are the files of one Shapefile by extension.
type parts map[string]*zip.File

func layersOf(z *zip.Reader) map[string]parts {
	layers := map[string]parts{}
	for _, f := range z.File {
		if strings.HasPrefix(f.Name, "__MACOSX/") || strings.HasPrefix(path.Base(f.Name), "._") {
			continue
		}
		ext := strings.ToLower(path.Ext(f.Name))
		stem := f.Name[:len(f.Name)-len(ext)]
		if layers[stem] == nil {
			layers[stem] = parts{}
		}
		layers[stem][ext] = f
	}
	for stem, p := range layers {
		if p[".shp"] == nil {
			delete(layers, stem)
		}
	}
	return layers
}

// chooseLayer takes the only layer, or the one asked for.
func chooseLayer(z *zip.Reader, wanted string) (string, parts, error) {
	layers := layersOf(z)
	var names []string
	for stem, p := range layers {
		name := path.Base(stem)
		if strings.EqualFold(name, wanted) || wanted == "" && len(layers) == 1 {
			return name, p, nil
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return "", nil, errors.New("the zip archive holds no Shapefile (no .shp in it)")
	}
	slices.Sort(names)
	return "", nil, fmt.Errorf("choose one of its layers: %s", strings.Join(names, ", "))
}

func (s *shapes) open(wanted string) error {
	name, p, err := chooseLayer(&s.zip.Reader, wanted)
	if err != nil {
		return err
	}
	if p[".dbf"] == nil {
		return fmt.Errorf("%s.dbf is missing from the zip archive: it holds the codes", name)
	}
	s.info = Info{Format: "Shapefile", Layer: name, CRSHint: readPart(p[".prj"])}
	if s.attrs, err = openAttributes(p[".dbf"], readPart(p[".cpg"])); err != nil {
		return fmt.Errorf("%s.dbf: %w", name, err)
	}
	s.closes = append(s.closes, s.attrs)
	s.info.Encoding, s.info.Rows = s.attrs.charset.name, int64(s.attrs.records)
	if s.shp, err = p[".shp"].Open(); err != nil {
		return fmt.Errorf("%s.shp: %w", name, err)
	}
	s.closes = append(s.closes, s.shp)
	s.in = bufio.NewReaderSize(s.shp, bufferSize)
	if _, err := s.in.Discard(shpHeader); err != nil {
		return fmt.Errorf("%s.shp: too short: %w", name, err)
	}
	return nil
}

// readPart gives the text of a small part, "" where it is missing.
func readPart(f *zip.File) string {
	if f == nil {
		return ""
	}
	r, err := f.Open()
	if err != nil {
		return ""
	}
	defer func() { _ = r.Close() }() // opened for reading only
	b, err := io.ReadAll(io.LimitReader(r, headSize))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func (s *shapes) Info() Info { return s.info }

// Done counts rows: where the reader is in the archive does not show.
func (s *shapes) Done() float64 { return min(1, float64(s.row)/float64(max(s.info.Rows, 1))) }

func (s *shapes) Close() error {
	slices.Reverse(s.closes)
	var errs []error
	for _, c := range s.closes {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

func (s *shapes) Next(rec *Record) error {
	for {
		values, err := s.attrs.next()
		if err != nil {
			return err
		}
		s.row++
		rec.clear(s.row)
		if err := s.shape(rec); err != nil {
			return err
		}
		if values == nil { // deleted: the shape has been stepped over
			continue
		}
		if rec.Err == nil {
			rec.Names, rec.Values = s.attrs.names, values
		}
		return nil
	}
}

// shape reads the geometry of the row. go-shapefile reads a record as a whole before it judges it, so after a broken
// one the stream stands at the next.
func (s *shapes) shape(rec *Record) error {
	if _, err := s.in.Peek(8); err != nil {
		return fmt.Errorf("the .shp part ends at record %d, before the .dbf part does", rec.Row)
	}
	r, err := shapefile.ReadSHPRecord(s.in, &shapefile.ReadSHPOptions{MaxRecordSize: maxFeature})
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("the .shp part is cut off in record %d", rec.Row)
	case err != nil:
		rec.Err = fmt.Errorf("geometry: %w", err)
		return nil
	case int64(r.Number) != rec.Row:
		return fmt.Errorf("the .shp part is broken: record %d calls itself %d", rec.Row, r.Number)
	}
	rec.Geom, rec.Err = toOrb(r.Geom)
	return nil
}
