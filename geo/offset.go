package geo

import "math"

// The shift of GCJ-02 was never published. These are the formulas that have circulated since 2010 and that every
// converter uses (eviltransform, coordtransform, gcoord): sums of sines in metres, divided by the radii of the
// Krasovsky 1940 ellipsoid, within a box around China. BD-09 turns and moves GCJ-02 by a hand's breadth more.
const (
	krasovskyA  = 6378245.0
	krasovskyE2 = 0.00669342162296594323
	baiduPi     = math.Pi * 3000 / 180
)

// GCJ02 shifts the point as the law has it. Outside the box that stands for China (72.004° to 137.8347° E, 0.8293°
// to 55.8271° N) it is the identity.
func (p WGS84) GCJ02() GCJ02 {
	if !inChina(p.Lon, p.Lat) {
		return GCJ02(p)
	}
	return GCJ02(p.shifted())
}

// WGS84 undoes [WGS84.GCJ02] by iteration, to better than a centimetre; where a point has no exact origin, in the
// seam along the box's border, it is the identity.
func (p GCJ02) WGS84() WGS84 {
	lon, lat := invert(p.Lon, p.Lat, func(lon, lat float64) (float64, float64) {
		q := WGS84{lon, lat}.shifted()
		return q.Lon, q.Lat
	})
	if !inChina(lon, lat) {
		return WGS84(p)
	}
	return WGS84{lon, lat}
}

// BD09 shifts the point to Baidu's system. Outside China it is the identity.
func (p GCJ02) BD09() BD09 {
	if !inChina(p.Lon, p.Lat) {
		return BD09(p)
	}
	return BD09(p.turned())
}

// GCJ02 undoes [GCJ02.BD09] by iteration, to better than a centimetre; the formula in circulation for this
// direction is off by up to a metre.
func (p BD09) GCJ02() GCJ02 {
	lon, lat := invert(p.Lon, p.Lat, func(lon, lat float64) (float64, float64) {
		q := GCJ02{lon, lat}.turned()
		return q.Lon, q.Lat
	})
	if !inChina(lon, lat) {
		return GCJ02(p)
	}
	return GCJ02{lon, lat}
}

// invert finds the point that forward takes to (lon, lat). The shift changes by less than a hundredth of what the
// point does, so stepping back by the miss gains two digits each time; the limit only stops what is not finite.
func invert(lon, lat float64, forward func(lon, lat float64) (float64, float64)) (float64, float64) {
	const (
		closeEnough = 1e-12 // degrees, a tenth of a micrometre
		mostSteps   = 30
	)
	atLon, atLat := lon, lat
	for range mostSteps {
		gotLon, gotLat := forward(atLon, atLat)
		missLon, missLat := gotLon-lon, gotLat-lat
		atLon, atLat = atLon-missLon, atLat-missLat
		if math.Abs(missLon) < closeEnough && math.Abs(missLat) < closeEnough {
			break
		}
	}
	return atLon, atLat
}

// inChina is the box of the published formulas. It reaches into neighbouring countries; maps made in China shift
// there too.
func inChina(lon, lat float64) bool {
	return lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271
}

// shifted is the shift without the box.
func (p WGS84) shifted() WGS84 {
	x, y := p.Lon-105, p.Lat-35
	sin := math.Sin(p.Lat / 180 * math.Pi)
	w := 1 - krasovskyE2*sin*sin
	meridian := krasovskyA * (1 - krasovskyE2) / (w * math.Sqrt(w)) // radius of curvature along the meridian
	parallel := krasovskyA / math.Sqrt(w) * math.Cos(p.Lat/180*math.Pi)
	return WGS84{
		Lon: p.Lon + shiftEast(x, y)*180/(parallel*math.Pi),
		Lat: p.Lat + shiftNorth(x, y)*180/(meridian*math.Pi),
	}
}

// shiftEast is metres east at x, y degrees from 105° E, 35° N.
func shiftEast(x, y float64) float64 {
	return 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) +
		ripple(x) + waves(x, 20, 40, 1, 3) + waves(x, 150, 300, 12, 30)
}

// shiftNorth is metres north at x, y degrees from 105° E, 35° N.
func shiftNorth(x, y float64) float64 {
	return -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) +
		ripple(x) + waves(y, 20, 40, 1, 3) + waves(y, 160, 320, 12, 30)
}

// ripple is the short wave both directions share.
func ripple(x float64) float64 {
	return (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
}

// waves is two sines over v with amplitudes a and b and the periods' divisors da and db.
func waves(v, a, b, da, db float64) float64 {
	return (a*math.Sin(v/da*math.Pi) + b*math.Sin(v/db*math.Pi)) * 2 / 3
}

// turned is Baidu's shift without the box.
func (p GCJ02) turned() GCJ02 {
	radius := math.Hypot(p.Lon, p.Lat) + 0.00002*math.Sin(p.Lat*baiduPi)
	angle := math.Atan2(p.Lat, p.Lon) + 0.000003*math.Cos(p.Lon*baiduPi)
	sin, cos := math.Sincos(angle)
	return GCJ02{Lon: radius*cos + 0.0065, Lat: radius*sin + 0.006}
}
