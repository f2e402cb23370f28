package area

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/postgis"
)

const columns = `a.id, a.code, a.name_zh, a.name_en, a.residents, a.residents_on, a.version, a.valid_from,
	st_xmin(a.geom), st_ymin(a.geom), st_xmax(a.geom), st_ymax(a.geom), st_pointonsurface(a.geom),
	(select count(*) from area c where c.parent = a.code)`

func scan(r pgx.CollectableRow) (Area, error) {
	var a Area
	var label postgis.Geom
	err := r.Scan(&a.ID, &a.Code, &a.NameZh, &a.NameEn, &a.Residents, &a.ResidentsOn, &a.Version, &a.ValidFrom,
		&a.Bounds.Min[0], &a.Bounds.Min[1], &a.Bounds.Max[0], &a.Bounds.Max[1], &label, &a.Children)
	a.Label, _ = label.Geometry.(orb.Point)
	return a, err
}

// collect runs a query and gathers its rows.
func collect[T any](ctx context.Context, tx pgx.Tx, what string, scan pgx.RowToFunc[T], sql string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	all, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return all, nil
}

func list(ctx context.Context, tx pgx.Tx, f Filter) ([]Area, error) {
	level := ""
	if f.Level != 0 {
		level = f.Level.String()
	}
	return collect(ctx, tx, "areas list", scan, `
		select `+columns+` from area a
		where ($1 = '' or a.parent = $1) and ($2 = '' or a.level = $2) and a.code > $3
		  and ($4 = '' or a.name_zh like '%' || $4 || '%' or a.name_en ilike '%' || $4 || '%' or starts_with(a.code, $4))
		order by a.code limit $5`, string(f.Parent), level, string(f.After), f.Text, f.Limit)
}

func get(ctx context.Context, tx pgx.Tx, code geo.Code) (Area, bool, error) {
	all, err := collect(ctx, tx, "area get", scan, `select `+columns+` from area a where a.code = $1`, code)
	if err != nil || len(all) == 0 {
		return Area{}, false, err
	}
	var outline postgis.Geom
	if err := tx.QueryRow(ctx, `select geom from area where code = $1`, code).Scan(&outline); err != nil {
		return Area{}, false, fmt.Errorf("area outline: %w", err)
	}
	all[0].Outline = outline.Geometry
	return all[0], true, nil
}

func ancestors(ctx context.Context, tx pgx.Tx) ([]Ancestor, error) {
	return collect(ctx, tx, "area ancestors", func(r pgx.CollectableRow) (Ancestor, error) {
		var a Ancestor
		var outline postgis.Geom
		err := r.Scan(&a.Code, &a.NameZh, &a.NameEn, &outline)
		a.Outline = outline.Geometry
		return a, err
	}, `select code, name_zh, name_en, geom from area_ancestors()`)
}

func at(ctx context.Context, tx pgx.Tx, p orb.Point) ([]Area, error) {
	return collect(ctx, tx, "areas at point", scan, `
		select `+columns+` from area a
		where st_intersects(a.geom, st_setsrid(st_makepoint($1, $2), 4326)) order by length(a.code)`, p[0], p[1])
}

func versions(ctx context.Context, tx pgx.Tx, code geo.Code) ([]Version, error) {
	return collect(ctx, tx, "area versions", func(r pgx.CollectableRow) (Version, error) {
		var v Version
		return v, r.Scan(&v.Version, &v.ValidFrom, &v.ValidTo, &v.Reason)
	}, `select v.version, v.valid_from, v.valid_to, coalesce(c.reason, '')
		from area_version v left join area_change c on c.id = v.ended_by where v.code = $1 order by v.version desc`, code)
}

// whole counts the area as one group of its own level.
func whole(ctx context.Context, tx pgx.Tx, code geo.Code) (Figures, error) {
	groups, err := figures(ctx, tx, code, code.Level())
	if err != nil || len(groups) > 0 {
		return first(groups), err
	}
	return Figures{Code: code, Grades: grades(0, 0, 0, 0, 0)}, nil
}

