package geo

import "github.com/paulmach/orb"

// WGS84 is a point in degrees on the ellipsoid of GPS (EPSG:4326), which storage, tiles and the API use.
type WGS84 struct{ Lon, Lat float64 }

// CGCS2000 is a point in degrees in China's geodetic system (国家大地坐标系, EPSG:4490). It equals WGS-84 to
// decimetres, which nothing here can tell apart, so converting keeps the numbers.
type CGCS2000 struct{ Lon, Lat float64 }

// GCJ02 is a point in degrees as consumer maps in China show it (火星坐标): WGS-84 shifted by some hundred metres.
type GCJ02 struct{ Lon, Lat float64 }

// BD09 is a point in degrees as Baidu's maps show it (百度坐标): GCJ-02 shifted once more.
type BD09 struct{ Lon, Lat float64 }

// Metric is a point in metres in EPSG:4547: CGCS2000, Gauss–Krüger in the 3-degree zone about 114° E, east with a
// false easting of 500,000 m, north from the equator. It is meant for Shenzhen and stays below a millimetre of
// error some degrees around the meridian.
type Metric struct{ E, N float64 }

// WGS84At reads a point of a geometry that is known to be WGS-84.
func WGS84At(p orb.Point) WGS84 { return WGS84{p[0], p[1]} }

// Point is the point for a geometry in WGS-84.
func (p WGS84) Point() orb.Point { return orb.Point{p.Lon, p.Lat} }

// CGCS2000 keeps the numbers; see the type.
func (p WGS84) CGCS2000() CGCS2000 { return CGCS2000(p) }

// WGS84 keeps the numbers; see the type.
func (p CGCS2000) WGS84() WGS84 { return WGS84(p) }

// BD09 shifts twice. Outside China it is the identity.
func (p WGS84) BD09() BD09 { return p.GCJ02().BD09() }

// WGS84 undoes [WGS84.BD09] to better than a centimetre.
func (p BD09) WGS84() WGS84 { return p.GCJ02().WGS84() }

// Metric projects to EPSG:4547.
func (p WGS84) Metric() Metric { return p.CGCS2000().Metric() }

// WGS84 undoes [WGS84.Metric].
func (m Metric) WGS84() WGS84 { return m.CGCS2000().WGS84() }
