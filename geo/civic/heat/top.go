package heat

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/insight"
)

// Top is the houses, or the types of incidents, with most of what is asked for.
type Top struct {
	About
	Houses  []HouseRow
	Classes []ClassRow
}

// HouseRow is a house with its count.
type HouseRow struct {
	ID             int64
	Code           geo.Code
	NameZh, NameEn string
	AddressZh      string
	AddressEn      string
	N              int
}

// ClassRow is a class of the measure with its count: a type of incident, a status, a grade.
type ClassRow struct {
	Class string
	N     int
}

// topCount is how many a list has.
const topCount = 20

// Top lists houses and classes. Houses with fewer than K cases are left out where cases are people's. Houses with a grade
// are those that have it now.
func (s *Service) Top(ctx context.Context, by account.Actor, q Query) (Top, error) {
	return read(ctx, s, by, q, func(tx pgx.Tx, c *cube) (out Top, err error) {
		out.About = s.about(c, q, Count)
		out.N = c.counts(q, q.Area.Level())[q.Area]
		out.Hidden = c.isSecret(q)
		out.Classes = c.classRows(q, out.Hidden)
		if q.Measure == Grades {
			out.Houses, err = worst(ctx, tx, q)
		} else {
			out.Houses, err = named(ctx, tx, c.first(q))
		}
		return out, err
	})
}

// first are the houses with most of it, by their codes.
func (c *cube) first(q Query) []HouseRow {
	least := 1
	if q.Measure.Personal() {
		least = insight.K
	}
	type counted struct {
		site site
		n    int
	}
	order := func(a, b counted) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.site, b.site)) }
	var first []counted // at most topCount, in order: a city has hundreds of thousands behind them
	c.houses(q).each(func(s site, _ spot, n int) {
		house := counted{s, n}
		if n < least || len(first) == topCount && order(house, first[topCount-1]) > 0 {
			return
		}
		i, _ := slices.BinarySearchFunc(first, house, order)
		first = slices.Insert(first, i, house)
		first = first[:min(len(first), topCount)]
	})
	rows := make([]HouseRow, len(first))
	for i, house := range first {
		rows[i] = HouseRow{Code: geo.Code(strconv.FormatInt(int64(house.site), 10)), N: house.n}
	}
	return rows
}

// named says what houses are called. One that has been pulled down is left out.
func named(ctx context.Context, tx pgx.Tx, rows []HouseRow) ([]HouseRow, error) {
	codes := make([]string, len(rows))
	n := map[geo.Code]int{}
	for i, r := range rows {
		codes[i], n[r.Code] = string(r.Code), r.N
	}
	out, err := collect(ctx, tx, "houses", func(r pgx.CollectableRow) (h HouseRow, err error) {
		err = r.Scan(&h.ID, &h.Code, &h.NameZh, &h.NameEn, &h.AddressZh, &h.AddressEn)
		h.N = n[h.Code]
		return h, err
	}, `select b.id, b.code, b.name_zh, b.name_en, b.address_zh, b.address_en
		from unnest($1::text[]) with ordinality w (code, n) join building b on b.code = w.code order by w.n`, codes)
	return out, err
}

// worst are the houses that lack most points of their grade.
func worst(ctx context.Context, tx pgx.Tx, q Query) ([]HouseRow, error) {
	lo, hi := q.Area.Range()
	grades := []string{}
	switch q.Class {
	case "":
	case Risky:
		grades = []string{"orange", "red"}
	default:
		grades = []string{q.Class}
	}
	return collect(ctx, tx, "houses", func(r pgx.CollectableRow) (h HouseRow, err error) {
		return h, r.Scan(&h.ID, &h.Code, &h.NameZh, &h.NameEn, &h.AddressZh, &h.AddressEn, &h.N)
	}, `select b.id, b.code, b.name_zh, b.name_en, b.address_zh, b.address_en, t.n
		from (select code, 100 - coalesce(grade_score, 0) as n from building_state
		      where code >= $1 and code < $2 and grade is not null and (cardinality($3::text[]) = 0 or grade = any ($3))
		      order by 100 - coalesce(grade_score, 0) desc, code limit $4) t
		join building b on b.code = t.code where t.n > 0 order by t.n desc, b.code`, lo, hi, grades, topCount)
}

// classRows are the classes that have any, most first, without those that are not to be shown where cases are people's.
func (c *cube) classRows(q Query, secret bool) []ClassRow {
	all := []ClassRow{}
	for class, n := range c.byClass(q) {
		if n > 0 {
			all = append(all, ClassRow{class, n})
		}
	}
	slices.SortFunc(all, func(a, b ClassRow) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Class, b.Class)) })
	if !q.Measure.Personal() {
		return all
	}
	counts := make([]int, len(all))
	for i, r := range all {
		counts[i] = r.N
	}
	hidden := insight.Suppress(counts, nil, insight.Groups{Begins: []int{0, len(all)}, Hidden: []bool{secret}})
	shown := []ClassRow{}
	for i, r := range all {
		if !hidden[i] {
			shown = append(shown, r)
		}
	}
	return shown
}
