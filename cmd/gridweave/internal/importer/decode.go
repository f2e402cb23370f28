package importer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/source"
	"github.com/gridweave/gridweave/geo"
)

// decoder turns one record into one staged row, or says why it cannot.
type decoder interface {
	// into names the staging table and its columns in the order decode writes them.
	into() string
	decode(rec *source.Record, out *copyBuffer) error
	// code is the record's code as it stands in the file, for the rejects.
	code(rec *source.Record) string
	fields() map[string]string
}

func newDecoder(o Options, c crs) decoder {
	switch o.Kind {
	case Buildings:
		return &buildingDecoder{base: newBase(o), shaper: newShaper(c, o.Footprint)}
	case Rooms:
		return &roomDecoder{base: newBase(o)}
	case Areas:
	}
	return &areaDecoder{base: newBase(o), shaper: newShaper(c, 0), options: o}
}

type base struct{ f *fields }

func newBase(o Options) base { return base{newFields(o.Kind, o.Codes, o.Map)} }

func (b base) code(rec *source.Record) string        { return b.f.of(rec, 0) }
func (b base) fields() map[string]string             { return b.f.found }
func (b base) text(rec *source.Record, i int) string { return b.f.of(rec, i) }

// houseCode parses the record's code at a level (or at any, for 0).
func (b base) houseCode(rec *source.Record, level geo.Level) (geo.Code, error) {
	s := b.code(rec)
	if s == "" {
		return "", b.f.missingCode(rec)
	}
	if strings.ContainsAny(s, "eE.") && strings.Trim(s, "0123456789eE.+") == "" {
		return "", fmt.Errorf("code %s: a spreadsheet has rounded it to a number; write codes as text", s)
	}
	if level == 0 {
		return geo.ParseCode(s)
	}
	return geo.ParseCodeAt(s, level)
}

// Columns of buildings, in the order of fieldsOf(Buildings).
const (
	_ = iota // the code
	buildingGrid
	buildingName
	buildingNameEN
	buildingAddress
	buildingAddressEN
	buildingKind
	buildingLevels
	buildingHeight
	buildingYear
)

type buildingDecoder struct {
	base
	shaper shaper
}

func (d *buildingDecoder) into() string {
	return "stage_building (row, code, name_zh, name_en, address_zh, address_en, kind, levels, height_m, built_year, square, geom)"
}

func (d *buildingDecoder) decode(rec *source.Record, out *copyBuffer) error {
	code, err := d.houseCode(rec, geo.Building)
	if err != nil {
		return err
	}
	if grid := d.text(rec, buildingGrid); grid != "" && !strings.HasPrefix(string(code), grid) {
		return fmt.Errorf("the code lies in grid %s, but the file says grid %s", string(code)[:geo.Grid], grid)
	}
	levels, err := wholeNumber("levels", d.text(rec, buildingLevels), 200)
	if err != nil {
		return err
	}
	height, err := number("height", d.text(rec, buildingHeight), 1000)
	if err != nil {
		return err
	}
	year, err := builtYear(d.text(rec, buildingYear))
	if err != nil {
		return err
	}
	g, err := d.shaper.shape(rec.Geom)
	if err != nil {
		return err
	}
	out.row(12)
	out.int8(rec.Row)
	out.text(string(code))
	for _, i := range []int{buildingName, buildingNameEN, buildingAddress, buildingAddressEN} {
		out.text(d.text(rec, i))
	}
	out.text(buildingUse(d.text(rec, buildingKind)))
	out.int4(int32(levels), levels > 0) //nolint:gosec // at most 200
	out.float4(float32(height), height > 0)
	out.int4(int32(year), year > 0) //nolint:gosec // at most 2200
	out.bool(g.square)
	out.polygons(g.polygons, or(d.shaper.epsg, 4326))
	return nil
}

// wholeNumber reads a count. 0 and "" mean that it is not known, as many files write it.
func wholeNumber(name, s string, most float64) (int, error) {
	f, err := number(name, s, most+1)
	if err == nil && f != float64(int(f)) {
		f = float64(int(f)) + 1 // half a storey is a storey
	}
	return int(f), err
}

// number reads a measure below the limit, with or without "m" behind it; 0 and "" mean that it is not known.
func number(name, s string, below float64) (float64, error) {
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "m"))
	if s == "" {
		return 0, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, fmt.Errorf("%s %q is no number", name, s)
	}
	if !(f >= 0 && f < below) {
		return 0, fmt.Errorf("%s %v lies outside 0 to %v", name, f, below)
	}
	return f, nil
}

// builtYear takes the year of "1998", "1998-05" or "1998/05/01".
func builtYear(s string) (int, error) {
	if s == "" || s == "0" {
		return 0, nil
	}
	year, _, _ := strings.Cut(strings.ReplaceAll(s, "/", "-"), "-")
	n, err := strconv.Atoi(strings.TrimSuffix(year, "年"))
	if err != nil || n < 1800 || n > 2200 {
		return 0, fmt.Errorf("built year %q is no year from 1800 to 2200", s)
	}
	return n, nil
}

