package postgis

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"
)

// DecodeEWKB reads a geometry in EPSG:4326, dropping heights and measures. An empty point, which orb does not have,
// becomes an empty multipoint. Another SRID, curves and surfaces are errors.
func DecodeEWKB(data []byte) (orb.Geometry, error) {
	if err := checkEWKB(data); err != nil {
		return nil, fmt.Errorf("geometry decode: %w", err)
	}
	t, err := ewkb.Unmarshal(data)
	if err != nil {
		return nil, fmt.Errorf("geometry decode: %w", err)
	}
	if t.SRID() != srid {
		return nil, fmt.Errorf("geometry decode: SRID %d, want %d", t.SRID(), srid)
	}
	g, err := fromGeom(t)
	if err != nil {
		return nil, fmt.Errorf("geometry decode: %w", err)
	}
	return g, nil
}

func fromGeom(t geom.T) (orb.Geometry, error) {
	stride := t.Stride()
	switch t := t.(type) {
	case *geom.Point:
		if t.Empty() {
			return orb.MultiPoint{}, nil
		}
		return orb.Point{t.X(), t.Y()}, nil
	case *geom.MultiPoint:
		return orb.MultiPoint(points(t.FlatCoords(), stride)), nil
	case *geom.LineString:
		return orb.LineString(points(t.FlatCoords(), stride)), nil
	case *geom.MultiLineString:
		out := make(orb.MultiLineString, 0, t.NumLineStrings())
		start := 0
		for _, end := range t.Ends() {
			out = append(out, points(t.FlatCoords()[start:end], stride))
			start = end
		}
		return out, nil
	case *geom.Polygon:
		return unring(t.FlatCoords(), 0, t.Ends(), stride), nil
	case *geom.MultiPolygon:
		return unpolygon(t), nil
	case *geom.GeometryCollection:
		return uncollect(t)
	}
	return nil, fmt.Errorf("unknown type %T", t)
}

func points(flat []float64, stride int) []orb.Point {
	out := make([]orb.Point, 0, len(flat)/stride)
	for i := 0; i+1 < len(flat); i += stride {
		out = append(out, orb.Point{flat[i], flat[i+1]})
	}
	return out
}

func unring(flat []float64, start int, ends []int, stride int) orb.Polygon {
	out := make(orb.Polygon, 0, len(ends))
	for _, end := range ends {
		out = append(out, points(flat[start:end], stride))
		start = end
	}
	return out
}

func unpolygon(t *geom.MultiPolygon) orb.MultiPolygon {
	out := make(orb.MultiPolygon, 0, t.NumPolygons())
	start := 0
	for _, ends := range t.Endss() {
		out = append(out, unring(t.FlatCoords(), start, ends, t.Stride()))
		if len(ends) > 0 {
			start = ends[len(ends)-1]
		}
	}
	return out
}

func uncollect(t *geom.GeometryCollection) (orb.Geometry, error) {
	out := make(orb.Collection, 0, t.NumGeoms())
	for _, member := range t.Geoms() {
		g, err := fromGeom(member)
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, nil
}

// maxDepth of collections within collections; PostGIS itself stops at a few dozen.
const maxDepth = 32

// checkEWKB walks over the bytes before go-geom does, which would believe any count and reserve room for it.
func checkEWKB(data []byte) error {
	rest, err := skipGeometry(data, 0)
	if err != nil {
		return err
	}
	if len(rest) != 0 {
		return fmt.Errorf("%d bytes too many", len(rest))
	}
	return nil
}

var errShort = errors.New("the bytes end early")

// Flags of EWKB's type word.
const (
	flagZ    = 0x80000000
	flagM    = 0x40000000
	flagSRID = 0x20000000
)

func skipGeometry(data []byte, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("collections nest deeper than %d", maxDepth)
	}
	if len(data) < 5 || data[0] > 1 {
		return nil, errShort
	}
	order := byteOrder(data[0])
	word := order.Uint32(data[1:])
	data = data[5:]
	if word&flagSRID != 0 {
		if len(data) < 4 {
			return nil, errShort
		}
		data = data[4:]
	}
	size := 16
	for _, flag := range []uint32{flagZ, flagM} {
		if word&flag != 0 {
			size += 8
		}
	}
	return skipBody(data, order, word&^(flagZ|flagM|flagSRID), size, depth)
}

func byteOrder(b byte) binary.ByteOrder {
	if b == 0 {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// skipBody passes over what follows the header; size is of one coordinate in bytes.
func skipBody(data []byte, order binary.ByteOrder, kind uint32, size, depth int) ([]byte, error) {
	switch kind {
	case 1: // point
		if len(data) < size {
			return nil, errShort
		}
		return data[size:], nil
	case 2: // line
		return skipPoints(data, order, size)
	case 3: // polygon
		return skipEach(data, order, func(data []byte) ([]byte, error) { return skipPoints(data, order, size) })
	case 4, 5, 6, 7: // multi and collection
		return skipEach(data, order, func(data []byte) ([]byte, error) { return skipGeometry(data, depth+1) })
	}
	return nil, fmt.Errorf("geometry type %d is not supported", kind)
}

func skipPoints(data []byte, order binary.ByteOrder, size int) ([]byte, error) {
	if len(data) < 4 {
		return nil, errShort
	}
	need := uint64(order.Uint32(data)) * uint64(size)
	if data = data[4:]; need > uint64(len(data)) {
		return nil, errShort
	}
	return data[need:], nil
}

func skipEach(data []byte, order binary.ByteOrder, skip func([]byte) ([]byte, error)) ([]byte, error) {
	if len(data) < 4 {
		return nil, errShort
	}
	n := order.Uint32(data)
	data = data[4:]
	for range n {
		var err error
		if data, err = skip(data); err != nil {
			return nil, err
		}
	}
	return data, nil
}
