package incident

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/postgis"
)

const columns = `i.id, i.code, i.building_id, i.geom, i.status, i.source, i.description, i.reporter_id, i.reporter_phone,
	coalesce(i.department, ''), coalesce(i.rejected_because, ''), coalesce(i.resolution, ''), i.reported_at, i.filed_at,
	i.assigned_at, i.responded_at, i.resolved_at, i.verified_at, i.closed_at, i.due_at, i.finish_by, i.returns, i.reworks,
	i.reopenings, i.updated_at, i.handler_id, h.name, h.display_zh, h.display_en, i.verifier_id, v.name, v.display_zh,
	v.display_en, ` + typeColumns

const typeColumns = `t.code, t.name_zh, t.name_en, t.department, t.severity, t.accept_minutes, t.assign_minutes,
	t.respond_minutes, t.finish_minutes, t.verify_minutes`

const from = ` from incident i join incident_type t on t.code = i.type
	left join lateral account_label(i.handler_id) h on true left join lateral account_label(i.verifier_id) v on true `

// label is a row of account_label, all NULL where there is nobody.
type label struct {
	id           *int64
	name, zh, en *string
}

func (p label) person() *Person {
	if p.id == nil || p.name == nil {
		return nil
	}
	return &Person{ID: *p.id, Name: *p.name, DisplayZh: *p.zh, DisplayEn: *p.en}
}

func scan(r pgx.CollectableRow) (Incident, error) {
	var i Incident
	var place postgis.Geom
	var h, v label
	var minutes [5]int
	err := r.Scan(&i.ID, &i.Code, &i.BuildingID, &place, &i.Status, &i.Source, &i.Description, &i.ReporterID,
		&i.PhoneSealed, &i.Department, &i.RejectedFor, &i.Resolution, &i.ReportedAt, &i.FiledAt, &i.AssignedAt,
		&i.RespondedAt, &i.ResolvedAt, &i.VerifiedAt, &i.ClosedAt, &i.DueAt, &i.FinishBy, &i.Returns, &i.Reworks,
		&i.Reopenings, &i.UpdatedAt, &h.id, &h.name, &h.zh, &h.en, &v.id, &v.name, &v.zh, &v.en,
		&i.Type.Code, &i.Type.NameZh, &i.Type.NameEn, &i.Type.Department, &i.Type.Severity,
		&minutes[0], &minutes[1], &minutes[2], &minutes[3], &minutes[4])
	i.Place, _ = place.Geometry.(orb.Point)
	i.Handler, i.Verifier, i.Type.Limits = h.person(), v.person(), limits(minutes)
	return i, err
}

func limits(minutes [5]int) Limits {
	d := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	return Limits{d(minutes[0]), d(minutes[1]), d(minutes[2]), d(minutes[3]), d(minutes[4])}
}

// one runs a query for at most one incident.
func one(ctx context.Context, tx pgx.Tx, sql string, args ...any) (Incident, bool, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return Incident{}, false, fmt.Errorf("incident get: %w", err)
	}
	i, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return Incident{}, false, nil
	}
	if err != nil {
		return Incident{}, false, fmt.Errorf("incident get: %w", err)
	}
	return i, true, nil
}

func get(ctx context.Context, tx pgx.Tx, id int64) (Incident, bool, error) {
	return one(ctx, tx, `select `+columns+from+`where i.id = $1`, id)
}

// lock holds the incident until the transaction ends: of two who act at once the second sees what the first did.
func lock(ctx context.Context, tx pgx.Tx, id int64) (Incident, bool, error) {
	return one(ctx, tx, `select `+columns+from+`where i.id = $1 for update of i`, id)
}

func list(ctx context.Context, tx pgx.Tx, f Filter, now time.Time) ([]Incident, error) {
	lo, hi := "", ":"
	if within := f.Within; within != "" {
		lo, hi = within.Range()
	}
	if f.Building != "" {
		lo, hi = f.Building.Range()
	}
	rows, err := tx.Query(ctx, `select `+columns+from+`
		where i.code >= $1 and i.code < $2 and ($3 = '' or i.status = $3) and ($4 = '' or i.type = $4)
		  and (not $5 or i.due_at is not null) and (not $6 or i.due_at < $7)
		  and ($8::timestamptz is null or i.reported_at >= $8) and ($9::timestamptz is null or i.reported_at < $9)
		  and ($10 = 0 or i.id < $10)
		order by i.id desc limit $11`,
		lo, hi, string(f.Status), f.Type, f.Open, f.Overdue, now, f.Since, f.Until, f.Before, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("incidents list: %w", err)
	}
	all, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("incidents list: %w", err)
	}
	return all, nil
}

