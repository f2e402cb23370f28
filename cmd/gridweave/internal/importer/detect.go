package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"

	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/crsdetect"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/source"
	"github.com/gridweave/gridweave/geo"
)

const (
	sampleRows   = 50000 // rows of the upload that are looked at; offices sort by code, so this is some streets at least
	sampleShapes = 3000  // of which so many are weighed
	againstMost  = 10000 // shapes of a reference
)

// chooseCRS settles in which system the file is: as the user says, as an interrupted run had found, or by trying.
func (s *session) chooseCRS(ctx context.Context, resumed bool) error {
	var err error
	s.crs, err = parseCRS(s.o.CRS)
	switch {
	case err != nil || s.crs.name != "auto":
		return err
	case resumed:
		s.crs, err = parseCRS(s.job.crs)
		return err
	case s.o.Kind == Rooms: // they have no geometry
		s.crs = crs{name: "wgs84"}
		return nil
	}
	s.o.Progress.Update(State{Phase: "testing coordinates"})
	upload, info, err := s.sampleUpload(ctx)
	if err != nil {
		return err
	}
	if len(upload) == 0 {
		s.crs = crs{name: "wgs84"} // nothing to place
		return nil
	}
	if perr := checkPoint(upload[0].Geom[0][0][0]); perr != nil {
		return s.believeHint(info, perr)
	}
	return s.detect(ctx, upload, info)
}

// believeHint takes the projected system that the file itself names: its numbers are no longitude and latitude, so
// there is nothing to try.
func (s *session) believeHint(info source.Info, why error) error {
	c, ok := hinted(info.CRSHint)
	if !ok || c.epsg == 0 {
		return fmt.Errorf("coordinate system: %w%s", why, quoteHint(info))
	}
	s.crs = c
	s.say(fmt.Sprintf("coordinate system: %s, as the file itself says; its numbers are metres and cannot be mistaken for another's", c.name))
	return nil
}

var epsgPattern = regexp.MustCompile(`(?i)EPSG[":, ]+(\d+)`)

// hinted reads "EPSG:4547", "urn:ogc:def:crs:EPSG::4547", the last AUTHORITY of a .prj, and the names that ArcGIS writes
// instead of one.
func hinted(hint string) (crs, bool) {
	if found := epsgPattern.FindAllStringSubmatch(hint, -1); len(found) > 0 {
		c, err := parseCRS("EPSG:" + found[len(found)-1][1])
		return c, err == nil
	}
	if strings.Contains(hint, "Web_Mercator") {
		return crs{name: "EPSG:3857", epsg: 3857}, true
	}
	// EPSG numbers the 3-degree zones of CGCS2000 in order: 4534 for 75° E on, 4513 for zone 25 on.
	var n int
	if _, after, ok := strings.Cut(hint, "CGCS2000_3_Degree_GK_CM_"); ok {
		if _, err := fmt.Sscanf(after, "%dE", &n); err == nil && n >= 75 && n <= 135 && n%3 == 0 {
			return crs{name: fmt.Sprintf("EPSG:%d", 4534+(n-75)/3), epsg: 4534 + (n-75)/3}, true
		}
	}
	if _, after, ok := strings.Cut(hint, "CGCS2000_3_Degree_GK_Zone_"); ok {
		if _, err := fmt.Sscanf(after, "%d", &n); err == nil && n >= 25 && n <= 45 {
			return crs{name: fmt.Sprintf("EPSG:%d", 4513+n-25), epsg: 4513 + n - 25}, true
		}
	}
	return crs{}, false
}

func quoteHint(info source.Info) string {
	if info.CRSHint == "" {
		return ""
	}
	hint := info.CRSHint
	if len(hint) > 120 {
		hint = hint[:120] + "…"
	}
	return "; the file itself says " + hint
}

func (s *session) say(text string) {
	s.o.Progress.End()
	if s.o.Say != nil {
		s.o.Say(text)
	}
}

// detect weighs the systems and shows the scores before anything is written.
func (s *session) detect(ctx context.Context, upload []crsdetect.Shape, info source.Info) error {
	reference, what, err := s.reference(ctx, upload)
	if err != nil {
		return err
	}
	if len(reference) == 0 {
		return fmt.Errorf("coordinate system: nothing is known yet that the file could be tested against%s. "+
			"Name the system with --crs wgs84, cgcs2000, gcj02, bd09 or EPSG:n, or a file that is known to be WGS-84 and "+
			"shows the same ground with --against FILE", quoteHint(info))
	}
	result := crsdetect.Detect(upload, reference, candidates())
	result.Reference = what
	s.report.Detection = &result
	if result.CRS == "" {
		return fmt.Errorf("coordinate system: it cannot be told by testing; name it with --crs\n%s", result.Table())
	}
	s.say(result.Table())
	s.crs, err = parseCRS(result.CRS)
	return err
}

// candidates are the systems whose numbers look alike. CGCS2000 equals WGS-84 to decimetres and is not told apart.
func candidates() []crsdetect.Candidate {
	same := func(p orb.Point) orb.Point { return p }
	return []crsdetect.Candidate{
		{Name: "wgs84", ToWGS84: same}, {Name: "gcj02", ToWGS84: toWGS84("gcj02")}, {Name: "bd09", ToWGS84: toWGS84("bd09")},
	}
}

