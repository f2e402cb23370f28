package importer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/source"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/evidence"
	"github.com/gridweave/gridweave/geo/postgis"
)

// CrosswalkOptions say where translations of codes are.
type CrosswalkOptions struct {
	File   string
	Map    map[string]string // house_code, statistics_code, old_code, name, name_en → column
	DryRun bool
	By     evidence.By
}

// CrosswalkReport tells what became of the translations.
type CrosswalkReport struct {
	File      string   `json:"file"`
	SHA256    string   `json:"sha256"`
	DryRun    bool     `json:"dry_run"`
	Rows      int64    `json:"rows"`
	Inserted  int64    `json:"inserted"`
	Updated   int64    `json:"updated"`
	Unchanged int64    `json:"unchanged"`
	Rejected  int64    `json:"rejected"`
	Rejects   []Reject `json:"rejects,omitempty"` // all of them: the table is small
}

// String prints the report for a person.
func (r CrosswalkReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "crosswalk from %s\n%d rows: %d new, %d changed, %d unchanged, %d rejected\n",
		r.File, r.Rows, r.Inserted, r.Updated, r.Unchanged, r.Rejected)
	for _, x := range r.Rejects {
		fmt.Fprintf(&b, "  row %d %s: %s\n", x.Row, x.Code, x.Reason)
	}
	switch {
	case r.DryRun:
		fmt.Fprintln(&b, "dry run: nothing was written")
	case r.Inserted+r.Updated == 0:
		fmt.Fprintln(&b, "nothing changed")
	}
	return b.String()
}

// Columns of a crosswalk, in the order of crosswalkFields.
const (
	crossHouse = iota
	crossStatistics
	crossOld
	crossName
	crossNameEN
)

func crosswalkFields(chosen map[string]string) (*fields, error) {
	f := &fields{chosen: chosen, found: map[string]string{}, specs: []fieldSpec{
		{"house_code", "house_code house 房屋编码 code"},
		{"statistics_code", statNames + " statistics"},
		{"old_code", "old_code old 旧编码 原编码"},
		{nameField, namesZH},
		{"name_en", namesEN},
	}}
	for name := range chosen {
		known := false
		for _, s := range f.specs {
			known = known || s.name == name
		}
		if !known {
			return nil, fmt.Errorf("map %s: a crosswalk has house_code, statistics_code, old_code, name, name_en", name)
		}
	}
	for _, s := range f.specs {
		var list []string
		for _, a := range strings.Fields(s.aliases) {
			list = append(list, plain(a))
		}
		f.aliases = append(f.aliases, list)
	}
	return f, nil
}

// translation is one row: a foreign code and the house code of the same place.
type translation struct {
	system, foreign, code, name, nameEN string
}

// Crosswalk loads translations of codes from a table with a column of house codes and one of statistics codes (or of
// old house codes), in one transaction. Rows that cannot be right are refused with their reason, the rest goes in.
func Crosswalk(ctx context.Context, db *postgis.DB, o CrosswalkOptions) (CrosswalkReport, error) {
	o.By = defaultBy(o.By)
	report := CrosswalkReport{File: o.File, DryRun: o.DryRun}
	var err error
	if report.SHA256, err = hashFile(o.File); err != nil {
		return report, err
	}
	c := &crossing{o: o, report: &report}
	if c.f, err = crosswalkFields(o.Map); err != nil {
		return report, err
	}
	_, err = db.AsAdmin(ctx, func(tx pgx.Tx) error {
		report = CrosswalkReport{File: o.File, DryRun: o.DryRun, SHA256: report.SHA256} // it may run again
		if err := c.load(ctx, tx); err != nil {
			return err
		}
		if o.DryRun {
			return errTaken
		}
		return c.record(ctx, tx)
	})
	if errors.Is(err, errTaken) {
		err = nil
	}
	return report, err
}

type crossing struct {
	o      CrosswalkOptions
	f      *fields
	report *CrosswalkReport
	codes  [2]string // least and greatest, for the ledger
}

