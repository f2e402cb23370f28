package pmtiles

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// headerSize is what a header takes; the root directory follows within the first 16 KiB of a file.
const (
	headerSize = 127
	rootLimit  = 16<<10 - headerSize
)

const magic = "PMTiles"

// magicRead is how much of it is asked for: some writers leave the rest out, and the reference reader looks at no more.
const magicRead = "PM"

// Compression is how directories, metadata and tiles are packed.
type Compression uint8

// The kinds of compression. Brotli is not unpacked here.
const (
	UnknownCompression Compression = iota
	NoCompression
	Gzip
	Brotli
	Zstd
)

// TileType is what the tiles are.
type TileType uint8

// The types of tiles.
const (
	UnknownType TileType = iota
	MVT
	PNG
	JPEG
	WebP
	AVIF
)

// MediaType is the type's name in HTTP.
func (t TileType) MediaType() string {
	switch t {
	case MVT:
		return "application/vnd.mapbox-vector-tile"
	case PNG:
		return "image/png"
	case JPEG:
		return "image/jpeg"
	case WebP:
		return "image/webp"
	case AVIF:
		return "image/avif"
	case UnknownType:
	}
	return "application/octet-stream"
}

// span is a stretch of the file in bytes.
type span struct{ offset, length uint64 }

func (s span) end() uint64 { return s.offset + s.length }

// Header is what an archive says of itself. Bounds are west, south, east, north in WGS-84 degrees, the center longitude
// and latitude.
type Header struct {
	root, metadata, leaves, tiles span

	Addressed uint64 // tiles that can be asked for
	Entries   uint64 // entries of directories that name tiles
	Contents  uint64 // different bodies

	Clustered        bool // bodies lie in the order of their tiles
	Internal         Compression
	TileCompression  Compression
	Type             TileType
	MinZoom, MaxZoom uint8
	Bounds           [4]float64
	Center           [2]float64
	CenterZoom       uint8
}

// errNotPMTiles is of a file that is something else.
var errNotPMTiles = errors.New("not a PMTiles archive of version 3")

// parseHeader reads the fixed part of a file of that size and holds it against the size.
func parseHeader(b []byte, size uint64) (Header, error) {
	if len(b) < headerSize || string(b[:len(magicRead)]) != magicRead || b[7] != 3 {
		return Header{}, errNotPMTiles
	}
	u64 := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8+8*i:]) }
	degrees := func(at int) float64 { return float64(int32(binary.LittleEndian.Uint32(b[at:]))) / 1e7 }
	h := Header{
		root: span{u64(0), u64(1)}, metadata: span{u64(2), u64(3)}, leaves: span{u64(4), u64(5)}, tiles: span{u64(6), u64(7)},
		Addressed: u64(8), Entries: u64(9), Contents: u64(10),
		Clustered: b[96] == 1, Internal: Compression(b[97]), TileCompression: Compression(b[98]), Type: TileType(b[99]),
		MinZoom: b[100], MaxZoom: b[101],
		Bounds:     [4]float64{degrees(102), degrees(106), degrees(110), degrees(114)},
		CenterZoom: b[118],
		Center:     [2]float64{degrees(119), degrees(123)},
	}
	return h, h.check(size)
}

func (h Header) check(size uint64) error {
	for name, s := range map[string]span{"root directory": h.root, "metadata": h.metadata, "leaf directories": h.leaves, "tiles": h.tiles} {
		if s.length > size || s.offset > size-s.length {
			return fmt.Errorf("pmtiles: the %s lie beyond the end of the file", name)
		}
	}
	if h.root.length > rootLimit {
		return fmt.Errorf("pmtiles: the root directory has %d bytes, more than %d", h.root.length, rootLimit)
	}
	if h.MinZoom > h.MaxZoom || h.MaxZoom > maxZoom {
		return fmt.Errorf("pmtiles: zooms %d to %d", h.MinZoom, h.MaxZoom)
	}
	for _, c := range []Compression{h.Internal, h.TileCompression} {
		if c != NoCompression && c != Gzip && c != Zstd {
			return fmt.Errorf("pmtiles: compression %d is not supported; 1 (none), 2 (gzip) and 4 (zstd) are", c)
		}
	}
	return nil
}

func (h Header) encode() []byte {
	b := make([]byte, headerSize)
	copy(b, magic)
	b[7] = 3
	for i, v := range []uint64{
		h.root.offset, h.root.length, h.metadata.offset, h.metadata.length, h.leaves.offset, h.leaves.length,
		h.tiles.offset, h.tiles.length, h.Addressed, h.Entries, h.Contents,
	} {
		binary.LittleEndian.PutUint64(b[8+8*i:], v)
	}
	if h.Clustered {
		b[96] = 1
	}
	b[97], b[98], b[99], b[100], b[101], b[118] = byte(h.Internal), byte(h.TileCompression), byte(h.Type), h.MinZoom, h.MaxZoom, h.CenterZoom
	degrees := func(at int, v float64) { binary.LittleEndian.PutUint32(b[at:], uint32(int32(math.Round(v*1e7)))) }
	for i, v := range h.Bounds {
		degrees(102+4*i, v)
	}
	degrees(119, h.Center[0])
	degrees(123, h.Center[1])
	return b
}
