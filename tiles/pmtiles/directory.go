package pmtiles

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// entry names a stretch of tiles, from id on run of them, that have the same body; where run is 0, it names the leaf
// directory that begins with id. Offsets count from the beginning of the tiles or of the leaf directories.
type entry struct {
	id, offset uint64
	length     uint32
	run        uint32
}

// leastEntry is what an entry takes at least, unpacked: a byte in each of four columns.
const leastEntry = 4

var errDirectory = errors.New("pmtiles: a directory is broken")

// parseDirectory reads the four columns of a directory: distances of ids, runs, lengths, offsets. It accepts only ids
// that grow.
func parseDirectory(b []byte) ([]entry, error) {
	c := columns{rest: b}
	n := c.next()
	if n == 0 || n > uint64(len(b))/leastEntry {
		return nil, fmt.Errorf("%w: %d entries in %d bytes", errDirectory, n, len(b))
	}
	entries := make([]entry, n)
	id := uint64(0)
	for i := range entries {
		step := c.next()
		if i > 0 && step == 0 || id+step < id {
			return nil, fmt.Errorf("%w: ids do not grow", errDirectory)
		}
		id += step
		entries[i].id = id
	}
	for i := range entries {
		entries[i].run = c.small()
	}
	for i := range entries {
		entries[i].length = c.small()
	}
	for i := range entries {
		switch v := c.next(); {
		case v > 0:
			entries[i].offset = v - 1
		case i > 0:
			entries[i].offset = entries[i-1].offset + uint64(entries[i-1].length)
		default:
			c.broken = true
		}
	}
	if c.broken {
		return nil, errDirectory
	}
	return entries, nil
}

// columns reads numbers until one is broken, and zeros from there on.
type columns struct {
	rest   []byte
	broken bool
}

func (c *columns) next() uint64 {
	v, n := binary.Uvarint(c.rest)
	if n <= 0 || c.broken {
		c.broken = true
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

func (c *columns) small() uint32 {
	v := c.next()
	if v > 1<<32-1 {
		c.broken = true
	}
	return uint32(v)
}

func encodeDirectory(entries []entry) []byte {
	b := binary.AppendUvarint(nil, uint64(len(entries)))
	last := uint64(0)
	for _, e := range entries {
		b = binary.AppendUvarint(b, e.id-last)
		last = e.id
	}
	for _, e := range entries {
		b = binary.AppendUvarint(b, uint64(e.run))
	}
	for _, e := range entries {
		b = binary.AppendUvarint(b, uint64(e.length))
	}
	for i, e := range entries {
		if i > 0 && e.offset == entries[i-1].offset+uint64(entries[i-1].length) {
			b = append(b, 0)
			continue
		}
		b = binary.AppendUvarint(b, e.offset+1)
	}
	return b
}

// find is the entry that names the tile or the leaf in which to look on.
func find(entries []entry, id uint64) (entry, bool) {
	i, exact := slices.BinarySearchFunc(entries, id, func(e entry, id uint64) int {
		switch {
		case e.id < id:
			return -1
		case e.id > id:
			return 1
		}
		return 0
	})
	if !exact {
		i--
	}
	if i < 0 {
		return entry{}, false
	}
	e := entries[i]
	return e, e.run == 0 || id-e.id < uint64(e.run)
}
