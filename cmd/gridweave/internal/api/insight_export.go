package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/paulmach/orb"
	"github.com/xuri/excelize/v2"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/heat"
	"github.com/gridweave/gridweave/geo/insight"
)

// fileOutput is an answer that a browser saves.
type fileOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	ETag        string `header:"ETag"`
	Body        []byte
}

type insightOutlinesInput struct {
	Area  string `query:"area" required:"true"`
	Level string `query:"level" enum:"district,street,community,grid" default:"community"`
	Match string `header:"If-None-Match"`
}

// outlines are what a map of areas is drawn from. They change when borders are redrawn, and else cost a 304.
func (a insightAPI) outlines(ctx context.Context, in *insightOutlinesInput) (*fileOutput, error) {
	code, err := geo.ParseCode(in.Area)
	if err != nil {
		return nil, fault.InvalidField("area.code", "area", err)
	}
	level, err := geo.ParseLevel(in.Level)
	if err != nil {
		return nil, fault.InvalidField("area.level", "level", err)
	}
	revision, err := a.d.Heat.OutlinesRevision(ctx, actorOf(ctx), code, level)
	if err != nil {
		return nil, err
	}
	key := outlinedKey{code, level, revision}
	if found := a.outlined.get(key); found != nil {
		return found, nil
	}
	all, err := a.d.Heat.Outlines(ctx, actorOf(ctx), code, level)
	if err != nil {
		return nil, err
	}
	body, err := outlinesGeoJSON(all)
	if err != nil {
		return nil, fmt.Errorf("outlines encode: %w", err)
	}
	file := &fileOutput{ContentType: "application/geo+json", ETag: strongETag(body), Body: body}
	a.outlined.put(key, file)
	return file, nil
}

// outlined keeps the outlines that were asked for last: those of a city's grids take a tenth of a second to read and write.
type outlined struct {
	mu   sync.Mutex
	kept map[outlinedKey]*fileOutput
}

type outlinedKey struct {
	area     geo.Code
	level    geo.Level
	revision string
}

// mostOutlined is how many are kept; a city's grids take six megabytes.
const mostOutlined = 16

func (o *outlined) get(key outlinedKey) *fileOutput {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.kept[key]
}

func (o *outlined) put(key outlinedKey, file *fileOutput) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.kept) >= mostOutlined {
		clear(o.kept) // borders are rarely redrawn and areas few: simply begin again
	}
	o.kept[key] = file
}

type insightExportInput struct {
	InsightAreasInput
	Form      string  `query:"form" enum:"areas,hexes,density" default:"areas"`
	Format    string  `query:"format" enum:"csv,geojson,xlsx" default:"csv"`
	Width     float64 `query:"width" minimum:"100" maximum:"5000" default:"400"`
	Bandwidth float64 `query:"bandwidth" minimum:"100" maximum:"5000" default:"400"`
}

// sheet is figures as a table with a shape for each row; nil shapes have none.
type sheet struct {
	about          InsightAbout
	nameZh, nameEn string
	form           string
	compare        bool
	more           [][2]string // further parameters
	columns        []string
	rows           [][]any // string, int, float64, or nil for what is suppressed
	shapes         []orb.Geometry
}

func (a insightAPI) export(ctx context.Context, in *insightExportInput) (*fileOutput, error) {
	s, err := a.sheet(ctx, in)
	if err != nil {
		return nil, err
	}
	s.form, s.compare = in.Form, in.Compare
	own, err := a.d.Areas.Get(ctx, actorOf(ctx), s.about.Area)
	if err != nil {
		return nil, err
	}
	s.nameZh, s.nameEn = own.NameZh, own.NameEn
	out := &fileOutput{}
	switch in.Format {
	case "geojson":
		out.ContentType = "application/geo+json"
		out.Body, err = s.geojson()
	case "xlsx":
		out.ContentType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		out.Body, err = s.xlsx()
	default:
		out.ContentType = "text/csv; charset=utf-8"
		out.Body, err = s.csv()
	}
	if err != nil {
		return nil, fmt.Errorf("insight export: %w", err)
	}
	name := fmt.Sprintf("%s-%s-%s.%s", in.Measure, s.about.Area, s.about.To.In(district()).Format("20060102-1504"), in.Format)
	out.Disposition = `attachment; filename="` + name + `"`
	return out, nil
}

