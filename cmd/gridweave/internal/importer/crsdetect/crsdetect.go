package crsdetect

import (
	"fmt"
	"strings"

	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
)

// Shape is a polygon with the house code of its place; the code may be "".
type Shape struct {
	Code geo.Code
	Geom orb.MultiPolygon
}

// Candidate is a system the upload may be in, with the conversion of its coordinates to WGS-84.
type Candidate struct {
	Name    string
	ToWGS84 func(orb.Point) orb.Point
}

// Score is how well one candidate lands the upload on what is known. Every shape of the finer side is sampled at
// points in its interior; a point agrees when it lies in the coarser shape it belongs to.
type Score struct {
	CRS       string  `json:"crs"`
	Agreement float64 `json:"agreement"` // share of all points, 0 to 1
	Disputed  float64 `json:"disputed"`  // share of the points of those shapes that the candidates judge differently
	Misses    int     `json:"misses"`
	Points    int     `json:"points"`
}

// Result is the table of scores, best first, and what follows from it.
type Result struct {
	CRS       string  `json:"crs,omitempty"` // the candidate chosen; "" where none can be
	Reason    string  `json:"reason"`        // why it was chosen, or why none was
	Reference string  `json:"reference"`     // what the upload was laid upon
	ByCode    bool    `json:"by_code"`       // shapes were matched by their codes, not by place alone
	Compared  int     `json:"compared"`      // shapes sampled
	Disputed  int     `json:"disputed"`      // of them judged differently by different candidates
	Scores    []Score `json:"scores"`
}

// Table prints the scores for a person.
func (r Result) Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "coordinate system, tested against %s (%d shapes compared, %d decide)\n", r.Reference, r.Compared, r.Disputed)
	fmt.Fprintf(&b, "  %-9s %10s %16s %14s\n", "", "agreement", "where they differ", "points off")
	for _, s := range r.Scores {
		mark := " "
		if s.CRS == r.CRS {
			mark = "*"
		}
		fmt.Fprintf(&b, "%s %-9s %9.2f%% %15.2f%% %9d of %d\n", mark, s.CRS, 100*s.Agreement, 100*s.Disputed, s.Misses, s.Points)
	}
	fmt.Fprintf(&b, "  %s", r.Reason)
	return b.String()
}

// String is the result in a line.
func (r Result) String() string {
	if r.CRS == "" || len(r.Scores) < 2 {
		return "coordinate system: " + r.Reason
	}
	return fmt.Sprintf("coordinate system %s found by testing against %s: %.2f%% agreement, %s as the next best has %.2f%%",
		r.CRS, r.Reference, 100*r.Scores[0].Agreement, r.Scores[1].CRS, 100*r.Scores[1].Agreement)
}

// Detect weighs the candidates. Shapes of the finer side are laid into those of the coarser, whichever of the two the
// upload is: streets into a known district as well as known footprints into a boundary. Codes decide which coarser
// shape a finer one belongs to where both have them; where that tells nothing, place alone does.
func Detect(upload, reference []Shape, candidates []Candidate) Result {
	coded := newTrial(upload, reference, candidates, true)
	if coded.comparable() {
		if r := coded.judge(); r.CRS != "" {
			return r
		}
	}
	return newTrial(upload, reference, candidates, false).judge()
}
