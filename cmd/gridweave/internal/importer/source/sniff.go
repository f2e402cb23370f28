package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// kind is what a file's first bytes show; the kinds that cannot be read say so in their own words.
type kind string

const (
	kindCollection kind = "GeoJSON collection"
	kindObjects    kind = "GeoJSON features one after another"
	kindCSV        kind = "CSV"
	kindZip        kind = "zip archive"
	kindSQLite     kind = "SQLite database"
)

// headSize is enough for any preamble: names, a CRS member, a page of metadata.
const headSize = 64 << 10

func sniffFile(path string) (kind, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("open file: %w", err)
	}
	defer func() { _ = f.Close() }() // opened for reading only
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return "", fmt.Errorf("open %s: it is a folder; name the file in it", path)
	}
	head := make([]byte, headSize)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	k, err := sniff(head[:n], strings.ToLower(filepath.Ext(path)))
	if err != nil {
		return "", fmt.Errorf("open %s: %w", path, err)
	}
	return k, nil
}

// foreign lists the beginnings of files that are something else, with what to do about them.
func foreign() []struct{ magic, advice string } {
	return []struct{ magic, advice string }{
		{"\x1f\x8b", "it is compressed with gzip: unpack it first"},
		{"BZh", "it is compressed with bzip2: unpack it first"},
		{"7z\xbc\xaf", "it is a 7-Zip archive: unpack it and zip the Shapefile's parts"},
		{"Rar!", "it is a RAR archive: unpack it and zip the Shapefile's parts"},
		{"\x00\x00\x27\x0a", "it is the .shp part of a Shapefile: zip it together with its .dbf, .shx and .prj and give the .zip"},
		{"fgb", "it is FlatGeobuf: convert it to GeoPackage or GeoJSON, for example with ogr2ogr"},
		{"PAR1", "it is Parquet: convert it to GeoPackage or GeoJSON, for example with ogr2ogr"},
		{"PMTiles", "it holds tiles, not the features they were made from"},
		{"\xd0\xcf\x11\xe0", "it is an old Excel or Access file: save it as CSV"},
		{"%PDF", "it is a PDF"},
	}
}

// sniff decides by content; the extension only tells a CSV from a text of unknown kind.
func sniff(head []byte, ext string) (kind, error) {
	for _, f := range foreign() {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return "", errors.New(f.advice)
		}
	}
	switch {
	case len(head) == 0:
		return "", errors.New("the file is empty")
	case bytes.HasPrefix(head, []byte("SQLite format 3\x00")):
		return kindSQLite, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return kindZip, nil
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case len(text) == 0:
		return "", errors.New("the file holds nothing but blanks")
	case text[0] == recordSeparator || text[0] == '{':
		return sniffJSON(text)
	case text[0] == '[':
		return "", errors.New("it is a JSON array; a GeoJSON file is an object: {\"type\": \"FeatureCollection\", \"features\": […]}")
	case text[0] == '<':
		return "", errors.New("it is XML (GML or KML?): convert it to GeoPackage or GeoJSON, for example with ogr2ogr")
	}
	return sniffText(head, ext)
}

func sniffText(head []byte, ext string) (kind, error) {
	first, _, _ := bytes.Cut(head, []byte("\n"))
	utf16 := bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff"))
	if !utf16 && bytes.IndexByte(head, 0) >= 0 {
		return "", errors.New("it is a binary file of no kind that is read here (GeoJSON, CSV, zipped Shapefile, GeoPackage)")
	}
	if utf16 || bytes.ContainsAny(first, ",;\t|") || ext == ".csv" || ext == ".tsv" || ext == ".txt" {
		return kindCSV, nil
	}
	return "", errors.New("it is neither GeoJSON nor CSV (no header line with separated columns), nor a zipped Shapefile or a GeoPackage")
}

// sniffJSON reads the names and the type at the top of the first object as far as the head goes.
func sniffJSON(text []byte) (kind, error) {
	if text[0] == recordSeparator {
		return kindObjects, nil
	}
	typ := ""
	c := cursor{b: text}
	c.pos++ // the brace
	for {
		name, ok := c.key()
		if !ok {
			break
		}
		if name == "features" {
			return kindCollection, nil
		}
		if name != "type" {
			if c.skip() != nil {
				break
			}
			continue
		}
		if typ, ok = c.text(); !ok {
			break
		}
	}
	return jsonKind(typ)
}

func jsonKind(typ string) (kind, error) {
	switch typ {
	case "FeatureCollection":
		return kindCollection, nil
	case "Topology":
		return "", errors.New("it is TopoJSON: convert it to GeoJSON first")
	case "":
		return "", errors.New("it is JSON, but no GeoJSON: its first object names no \"type\" (Esri JSON? convert it to GeoJSON)")
	}
	return kindObjects, nil // a Feature or a bare geometry; what it is worth shows when it is read
}