// Columns of rooms, in the order of fieldsOf(Rooms).
const (
	_ = iota // the code
	roomFloor
	roomUnit
	roomUse
	roomCapacity
)

type roomDecoder struct{ base }

func (d *roomDecoder) into() string { return "stage_room (row, code, floor, unit, use, capacity)" }

func (d *roomDecoder) decode(rec *source.Record, out *copyBuffer) error {
	code, err := d.houseCode(rec, geo.Room)
	if err != nil {
		return err
	}
	floor, known, err := floorNumber(d.text(rec, roomFloor))
	if err != nil {
		return err
	}
	capacity, err := wholeNumber("capacity", d.text(rec, roomCapacity), 32000)
	if err != nil {
		return err
	}
	use, err := roomUseOf(d.text(rec, roomUse))
	if err != nil {
		return err
	}
	out.row(6)
	out.int8(rec.Row)
	out.text(string(code))
	out.int4(int32(floor), known) //nolint:gosec // -9 to 200
	out.text(d.text(rec, roomUnit))
	out.text(use)
	out.int4(int32(capacity), d.text(rec, roomCapacity) != "") //nolint:gosec // at most 32000
	return nil
}

// floorNumber reads "12", "12F", "12层", "-1", "B1".
func floorNumber(s string) (floor int, known bool, err error) {
	if s == "" {
		return 0, false, nil
	}
	digits := strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(s), "F"), "层")
	if below, ok := strings.CutPrefix(digits, "B"); ok {
		digits = "-" + below
	}
	digits, _ = strings.CutSuffix(digits, ".0")
	n, err := strconv.Atoi(digits)
	if err != nil || n < -9 || n > 200 {
		return 0, false, fmt.Errorf("floor %q is no floor from -9 to 200", s)
	}
	return n, true, nil
}

// Columns of areas, in the order of fieldsOf(Areas).
const (
	_ = iota // the code
	areaName
	areaNameEN
	areaResidents
	areaResidentsOn
)

type areaDecoder struct {
	base
	shaper  shaper
	options Options
	rows    int64
}

func (d *areaDecoder) into() string {
	return "stage_area (row, code, foreign_code, name_zh, name_en, residents, residents_on, geom)"
}

// code is the option's where the file's only feature carries none.
func (d *areaDecoder) code(rec *source.Record) string {
	return or(d.base.code(rec), string(d.options.Code))
}

func (d *areaDecoder) decode(rec *source.Record, out *copyBuffer) error {
	d.rows++
	code, foreign, err := d.codes(rec)
	if err != nil {
		return err
	}
	residents, err := wholeNumber("residents", d.text(rec, areaResidents), 1e9)
	if err != nil {
		return err
	}
	on, err := residentsOn(d.text(rec, areaResidentsOn))
	if err != nil {
		return err
	}
	g, err := d.shaper.shape(rec.Geom)
	if err != nil {
		return err
	}
	out.row(8)
	out.int8(rec.Row)
	out.text(string(code))
	out.text(string(foreign))
	out.text(or(d.text(rec, areaName), d.options.Name))
	out.text(or(d.text(rec, areaNameEN), d.options.NameEN))
	out.int4(int32(residents), d.text(rec, areaResidents) != "") //nolint:gosec // at most 1e9
	out.text(on)
	out.polygons(g.polygons, or(d.shaper.epsg, 4326))
	return nil
}

// codes gives the house code, or the statistics bureau's for the database to translate.
func (d *areaDecoder) codes(rec *source.Record) (geo.Code, geo.StatCode, error) {
	if d.options.Code != "" {
		return d.onlyCode(rec)
	}
	if d.options.Codes == StatisticsCodes {
		if d.code(rec) == "" {
			return "", "", d.f.missingCode(rec)
		}
		foreign, err := geo.ParseStatCode(shortStatCode(d.code(rec)))
		return "", foreign, err
	}
	code, err := d.houseCode(rec, d.options.Level)
	if err != nil {
		return "", "", err
	}
	if code.Level() < geo.City || code.Level() > geo.Grid {
		return "", "", fmt.Errorf("%s is a %s's code: an area is a city, district, street, community or grid", code, code.Level())
	}
	return code, "", nil
}

// onlyCode uses the code that was given for the only feature of a file.
func (d *areaDecoder) onlyCode(rec *source.Record) (geo.Code, geo.StatCode, error) {
	if d.rows > 1 {
		return "", "", errors.New("--code names one area, and this is the file's second")
	}
	if own := d.base.code(rec); own != "" && own != string(d.options.Code) {
		return "", "", fmt.Errorf("--code says %s, the file says %s", d.options.Code, own)
	}
	return d.options.Code, "", nil
}

// residentsOn checks a date; it travels as text.
func residentsOn(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	for _, layout := range []string{time.DateOnly, "2006/1/2", "2006-1-2", "20060102"} {
		if d, err := time.Parse(layout, s); err == nil {
			return d.Format(time.DateOnly), nil
		}
	}
	return "", fmt.Errorf("residents_on %q is no date such as 2025-12-31", s)
}