// nearBuilding is how far from a footprint, in metres, a point still means the building: a pavement's width and the
// error of a phone's position among high houses.
const nearBuilding = 30

// spot is where an incident happened.
type spot struct {
	code     geo.Code
	building *int64
	point    orb.Point
}

// locate finds the nearest building and else the grid, in the transaction's scope.
func locate(ctx context.Context, tx pgx.Tx, r Report) (spot, error) {
	var s spot
	var point postgis.Geom
	var err error
	if r.Building != "" {
		err = tx.QueryRow(ctx, `
			select coalesce(r.code, b.code), b.id, st_pointonsurface(b.geom)
			from building b left join room r on r.code = $1
			where b.code = left($1, 19) and (b.code = $1 or r.code = $1)`, string(r.Building)).
			Scan(&s.code, &s.building, &point)
		if errors.Is(err, pgx.ErrNoRows) {
			return s, fault.NotFound(r.Building.Level().String(), r.Building)
		}
	} else {
		err = tx.QueryRow(ctx, `
			with here as (select st_setsrid(st_makepoint($1, $2), 4326) as p)
			select x.code, x.id, p from here, lateral (
			  (select b.code, b.id, 1 as rank, st_distance(b.geom::geography, p::geography) as far from building b
			   where b.geom && st_expand(p, 0.0006) and st_dwithin(b.geom::geography, p::geography, $3)
			   order by far limit 1)
			  union all
			  (select a.code, null, 2, 0 from area a where a.level = 'grid' and st_intersects(a.geom, p) order by a.code limit 1)
			  order by rank limit 1) x`, r.Place[0], r.Place[1], nearBuilding).Scan(&s.code, &s.building, &point)
		if errors.Is(err, pgx.ErrNoRows) {
			return s, fault.Invalid("incident.place", fmt.Sprintf("%g, %g lies in no grid of your area", r.Place[0], r.Place[1]),
				fault.Field{Path: "place", Message: "outside your area"})
		}
	}
	if err != nil {
		return s, fmt.Errorf("incident locate: %w", err)
	}
	s.point, _ = point.Geometry.(orb.Point)
	return s, nil
}

func typeOf(ctx context.Context, tx pgx.Tx, code string) (t Type, ok bool, err error) {
	var minutes [5]int
	err = tx.QueryRow(ctx, `select `+typeColumns+` from incident_type t where t.code = $1`, code).Scan(
		&t.Code, &t.NameZh, &t.NameEn, &t.Department, &t.Severity, &minutes[0], &minutes[1], &minutes[2], &minutes[3], &minutes[4])
	if errors.Is(err, pgx.ErrNoRows) {
		return t, false, nil
	}
	if err != nil {
		return t, false, fmt.Errorf("incident type: %w", err)
	}
	t.Limits = limits(minutes)
	return t, true, nil
}

func classes(ctx context.Context, tx pgx.Tx) ([]Class, error) {
	rows, err := tx.Query(ctx, `select c.code, c.name_zh, c.name_en, `+typeColumns+`
		from incident_class c join incident_type t on t.class = c.code order by t.code`)
	if err != nil {
		return nil, fmt.Errorf("incident classes: %w", err)
	}
	defer rows.Close()
	var all []Class
	for rows.Next() {
		var c Class
		var t Type
		var minutes [5]int
		if err := rows.Scan(&c.Code, &c.NameZh, &c.NameEn, &t.Code, &t.NameZh, &t.NameEn, &t.Department, &t.Severity,
			&minutes[0], &minutes[1], &minutes[2], &minutes[3], &minutes[4]); err != nil {
			return nil, fmt.Errorf("incident classes: %w", err)
		}
		t.Limits = limits(minutes)
		if len(all) == 0 || all[len(all)-1].Code != c.Code {
			all = append(all, c)
		}
		last := &all[len(all)-1]
		last.Types = append(last.Types, t)
	}
	return all, rows.Err()
}

