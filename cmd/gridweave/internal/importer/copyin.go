package importer

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
)

// copyBuffer is a batch of rows in PostgreSQL's binary COPY format, encoded while the batch before is still at work in
// the database. It knows nothing of types beyond their wire form, which is what makes it fast.
type copyBuffer struct {
	b    []byte
	rows int
}

// copyHead: signature, flags, length of the extension (PostgreSQL documentation, COPY, binary format).
const copyHead = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func (c *copyBuffer) row(columns int) {
	if c.rows == 0 {
		c.b = append(c.b[:0], copyHead...)
	}
	c.rows++
	c.b = binary.BigEndian.AppendUint16(c.b, uint16(columns)) //nolint:gosec // a handful
}

func (c *copyBuffer) null() { c.b = binary.BigEndian.AppendUint32(c.b, math.MaxUint32) }

func (c *copyBuffer) length(n int) {
	c.b = binary.BigEndian.AppendUint32(c.b, uint32(n)) //nolint:gosec // a feature is limited to 64 MB
}

// text writes "" as NULL: an empty value in a file says nothing.
func (c *copyBuffer) text(s string) {
	if s == "" {
		c.null()
		return
	}
	c.length(len(s))
	c.b = append(c.b, s...)
}

func (c *copyBuffer) int8(v int64) {
	c.length(8)
	c.b = binary.BigEndian.AppendUint64(c.b, uint64(v)) //nolint:gosec // two's complement is the wire form
}

// int4 writes v unless it is missing.
func (c *copyBuffer) int4(v int32, ok bool) {
	if !ok {
		c.null()
		return
	}
	c.length(4)
	c.b = binary.BigEndian.AppendUint32(c.b, uint32(v)) //nolint:gosec // two's complement is the wire form
}

func (c *copyBuffer) float4(v float32, ok bool) {
	if !ok {
		c.null()
		return
	}
	c.length(4)
	c.b = binary.BigEndian.AppendUint32(c.b, math.Float32bits(v))
}

func (c *copyBuffer) bool(v bool) {
	c.length(1)
	if v {
		c.b = append(c.b, 1)
		return
	}
	c.b = append(c.b, 0)
}

// EWKB type numbers, little endian.
const (
	ewkbPolygon      = 3
	ewkbMultiPolygon = 6
	ewkbSRID         = 0x20000000
)

// polygons writes EWKB, or NULL where there is no geometry.
func (c *copyBuffer) polygons(g orb.MultiPolygon, srid int) {
	if g == nil {
		c.null()
		return
	}
	at := len(c.b)
	c.length(0)
	le := binary.LittleEndian
	c.b = append(c.b, 1)
	c.b = le.AppendUint32(c.b, ewkbMultiPolygon|ewkbSRID)
	c.b = le.AppendUint32(c.b, uint32(srid))   //nolint:gosec // EPSG codes are small
	c.b = le.AppendUint32(c.b, uint32(len(g))) //nolint:gosec // a feature is limited to 64 MB
	for _, polygon := range g {
		c.b = append(c.b, 1)
		c.b = le.AppendUint32(c.b, ewkbPolygon)
		c.b = le.AppendUint32(c.b, uint32(len(polygon))) //nolint:gosec // as above
		for _, ring := range polygon {
			c.b = le.AppendUint32(c.b, uint32(len(ring))) //nolint:gosec // as above
			for _, p := range ring {
				c.b = le.AppendUint64(c.b, math.Float64bits(p[0]))
				c.b = le.AppendUint64(c.b, math.Float64bits(p[1]))
			}
		}
	}
	binary.BigEndian.PutUint32(c.b[at:], uint32(len(c.b)-at-4)) //nolint:gosec // as above
}

// send copies the rows into the table and empties the buffer.
func (c *copyBuffer) send(ctx context.Context, tx pgx.Tx, into string) error {
	if c.rows == 0 {
		return nil
	}
	c.b = binary.BigEndian.AppendUint16(c.b, math.MaxUint16) // the trailer
	_, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(c.b), "copy "+into+" from stdin binary")
	c.rows, c.b = 0, c.b[:0]
	if err != nil {
		return fmt.Errorf("copy into staging: %w", err)
	}
	return nil
}