func (c *crossing) load(ctx context.Context, tx pgx.Tx) error {
	r, err := source.Open(ctx, c.o.File, source.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // opened for reading only
	return source.Each(r, func(rec *source.Record) error {
		c.report.Rows++
		t, err := c.parse(rec)
		if err == nil {
			err = c.put(ctx, tx, t)
		}
		if refused := (*refusal)(nil); err != nil && !errors.As(err, &refused) {
			return err
		}
		if err != nil {
			c.report.Rejected++
			c.report.Rejects = append(c.report.Rejects, Reject{Row: rec.Row, Code: or(t.foreign, t.code), Reason: err.Error()})
		}
		return nil
	})
}

// refusal is one row's trouble, not the file's.
type refusal struct{ error }

func refuse(format string, args ...any) error { return &refusal{fmt.Errorf(format, args...)} }

func (c *crossing) parse(rec *source.Record) (translation, error) {
	if rec.Err != nil {
		return translation{}, &refusal{rec.Err}
	}
	t := translation{
		system: "statistics", code: c.f.of(rec, crossHouse), foreign: c.f.of(rec, crossStatistics),
		name: c.f.of(rec, crossName), nameEN: c.f.of(rec, crossNameEN),
	}
	if t.foreign == "" && c.f.of(rec, crossOld) != "" {
		t.system, t.foreign = "old", c.f.of(rec, crossOld)
	}
	if t.code == "" || t.foreign == "" {
		return t, refuse("a house code and a statistics code (or an old code) are wanted; there are %s: name the columns with --map",
			strings.Join(rec.Names, ", "))
	}
	code, err := geo.ParseCode(t.code)
	if err != nil {
		return t, &refusal{err}
	}
	if t.system == "old" {
		if _, err := geo.ParseCode(t.foreign); err != nil {
			return t, &refusal{err}
		}
		return t, nil
	}
	stat, err := geo.ParseStatCode(shortStatCode(t.foreign))
	if err != nil {
		return t, &refusal{err}
	}
	if stat.Level() != code.Level() {
		return t, refuse("%s is a %s's code in the statistics bureau's list, %s a %s's house code", stat, stat.Level(), code, code.Level())
	}
	t.foreign = string(stat)
	return t, nil
}

// put writes one translation unless it is there already.
func (c *crossing) put(ctx context.Context, tx pgx.Tx, t translation) error {
	var same, known bool
	var rival *string
	err := tx.QueryRow(ctx, `
		select exists (select from crosswalk where system = $1 and foreign_code = $2),
		       exists (select from crosswalk where system = $1 and foreign_code = $2 and code = $3
		               and ($4 = '' or name_zh = $4) and ($5 = '' or name_en = $5)),
		       (select foreign_code from crosswalk where system = $1 and code = $3 and foreign_code <> $2 and system = 'statistics')`,
		t.system, t.foreign, t.code, t.name, t.nameEN).Scan(&known, &same, &rival)
	switch {
	case err != nil:
		return fmt.Errorf("crosswalk: %w", err)
	case rival != nil:
		return refuse("house code %s has the statistics code %s already", t.code, *rival)
	case same:
		c.report.Unchanged++
		return nil
	}
	_, err = tx.Exec(ctx, `
		insert into crosswalk (system, foreign_code, code, name_zh, name_en) values ($1, $2, $3, $4, $5)
		on conflict (system, foreign_code) do update
		set code = excluded.code, name_zh = coalesce(nullif(excluded.name_zh, ''), crosswalk.name_zh),
		    name_en = coalesce(nullif(excluded.name_en, ''), crosswalk.name_en)`,
		t.system, t.foreign, t.code, t.name, t.nameEN)
	if err != nil {
		return fmt.Errorf("crosswalk: %w", err)
	}
	if known {
		c.report.Updated++
	} else {
		c.report.Inserted++
	}
	if c.codes[0] == "" || t.code < c.codes[0] {
		c.codes[0] = t.code
	}
	c.codes[1] = max(c.codes[1], t.code)
	return nil
}

func (c *crossing) record(ctx context.Context, tx pgx.Tx) error {
	r := c.report
	if r.Inserted+r.Updated == 0 {
		return nil
	}
	return evidence.Record(ctx, tx, evidence.Step{
		By: c.o.By, Code: commonCode(c.codes[0], c.codes[1]), Noun: "import", Subject: r.SHA256, Action: "import crosswalk",
		Reason: filepath.Base(c.o.File),
		After: map[string]any{
			"file": filepath.Base(c.o.File), "sha256": r.SHA256, "rows": r.Rows,
			"inserted": r.Inserted, "updated": r.Updated, "unchanged": r.Unchanged, "rejected": r.Rejected,
		},
	})
}
