package importer

import (
	"context"
	_ "embed" // the statements
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/crsdetect"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/tiling"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/evidence"
	"github.com/gridweave/gridweave/geo/postgis"
)

//go:embed sql/recode.sql
var recodeSQL string

// RedrawOptions say which borders to replace and why. Members that Options has too mean the same.
type RedrawOptions struct {
	File      string
	Layer     string
	CRS       string
	Against   string
	Codes     Codes
	Map       map[string]string
	Tolerance float64 // metres
	Recode    bool    // give buildings that lie in another grid now a code of that grid
	DryRun    bool
	Reason    string // why, for those who ask in ten years; required
	By        evidence.By
	Progress  Progress
	Say       func(string)
}

// Recoded is a building with its code before and after.
type Recoded struct {
	ID  int32    `json:"id"`
	Old geo.Code `json:"old"`
	New geo.Code `json:"new"`
}

// RedrawReport tells what a redraw changed, or in a dry run would change.
type RedrawReport struct {
	File      string            `json:"file"`
	SHA256    string            `json:"sha256"`
	CRS       string            `json:"crs"`
	Detection *crsdetect.Result `json:"detection,omitempty"`
	DryRun    bool              `json:"dry_run"`
	Reason    string            `json:"reason"`
	Change    int32             `json:"change,omitempty"` // the area_change
	Rows      int64             `json:"rows"`
	Redrawn   int64             `json:"redrawn"`
	New       int64             `json:"new"`
	Unchanged int64             `json:"unchanged"`
	Rejects   []Reject          `json:"rejects,omitempty"` // any of them stops the redraw
	Repaired  int64             `json:"repaired"`
	Tiling    *tiling.Result    `json:"tiling,omitempty"`
	Misplaced int64             `json:"misplaced"`         // buildings that lie in another grid than their code says and keep it
	Recoded   []Recoded         `json:"recoded,omitempty"` // buildings that got a new code
}

// String prints the report for a person.
func (r RedrawReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "redraw from %s (%s): %d areas redrawn, %d new, %d unchanged\n", r.File, r.CRS, r.Redrawn, r.New, r.Unchanged)
	if r.Detection != nil {
		fmt.Fprintln(&b, r.Detection)
	}
	for _, x := range r.Rejects {
		fmt.Fprintf(&b, "  row %d %s: %s\n", x.Row, x.Code, x.Reason)
	}
	if r.Tiling != nil {
		b.WriteString(r.Tiling.String())
	}
	if r.Misplaced > 0 {
		fmt.Fprintf(&b, "%d buildings lie in another grid than their code says and keep it (--recode gives them a new one)\n", r.Misplaced)
	}
	for _, c := range r.Recoded {
		fmt.Fprintf(&b, "  %s is now %s\n", c.Old, c.New)
	}
	switch {
	case r.DryRun:
		fmt.Fprintln(&b, "dry run: nothing was written")
	case r.Redrawn+r.New == 0 && len(r.Recoded) == 0:
		fmt.Fprintln(&b, "nothing changed")
	}
	return b.String()
}

// Redraw replaces the outlines of the areas in a file as one versioned change, or changes nothing: every row has to
// be good, and the result has to tile exactly, against neighbours, the areas above and the areas within. The outlines
// that end stay as versions. Buildings keep their codes unless Recode is set; then those of the redrawn grids, or in
// them, whose interior point lies in another grid get its next free number, their rooms and cases with them. The
// answer is ErrNotExact or ErrRefused where the report says why.
func Redraw(ctx context.Context, db *postgis.DB, o RedrawOptions) (RedrawReport, error) {
	if strings.TrimSpace(o.Reason) == "" {
		return RedrawReport{}, errors.New("area redraw: say why with --reason")
	}
	options, err := Options{
		Kind: Areas, File: o.File, Layer: o.Layer, CRS: o.CRS, Against: o.Against, Codes: o.Codes, Map: o.Map,
		Tolerance: o.Tolerance, Strict: true, DryRun: o.DryRun, By: o.By, Progress: o.Progress, Say: o.Say,
	}.withDefaults()
	if err != nil {
		return RedrawReport{}, err
	}
	s := &session{o: options, whole: true, report: &Report{File: o.File, DryRun: o.DryRun}}
	out := RedrawReport{File: o.File, DryRun: o.DryRun, Reason: o.Reason}
	if out.SHA256, err = hashFile(o.File); err != nil {
		return out, err
	}
	defer options.Progress.End()
	err = withConn(ctx, db, func(conn *pgxpool.Conn) error {
		s.conn = conn
		return s.redraw(ctx, o, &out)
	})
	out.CRS, out.Detection, out.Tiling, out.Rejects = s.crs.name, s.report.Detection, s.report.Tiling, s.report.Rejects
	return out, err
}

