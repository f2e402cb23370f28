package importer

import (
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
)

// shape is a geometry on its way into staging.
type shape struct {
	polygons orb.MultiPolygon
	square   bool // drawn around a point
}

// polygonsOf takes the polygon parts of any geometry; a point is handed back as such.
func polygonsOf(g orb.Geometry) (orb.MultiPolygon, *orb.Point, error) {
	switch g := g.(type) {
	case nil:
		return nil, nil, nil
	case orb.Point:
		return nil, &g, nil
	case orb.Polygon:
		return orb.MultiPolygon{g}, nil, nil
	case orb.MultiPolygon:
		return g, nil, nil
	case orb.Collection:
		var all orb.MultiPolygon
		for _, m := range g {
			if part, _, err := polygonsOf(m); err == nil {
				all = append(all, part...)
			}
		}
		if len(all) > 0 {
			return all, nil, nil
		}
	}
	return nil, nil, fmt.Errorf("a %s has no area: a polygon is wanted", g.GeoJSONType())
}

// closed gives the polygons with every ring closed, and without rings that have fewer than three corners. What else
// may be wrong with them PostGIS finds and mends.
func closed(in orb.MultiPolygon) (orb.MultiPolygon, error) {
	out := make(orb.MultiPolygon, 0, len(in))
	for _, polygon := range in {
		var rings orb.Polygon
		for i, r := range polygon {
			if len(r) > 0 && !r.Closed() {
				r = append(r[:len(r):len(r)], r[0])
			}
			if len(r) >= 4 {
				rings = append(rings, r)
			} else if i == 0 {
				break // holes of nothing
			}
		}
		if len(rings) > 0 {
			out = append(out, rings)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("the outline has fewer than three corners")
	}
	return out, nil
}

// checkPoint refuses what cannot be longitude and latitude, and says what it probably is.
func checkPoint(p orb.Point) error {
	lon, lat := p[0], p[1]
	switch {
	case math.IsNaN(lon) || math.IsInf(lon, 0) || math.IsNaN(lat) || math.IsInf(lat, 0):
		return errors.New("a coordinate is no finite number")
	case math.Abs(lon) <= 180 && math.Abs(lat) <= 90:
		return nil
	case math.Abs(lat) <= 180 && math.Abs(lon) <= 90:
		return fmt.Errorf("latitude and longitude are probably swapped: %.5f, %.5f", lon, lat)
	}
	return fmt.Errorf("%.1f, %.1f is no longitude and latitude but probably metres: give --crs EPSG:n (EPSG:4547 for CGCS2000 around 114° E)", lon, lat)
}

func checkAll(g orb.MultiPolygon) error {
	for _, polygon := range g {
		for _, ring := range polygon {
			for _, p := range ring {
				if err := checkPoint(p); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// convert applies fn to every point in place; the points belong to the record that was just read.
func convert(g orb.MultiPolygon, fn func(orb.Point) orb.Point) {
	if fn == nil {
		return
	}
	for _, polygon := range g {
		for _, ring := range polygon {
			for i, p := range ring {
				ring[i] = fn(p)
			}
		}
		closeAgain(polygon)
	}
}

// closeAgain makes the last point the first to the bit, whatever the conversion did to each.
func closeAgain(p orb.Polygon) {
	for _, r := range p {
		r[len(r)-1] = r[0]
	}
}

// toWGS84 is the conversion of a system that is not left to PostGIS; nil where the numbers stay as they are.
func toWGS84(name string) func(orb.Point) orb.Point {
	switch name {
	case "gcj02":
		return func(p orb.Point) orb.Point {
			w := geo.GCJ02{Lon: p[0], Lat: p[1]}.WGS84()
			return orb.Point{w.Lon, w.Lat}
		}
	case "bd09":
		return func(p orb.Point) orb.Point {
			w := geo.BD09{Lon: p[0], Lat: p[1]}.WGS84()
			return orb.Point{w.Lon, w.Lat}
		}
	}
	return nil
}

// squareAround draws a square with sides of so many metres.
func squareAround(p orb.Point, side float64) orb.MultiPolygon {
	const metresPerDegree = 111320
	dy := side / 2 / metresPerDegree
	dx := dy / math.Cos(p[1]*math.Pi/180)
	return orb.MultiPolygon{{{
		{p[0] - dx, p[1] - dy}, {p[0] + dx, p[1] - dy}, {p[0] + dx, p[1] + dy}, {p[0] - dx, p[1] + dy}, {p[0] - dx, p[1] - dy},
	}}}
}

// shaper turns what a file holds into what staging takes.
type shaper struct {
	epsg    int // not 0: PostGIS converts, and the numbers go through as they are
	convert func(orb.Point) orb.Point
	side    float64
}

func newShaper(c crs, side float64) shaper {
	return shaper{epsg: c.epsg, convert: toWGS84(c.name), side: side}
}

func (s shaper) shape(g orb.Geometry) (shape, error) {
	polygons, point, err := polygonsOf(g)
	if err != nil {
		return shape{}, err
	}
	if point != nil {
		return s.point(*point)
	}
	if polygons == nil {
		return shape{}, nil
	}
	if polygons, err = closed(polygons); err != nil {
		return shape{}, err
	}
	if s.epsg == 0 {
		if err := checkAll(polygons); err != nil {
			return shape{}, err
		}
	}
	convert(polygons, s.convert)
	return shape{polygons: polygons}, nil
}

func (s shaper) point(p orb.Point) (shape, error) {
	switch {
	case s.side <= 0:
		return shape{}, errors.New("a point has no area: a polygon is wanted")
	case s.epsg != 0:
		return shape{}, errors.New("a point in a projected system has no area here: give polygons, or longitude and latitude")
	}
	if err := checkPoint(p); err != nil {
		return shape{}, err
	}
	if s.convert != nil {
		p = s.convert(p)
	}
	return shape{polygons: squareAround(p, s.side), square: true}, nil
}
