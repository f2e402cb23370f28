package live

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// QuantiseEWKB is Quantise for a geometry as PostGIS stores it, in EPSG:4326. It reads the bytes in place: a city's
// buildings come by in seconds, of which building geometries in between would take half.
func QuantiseEWKB(data []byte) (Shape, error) {
	q := quantiser{}
	if err := q.ewkb(data); err != nil {
		return Shape{}, fmt.Errorf("quantise geometry: %w", err)
	}
	return q.shape(), nil
}

var (
	errShort      = errors.New("the bytes end early")
	errDepth      = errors.New("collections nest too deep")
	errDimensions = errors.New("members of different dimensions")
	errSRID       = errors.New("the coordinate system is not EPSG:4326")
)

// Flags and types of EWKB's type word.
const (
	wkbZ    = 0x80000000
	wkbM    = 0x40000000
	wkbSRID = 0x20000000

	wkbAny          = 0
	wkbPoint        = 1
	wkbLine         = 2
	wkbPolygon      = 3
	wkbMultiPoint   = 4
	wkbMultiLine    = 5
	wkbMultiPolygon = 6
	wkbCollection   = 7
)

// wkbDepth is how deep collections may nest; PostGIS itself stops at a few dozen.
const wkbDepth = 32

// srid is the coordinate system of everything that is stored.
const srid = 4326

// wkbReader walks along the bytes of one geometry.
type wkbReader struct {
	data   []byte
	order  binary.ByteOrder
	stride int // bytes of a point, 0 before the first
}

// ewkb adds a geometry with its coordinate system.
func (q *quantiser) ewkb(data []byte) error {
	r := wkbReader{data: data}
	if len(data) < 9 || r.peekOrder().Uint32(data[1:])&wkbSRID == 0 || r.peekOrder().Uint32(data[5:]) != srid {
		return errSRID
	}
	if err := q.wkb(&r, wkbAny, 0); err != nil {
		return err
	}
	if len(r.data) != 0 {
		return fmt.Errorf("%d bytes too many", len(r.data))
	}
	return nil
}

func (r *wkbReader) peekOrder() binary.ByteOrder {
	if r.data[0] == 0 {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// head reads byte order, type and coordinate system, which every member has anew.
func (r *wkbReader) head() (kind uint32, err error) {
	if len(r.data) < 5 || r.data[0] > 1 {
		return 0, errShort
	}
	r.order = r.peekOrder()
	word := r.order.Uint32(r.data[1:])
	r.data = r.data[5:]
	if word&wkbSRID != 0 {
		if len(r.data) < 4 {
			return 0, errShort
		}
		r.data = r.data[4:]
	}
	stride := 16
	if word&wkbZ != 0 {
		stride += 8
	}
	if word&wkbM != 0 {
		stride += 8
	}
	if r.stride != 0 && r.stride != stride {
		return 0, errDimensions
	}
	r.stride = stride
	return word &^ (wkbZ | wkbM | wkbSRID), nil
}

// count reads how many follow; each takes at least so many bytes, so that no count is believed without them.
func (r *wkbReader) count(least int) (int, error) {
	if len(r.data) < 4 {
		return 0, errShort
	}
	n := int(r.order.Uint32(r.data))
	r.data = r.data[4:]
	if n*least > len(r.data) {
		return 0, errShort
	}
	return n, nil
}

// point reads x and y and passes over height and measure.
func (r *wkbReader) point() (x, y float64) {
	x = math.Float64frombits(r.order.Uint64(r.data))
	y = math.Float64frombits(r.order.Uint64(r.data[8:]))
	r.data = r.data[r.stride:]
	return x, y
}

// wkb adds one geometry of the wanted type, its members with it.
func (q *quantiser) wkb(r *wkbReader, want uint32, depth int) error {
	if depth > wkbDepth {
		return errDepth
	}
	kind, err := r.head()
	if err != nil {
		return err
	}
	if want != wkbAny && kind != want {
		return fmt.Errorf("geometry type %d among those of type %d", kind, want)
	}
	switch kind {
	case wkbPoint:
		return q.wkbPoint(r)
	case wkbLine:
		return q.wkbLine(r)
	case wkbPolygon:
		return q.wkbPolygon(r)
	case wkbMultiPoint, wkbMultiLine, wkbMultiPolygon:
		return q.wkbMembers(r, kind-wkbMultiPoint+wkbPoint, depth)
	case wkbCollection:
		return q.wkbMembers(r, wkbAny, depth)
	}
	return fmt.Errorf("geometry type %d is not known", kind)
}

func (q *quantiser) wkbMembers(r *wkbReader, want uint32, depth int) error {
	n, err := r.count(5)
	for i := 0; i < n && err == nil; i++ {
		err = q.wkb(r, want, depth+1)
	}
	return err
}

// wkbPoint adds a point; an empty one is written as not a number.
func (q *quantiser) wkbPoint(r *wkbReader) error {
	if len(r.data) < r.stride {
		return errShort
	}
	x, y := r.point()
	if math.IsNaN(x) && math.IsNaN(y) {
		return nil
	}
	if err := q.become(Points); err != nil {
		return err
	}
	return q.push(x, y)
}

func (q *quantiser) wkbLine(r *wkbReader) error {
	n, err := r.count(r.stride)
	if err != nil || n == 0 {
		return err
	}
	if err := q.become(Lines); err != nil {
		return err
	}
	start := len(q.xy)
	if err := q.wkbRun(r, start, n); err != nil {
		return err
	}
	q.close(start, 2, false)
	return nil
}

func (q *quantiser) wkbRun(r *wkbReader, start, n int) error {
	for range n {
		x, y := r.point()
		if err := q.step(start, x, y); err != nil {
			return err
		}
	}
	return nil
}

// wkbPolygon adds the rings; where the outer one collapses, its holes go with it.
func (q *quantiser) wkbPolygon(r *wkbReader) error {
	rings, err := r.count(4)
	if err != nil || rings == 0 {
		return err
	}
	if err := q.become(Polygon); err != nil {
		return err
	}
	outer := true
	for i := range rings {
		n, err := r.count(r.stride)
		if err != nil {
			return err
		}
		if !outer {
			r.data = r.data[n*r.stride:]
			continue
		}
		start := len(q.xy)
		if err := q.wkbRun(r, start, n); err != nil {
			return err
		}
		if kept := q.endRing(start, i > 0); i == 0 {
			outer = kept
		}
	}
	return nil
}