func (a insightAPI) sheet(ctx context.Context, in *insightExportInput) (sheet, error) {
	q, level, v, err := in.parts()
	if err != nil {
		return sheet{}, err
	}
	by := actorOf(ctx)
	switch in.Form {
	case "hexes":
		got, err := a.d.Heat.Hexes(ctx, by, q, in.Width, in.Compare)
		if err != nil {
			return sheet{}, err
		}
		s := hexSheet(showInsightHexes(got, in.Compare))
		s.legend("quantile", bounds(got.Classes), in.Compare)
		return s, nil
	case "density":
		got, err := a.d.Heat.Density(ctx, by, q, in.Bandwidth, in.Compare)
		if err != nil {
			return sheet{}, err
		}
		s := densitySheet(got)
		s.legend("natural", bounds(got.Classes), in.Compare)
		return s, nil
	}
	got, err := a.d.Heat.Areas(ctx, by, q, level, v)
	if err != nil {
		return sheet{}, err
	}
	s := areaSheet(showInsightAreas(got))
	s.legend(in.Breaks, bounds(got.Classes), in.Compare)
	if in.Format != "geojson" {
		return s, nil
	}
	outlines, err := a.d.Heat.Outlines(ctx, by, q.Area, level)
	if err != nil {
		return sheet{}, err
	}
	at := map[geo.Code]orb.Geometry{}
	for _, o := range outlines {
		at[o.Code] = o.Outline
	}
	for _, r := range got.Rows {
		s.shapes = append(s.shapes, at[r.Code])
	}
	return s, nil
}

func areaSheet(a InsightAreas) sheet {
	s := sheet{about: a.InsightAbout, columns: []string{"code", "name_zh", "name_en", "n", "base", "value", "suppressed"}}
	smoothing := "none"
	if a.Smooth {
		smoothing = "empirical Bayes (Marshall)"
	}
	s.more = [][2]string{{"level", a.Level}, {"value", string(a.Value)}, {"smoothing", smoothing}}
	if a.Compare {
		s.columns = append(s.columns, "previous")
	}
	for _, r := range a.Rows {
		row := []any{string(r.Code), r.NameZh, r.NameEn, orNil(r.N), r.Base, orNil(r.Value), r.Suppressed}
		if a.Compare {
			row = append(row, orNil(r.Previous))
		}
		s.rows = append(s.rows, row)
	}
	return s
}

func hexSheet(h InsightHexes) sheet {
	s := sheet{about: h.InsightAbout, columns: []string{"id", "code", "n", "value", "z", "spot", "suppressed"}}
	s.more = [][2]string{{"width_m", fmt.Sprint(h.WidthM)}, {"area_km2", fmt.Sprint(rounded(h.AreaKm2, 1e6))}, {"smoothing", "none"}, {"spots", "Getis-Ord Gi*, false discovery rate 0.05"}}
	if h.Compare {
		s.columns = append(s.columns, "previous")
	}
	for _, r := range h.Rows {
		row := []any{r.ID, string(r.Code), orNil(r.N), orNil(r.Value), r.Z, r.Spot, r.Suppressed}
		if h.Compare {
			row = append(row, orNil(r.Previous))
		}
		s.rows = append(s.rows, row)
		ring := make(orb.Ring, 0, len(r.Ring))
		for _, p := range r.Ring {
			ring = append(ring, p)
		}
		s.shapes = append(s.shapes, orb.Polygon{ring})
	}
	return s
}

// densitySheet lists the lattice's nodes that have a value.
func densitySheet(d heat.Density) sheet {
	s := sheet{about: showAbout(d.About), columns: []string{"lon", "lat", "value"}}
	s.more = [][2]string{{"bandwidth_m", fmt.Sprint(d.Bandwidth)}, {"smoothing", "biweight kernel"}, {"width", strconv.Itoa(d.Width)}, {"height", strconv.Itoa(d.Height)}}
	for i, v := range d.Values {
		if math.IsNaN(v) {
			continue
		}
		p := d.Node(i)
		s.rows = append(s.rows, []any{rounded(p[0], 1e6), rounded(p[1], 1e6), rounded(v, 1e4)})
		s.shapes = append(s.shapes, orb.Point{rounded(p[0], 1e6), rounded(p[1], 1e6)})
	}
	return s
}

