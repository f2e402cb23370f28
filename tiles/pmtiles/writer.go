package pmtiles

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/paulmach/orb/maptile"
)

// Writer writes an archive of gzipped tiles, and nothing at the path until it is complete. The same tiles give the same
// bytes. End it with Finish or Abort.
type Writer struct {
	path    string
	bodies  *os.File // tiles, until it is known how long the directories are
	out     *bufio.Writer
	written uint64
	entries []entry
	known   map[[sha256.Size]byte]span
	stats   Stats
}

// Stats is what an archive holds.
type Stats struct {
	Tiles    uint64 `json:"tiles"`    // that can be asked for
	Entries  uint64 `json:"entries"`  // of the directories
	Contents uint64 `json:"contents"` // different bodies
	Leaves   uint64 `json:"leaves"`   // leaf directories
	Bytes    uint64 `json:"bytes"`    // of the whole file
}

// Description is what a writer cannot know by itself. Metadata becomes the archive's JSON document.
type Description struct {
	Type       TileType
	Bounds     [4]float64 // west, south, east, north in WGS-84 degrees
	Center     [2]float64 // longitude, latitude
	CenterZoom uint8
	Metadata   any
}

// errOrder is of tiles that do not come in the order of their ids.
var errOrder = errors.New("pmtiles: tiles must come in the order of their ids")

// Create begins an archive; its parts lie beside path until they are complete.
func Create(path string) (*Writer, error) {
	bodies, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".tiles-*")
	if err != nil {
		return nil, fmt.Errorf("pmtiles create: %w", err)
	}
	return &Writer{path: path, bodies: bodies, out: bufio.NewWriterSize(bodies, 1<<20), known: map[[sha256.Size]byte]span{}}, nil
}

// Add writes a tile's gzipped bytes. Tiles come in the order of their ids; those without bytes are left out.
func (w *Writer) Add(t maptile.Tile, body []byte) error {
	if len(body) == 0 {
		return nil
	}
	id := ID(t)
	if n := len(w.entries); n > 0 && id < w.entries[n-1].id+uint64(w.entries[n-1].run) {
		return errOrder
	}
	w.stats.Tiles++
	sum := sha256.Sum256(body)
	at, known := w.known[sum]
	if !known {
		if _, err := w.out.Write(body); err != nil {
			return fmt.Errorf("pmtiles add: %w", err)
		}
		at = span{w.written, uint64(len(body))}
		w.known[sum] = at
		w.written += at.length
	}
	if n := len(w.entries); n > 0 {
		if last := &w.entries[n-1]; last.offset == at.offset && last.id+uint64(last.run) == id {
			last.run++
			return nil
		}
	}
	w.entries = append(w.entries, entry{id: id, offset: at.offset, length: uint32(at.length), run: 1})
	return nil
}

// Finish completes the archive and puts it at its path, in place of what was there.
func (w *Writer) Finish(d Description) (Stats, error) {
	stats, err := w.finish(d)
	if err != nil {
		err = fmt.Errorf("pmtiles finish: %w", err)
	}
	return stats, errors.Join(err, w.Abort())
}

func (w *Writer) finish(d Description) (Stats, error) {
	if len(w.entries) == 0 {
		return w.stats, errors.New("there is no tile to write")
	}
	if err := w.out.Flush(); err != nil {
		return w.stats, err
	}
	if _, err := w.bodies.Seek(0, io.SeekStart); err != nil {
		return w.stats, err
	}
	head, err := w.head(d)
	if err != nil {
		return w.stats, err
	}
	w.stats.Bytes = uint64(len(head)) + w.written
	whole, err := os.CreateTemp(filepath.Dir(w.path), "."+filepath.Base(w.path)+".new-*")
	if err != nil {
		return w.stats, err
	}
	if err := errors.Join(w.assemble(whole, head), whole.Close()); err != nil {
		return w.stats, errors.Join(err, os.Remove(whole.Name()))
	}
	if err := os.Rename(whole.Name(), w.path); err != nil {
		return w.stats, errors.Join(err, os.Remove(whole.Name()))
	}
	return w.stats, nil
}

// assemble writes all of it to stable storage, for the name must never stand for half a file.
func (w *Writer) assemble(whole *os.File, head []byte) error {
	if _, err := whole.Write(head); err != nil {
		return err
	}
	if _, err := io.Copy(whole, w.bodies); err != nil {
		return err
	}
	const readableByAll = 0o644 // CreateTemp's files are their owner's alone
	return errors.Join(whole.Chmod(readableByAll), whole.Sync())
}

// head is everything before the tiles: header, root directory, metadata, leaf directories.
func (w *Writer) head(d Description) ([]byte, error) {
	text, err := json.Marshal(d.Metadata)
	if err != nil {
		return nil, err
	}
	metadata := gzipped(text)
	root, leaves, count := directories(w.entries)
	w.stats.Entries, w.stats.Contents, w.stats.Leaves = uint64(len(w.entries)), uint64(len(w.known)), count
	first, _ := TileOf(w.entries[0].id)
	end := w.entries[len(w.entries)-1]
	last, _ := TileOf(end.id + uint64(end.run) - 1) // a run may reach into deeper zooms
	h := Header{
		Addressed: w.stats.Tiles, Entries: w.stats.Entries, Contents: w.stats.Contents,
		Clustered: true, Internal: Gzip, TileCompression: Gzip, Type: d.Type,
		MinZoom: uint8(first.Z), MaxZoom: uint8(last.Z), Bounds: d.Bounds, Center: d.Center, CenterZoom: d.CenterZoom,
	}
	h.root = span{headerSize, uint64(len(root))}
	h.metadata = span{h.root.end(), uint64(len(metadata))}
	h.leaves = span{h.metadata.end(), uint64(len(leaves))}
	h.tiles = span{h.leaves.end(), w.written}
	b := append(h.encode(), root...)
	b = append(b, metadata...)
	return append(b, leaves...), nil
}

// leastLeaf is how many entries a leaf directory has at least: smaller ones cost a reader more requests than bytes.
const leastLeaf = 4096

// directories packs the entries into a root directory alone where it fits there, otherwise into leaves as small as the
// root has room for.
func directories(entries []entry) (root, leaves []byte, count uint64) {
	if root = gzipped(encodeDirectory(entries)); len(root) <= rootLimit {
		return root, nil, 0
	}
	for size := leastLeaf; ; size *= 2 {
		var index []entry
		leaves = leaves[:0]
		for i := 0; i < len(entries); i += size {
			leaf := gzipped(encodeDirectory(entries[i:min(i+size, len(entries))]))
			index = append(index, entry{id: entries[i].id, offset: uint64(len(leaves)), length: uint32(len(leaf))})
			leaves = append(leaves, leaf...)
		}
		if root = gzipped(encodeDirectory(index)); len(root) <= rootLimit {
			return root, leaves, uint64(len(index))
		}
	}
}

// Abort gives up what is not finished and leaves nothing behind; after Finish it does nothing.
func (w *Writer) Abort() error {
	if w.bodies == nil {
		return nil
	}
	name := w.bodies.Name()
	err := errors.Join(w.bodies.Close(), os.Remove(name))
	w.bodies = nil
	return err
}