func first(groups []Figures) Figures {
	if len(groups) == 0 {
		return Figures{}
	}
	return groups[0]
}

// figures counts by the first level digits of the code, within the area. What is counted are codes, so that a count is
// right wherever a house stands. Down to grids the houses' sums are kept; in a single house its row is read.
func figures(ctx context.Context, tx pgx.Tx, code geo.Code, level geo.Level) ([]Figures, error) {
	houses := `select left(code, $3) as code, sum(houses) as buildings, sum(graded) as rental, sum(rooms) as rooms,
		         sum(rental_rooms) as rental_rooms, sum(residents) as residents, sum(green) as green, sum(yellow) as yellow,
		         sum(orange) as orange, sum(red) as red, sum(grey) as grey
		  from heat_base where code >= $1 and code < $2 group by 1 having sum(houses) > 0`
	if level > geo.Grid {
		houses = `select left(code, $3) as code, 1 as buildings, (grade is not null)::int as rental, rooms, rental_rooms, residents,
		         coalesce(grade = 'green', false)::int as green, coalesce(grade = 'yellow', false)::int as yellow,
		         coalesce(grade = 'orange', false)::int as orange, coalesce(grade = 'red', false)::int as red,
		         coalesce(grade = 'grey', false)::int as grey
		  from building_state where code >= $1 and code < $2`
	}
	lo, hi := code.Range()
	return collect(ctx, tx, "area figures", scanFigures, `
		with houses as (`+houses+`
		), cases as (
		  select left(code, $3) as code, count(*) as open, count(*) filter (where due_at < now()) as overdue
		  from incident where code >= $1 and code < $2 and due_at is not null group by 1
		), declared as (
		  select left(code, $3) as code, count(*) as n
		  from declaration where code >= $1 and code < $2 and submitted_at > now() - interval '24 hours' group by 1
		)
		select code, coalesce(a.id, 0), coalesce(h.buildings, 0), coalesce(h.rental, 0), coalesce(h.rooms, 0),
		       coalesce(h.rental_rooms, 0), coalesce(h.residents, 0), coalesce(h.green, 0), coalesce(h.yellow, 0),
		       coalesce(h.orange, 0), coalesce(h.red, 0), coalesce(h.grey, 0), coalesce(c.open, 0), coalesce(c.overdue, 0),
		       coalesce(d.n, 0)
		from houses h full join cases c using (code) full join declared d using (code)
		full join (select id, code from area where code >= $1 and code < $2 and length(code) = $3) a using (code)
		order by code`, lo, hi, int(level))
}

func scanFigures(r pgx.CollectableRow) (Figures, error) {
	var f Figures
	var green, yellow, orange, red, grey int
	err := r.Scan(&f.Code, &f.ID, &f.Buildings, &f.RentalBuildings, &f.Rooms, &f.RentalRooms, &f.Residents,
		&green, &yellow, &orange, &red, &grey, &f.OpenIncidents, &f.OverdueIncidents, &f.Declarations)
	f.Grades = grades(green, yellow, orange, red, grey)
	return f, err
}

func grades(green, yellow, orange, red, grey int) map[string]int {
	return map[string]int{"green": green, "yellow": yellow, "orange": orange, "red": red, "grey": grey}
}

func translations(ctx context.Context, tx pgx.Tx, system, foreign string, code geo.Code) ([]Translation, error) {
	return collect(ctx, tx, "crosswalk", func(r pgx.CollectableRow) (Translation, error) {
		var t Translation
		return t, r.Scan(&t.System, &t.Foreign, &t.Code, &t.NameZh, &t.NameEn)
	}, `select system, foreign_code, code, name_zh, name_en from crosswalk
		where ($1 = '' or system = $1) and ($2 = '' or foreign_code = $2) and ($3 = '' or code = $3)
		order by system, foreign_code limit 1000`, system, foreign, string(code))
}
