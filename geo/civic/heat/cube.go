package heat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
)

// collect runs a query and gathers its rows.
func collect[T any](ctx context.Context, tx pgx.Tx, what string, scan pgx.RowToFunc[T], sql string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("heat %s: %w", what, err)
	}
	all, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("heat %s: %w", what, err)
	}
	return all, nil
}

// byCode is a count of each area that has any.
type byCode map[geo.Code]int

// counts gives what a query asks for by areas of a level.
func counts(ctx context.Context, tx pgx.Tx, q Query, level geo.Level) (byCode, error) {
	if q.Measure.State() {
		return states(ctx, tx, q, level)
	}
	return events(ctx, tx, q, level)
}

// events are summed by day where no class is asked for, with the hours at both ends, and else by hour.
func events(ctx context.Context, tx pgx.Tx, q Query, level geo.Level) (byCode, error) {
	lo, hi := q.Area.Range()
	exact, least, below := q.classes()
	first, last := q.From, q.From
	if q.Class == "" {
		first, last = q.days()
	}
	return codes(ctx, tx, `
		select left(code, $4), sum(n)::int from (
		  select code, sum(n) as n from (
		    select code, n from heat_day where measure = $1 and at >= $7 and at < $8 and code >= $2 and code < $3
		    union all
		    select code, n from heat_hour where measure = $1 and at >= $5 and at < $7 and code >= $2 and code < $3
		      and class >= $9 and class < $10 and (cardinality($11::text[]) = 0 or class = any ($11))
		    union all
		    select code, n from heat_hour where measure = $1 and at >= $8 and at < $6 and code >= $2 and code < $3
		      and class >= $9 and class < $10 and (cardinality($11::text[]) = 0 or class = any ($11))
		  ) parts group by code
		) grids group by 1 having sum(n) <> 0`,
		q.Measure.key(), lo, hi, int(level), q.From, q.To, first, last, least, below, exact)
}

// states are the number now less what has changed since.
func states(ctx context.Context, tx pgx.Tx, q Query, level geo.Level) (byCode, error) {
	lo, hi := q.Area.Range()
	exact, _, _ := q.classes()
	return codes(ctx, tx, `
		select left(code, $4), sum(n)::int from (
		  select code, n from heat_state
		  where measure = $1 and code >= $2 and code < $3 and (cardinality($6::text[]) = 0 or class = any ($6))
		  union all
		  select code, -n from heat_change
		  where measure = $1 and at >= $5 and code >= $2 and code < $3 and (cardinality($6::text[]) = 0 or class = any ($6))
		) parts group by 1 having sum(n) <> 0`, q.Measure.key(), lo, hi, int(level), q.To, exact)
}

func codes(ctx context.Context, tx pgx.Tx, sql string, args ...any) (byCode, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("heat counts: %w", err)
	}
	out := byCode{}
	var code geo.Code
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&code, &n}, func() error { out[code] = n; return nil }); err != nil {
		return nil, fmt.Errorf("heat counts: %w", err)
	}
	return out, nil
}

// place is an area with what rates are rates of.
type place struct {
	id                                     int64
	code                                   geo.Code
	zh, en                                 string
	houses, graded, rentalRooms, residents int
}

func (p place) base(v Value) float64 {
	switch v {
	case PerResident:
		return float64(p.residents)
	case PerRoom:
		return float64(p.rentalRooms)
	case PerHouse:
		return float64(p.graded)
	case Count:
	}
	return 0
}

// places are the areas of a level within an area, by code. Areas and bases meet here: the planner would compare each area
// with each sum.
func places(ctx context.Context, tx pgx.Tx, within geo.Code, level geo.Level) ([]place, error) {
	lo, hi := within.Range()
	all, err := collect(ctx, tx, "areas", func(r pgx.CollectableRow) (p place, err error) {
		return p, r.Scan(&p.id, &p.code, &p.zh, &p.en)
	}, `select id, code, name_zh, name_en from area where code >= $1 and code < $2 and length(code) = $3 order by code`,
		lo, hi, int(level))
	if err != nil {
		return nil, err
	}
	at := make(map[geo.Code]int, len(all))
	for i, p := range all {
		at[p.code] = i
	}
	bases, err := collect(ctx, tx, "bases", func(r pgx.CollectableRow) (p place, err error) {
		return p, r.Scan(&p.code, &p.houses, &p.graded, &p.rentalRooms, &p.residents)
	}, `select left(code, $3), sum(houses), sum(graded), sum(rental_rooms), sum(residents) from heat_base
		where code >= $1 and code < $2 group by 1`, lo, hi, int(level))
	for _, b := range bases {
		if i, ok := at[b.code]; ok {
			p := &all[i]
			p.houses, p.graded, p.rentalRooms, p.residents = b.houses, b.graded, b.rentalRooms, b.residents
		}
	}
	return all, err
}

