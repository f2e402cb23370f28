package situation

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	_ "embed"

	"github.com/gridweave/gridweave/geo"
)

// Ratio is a count, and where it is a part of something, of how much.
type Ratio struct {
	Numerator   int  `json:"numerator"`
	Denominator *int `json:"denominator,omitempty"` // nil for a plain count
}

// Figure is one key figure.
type Figure struct {
	Key       Key
	Now       Ratio
	Yesterday *Ratio // at the same time a day ago; nil where nothing was kept to tell it from
	// Series are 24 values an hour apart, the last one now: what stood at the hour's end, or happened within it. Nil
	// where nothing was kept to tell them from.
	Series []int
}

// Key names a figure.
type Key string

// The figures, in the order in which a wall shows them.
const (
	Overdue  Key = "overdue"        // incidents whose clock has run out, of the open ones
	Open     Key = "open"           // incidents whose clock runs (在办)
	Reported Key = "reported"       // incidents reported within 24 hours
	OnTime   Key = "closed_on_time" // closed within their time, of those closed within 24 hours (按期结案率)
	Risky    Key = "risky"          // houses graded orange or red, of the graded ones
	Declared Key = "self_declared"  // declared by residents themselves, of the declarations of 24 hours (主动申报率)
)

// hours is how far the figures look back, in hours: a day, and the day before it.
const hours = 48

const day = hours / 2

// hour is what one hour changed; the buckets are counted backwards from now, 0 is the last sixty minutes.
type hour struct {
	reported, ended, closed, closedOnTime, declared, selfDeclared, riskier, graded, overdue int
}

// present is what stands now. told: whether the ledger says the deadlines of the last day, which entries of another
// system may lack.
type present struct {
	open, overdue, risky, graded int
	told                         bool
}

//go:embed sql/hours.sql
var hoursSQL string

//go:embed sql/present.sql
var presentSQL string

func figures(ctx context.Context, tx pgx.Tx, code geo.Code, now time.Time) ([]Figure, error) {
	lo, hi := code.Range()
	var p present
	if err := tx.QueryRow(ctx, presentSQL, lo, hi, now, day).Scan(&p.open, &p.overdue, &p.risky, &p.graded, &p.told); err != nil {
		return nil, fmt.Errorf("figures now: %w", err)
	}
	rows, err := tx.Query(ctx, hoursSQL, lo, hi, now, hours)
	if err != nil {
		return nil, fmt.Errorf("figures by hour: %w", err)
	}
	var h [hours]hour
	var n int
	var x hour
	_, err = pgx.ForEachRow(rows, []any{
		&n, &x.reported, &x.ended, &x.closed, &x.closedOnTime, &x.declared, &x.selfDeclared, &x.riskier, &x.graded, &x.overdue,
	}, func() error {
		h[n] = x
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("figures by hour: %w", err)
	}
	return assemble(p, h[:]), nil
}

// assemble turns what stands now and what each hour changed into figures. What stood earlier is what stands now, less
// what came since and with what went.
func assemble(p present, h []hour) []Figure {
	sum := func(from, to int, of func(hour) int) (n int) {
		for _, x := range h[from:to] {
			n += of(x)
		}
		return n
	}
	reported := func(x hour) int { return x.reported }
	opened := func(x hour) int { return x.reported - x.ended }
	riskier := func(x hour) int { return x.riskier }
	graded := func(x hour) int { return x.graded }
	stock := func(now int, change func(hour) int) (series []int, before int) {
		series = make([]int, day)
		for i := range day {
			series[day-1-i] = now - sum(0, i, change)
		}
		return series, now - sum(0, day, change)
	}
	flow := func(of func(hour) int) []int {
		series := make([]int, day)
		for i := range day {
			series[day-1-i] = of(h[i])
		}
		return series
	}
	share := func(from, to int, part, whole func(hour) int) Ratio {
		n := sum(from, to, whole)
		return Ratio{Numerator: sum(from, to, part), Denominator: &n}
	}
	closed := func(x hour) int { return x.closed }
	onTime := func(x hour) int { return x.closedOnTime }
	declared := func(x hour) int { return x.declared }
	self := func(x hour) int { return x.selfDeclared }

	openSeries, openBefore := stock(p.open, opened)
	late := Figure{Key: Overdue, Now: Ratio{p.overdue, &p.open}}
	if p.told {
		series, before := stock(p.overdue, func(x hour) int { return x.overdue })
		late.Series, late.Yesterday = series, &Ratio{before, &openBefore}
	}
	riskySeries, riskyBefore := stock(p.risky, riskier)
	_, gradedBefore := stock(p.graded, graded)
	yesterday := func(r Ratio) *Ratio { return &r }
	return []Figure{
		late,
		{Key: Open, Now: Ratio{Numerator: p.open}, Yesterday: &Ratio{Numerator: openBefore}, Series: openSeries},
		{
			Key: Reported, Now: Ratio{Numerator: sum(0, day, reported)},
			Yesterday: &Ratio{Numerator: sum(day, hours, reported)}, Series: flow(reported),
		},
		{Key: OnTime, Now: share(0, day, onTime, closed), Yesterday: yesterday(share(day, hours, onTime, closed)), Series: flow(onTime)},
		{Key: Risky, Now: Ratio{p.risky, &p.graded}, Yesterday: &Ratio{riskyBefore, &gradedBefore}, Series: riskySeries},
		{Key: Declared, Now: share(0, day, self, declared), Yesterday: yesterday(share(day, hours, self, declared)), Series: flow(self)},
	}
}
