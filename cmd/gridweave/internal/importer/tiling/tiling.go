package tiling

import (
	"context"
	_ "embed" // the statement
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

//go:embed check.sql
var checkSQL string

// Fault is what can be wrong with a tiling.
type Fault string

// The faults. Outside is what children cover beyond their parent.
const (
	Gap     Fault = "gap"
	Overlap Fault = "overlap"
	Outside Fault = "outside"
)

// Finding is one place where a tiling is not exact.
type Finding struct {
	Fault  Fault    `json:"fault"`
	Parent string   `json:"parent"` // the area that should be tiled
	Codes  []string `json:"codes"`  // who overlaps, who reaches outside, or who borders on the gap
	Lon    float64  `json:"lon"`    // a place inside, WGS-84
	Lat    float64  `json:"lat"`
	Area   float64  `json:"area_m2"` // square metres
	Width  float64  `json:"width_m"` // metres across, roughly
}

// Result is what a check found, the largest first. Findings holds at most MaxFindings of Count.
type Result struct {
	Parents   int       `json:"parents"`   // areas whose children were checked
	Orphans   int       `json:"orphans"`   // of them not known themselves, so that only their children's inner borders count
	Tolerance float64   `json:"tolerance"` // metres
	Count     int       `json:"count"`
	Findings  []Finding `json:"findings"`
}

// MaxFindings bounds a report: whoever has a thousand gaps does not read the next.
const MaxFindings = 1000

// Exact tells whether nothing was found.
func (r Result) Exact() bool { return r.Count == 0 }

// String prints the findings for a person, the first twenty of them.
func (r Result) String() string {
	var b strings.Builder
	if r.Exact() {
		fmt.Fprintf(&b, "tiling: exact within %g m (%d areas checked against what they consist of)\n", r.Tolerance, r.Parents)
		return b.String()
	}
	fmt.Fprintf(&b, "tiling: %d places are not exact within %g m (%d areas checked against what they consist of)\n", r.Count, r.Tolerance, r.Parents)
	const shown = 20
	for i, f := range r.Findings {
		if i == shown {
			fmt.Fprintf(&b, "  … and %d more\n", r.Count-shown)
			break
		}
		fmt.Fprintf(&b, "  %s\n", f)
	}
	return b.String()
}

// String prints one finding.
func (f Finding) String() string {
	const shown = 4
	codes := strings.Join(f.Codes[:min(shown, len(f.Codes))], ", ")
	if len(f.Codes) > shown {
		codes += fmt.Sprintf(" and %d more", len(f.Codes)-shown)
	}
	return fmt.Sprintf("%-7s in %s at %.6f, %.6f: %.1f m², about %.1f m wide (%s)",
		f.Fault, f.Parent, f.Lon, f.Lat, f.Area, f.Width, codes)
}

// Check lays the children of every given area, as the transaction sees them, against the area itself. What is nowhere
// wider than the tolerance (metres) is rounding. Codes without children are passed over; for a parent that is not
// known, holes between its children are gaps.
func Check(ctx context.Context, tx pgx.Tx, parents []string, tolerance float64) (Result, error) {
	r := Result{Tolerance: tolerance, Findings: []Finding{}}
	// PostGIS's costs make even small queries parallel, and every worker then starts from nothing.
	if _, err := tx.Exec(ctx, "set local max_parallel_workers_per_gather = 0"); err != nil {
		return r, fmt.Errorf("tiling check: %w", err)
	}
	err := tx.QueryRow(ctx, `
		select count(distinct c.parent), count(distinct c.parent) filter (where p.code is null)
		from area c left join area p on p.code = c.parent where c.parent = any ($1)`, parents).Scan(&r.Parents, &r.Orphans)
	if err != nil {
		return r, fmt.Errorf("tiling check: %w", err)
	}
	rows, err := tx.Query(ctx, checkSQL, parents, tolerance)
	if err != nil {
		return r, fmt.Errorf("tiling check: %w", err)
	}
	var f Finding
	_, err = pgx.ForEachRow(rows, []any{&f.Fault, &f.Parent, &f.Codes, &f.Lon, &f.Lat, &f.Area, &f.Width}, func() error {
		if r.Count++; r.Count <= MaxFindings {
			r.Findings = append(r.Findings, f)
		}
		f.Codes = nil
		return nil
	})
	if err != nil {
		return r, fmt.Errorf("tiling check: %w", err)
	}
	return r, nil
}