func (s *session) redraw(ctx context.Context, o RedrawOptions, out *RedrawReport) error {
	if err := s.chooseCRS(ctx, false); err != nil {
		return err
	}
	s.dec = newDecoder(s.o, s.crs)
	return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		c, _, err := s.stageAreas(ctx, tx)
		if err != nil {
			return err
		}
		out.Rows, out.Repaired = c.rows, c.repaired
		if len(s.report.Rejects) > 0 {
			return fmt.Errorf("area redraw: %w: %d of %d rows cannot be taken", ErrRefused, c.rejected, c.rows)
		}
		return s.tentative(ctx, tx, func(tx pgx.Tx) error {
			if err := s.applyAreas(ctx, tx, &c, o.Reason); err != nil {
				return err
			}
			out.Change, out.Redrawn, out.New = s.report.change, c.updated, c.inserted
			out.Unchanged = c.rows - c.updated - c.inserted
			if err := s.recode(ctx, tx, o, out); err != nil {
				return err
			}
			return s.recordRedraw(ctx, tx, c, out)
		})
	})
}

// collectStaged puts the refused rows into the report: a redraw takes all or nothing.
func (s *session) collectStaged(ctx context.Context, tx pgx.Tx) (int64, error) {
	rows, err := tx.Query(ctx, `
		select row, coalesce(foreign_code, code, ''), reason from stage_area where reason is not null order by row`)
	if err != nil {
		return 0, fmt.Errorf("rejects: %w", err)
	}
	refused, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Reject])
	if err != nil {
		return 0, fmt.Errorf("rejects: %w", err)
	}
	s.report.Rejects = append(s.report.Rejects, refused...)
	return int64(len(refused)), nil
}

// recode finds the buildings that lie elsewhere than their codes say, and gives them new ones if that is wanted.
func (s *session) recode(ctx context.Context, tx pgx.Tx, o RedrawOptions, out *RedrawReport) error {
	if err := exec(ctx, tx, step(recodeSQL, "find")); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `select id, old, coalesce(new, ''), target from recode order by old`)
	if err != nil {
		return fmt.Errorf("area redraw: recode: %w", err)
	}
	var found []Recoded
	var r Recoded
	var target string
	full := ""
	_, err = pgx.ForEachRow(rows, []any{&r.ID, &r.Old, &r.New, &target}, func() error {
		found = append(found, r)
		if r.New == "" {
			full = target
		}
		return nil
	})
	switch {
	case err != nil:
		return fmt.Errorf("area redraw: recode: %w", err)
	case !o.Recode:
		out.Misplaced = int64(len(found))
		return nil
	case full != "":
		return fmt.Errorf("area redraw: grid %s has no building numbers left", full)
	case len(found) == 0:
		return nil
	}
	out.Recoded = found
	return s.writeCodes(ctx, tx, o, found)
}

func (s *session) writeCodes(ctx context.Context, tx pgx.Tx, o RedrawOptions, found []Recoded) error {
	// The statements run as one text, which takes no parameters.
	_, err := tx.Exec(ctx, `select set_config('gridweave.actor', $1, true), set_config('gridweave.reason', $2, true)`, s.o.By.Name, o.Reason)
	if err != nil {
		return fmt.Errorf("area redraw: recode: %w", err)
	}
	if err := exec(ctx, tx, step(recodeSQL, "write")); err != nil {
		return err
	}
	for _, r := range found {
		for _, code := range []geo.Code{r.Old, r.New} { // who sees either grid sees the entry
			err := evidence.Record(ctx, tx, evidence.Step{
				By: s.o.By, Code: code, Noun: "building", Subject: r.ID, Action: "recode", Reason: o.Reason,
				Before: map[string]geo.Code{"code": r.Old}, After: map[string]geo.Code{"code": r.New},
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *session) recordRedraw(ctx context.Context, tx pgx.Tx, c counts, out *RedrawReport) error {
	if out.Redrawn+out.New+int64(len(out.Recoded)) == 0 || c.minCode == nil {
		return nil
	}
	return evidence.Record(ctx, tx, evidence.Step{
		By: s.o.By, Code: commonCode(*c.minCode, *c.maxCode), Noun: "area_change", Subject: out.Change, Action: "redraw", Reason: out.Reason,
		After: map[string]any{
			"sha256": out.SHA256, "redrawn": out.Redrawn, "new": out.New, "unchanged": out.Unchanged, "recoded": len(out.Recoded),
		},
	})
}
