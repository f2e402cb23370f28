package heat

import (
	"context"
	"fmt"

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
