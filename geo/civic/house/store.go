package house

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/postgis"
)

const columns = `b.id, b.code, b.name_zh, b.name_en, b.address_zh, b.address_en, b.kind, b.levels, b.height_m,
	b.built_year, st_pointonsurface(b.geom), s.use, coalesce(s.grade, ''), s.grade_score, s.grade_reasons, s.graded_at,
	s.patrolled_at, s.rooms, s.rental_rooms, s.residents, s.open_incidents, s.updated_at`

const from = ` from building b join building_state s on s.building_id = b.id `

// scan reads the columns of a building, and what follows them into more.
func scan(r pgx.CollectableRow, more ...any) (Building, error) {
	var b Building
	var label postgis.Geom
	var reasons []byte
	err := r.Scan(append([]any{
		&b.ID, &b.Code, &b.NameZh, &b.NameEn, &b.AddressZh, &b.AddressEn, &b.Kind, &b.Levels, &b.HeightM,
		&b.BuiltYear, &label, &b.State.Use, &b.State.Grade, &b.State.Score, &reasons, &b.State.GradedAt,
		&b.State.PatrolledAt, &b.State.Rooms, &b.State.RentalRooms, &b.State.Residents, &b.State.OpenIncidents,
		&b.State.UpdatedAt,
	}, more...)...)
	if err != nil {
		return b, err
	}
	b.Label, _ = label.Geometry.(orb.Point)
	return b, json.Unmarshal(reasons, &b.State.Reasons)
}

func scanOne(r pgx.CollectableRow) (Building, error) { return scan(r) }

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

func list(ctx context.Context, tx pgx.Tx, f Filter) ([]Building, error) {
	lo, hi := "", ":"
	if f.Within != "" {
		lo, hi = f.Within.Range()
	}
	where := `where b.code >= @lo and b.code < @hi and (cardinality(@grades::text[]) = 0 or s.grade = any (@grades))`
	args := pgx.NamedArgs{
		"lo": lo, "hi": hi, "grades": append([]Grade{}, f.Grades...), "limit": f.Limit,
		"after": string(f.After.Code), "rank": rank(f.After.Grade), "worst": worst(),
	}
	order := `b.code`
	if f.Worst {
		order = `coalesce(array_position(@worst::text[], s.grade), cardinality(@worst::text[]) + 1), b.code`
	}
	switch {
	case f.After.Code == "":
	case f.Worst:
		where += ` and (` + order + `) > (@rank::int, @after)`
	default:
		where += ` and b.code > @after`
	}
	if f.Box != nil {
		where += ` and b.geom && st_makeenvelope(@west, @south, @east, @north, 4326)`
		args["west"], args["south"], args["east"], args["north"] = f.Box.Min[0], f.Box.Min[1], f.Box.Max[0], f.Box.Max[1]
	}
	return collect(ctx, tx, "buildings list", scanOne, `select `+columns+from+where+` order by `+order+` limit @limit`, args)
}

// worst lists the grades, the worst first; what has none comes after them.
func worst() []Grade { return []Grade{Red, Orange, Yellow, Green, Grey} }

// rank is a grade's place among them, from 1.
func rank(g Grade) int {
	if i := slices.Index(worst(), g); i >= 0 {
		return i + 1
	}
	return len(worst()) + 1
}

// search takes digits for the beginning of a code and anything else for a name or address.
func search(ctx context.Context, tx pgx.Tx, text string, limit int) ([]Building, error) {
	text = strings.TrimSpace(text)
	if digits := geo.NormalizeCode(text); len(digits) >= int(geo.District) && strings.Trim(digits, "0123456789") == "" {
		return collect(ctx, tx, "buildings search", scanOne,
			`select `+columns+from+`where starts_with(b.code, $1) or b.code = left($1, 19) order by b.code limit $2`, digits, limit)
	}
	return collect(ctx, tx, "buildings search", scanOne,
		`select `+columns+` from building_search($1, $2) f join building b using (id)
		 join building_state s on s.building_id = b.id order by f.score desc, b.code`, text, limit)
}

func get(ctx context.Context, tx pgx.Tx, ref Ref) (Building, bool, error) {
	all, err := collect(ctx, tx, "building get", scanOne,
		`select `+columns+from+`where b.id = $1 or b.code = $2`, ref.ID, string(ref.Code))
	if err != nil || len(all) == 0 {
		return Building{}, false, err
	}
	return all[0], true, nil
}

func outline(ctx context.Context, tx pgx.Tx, id int64) (orb.Geometry, error) {
	var g postgis.Geom
	if err := tx.QueryRow(ctx, `select geom from building where id = $1`, id).Scan(&g); err != nil {
		return nil, fmt.Errorf("building outline: %w", err)
	}
	return g.Geometry, nil
}

func gradeHistory(ctx context.Context, tx pgx.Tx, code geo.Code) ([]GradeChange, error) {
	return collect(ctx, tx, "grade history", func(r pgx.CollectableRow) (GradeChange, error) {
		var c GradeChange
		var reasons []byte
		if err := r.Scan(&c.At, &c.Old, &c.New, &c.Score, &reasons, &c.Actor); err != nil {
			return c, err
		}
		return c, json.Unmarshal(reasons, &c.Reasons)
	}, `select at, coalesce(old_grade, ''), coalesce(new_grade, ''), score, reasons, actor
		from grade_event where code = $1 order by at desc, id desc limit 100`, code)
}

// lockState holds the building's state until the transaction ends and reads it again behind the lock.
func lockState(ctx context.Context, tx pgx.Tx, b Building) (Building, error) {
	if _, err := tx.Exec(ctx, `select from building_state where building_id = $1 for update`, b.ID); err != nil {
		return b, fmt.Errorf("building lock: %w", err)
	}
	locked, _, err := get(ctx, tx, Ref{ID: b.ID})
	return locked, err
}

func setGrade(ctx context.Context, tx pgx.Tx, b Building, n NewGrade, actor string) (Building, error) {
	reasons := n.Reasons
	if reasons == nil {
		reasons = []Reason{}
	}
	_, err := tx.Exec(ctx, `
		with changed as (
		  update building_state set grade = $2, grade_score = $3, grade_reasons = $4, graded_at = now(), updated_at = now()
		  where building_id = $1
		)
		insert into grade_event (building_id, code, old_grade, new_grade, score, reasons, actor)
		values ($1, $5, $6, $2, $3, $4, $7)`, b.ID, n.Grade, n.Score, reasons, b.Code, b.State.Grade, actor)
	if err != nil {
		return b, fmt.Errorf("building grade: %w", err)
	}
	after, _, err := get(ctx, tx, Ref{ID: b.ID})
	return after, err
}

func patrol(ctx context.Context, tx pgx.Tx, b Building) (Building, error) {
	_, err := tx.Exec(ctx, `update building_state set patrolled_at = now(), updated_at = now() where building_id = $1`, b.ID)
	if err != nil {
		return b, fmt.Errorf("building patrol: %w", err)
	}
	after, _, err := get(ctx, tx, Ref{ID: b.ID})
	return after, err
}
