package geo

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/project"
)

// CRS names the coordinate system a file may be in: an EPSG number, or one of the two Chinese systems that have
// none. The zero CRS means "not known".
type CRS int

// The systems that this package converts by itself.
const (
	CRSWGS84    CRS = 4326
	CRSCGCS2000 CRS = 4490
	CRSMetric   CRS = 4547 // CGCS2000, 3-degree Gauss–Krüger, 114° E
	CRSGCJ02    CRS = -1
	CRSBD09     CRS = -2
)

var epsgForm = regexp.MustCompile(`^(?:(?:urn:ogc:def:crs:)?epsg:(?:[0-9.]*:)?)?([1-9][0-9]{3,5})$`)

// ParseCRS reads wgs84, cgcs2000, gcj02, bd09 or EPSG:n in any case, and the usual other spellings: WGS-84, CRS84,
// urn:ogc:def:crs:EPSG::4490, a bare EPSG number.
func ParseCRS(s string) (CRS, error) {
	name := strings.ToLower(strings.TrimSpace(s))
	if m := epsgForm.FindStringSubmatch(name); m != nil {
		n, err := strconv.Atoi(m[1])
		return CRS(n), err
	}
	switch strings.NewReplacer("-", "", "_", "", " ", "").Replace(name) {
	case "wgs84", "crs84", "ogc:crs84", "urn:ogc:def:crs:ogc:1.3:crs84", "urn:ogc:def:crs:ogc::crs84":
		return CRSWGS84, nil
	case "cgcs2000":
		return CRSCGCS2000, nil
	case "gcj02":
		return CRSGCJ02, nil
	case "bd09", "bd09ll":
		return CRSBD09, nil
	}
	return 0, fmt.Errorf("crs parse: %q is none of wgs84, cgcs2000, gcj02, bd09 and EPSG:n%s", clip(s), crsHint(name))
}

// crsHint tells which system the maps of a provider are in.
func crsHint(name string) string {
	for _, known := range [][2]string{
		{"baidu", "bd09"},
		{"百度", "bd09"},
		{"amap", "gcj02"},
		{"gaode", "gcj02"},
		{"高德", "gcj02"},
		{"tencent", "gcj02"},
		{"腾讯", "gcj02"},
		{"mars", "gcj02"},
		{"火星", "gcj02"},
		{"gps", "wgs84"},
		{"tianditu", "cgcs2000"},
		{"天地图", "cgcs2000"},
	} {
		if strings.Contains(name, known[0]) {
			return fmt.Sprintf("; %s uses %s", known[0], known[1])
		}
	}
	return ""
}

// String is the name that ParseCRS reads back; "unknown" for the zero CRS.
func (c CRS) String() string {
	switch c {
	case 0:
		return "unknown"
	case CRSWGS84:
		return "wgs84"
	case CRSCGCS2000:
		return "cgcs2000"
	case CRSGCJ02:
		return "gcj02"
	case CRSBD09:
		return "bd09"
	default:
		return fmt.Sprintf("EPSG:%d", int(c))
	}
}

// EPSG is the system's number. False for GCJ-02 and BD-09, which have none, and the zero CRS.
func (c CRS) EPSG() (int, bool) {
	if c <= 0 {
		return 0, false
	}
	return int(c), true
}

// Projection converts points of this system to WGS-84 degrees. False for a system that only PostGIS can transform.
func (c CRS) Projection() (orb.Projection, bool) {
	switch c {
	case CRSWGS84, CRSCGCS2000:
		return func(p orb.Point) orb.Point { return p }, true
	case CRSGCJ02:
		return func(p orb.Point) orb.Point { return GCJ02{p[0], p[1]}.WGS84().Point() }, true
	case CRSBD09:
		return func(p orb.Point) orb.Point { return BD09{p[0], p[1]}.WGS84().Point() }, true
	case CRSMetric:
		return FromMetric, true
	default:
		return nil, false
	}
}

// ToWGS84 converts a geometry of this system to WGS-84, in place where it is made of slices; use what it returns.
// A bound becomes the bound of its two corners. For systems other than the five above it refuses and changes
// nothing: those go through ST_Transform.
func (c CRS) ToWGS84(g orb.Geometry) (orb.Geometry, error) {
	proj, ok := c.Projection()
	if !ok {
		return nil, fmt.Errorf("crs transform: %s is transformed in PostGIS only", c)
	}
	if c == CRSWGS84 || c == CRSCGCS2000 {
		return g, nil
	}
	return project.Geometry(g, proj), nil
}

// ToMetric is the [orb.Projection] from WGS-84 degrees to metres in EPSG:4547, for orb/planar's areas and distances.
func ToMetric(p orb.Point) orb.Point {
	m := WGS84At(p).Metric()
	return orb.Point{m.E, m.N}
}

// FromMetric undoes ToMetric.
func FromMetric(p orb.Point) orb.Point { return Metric{p[0], p[1]}.WGS84().Point() }

// UnmarshalText is ParseCRS, for flags.
func (c *CRS) UnmarshalText(text []byte) error {
	parsed, err := ParseCRS(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// MarshalText is String.
func (c CRS) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