// assignee is an account as far as assigning needs it.
type assignee struct {
	Person
	role       account.Role
	scope      geo.Code
	department string
}

func (a assignee) handles() bool {
	switch a.role {
	case account.Department, account.GridWorker, account.Station, account.Landlord, account.Dispatcher:
		return true
	default:
		return false
	}
}

func handler(ctx context.Context, tx pgx.Tx, name string) (a assignee, ok bool, err error) {
	err = tx.QueryRow(ctx, `
		select id, name, display_zh, display_en, role, code, coalesce(department, '') from account_by_name($1) where active`,
		name).Scan(&a.ID, &a.Name, &a.DisplayZh, &a.DisplayEn, &a.role, &a.scope, &a.department)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, false, nil
	}
	if err != nil {
		return a, false, fmt.Errorf("incident handler: %w", err)
	}
	return a, true, nil
}

func candidates(ctx context.Context, tx pgx.Tx, id int64) ([]Candidate, error) {
	rows, err := tx.Query(ctx, `select name, role, display_zh, display_en, fits from incident_handlers($1)`, id)
	if err != nil {
		return nil, fmt.Errorf("incident handlers: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Candidate])
	if err != nil {
		return nil, fmt.Errorf("incident handlers: %w", err)
	}
	return all, nil
}

func insert(ctx context.Context, tx pgx.Tx, i Incident, phoneHash []byte) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		insert into incident (code, building_id, geom, type, status, source, description, reporter_id, reporter_phone,
			reporter_hash, reported_at, due_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $11) returning id`,
		i.Code, i.BuildingID, postgis.Geom{Geometry: i.Place}, i.Type.Code, i.Status, i.Source, i.Description, i.ReporterID,
		i.PhoneSealed, phoneHash, i.ReportedAt, i.DueAt).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("incident insert: %w", err)
	}
	return id, nil
}

// idOf is NULL where there is nobody: a case of before accounts has no handler.
func idOf(p *Person) *int64 {
	if p == nil {
		return nil
	}
	return &p.ID
}

func update(ctx context.Context, tx pgx.Tx, i Incident) error {
	_, err := tx.Exec(ctx, `
		update incident set status = $2, department = nullif($3, ''), handler_id = $4, verifier_id = $5,
			rejected_because = nullif($6, ''), resolution = nullif($7, ''), filed_at = $8, assigned_at = $9, responded_at = $10,
			resolved_at = $11, verified_at = $12, closed_at = $13, due_at = $14, finish_by = $15, returns = $16, reworks = $17,
			reopenings = $18, updated_at = $19
		where id = $1`,
		i.ID, i.Status, i.Department, idOf(i.Handler), idOf(i.Verifier), i.RejectedFor, i.Resolution, i.FiledAt, i.AssignedAt, i.RespondedAt,
		i.ResolvedAt, i.VerifiedAt, i.ClosedAt, i.DueAt, i.FinishBy, i.Returns, i.Reworks, i.Reopenings, i.UpdatedAt)
	if err != nil {
		return fmt.Errorf("incident update: %w", err)
	}
	return nil
}

// weigh keeps the building's count of open incidents in the same transaction as the incident.
func weigh(ctx context.Context, tx pgx.Tx, i Incident, by int) error {
	if i.BuildingID == nil {
		return nil
	}
	_, err := tx.Exec(ctx, `
		update building_state set open_incidents = greatest(0, open_incidents + $2), updated_at = now()
		where building_id = $1`, *i.BuildingID, by)
	if err != nil {
		return fmt.Errorf("incident weigh: %w", err)
	}
	return nil
}

func openTask(ctx context.Context, tx pgx.Tx, i Incident) error {
	_, err := tx.Exec(ctx, `
		insert into task (kind, code, incident_id, assignee_id, due_at) values ('handle', $1, $2, $3, $4)`,
		i.Code, i.ID, idOf(i.Handler), i.DueAt)
	if err != nil {
		return fmt.Errorf("incident task: %w", err)
	}
	return nil
}

func endTask(ctx context.Context, tx pgx.Tx, i Incident) error {
	_, err := tx.Exec(ctx, `
		update task set status = 'done', outcome = $2, ended_at = $3 where incident_id = $1 and status = 'open'`,
		i.ID, string(i.Status), i.UpdatedAt)
	if err != nil {
		return fmt.Errorf("incident task: %w", err)
	}
	return nil
}