// sampleUpload takes shapes at random from the beginning of the file, with their house codes where they have any.
func (s *session) sampleUpload(ctx context.Context) ([]crsdetect.Shape, source.Info, error) {
	codeOf, err := s.codeReader(ctx)
	if err != nil {
		return nil, source.Info{}, err
	}
	return sampleShapesOf(ctx, s.o.File, s.o.Layer, sampleShapes, sampleRows, codeOf)
}

// codeReader gives the house code of a record, "" where there is none that can be read.
func (s *session) codeReader(ctx context.Context) (func(*source.Record) geo.Code, error) {
	f := newFields(s.o.Kind, s.o.Codes, s.o.Map)
	translation := map[string]string{}
	if s.o.Codes == StatisticsCodes {
		var err error
		if translation, err = s.translations(ctx); err != nil {
			return nil, err
		}
	}
	return func(rec *source.Record) geo.Code {
		text := f.of(rec, 0)
		if s.o.Codes == StatisticsCodes {
			text = translation[shortStatCode(text)]
		}
		code, err := geo.ParseCode(text)
		if err != nil {
			return s.o.Code
		}
		return code
	}, nil
}

// translations holds the crosswalk: some thousands of streets and communities even for a large city.
func (s *session) translations(ctx context.Context) (map[string]string, error) {
	rows, err := s.conn.Query(ctx, "select foreign_code, code from crosswalk where system = 'statistics'")
	if err != nil {
		return nil, fmt.Errorf("crosswalk: %w", err)
	}
	out := map[string]string{}
	var foreign, code string
	for rows.Next() {
		if err := rows.Scan(&foreign, &code); err != nil {
			return nil, fmt.Errorf("crosswalk: %w", err)
		}
		out[foreign] = code
	}
	return out, rows.Err()
}

// sampleShapesOf draws at most n shapes from the first rows of a file (all of it for rows 0); every one has the same chance.
func sampleShapesOf(ctx context.Context, file, layer string, n, rows int, codeOf func(*source.Record) geo.Code) ([]crsdetect.Shape, source.Info, error) {
	r, err := source.Open(ctx, file, source.Options{Layer: layer})
	if err != nil {
		return nil, source.Info{}, err
	}
	defer func() { _ = r.Close() }()           // opened for reading only
	random := rand.New(rand.NewPCG(4403, 0o4)) //nolint:gosec // the same sample each time
	var kept []crsdetect.Shape
	seen := 0
	err = source.Each(r, func(rec *source.Record) error {
		if rows > 0 && rec.Row > int64(rows) {
			return io.EOF
		}
		g := sampleGeometry(rec)
		if g == nil {
			return ctx.Err()
		}
		seen++
		if len(kept) < n {
			kept = append(kept, crsdetect.Shape{Code: codeOf(rec), Geom: g})
		} else if i := random.IntN(seen); i < n {
			kept[i] = crsdetect.Shape{Code: codeOf(rec), Geom: g}
		}
		return ctx.Err()
	})
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, r.Info(), fmt.Errorf("read %s: %w", file, err)
	}
	return kept, r.Info(), nil
}

// sampleGeometry is the record's outline, a small square where it is a point, nil where it has none that is good.
func sampleGeometry(rec *source.Record) orb.MultiPolygon {
	if rec.Err != nil {
		return nil
	}
	g, point, err := polygonsOf(rec.Geom)
	if err != nil {
		return nil
	}
	if point != nil && checkPoint(*point) == nil {
		return squareAround(*point, 1)
	}
	if g, err = closed(g); err != nil {
		return nil
	}
	return g
}

// reference is what the upload is laid upon, with its name for the table.
func (s *session) reference(ctx context.Context, upload []crsdetect.Shape) ([]crsdetect.Shape, string, error) {
	if s.o.Against == "" {
		return s.ownReference(ctx, upload)
	}
	shapes, _, err := sampleShapesOf(ctx, s.o.Against, "", againstMost, 0, anyHouseCode())
	if err != nil {
		return nil, "", err
	}
	if len(shapes) == 0 {
		return nil, "", fmt.Errorf("against %s: it holds no polygons to test against", s.o.Against)
	}
	if err := checkPoint(shapes[0].Geom[0][0][0]); err != nil {
		return nil, "", fmt.Errorf("against %s: a reference has to be in WGS-84: %w", s.o.Against, err)
	}
	return shapes, s.o.Against, nil
}

// anyHouseCode reads the code of whatever a reference file holds.
func anyHouseCode() func(*source.Record) geo.Code {
	kinds := []*fields{newFields(Buildings, HouseCodes, nil), newFields(Areas, HouseCodes, nil)}
	return func(rec *source.Record) geo.Code {
		for _, f := range kinds {
			if code, err := geo.ParseCode(f.of(rec, 0)); err == nil {
				return code
			}
		}
		return ""
	}
}

// shortStatCode writes the bureau's 12-digit form of a street or district as short as the rest of us do.
func shortStatCode(s string) string {
	if len(s) != 12 {
		return s
	}
	if short, ok := strings.CutSuffix(s, "000000"); ok {
		return short
	}
	return strings.TrimSuffix(s, "000")
}
