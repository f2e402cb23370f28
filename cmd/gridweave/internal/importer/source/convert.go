package source

import (
	"fmt"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"
	"github.com/twpayne/go-geom/encoding/wkb"
	"github.com/twpayne/go-geom/encoding/wkbcommon"
)

// parseWKB reads ISO WKB; heights and measures are dropped.
func parseWKB(b []byte) (orb.Geometry, error) {
	g, err := wkb.Unmarshal(b, wkbcommon.WKBOptionEmptyPointHandling(wkbcommon.EmptyPointHandlingNaN))
	if err != nil {
		return nil, fmt.Errorf("geometry is no WKB: %w", err)
	}
	return toOrb(g)
}

func parseEWKB(b []byte) (orb.Geometry, error) {
	g, err := ewkb.Unmarshal(b)
	if err != nil {
		return nil, fmt.Errorf("geometry is no WKB: %w", err)
	}
	return toOrb(g)
}

// toOrb keeps the first two coordinates of every point.
func toOrb(g geom.T) (orb.Geometry, error) {
	switch g := g.(type) {
	case nil:
		return nil, nil //nolint:nilnil // a feature without geometry is legal
	case *geom.Point:
		if g.Empty() {
			return nil, nil //nolint:nilnil // as above
		}
		return orb.Point{g.X(), g.Y()}, nil
	case *geom.MultiPoint:
		return orb.MultiPoint(points(g.FlatCoords(), g.Stride())), nil
	case *geom.LineString:
		return orb.LineString(points(g.FlatCoords(), g.Stride())), nil
	case *geom.MultiLineString:
		out := orb.MultiLineString{}
		for i := range g.NumLineStrings() {
			out = append(out, points(g.LineString(i).FlatCoords(), g.Stride()))
		}
		return out, nil
	case *geom.Polygon:
		return polygonOf(g), nil
	case *geom.MultiPolygon:
		out := orb.MultiPolygon{}
		for i := range g.NumPolygons() {
			out = append(out, polygonOf(g.Polygon(i)))
		}
		return out, nil
	case *geom.GeometryCollection:
		return collectionOf(g)
	}
	return nil, fmt.Errorf("geometry of type %T is not read here", g)
}

func collectionOf(g *geom.GeometryCollection) (orb.Geometry, error) {
	out := orb.Collection{}
	for _, m := range g.Geoms() {
		o, err := toOrb(m)
		if err != nil {
			return nil, err
		}
		if o != nil {
			out = append(out, o)
		}
	}
	return out, nil
}

func polygonOf(g *geom.Polygon) orb.Polygon {
	out := make(orb.Polygon, g.NumLinearRings())
	for i := range out {
		out[i] = points(g.LinearRing(i).FlatCoords(), g.Stride())
	}
	return out
}

func points(flat []float64, stride int) []orb.Point {
	out := make([]orb.Point, 0, len(flat)/stride)
	for i := 0; i+1 < len(flat); i += stride {
		out = append(out, orb.Point{flat[i], flat[i+1]})
	}
	return out
}
