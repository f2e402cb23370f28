package heat

import (
	"context"

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

// Top lists houses and classes. Houses with fewer than K cases are left out where cases are people's.
func (s *Service) Top(ctx context.Context, by account.Actor, q Query) (Top, error) {
	return read(ctx, s, by, q, func(tx pgx.Tx) (Top, error) {
		var out Top
		var err error
		if out.About, err = s.about(ctx, tx, q, Count); err != nil {
			return out, err
		}
		total, err := counts(ctx, tx, q, q.Area.Level())
		if err != nil {
			return out, err
		}
		out.N = total[q.Area]
		if out.Houses, err = houses(ctx, tx, q); err != nil {
			return out, err
		}
		out.Classes, err = classRows(ctx, tx, q)
		return out, err
	})
}

// rowsOf is where the houses of a measure are read: the rows themselves, by the index on code and time.
func rowsOf(m Measure) string {
	switch m {
	case Incidents:
		return `select left(code, 19) as code, count(*) as n from incident
			where code >= $1 and code < $2 and length(code) >= 19 and reported_at >= $3 and reported_at < $4
			  and heat_happened(status) and type >= $5 and type < $6 and (cardinality($7::text[]) = 0 or type = any ($7)) group by 1`
	case Declarations:
		return `select left(code, 19) as code, count(*) as n from declaration
			where code >= $1 and code < $2 and submitted_at >= $3 and submitted_at < $4
			  and status >= $5 and status < $6 and (cardinality($7::text[]) = 0 or status = any ($7)) group by 1`
	case Undeclared:
		return `select code, undeclared as n from heat_place
			where code >= $1 and code < $2 and $3::timestamptz < $4 and $5 < $6 and cardinality($7::text[]) = 0`
	case Grades:
	}
	return `select code, 100 - coalesce(grade_score, 0) as n from building_state
		where code >= $1 and code < $2 and $3::timestamptz < $4 and $5 < $6 and grade is not null
		  and (cardinality($7::text[]) = 0 or grade = any ($7))`
}

// houses lists the first; of grades, by the points that the house lacks.
func houses(ctx context.Context, tx pgx.Tx, q Query) ([]HouseRow, error) {
	lo, hi := q.Area.Range()
	exact, least, below := q.classes()
	floor := 1
	if q.Measure.Personal() {
		floor = insight.K
	}
	return collect(ctx, tx, "houses", func(r pgx.CollectableRow) (h HouseRow, err error) {
		return h, r.Scan(&h.ID, &h.Code, &h.NameZh, &h.NameEn, &h.AddressZh, &h.AddressEn, &h.N)
	}, `select b.id, b.code, b.name_zh, b.name_en, b.address_zh, b.address_en, t.n::int
		from (select code, n from (`+rowsOf(q.Measure)+`) x where n >= $8 order by n desc, code limit $9) t
		join building b on b.code = t.code order by t.n desc, b.code`,
		lo, hi, q.From, q.To, least, below, exact, floor, topCount)
}

func classRows(ctx context.Context, tx pgx.Tx, q Query) ([]ClassRow, error) {
	lo, hi := q.Area.Range()
	exact, least, below := q.classes()
	sql := `select class, sum(n)::int from heat_hour where measure = $1 and at >= $4 and at < $5 and code >= $2 and code < $3
		and class >= $6 and class < $7 and (cardinality($8::text[]) = 0 or class = any ($8)) group by 1`
	if q.Measure.State() {
		sql = `select class, sum(n)::int from (
			select class, n from heat_state where measure = $1 and code >= $2 and code < $3
			union all
			select class, -n from heat_change where measure = $1 and at >= $5 and $4::timestamptz < $5 and code >= $2 and code < $3) s
			where class >= $6 and class < $7 and (cardinality($8::text[]) = 0 or class = any ($8)) group by 1`
	}
	all, err := collect(ctx, tx, "classes", func(r pgx.CollectableRow) (c ClassRow, err error) {
		return c, r.Scan(&c.Class, &c.N)
	}, sql+` having sum(n) > 0 order by 2 desc, 1`, q.Measure.key(), lo, hi, q.From, q.To, least, below, exact)
	shown := []ClassRow{}
	for _, c := range all {
		if !q.Measure.Personal() || !insight.Small(c.N) {
			shown = append(shown, c)
		}
	}
	return shown, err
}