// cell is so much at a place, by the cube's cells of a five-thousandth of a degree.
type cell struct {
	code geo.Code // the grid it belongs to
	x, y int32
	n    int
}

// perDegree is how many cells a degree has: heat_cell in the migration.
const perDegree = 5000

// center is the cell's middle.
func (c cell) center() geo.WGS84 {
	return geo.WGS84{Lon: (float64(c.x) + .5) / perDegree, Lat: (float64(c.y) + .5) / perDegree}
}

// located tells whether anybody knows where the cell is.
func (c cell) located() bool { return c.x != 0 || c.y != 0 }

// cells are where a query's count lies. States are those of now: where houses stood in the past is not kept.
func cells(ctx context.Context, tx pgx.Tx, q Query) ([]cell, error) {
	lo, hi := q.Area.Range()
	exact, least, below := q.classes()
	scan := func(r pgx.CollectableRow) (c cell, err error) { return c, r.Scan(&c.code, &c.x, &c.y, &c.n) }
	switch q.Measure {
	case Undeclared:
		return collect(ctx, tx, "cells", scan, `
			select left(code, 14), x, y, undeclared from heat_place where code >= $1 and code < $2 and undeclared <> 0`, lo, hi)
	case Grades:
		return collect(ctx, tx, "cells", scan, `
			select left(s.code, 14), p.x, p.y, 1 from building_state s join heat_place p on p.code = s.code
			where s.code >= $1 and s.code < $2 and s.grade is not null and (cardinality($3::text[]) = 0 or s.grade = any ($3))`, lo, hi, exact)
	case Incidents, Declarations:
	}
	return collect(ctx, tx, "cells", scan, `
		select code, x, y, sum(n)::int from heat_hour
		where measure = $1 and at >= $4 and at < $5 and code >= $2 and code < $3 and class >= $6 and class < $7
		  and (cardinality($8::text[]) = 0 or class = any ($8))
		group by 1, 2, 3 having sum(n) <> 0`, q.Measure.key(), lo, hi, q.From, q.To, least, below, exact)
}

// began is the first hour of which anything is known in the scope; the zero time where nothing is.
func began(ctx context.Context, tx pgx.Tx, q Query) (time.Time, error) {
	table := "heat_hour"
	if q.Measure.State() {
		table = "heat_change"
	}
	var at *time.Time
	lo, hi := q.Area.Range()
	err := tx.QueryRow(ctx, `select at from `+table+` where measure = $1 and code >= $2 and code < $3 order by at limit 1`,
		q.Measure.key(), lo, hi).Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("heat beginning: %w", err)
	}
	return *at, nil
}

// moment is what happened in a slice of the time, in an area.
type moment struct {
	code  geo.Code
	slice int // from 0
	n     int
}

// sliced gives events, or changes of a state, by areas of a level and by slices of so many hours from q.From on.
func sliced(ctx context.Context, tx pgx.Tx, q Query, level geo.Level, hours int) ([]moment, error) {
	lo, hi := q.Area.Range()
	exact, least, below := q.classes()
	table := "heat_hour"
	if q.Measure.State() {
		table = "heat_change"
	}
	return collect(ctx, tx, "slices", func(r pgx.CollectableRow) (m moment, err error) {
		return m, r.Scan(&m.code, &m.slice, &m.n)
	}, `
		select left(code, $4), (extract(epoch from at - $5)::bigint / ($9 * 3600))::int, sum(n)::int from `+table+`
		where measure = $1 and at >= $5 and at < $6 and code >= $2 and code < $3 and class >= $7 and class < $8
		  and (cardinality($10::text[]) = 0 or class = any ($10))
		group by 1, 2 having sum(n) <> 0`,
		q.Measure.key(), lo, hi, int(level), q.From, q.To, least, below, hours, exact)
}
