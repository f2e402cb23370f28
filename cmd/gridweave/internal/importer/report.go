package importer

import (
	"fmt"
	"strings"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/crsdetect"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/tiling"
)

// Reject is a row that was refused, and why.
type Reject struct {
	Row    int64  `json:"row"`  // 1 for the first feature or the first row after the header
	Code   string `json:"code"` // as it stands in the file
	Reason string `json:"reason"`
}

// Report tells what became of a file. Rows = Inserted + Updated + Unchanged + Rejected, always.
type Report struct {
	Kind        string            `json:"kind"`
	File        string            `json:"file"`
	Format      string            `json:"format"`
	Layer       string            `json:"layer,omitempty"`
	Encoding    string            `json:"encoding,omitempty"`
	SHA256      string            `json:"sha256"`
	CRS         string            `json:"crs"`
	Detection   *crsdetect.Result `json:"detection,omitempty"`
	Fields      map[string]string `json:"fields,omitempty"` // field → the property it was found in
	DryRun      bool              `json:"dry_run"`
	Rows        int64             `json:"rows"`
	Inserted    int64             `json:"inserted"`
	Updated     int64             `json:"updated"`
	Unchanged   int64             `json:"unchanged"`
	Rejected    int64             `json:"rejected"`
	Repaired    int64             `json:"repaired"`          // geometries that were broken and could be mended
	Squares     int64             `json:"squares,omitempty"` // new buildings that were given as points only
	ResumedAt   int64             `json:"resumed_at,omitempty"`
	ImportedOn  *time.Time        `json:"imported_on,omitempty"` // when the same file was imported before
	RejectsFile string            `json:"rejects_file,omitempty"`
	Rejects     []Reject          `json:"rejects,omitempty"` // the first few
	Tiling      *tiling.Result    `json:"tiling,omitempty"`
	Seconds     float64           `json:"seconds"`
	RowsPerSec  float64           `json:"rows_per_second"`

	change int32 // the area_change that was made
}

// shownRejects is how many rejects a report carries itself; all of them are in the rejects file.
const shownRejects = 10

// Changed tells whether anything in the database is different now.
func (r Report) Changed() bool { return !r.DryRun && r.Inserted+r.Updated > 0 }

// String prints the report for a person.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s from %s (%s, %s)\n", r.Kind, r.File, r.Format, r.CRS)
	if r.Detection != nil {
		fmt.Fprintln(&b, r.Detection)
	}
	if r.ResumedAt > 0 {
		fmt.Fprintf(&b, "went on after row %d, where an earlier run had stopped\n", r.ResumedAt)
	}
	fmt.Fprintf(&b, "%d rows: %d new, %d changed, %d unchanged, %d rejected", r.Rows, r.Inserted, r.Updated, r.Unchanged, r.Rejected)
	fmt.Fprintf(&b, " in %.1f s (%.0f rows/s)\n", r.Seconds, r.RowsPerSec)
	r.writeNotes(&b)
	for _, x := range r.Rejects {
		fmt.Fprintf(&b, "  row %d %s: %s\n", x.Row, x.Code, x.Reason)
	}
	if r.RejectsFile != "" {
		fmt.Fprintf(&b, "all rejected rows with their reasons: %s\n", r.RejectsFile)
	}
	if r.Tiling != nil {
		b.WriteString(r.Tiling.String())
	}
	return b.String()
}

func (r Report) writeNotes(b *strings.Builder) {
	if r.Repaired > 0 {
		fmt.Fprintf(b, "%d broken outlines were repaired\n", r.Repaired)
	}
	if r.Squares > 0 {
		fmt.Fprintf(b, "%d new buildings are given as points only: drawn as squares\n", r.Squares)
	}
	switch {
	case r.DryRun:
		fmt.Fprintln(b, "dry run: nothing was written")
	case r.Inserted+r.Updated == 0 && r.ImportedOn != nil:
		fmt.Fprintf(b, "nothing changed: this file was imported already on %s\n", r.ImportedOn.Format(time.DateTime))
	case r.Inserted+r.Updated == 0:
		fmt.Fprintln(b, "nothing changed")
	}
}
