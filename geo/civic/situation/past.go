package situation

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	_ "embed"

	"github.com/gridweave/gridweave/geo"
)

// Past is how things stood at a time, told by what differs from now: a replay starts from it and goes on with the
// history from that time on.
type Past struct {
	Grades    []PastGrade    // buildings that had another grade than now
	Incidents []PastIncident // what was open then
}

// PastGrade is a grade that a building had.
type PastGrade struct {
	BuildingID int64
	Grade      string // empty for none
}

// PastIncident is an incident as it was.
type PastIncident struct {
	ID         int64
	Code       geo.Code
	Type       string
	Severity   int
	Status     string
	ReportedAt time.Time
	DueAt      *time.Time // the deadline of its clock then, where the ledger kept it
	Lon, Lat   float64
}

//go:embed sql/past_grades.sql
var pastGradesSQL string

//go:embed sql/past_incidents.sql
var pastIncidentsSQL string

func past(ctx context.Context, tx pgx.Tx, code geo.Code, at time.Time) (Past, error) {
	lo, hi := code.Range()
	rows, err := tx.Query(ctx, pastGradesSQL, lo, hi, at)
	if err != nil {
		return Past{}, fmt.Errorf("past grades: %w", err)
	}
	var p Past
	p.Grades, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (g PastGrade, err error) {
		return g, r.Scan(&g.BuildingID, &g.Grade)
	})
	if err != nil {
		return Past{}, fmt.Errorf("past grades: %w", err)
	}
	if rows, err = tx.Query(ctx, pastIncidentsSQL, lo, hi, at); err != nil {
		return Past{}, fmt.Errorf("past incidents: %w", err)
	}
	p.Incidents, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (i PastIncident, err error) {
		return i, r.Scan(&i.ID, &i.Code, &i.Type, &i.Severity, &i.Status, &i.ReportedAt, &i.DueAt, &i.Lon, &i.Lat)
	})
	if err != nil {
		return Past{}, fmt.Errorf("past incidents: %w", err)
	}
	return p, nil
}