func orNil[T any](v *T) any {
	if v == nil {
		return nil
	}
	return *v
}

// district is the zone that times are written in.
func district() *time.Location { return time.FixedZone("Asia/Shanghai", 8*3600) }

// legend says how classes were made, and their lower bounds above the first.
func (s *sheet) legend(breaks string, classes []float64, compare bool) {
	if compare {
		breaks = "mirrored about zero"
	}
	words := make([]string, len(classes))
	for i, b := range classes {
		words[i] = plain(b)
	}
	s.more = append(s.more, [2]string{"breaks", breaks}, [2]string{"class_bounds", strings.Join(words, " ")})
}

// parameters say what the figures are, as lines of a name and a value.
func (s sheet) parameters() [][2]string {
	a := s.about
	local := func(t time.Time) string { return t.In(district()).Format(time.RFC3339) }
	out := [][2]string{
		{"area", string(a.Area)},
		{"area_zh", s.nameZh},
		{"area_en", s.nameEn},
		{"form", s.form},
		{"measure", string(a.Measure)},
		{"class", cmp.Or(a.Class, "all")},
		{"from", local(a.From)},
		{"to", local(a.To)},
		{"time_zone", district().String()},
		{"unit", a.Unit},
		{"n", total(a.N)},
		{"suppressed", strconv.Itoa(a.Suppressed)},
		{"suppressed_below", strconv.Itoa(insight.K)},
		{"as_of", local(a.AsOf)},
		{"compare", strconv.FormatBool(s.compare)},
	}
	if s.compare {
		out = append(out, [2]string{"previous_from", local(a.From.Add(-a.To.Sub(a.From)))}, [2]string{"previous_to", local(a.From)})
	}
	if a.Previous != nil {
		out = append(out, [2]string{"previous", strconv.Itoa(*a.Previous)})
	}
	for _, c := range a.Completeness {
		out = append(out, [2]string{"completeness_" + c.Of, fmt.Sprintf("%d/%d", c.Have, c.Want)})
	}
	return append(out, s.more...)
}

// total is a sum, or that it is not shown.
func total(n *int) string {
	if n == nil {
		return "suppressed"
	}
	return strconv.Itoa(*n)
}

// csv begins with the parameters as comments. The mark in front has spreadsheets read Chinese as UTF-8.
func (s sheet) csv() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	for _, p := range s.parameters() {
		fmt.Fprintf(&b, "# %s: %s\r\n", p[0], p[1])
	}
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	if err := w.Write(s.columns); err != nil {
		return nil, err
	}
	for _, row := range s.rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = plain(v)
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// plain writes a cell; text that a spreadsheet would take for a formula is quoted by an apostrophe.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		if strings.HasPrefix(v, "=") || strings.HasPrefix(v, "+") || strings.HasPrefix(v, "@") {
			return "'" + v
		}
		return v
	}
	return fmt.Sprint(v)
}

// xlsx has two sheets: the figures, and what they are.
func (s sheet) xlsx() ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // nothing of it is on a disk
	if err := f.SetSheetName("Sheet1", "figures"); err != nil {
		return nil, err
	}
	w, err := f.NewStreamWriter("figures")
	if err != nil {
		return nil, err
	}
	head := make([]any, len(s.columns))
	for i, c := range s.columns {
		head[i] = c
	}
	for i, row := range append([][]any{head}, s.rows...) {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return nil, err
		}
		if err := w.SetRow(cell, row); err != nil {
			return nil, err
		}
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	if _, err := f.NewSheet("parameters"); err != nil {
		return nil, err
	}
	for i, p := range s.parameters() {
		if err := f.SetSheetRow("parameters", fmt.Sprintf("A%d", i+1), &[]any{p[0], p[1]}); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
