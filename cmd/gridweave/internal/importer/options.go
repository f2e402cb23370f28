package importer

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/evidence"
)

// Kind is what a file holds.
type Kind string

// What can be imported.
const (
	Areas     Kind = "areas"
	Buildings Kind = "buildings"
	Rooms     Kind = "rooms"
)

// Codes is the family the codes in a file belong to.
type Codes string

// The two families that look alike.
const (
	HouseCodes      Codes = "house"
	StatisticsCodes Codes = "statistics"
)

// The defaults that matter to more than one place.
const (
	DefaultTolerance = 0.5 // metres
	DefaultFootprint = 10  // metres
	DefaultBatch     = 5000
)

// Options say what to import and how to read it. The zero value of each member is its default.
type Options struct {
	Kind      Kind
	File      string
	Layer     string            // of a Shapefile or GeoPackage with several layers
	CRS       string            // auto (default), wgs84, cgcs2000, gcj02, bd09 or EPSG:n
	Against   string            // a file in WGS-84 that auto tests against, instead of what the database knows
	Codes     Codes             // house (default) or statistics
	Map       map[string]string // field → property, where the usual names do not fit
	DryRun    bool              // check and count everything, change nothing
	Rejects   string            // where refused rows go; default FILE.rejects.csv
	Tolerance float64           // metres; gaps and overlaps narrower than this are rounding
	Strict    bool              // areas: change nothing where the tiling is not exact
	Footprint float64           // metres; a new building given as a point becomes a square of this side; < 0 refuses it
	Code      geo.Code          // areas: the code of a file's only feature where it carries none
	Level     geo.Level         // areas: what level the file has to be; 0 for any
	Name      string            // areas: the name of a file's only feature
	NameEN    string
	Batch     int          // rows of one transaction
	By        evidence.By  // who imports, for the ledger
	Progress  Progress     // nil for none
	Say       func(string) // hears what a person should read before anything is written; nil for nobody
}

// withDefaults checks the options against each other and fills in what was left out.
func (o Options) withDefaults() (Options, error) {
	if !slices.Contains([]Kind{Areas, Buildings, Rooms}, o.Kind) {
		return o, fmt.Errorf("import what? %q is none of areas, buildings, rooms", o.Kind)
	}
	if o.File == "" {
		return o, errors.New("import: name the file")
	}
	o.CRS = or(strings.ToLower(o.CRS), "auto")
	o.Codes = or(o.Codes, HouseCodes)
	o.Rejects = or(o.Rejects, o.File+".rejects.csv")
	o.Tolerance = or(o.Tolerance, DefaultTolerance)
	o.Footprint = or(o.Footprint, DefaultFootprint)
	o.Batch = or(o.Batch, DefaultBatch)
	o.By = defaultBy(o.By)
	if o.Progress == nil {
		o.Progress = silent{}
	}
	if _, err := parseCRS(o.CRS); err != nil {
		return o, err
	}
	return o, errors.Join(o.checkCodes(), o.checkAreaOptions(), checkMap(o.Kind, o.Map))
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

func defaultBy(by evidence.By) evidence.By {
	by.Name = or(by.Name, "import")
	by.Role = or(by.Role, "administrator")
	return by
}

func (o Options) checkCodes() error {
	switch {
	case o.Codes != HouseCodes && o.Codes != StatisticsCodes:
		return fmt.Errorf("codes %q: house or statistics", o.Codes)
	case o.Codes == StatisticsCodes && o.Kind != Areas:
		return fmt.Errorf("codes statistics: the statistics bureau numbers streets and communities, not %s", o.Kind)
	case o.Tolerance < 0:
		return fmt.Errorf("tolerance %v: metres, not below 0", o.Tolerance)
	}
	return nil
}

func (o Options) checkAreaOptions() error {
	if o.Kind != Areas && (o.Code != "" || o.Level != 0 || o.Name != "" || o.NameEN != "") {
		return fmt.Errorf("code, level and name belong to an area file; %s carry their own", o.Kind)
	}
	if o.Code == "" {
		return nil
	}
	if o.Level != 0 && o.Code.Level() != o.Level {
		return fmt.Errorf("code %s is a %s's, not a %s's", o.Code, o.Code.Level(), o.Level)
	}
	return nil
}

// checkMap refuses fields that the kind does not have.
func checkMap(k Kind, m map[string]string) error {
	known := fieldsOf(k, HouseCodes)
	for _, field := range slices.Sorted(maps.Keys(m)) {
		if !slices.ContainsFunc(known, func(f fieldSpec) bool { return f.name == field }) {
			names := make([]string, len(known))
			for i, f := range known {
				names[i] = f.name
			}
			return fmt.Errorf("map %s: %s have no such field; they have %s", field, k, strings.Join(names, ", "))
		}
		if m[field] == "" {
			return fmt.Errorf("map %s: name the file's property after the =", field)
		}
	}
	return nil
}

// crs is a coordinate system as the user names it; epsg is set where PostGIS has to convert.
type crs struct {
	name string
	epsg int
}

// parseCRS understands auto, the four systems by name, and EPSG:n.
func parseCRS(s string) (crs, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "auto", "wgs84", "cgcs2000", "gcj02", "bd09":
		return crs{name: s}, nil
	case "wgs-84", "epsg:4326", "crs84":
		return crs{name: "wgs84"}, nil
	case "epsg:4490":
		return crs{name: "cgcs2000"}, nil
	case "gcj-02":
		return crs{name: "gcj02"}, nil
	case "bd-09":
		return crs{name: "bd09"}, nil
	}
	digits, ok := strings.CutPrefix(s, "epsg:")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n <= 0 {
		return crs{}, fmt.Errorf("crs %q: auto, wgs84, cgcs2000, gcj02, bd09 or EPSG:n", s)
	}
	return crs{name: "EPSG:" + digits, epsg: n}, nil
}
