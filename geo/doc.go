// Package geo holds the district's values over orb: codes of places, people's and companies' numbers, coordinate
// systems and the masks under which personal data may be shown.
//
// It does no I/O, keeps no state and knows neither the database nor a business noun. Every type is a small value
// that is safe to copy, compare and use from any goroutine. Only its parsers make codes, so a [Code] in hand has
// been checked; the one exception is the zero value of each, which stands for "none" and grants nothing.
//
// Coordinates are never bare numbers: [WGS84], [CGCS2000], [GCJ02] and [BD09] are degrees, longitude first, and
// [Metric] is metres in EPSG:4547. What leaves this package for storage and tiles is WGS-84 (EPSG:4326).
package geo
