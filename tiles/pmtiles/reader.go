package pmtiles

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/maypok86/otter/v2"
	"github.com/paulmach/orb/maptile"
)

// leafDepth is how many leaf directories may lie under each other; the specification knows one, readers accept three.
const leafDepth = 3

// leafCacheBytes keeps the leaf directories of a district's surroundings, unpacked.
const leafCacheBytes = 16 << 20

// entryBytes is what an entry takes in memory.
const entryBytes = 24

// Reader reads an archive.
type Reader struct {
	Header Header

	from   io.ReaderAt
	root   []entry
	leaves *otter.Cache[span, []entry]
}

// File is an archive on disk.
type File struct {
	*Reader
	io.Closer
}

// Open opens an archive.
func Open(path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, fmt.Errorf("pmtiles: %w", err)
	}
	info, err := f.Stat()
	if err == nil {
		var r *Reader
		if r, err = NewReader(f, info.Size()); err == nil {
			return File{r, f}, nil
		}
	}
	return File{}, errors.Join(fmt.Errorf("pmtiles %s: %w", path, err), f.Close())
}

// NewReader reads an archive of that many bytes.
func NewReader(from io.ReaderAt, size int64) (*Reader, error) {
	head := make([]byte, headerSize)
	if _, err := from.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read header: %w", err)
	}
	header, err := parseHeader(head, uint64(size))
	if err != nil {
		return nil, err
	}
	r := &Reader{Header: header, from: from}
	if r.root, err = r.directory(header.root); err != nil {
		return nil, fmt.Errorf("root: %w", err)
	}
	r.leaves, err = otter.New(&otter.Options[span, []entry]{
		MaximumWeight: leafCacheBytes,
		Weigher:       func(_ span, entries []entry) uint32 { return uint32(len(entries) * entryBytes) },
	})
	if err != nil {
		return nil, fmt.Errorf("leaf cache: %w", err)
	}
	return r, nil
}

// Metadata reads the archive's JSON document into doc.
func (r *Reader) Metadata(doc any) error {
	b, err := r.read(r.Header.metadata)
	if err != nil || len(b) == 0 {
		return err
	}
	if b, err = unpack(b, r.Header.Internal, directoryLimit); err != nil {
		return err
	}
	if err := json.Unmarshal(b, doc); err != nil {
		return fmt.Errorf("pmtiles metadata: %w", err)
	}
	return nil
}

// Tile gives a tile's bytes as they lie in the file, in Header.TileCompression; nil where the archive has no such tile.
func (r *Reader) Tile(t maptile.Tile) ([]byte, error) {
	if t.Z > maptile.Zoom(r.Header.MaxZoom) || t.Z < maptile.Zoom(r.Header.MinZoom) {
		return nil, nil
	}
	id, entries := ID(t), r.root
	for range leafDepth + 1 {
		e, found := find(entries, id)
		if !found {
			return nil, nil
		}
		if e.run > 0 {
			s, err := locate(r.Header.tiles, e)
			if err != nil {
				return nil, err
			}
			return r.read(s)
		}
		var err error
		if entries, err = r.leaf(e); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: leaves lie too deep", errDirectory)
}

func (r *Reader) leaf(e entry) ([]entry, error) {
	s, err := locate(r.Header.leaves, e)
	if err != nil {
		return nil, err
	}
	if entries, ok := r.leaves.GetIfPresent(s); ok {
		return entries, nil
	}
	entries, err := r.directory(s)
	if err != nil {
		return nil, fmt.Errorf("leaf: %w", err)
	}
	r.leaves.Set(s, entries)
	return entries, nil
}

// locate is where an entry's bytes lie in the file: within the stretch that the header names, or nowhere.
func locate(outer span, e entry) (span, error) {
	length := uint64(e.length)
	if length == 0 || length > tileLimit || length > outer.length || e.offset > outer.length-length {
		return span{}, fmt.Errorf("%w: an entry lies outside of its section", errDirectory)
	}
	return span{outer.offset + e.offset, length}, nil
}

func (r *Reader) directory(s span) ([]entry, error) {
	b, err := r.read(s)
	if err != nil {
		return nil, err
	}
	if b, err = unpack(b, r.Header.Internal, directoryLimit); err != nil {
		return nil, err
	}
	return parseDirectory(b)
}

func (r *Reader) read(s span) ([]byte, error) {
	if s.length > tileLimit {
		return nil, errTooLarge
	}
	b := make([]byte, s.length)
	if _, err := r.from.ReadAt(b, int64(s.offset)); err != nil {
		return nil, fmt.Errorf("pmtiles read: %w", err)
	}
	return b, nil
}
