package situation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	_ "embed"

	"github.com/gridweave/gridweave/geo"
)

// Event is one thing that happened, as a ticker and a replayed map need it: no text that somebody wrote, no person.
type Event struct {
	At    time.Time
	Topic string // incident, declaration or grade, as in the stream
	Seq   int64  // of the entry in its own ledger; with At and Topic it orders all events
	ID    int64  // of the incident, the declaration or the building
	Code  geo.Code
	// Action is what was done; empty for a change of grade.
	Action string
	// Was and Now are the status or the grade before and after; empty for none.
	Was, Now string
	Type     string // minor class of an incident
	Severity int    // of an incident, 1 is worst; 0 for others
	Lon, Lat *float64
	NameZh   string // of the building whose grade changed
	NameEn   string
}

// Mark is a place in the order of events.
type Mark struct {
	At    time.Time
	Topic string
	Seq   int64
}

// Window says which events.
type Window struct {
	From, To    time.Time // From included, To not
	After       *Mark     // where the page before ended
	NewestFirst bool
	Topics      []string // empty for all
	Limit       int
}

// narrow leaves out the time before the page, which would be read and thrown away.
func (w *Window) narrow(mark time.Time) {
	if w.NewestFirst {
		if after := mark.Add(time.Microsecond); after.Before(w.To) {
			w.To = after
		}
	} else if mark.After(w.From) {
		w.From = mark
	}
}

//go:embed sql/history.sql
var historySQL string

func history(ctx context.Context, tx pgx.Tx, code geo.Code, w Window) ([]Event, error) {
	lo, hi := code.Range()
	sql := historySQL
	if w.NewestFirst {
		// The same query the other way round: the comparison with the mark and the order.
		sql = strings.NewReplacer("/*after*/ >", "<", "/*order*/ asc", "desc").Replace(sql)
	}
	after := Mark{}
	if w.After != nil {
		after = *w.After
		w.narrow(after.At)
	}
	rows, err := tx.Query(ctx, sql, lo, hi, w.From, w.To, w.After != nil, after.At, after.Topic, after.Seq, w.Topics, w.Limit)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (e Event, err error) {
		err = r.Scan(&e.At, &e.Topic, &e.Seq, &e.ID, &e.Code, &e.Action, &e.Was, &e.Now, &e.Type, &e.Severity, &e.Lon, &e.Lat,
			&e.NameZh, &e.NameEn)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	return all, nil
}

// Slot is how much happened in one slot of a histogram.
type Slot struct {
	At                              time.Time // the slot's beginning
	Incidents, Declarations, Grades int
}

//go:embed sql/activity.sql
var activitySQL string

// activity counts events in slots of a width; every slot between the times is there.
func activity(ctx context.Context, tx pgx.Tx, code geo.Code, from, to time.Time, width time.Duration) ([]Slot, error) {
	lo, hi := code.Range()
	rows, err := tx.Query(ctx, activitySQL, lo, hi, from, to, width)
	if err != nil {
		return nil, fmt.Errorf("activity: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (s Slot, err error) {
		return s, r.Scan(&s.At, &s.Incidents, &s.Declarations, &s.Grades)
	})
	if err != nil {
		return nil, fmt.Errorf("activity: %w", err)
	}
	return all, nil
}
