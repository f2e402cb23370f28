package geo

import "math"

// The transverse Mercator projection by the series of L. Krüger (1912) in the third flattening n, with the
// coefficients as C. F. F. Karney gives them, "Transverse Mercator with an accuracy of a few nanometers", Journal
// of Geodesy 85 (2011), equations 7 to 9, 11, 14, 19 to 21, 35 and 36. The series stop at n⁴: what is left out is
// below a micrometre within ten degrees of the meridian.
const (
	grsA       = 6378137.0                                                      // half the major axis of CGCS2000 in metres, GRS80's
	grsF       = 1 / 298.257222101                                              // flattening of CGCS2000
	grsN       = grsF / (2 - grsF)                                              // third flattening
	grsE2      = grsF * (2 - grsF)                                              // first eccentricity squared
	grsRadius  = grsA / (1 + grsN) * (1 + grsN*grsN/4 + grsN*grsN*grsN*grsN/64) // of the rectifying sphere
	metricLon0 = 114.0                                                          // central meridian of EPSG:4547 in degrees
	metricE0   = 500000.0                                                       // its false easting in metres; scale on the meridian is 1
)

// Metric projects to EPSG:4547.
func (p CGCS2000) Metric() Metric {
	sinLon, cosLon := math.Sincos(radians(p.Lon - metricLon0))
	t := conformal(math.Tan(radians(p.Lat)))
	xi := math.Atan2(t, cosLon)
	eta := math.Asinh(sinLon / math.Hypot(t, cosLon))
	dXi, dEta := series(alpha(), xi, eta)
	return Metric{E: metricE0 + grsRadius*(eta+dEta), N: grsRadius * (xi + dXi)}
}

// CGCS2000 undoes [CGCS2000.Metric].
func (m Metric) CGCS2000() CGCS2000 {
	xi, eta := m.N/grsRadius, (m.E-metricE0)/grsRadius
	dXi, dEta := series(beta(), xi, eta)
	xi, eta = xi-dXi, eta-dEta
	sinXi, cosXi := math.Sincos(xi)
	t := sinXi / math.Hypot(math.Sinh(eta), cosXi)
	return CGCS2000{
		Lon: metricLon0 + degrees(math.Atan2(math.Sinh(eta), cosXi)),
		Lat: degrees(math.Atan(geodetic(t))),
	}
}

// series sums c_j sin 2jξ cosh 2jη and c_j cos 2jξ sinh 2jη.
func series(c [4]float64, xi, eta float64) (dXi, dEta float64) {
	for i, c := range c {
		k := 2 * float64(i+1)
		sin, cos := math.Sincos(k * xi)
		dXi += c * sin * math.Cosh(k*eta)
		dEta += c * cos * math.Sinh(k*eta)
	}
	return dXi, dEta
}

// alpha leads from the conformal sphere to the projection (Karney, equation 35).
func alpha() [4]float64 {
	const n = grsN
	return [4]float64{
		n/2 - 2*n*n/3 + 5*n*n*n/16 + 41*n*n*n*n/180,
		13*n*n/48 - 3*n*n*n/5 + 557*n*n*n*n/1440,
		61*n*n*n/240 - 103*n*n*n*n/140,
		49561 * n * n * n * n / 161280,
	}
}

// beta leads back (Karney, equation 36).
func beta() [4]float64 {
	const n = grsN
	return [4]float64{
		n/2 - 2*n*n/3 + 37*n*n*n/96 - n*n*n*n/360,
		n*n/48 + n*n*n/15 - 437*n*n*n*n/1440,
		17*n*n*n/480 - 37*n*n*n*n/840,
		4397 * n * n * n * n / 161280,
	}
}

// conformal turns the tangent of a latitude into that of the conformal latitude (Karney, equations 7 to 9).
func conformal(tau float64) float64 {
	e := math.Sqrt(grsE2)
	sigma := math.Sinh(e * math.Atanh(e*tau/math.Hypot(1, tau)))
	return tau*math.Hypot(1, sigma) - sigma*math.Hypot(1, tau)
}

// geodetic undoes conformal by Newton's method (Karney, equations 19 to 21), which doubles the digits each time:
// from the start below, two steps reach the last bit.
func geodetic(want float64) float64 {
	tau := want / (1 - grsE2)
	for range 4 {
		got := conformal(tau)
		tau += (want - got) / math.Hypot(1, got) * (1 + (1-grsE2)*tau*tau) / ((1 - grsE2) * math.Hypot(1, tau))
	}
	return tau
}

func radians(deg float64) float64 { return deg * math.Pi / 180 }

func degrees(rad float64) float64 { return rad * 180 / math.Pi }

// MetresPerDegree is the length of a degree of longitude and of latitude at a latitude, on the ellipsoid: what
// tolerances in metres need to become tolerances in degrees. At Futian it is about 102,800 and 110,700 m.
func MetresPerDegree(lat float64) (lon, north float64) {
	sin, cos := math.Sincos(radians(lat))
	w := 1 - grsE2*sin*sin
	meridian := grsA * (1 - grsE2) / (w * math.Sqrt(w))
	return radians(grsA / math.Sqrt(w) * cos), radians(meridian)
}
