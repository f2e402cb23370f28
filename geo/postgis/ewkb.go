package postgis

import (
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"
)

// srid of everything that is stored: WGS-84 longitude and latitude in degrees.
const srid = 4326

// EncodeEWKB writes a geometry in EPSG:4326 as PostGIS reads it. Rings and bounds become polygons; a typed nil is its
// type's empty geometry. A nil interface and coordinates that are not finite are errors.
func EncodeEWKB(g orb.Geometry) ([]byte, error) {
	t, err := toGeom(g)
	if err != nil {
		return nil, fmt.Errorf("geometry encode: %w", err)
	}
	setSRID(t)
	data, err := ewkb.Marshal(t, ewkb.NDR)
	if err != nil {
		return nil, fmt.Errorf("geometry encode: %w", err)
	}
	return data, nil
}

// setSRID marks the outermost geometry only, as PostGIS does.
func setSRID(t geom.T) {
	switch t := t.(type) {
	case *geom.Point:
		t.SetSRID(srid)
	case *geom.MultiPoint:
		t.SetSRID(srid)
	case *geom.LineString:
		t.SetSRID(srid)
	case *geom.MultiLineString:
		t.SetSRID(srid)
	case *geom.Polygon:
		t.SetSRID(srid)
	case *geom.MultiPolygon:
		t.SetSRID(srid)
	case *geom.GeometryCollection:
		t.SetSRID(srid)
	}
}

func toGeom(g orb.Geometry) (geom.T, error) {
	switch g := g.(type) {
	case orb.Point:
		flat, err := flatten(nil, g)
		return geom.NewPointFlat(geom.XY, flat), err
	case orb.MultiPoint:
		flat, err := flatten(nil, g...)
		return geom.NewMultiPointFlat(geom.XY, flat), err
	case orb.LineString:
		flat, err := flatten(nil, g...)
		return geom.NewLineStringFlat(geom.XY, flat), err
	case orb.MultiLineString:
		return lines(g)
	case orb.Ring:
		return polygon(orb.Polygon{g})
	case orb.Bound:
		if g.IsEmpty() {
			return polygon(nil)
		}
		return polygon(g.ToPolygon())
	case orb.Polygon:
		return polygon(g)
	case orb.MultiPolygon:
		return polygons(g)
	case orb.Collection:
		return collection(g)
	case nil:
		return nil, errors.New("no geometry")
	}
	return nil, fmt.Errorf("unknown type %T", g)
}

func flatten(flat []float64, points ...orb.Point) ([]float64, error) {
	for _, p := range points {
		// NaN would also read back as an empty point.
		if math.IsNaN(p[0]-p[0]) || math.IsNaN(p[1]-p[1]) {
			return nil, fmt.Errorf("coordinates %v are not finite", p)
		}
		flat = append(flat, p[0], p[1])
	}
	return flat, nil
}

func lines(g orb.MultiLineString) (geom.T, error) {
	var flat []float64
	var ends []int
	var err error
	for _, line := range g {
		if flat, err = flatten(flat, line...); err != nil {
			return nil, err
		}
		ends = append(ends, len(flat))
	}
	return geom.NewMultiLineStringFlat(geom.XY, flat, ends), nil
}

func polygon(g orb.Polygon) (geom.T, error) {
	flat, ends, err := rings(nil, g)
	if err != nil {
		return nil, err
	}
	return geom.NewPolygonFlat(geom.XY, flat, ends), nil
}

func polygons(g orb.MultiPolygon) (geom.T, error) {
	var flat []float64
	var endss [][]int
	for _, p := range g {
		var ends []int
		var err error
		if flat, ends, err = rings(flat, p); err != nil {
			return nil, err
		}
		endss = append(endss, ends)
	}
	return geom.NewMultiPolygonFlat(geom.XY, flat, endss), nil
}

// rings leaves empty rings out: PostGIS has none, and an empty orb.Ring is an empty polygon.
func rings(flat []float64, g orb.Polygon) ([]float64, []int, error) {
	var ends []int
	var err error
	for _, ring := range g {
		if len(ring) == 0 {
			continue
		}
		if flat, err = flatten(flat, ring...); err != nil {
			return nil, nil, err
		}
		ends = append(ends, len(flat))
	}
	return flat, ends, nil
}

func collection(g orb.Collection) (geom.T, error) {
	out := geom.NewGeometryCollection()
	for _, member := range g {
		t, err := toGeom(member)
		if err != nil {
			return nil, err
		}
		if err := out.Push(t); err != nil {
			return nil, err
		}
	}
	return out, nil
}
