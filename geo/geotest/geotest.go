// Package geotest holds fixtures over geo for tests of other packages. Nothing but tests may import it.
package geotest

import "github.com/paulmach/orb"

// AllGeometries lists every kind of value an [orb.Geometry] can be, WGS-84 about Futian: nil, typed nils, empties,
// members that are empty or nil, and each kind filled. A function over geometries must survive all of them. Each
// call makes them anew, so a test may change them.
func AllGeometries() []orb.Geometry {
	return append(nothings(), somethings()...)
}

// nothings hold no point, or stand at the origin like a forgotten value.
func nothings() []orb.Geometry {
	return []orb.Geometry{
		nil,
		orb.MultiPoint(nil), orb.LineString(nil), orb.MultiLineString(nil), orb.Ring(nil), orb.Polygon(nil),
		orb.MultiPolygon(nil), orb.Collection(nil),
		orb.Point{},
		orb.MultiPoint{},
		orb.LineString{},
		orb.MultiLineString{},
		orb.Ring{},
		orb.Polygon{},
		orb.MultiPolygon{},
		orb.Collection{},
		orb.Bound{},
		orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{-1, -1}},
		orb.MultiLineString{nil},
		orb.MultiLineString{{}},
		orb.Polygon{nil},
		orb.Polygon{{}},
		orb.MultiPolygon{nil},
		orb.MultiPolygon{{}},
		orb.MultiPolygon{{nil}},
		orb.MultiPolygon{{{}}},
		orb.Collection{nil},
		orb.Collection{orb.Polygon(nil)},
		orb.Collection{orb.Collection{}},
	}
}

func somethings() []orb.Geometry {
	line := orb.LineString{{114.05, 22.54}, {114.06, 22.55}, {114.07, 22.53}}
	return []orb.Geometry{
		orb.Point{114.05, 22.54},
		orb.MultiPoint{{114.05, 22.54}},
		orb.MultiPoint{{114.05, 22.54}, {114.06, 22.55}},
		line.Clone(),
		orb.LineString{{114.05, 22.54}},
		orb.MultiLineString{line.Clone(), {{114, 22.5}, {114.01, 22.5}}},
		square(114.05, 22.54, 0.01),
		orb.Polygon{square(114.05, 22.54, 0.01)},
		holed(114.05, 22.54),
		orb.MultiPolygon{holed(114.05, 22.54), {square(114.08, 22.56, 0.001)}},
		square(114.05, 22.54, 0.01).Bound(),
		orb.Collection{orb.Point{114.05, 22.54}, line.Clone(), holed(114.05, 22.54)},
		orb.Collection{orb.Collection{orb.Point{114.05, 22.54}}, orb.MultiPolygon{holed(114, 22.5)}},
	}
}

// square is a counter-clockwise ring with its south-west corner at lon, lat.
func square(lon, lat, side float64) orb.Ring {
	return orb.Ring{{lon, lat}, {lon + side, lat}, {lon + side, lat + side}, {lon, lat + side}, {lon, lat}}
}

// holed is a square with a clockwise hole.
func holed(lon, lat float64) orb.Polygon {
	hole := square(lon+0.004, lat+0.004, 0.002)
	hole.Reverse()
	return orb.Polygon{square(lon, lat, 0.01), hole}
}
