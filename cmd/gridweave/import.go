package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
)

type importCommand struct {
	Areas     importAreas     `cmd:"" help:"Import areas: district, streets, communities, grids."`
	Buildings importBuildings `cmd:"" help:"Import buildings."`
	Rooms     importRooms     `cmd:"" help:"Import rooms."`
	Crosswalk importCrosswalk `cmd:"" help:"Import translations of the statistics bureau's or old codes."`
}

// importFlags are what every kind of file has.
type importFlags struct {
	place
	File    string            `arg:"" help:"GeoJSON, newline-delimited GeoJSON, CSV, zipped Shapefile or GeoPackage."`
	Layer   string            `help:"Layer of a Shapefile or GeoPackage with several."`
	CRS     string            `name:"crs" default:"auto" help:"auto, wgs84, cgcs2000, gcj02, bd09 or EPSG:n."`
	Against string            `help:"File in WGS-84 to test --crs auto against, instead of what is loaded." placeholder:"FILE"`
	Map     map[string]string `help:"Take a field from a property that has an unusual name." placeholder:"FIELD=PROPERTY"`
	DryRun  bool              `help:"Check and count everything, change nothing."`
	Rejects string            `help:"File for refused rows; FILE.rejects.csv when left out." placeholder:"FILE"`
	Batch   int               `help:"Rows of one transaction." default:"5000"`
}

func (f *importFlags) options(c *console, kind importer.Kind) importer.Options {
	return importer.Options{
		Kind: kind, File: f.File, Layer: f.Layer, CRS: f.CRS, Against: f.Against, Map: f.Map, DryRun: f.DryRun,
		Rejects: f.Rejects, Batch: f.Batch, By: account.Console("").By(), Progress: progressOn(c),
		Say: func(s string) { _, _ = fmt.Fprintln(c.stderr, s) },
	}
}

// progressOn shows progress where the program's error output is a file or a terminal; tests have neither.
func progressOn(c *console) importer.Progress {
	if f, ok := c.stderr.(*os.File); ok {
		return importer.NewProgress(f)
	}
	return nil
}

func (f *importFlags) run(c *console, options importer.Options) error {
	return f.with(c, func(o *opened) error {
		report, err := importer.Import(c, o.DB, options)
		return f.report(c, report, err)
	})
}

// report prints what a command did, or why it did nothing where the report holds the reasons.
func (p place) report(c *console, report fmt.Stringer, err error) error {
	if err != nil && !errors.Is(err, importer.ErrNotExact) && !errors.Is(err, importer.ErrRefused) {
		return err
	}
	if p.JSON {
		return errors.Join(err, c.printJSON(report))
	}
	c.printLine("%s", strings.TrimRight(report.String(), "\n"))
	return err
}

type importAreas struct {
	importFlags
	Codes     string  `enum:"house,statistics" default:"house" help:"Family of the codes in the file: house or statistics."`
	Tolerance float64 `default:"0.5" help:"Metres; narrower gaps and overlaps are rounding."`
	Strict    bool    `help:"Change nothing where the areas do not tile exactly."`
	Code      string  `help:"Code of the file's only feature, where it carries none."`
	Level     string  `help:"Level that the file has to be: district, street, community or grid."`
	Name      string  `help:"Chinese name of the file's only feature."`
	NameEn    string  `help:"English name of the file's only feature."`
}

// Run imports areas.
func (i *importAreas) Run(c *console) error {
	o := i.options(c, importer.Areas)
	o.Codes, o.Tolerance, o.Strict, o.Name, o.NameEN = importer.Codes(i.Codes), i.Tolerance, i.Strict, i.Name, i.NameEn
	var err error
	if i.Code != "" {
		if o.Code, err = geo.ParseCode(i.Code); err != nil {
			return err
		}
	}
	if i.Level != "" {
		if o.Level, err = geo.ParseLevel(i.Level); err != nil {
			return err
		}
	}
	return i.run(c, o)
}

type importBuildings struct {
	importFlags
	Footprint float64 `default:"10" help:"Metres; a new building given as a point becomes a square of this side, below 0 it is refused."`
}

// Run imports buildings.
func (i *importBuildings) Run(c *console) error {
	o := i.options(c, importer.Buildings)
	o.Footprint = i.Footprint
	return i.run(c, o)
}

type importRooms struct{ importFlags }

// Run imports rooms.
func (i *importRooms) Run(c *console) error { return i.run(c, i.options(c, importer.Rooms)) }

type importCrosswalk struct {
	place
	File   string            `arg:"" help:"CSV with house code, foreign code and names."`
	Map    map[string]string `help:"Take a field from a column that has an unusual name." placeholder:"FIELD=COLUMN"`
	DryRun bool              `help:"Check and count everything, change nothing."`
}

// Run imports a crosswalk.
func (i *importCrosswalk) Run(c *console) error {
	return i.with(c, func(o *opened) error {
		report, err := importer.Crosswalk(c, o.DB, importer.CrosswalkOptions{
			File: i.File, Map: i.Map, DryRun: i.DryRun, By: account.Console("").By(),
		})
		return i.report(c, report, err)
	})
}

type areaCommand struct {
	Redraw areaRedraw `cmd:"" help:"Replace the borders of the areas in a file, as one versioned change."`
}

type areaRedraw struct {
	place
	File      string            `arg:"" help:"GeoJSON, CSV, Shapefile or GeoPackage with the new outlines."`
	Reason    string            `help:"Why the borders change; kept with the old version."`
	Recode    bool              `help:"Give buildings that now lie in another grid a code there."`
	Layer     string            `help:"Layer of a Shapefile or GeoPackage with several."`
	CRS       string            `name:"crs" default:"auto" help:"auto, wgs84, cgcs2000, gcj02, bd09 or EPSG:n."`
	Against   string            `help:"File in WGS-84 to test --crs auto against, instead of what is loaded." placeholder:"FILE"`
	Codes     string            `enum:"house,statistics" default:"house" help:"Family of the codes in the file: house or statistics."`
	Map       map[string]string `help:"Take a field from a property that has an unusual name." placeholder:"FIELD=PROPERTY"`
	Tolerance float64           `default:"0.5" help:"Metres; narrower gaps and overlaps are rounding."`
	DryRun    bool              `help:"Check everything, change nothing."`
}

// Run redraws.
func (a *areaRedraw) Run(c *console) error {
	return a.with(c, func(o *opened) error {
		report, err := importer.Redraw(c, o.DB, importer.RedrawOptions{
			File: a.File, Layer: a.Layer, CRS: a.CRS, Against: a.Against, Codes: importer.Codes(a.Codes), Map: a.Map,
			Tolerance: a.Tolerance, Recode: a.Recode, DryRun: a.DryRun, Reason: a.Reason, By: account.Console("").By(),
			Progress: progressOn(c), Say: func(s string) { _, _ = fmt.Fprintln(c.stderr, s) },
		})
		return a.report(c, report, err)
	})
}
