package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
)

// writer copies one city. Ids are counted here, so that rows of several tables can name each other.
type writer struct {
	tx          pgx.Tx
	city        *city.City
	options     Options
	types       []city.IncidentType
	departments []string       // by type
	people      map[string]int // residents by area, of every level
	ids         struct{ building, incident, declaration int }
	sum         Summary
}

func (w *writer) run(ctx context.Context) error {
	// The answer to each commit matters to whoever waits for one row, not to a load that is repeated as a whole.
	if _, err := w.tx.Exec(ctx, `set local synchronous_commit = off`); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if err := w.startIDs(ctx); err != nil {
		return err
	}
	without, err := prepare(ctx, w.tx)
	if err != nil {
		return err
	}
	w.options.Progress(Progress{Stage: "writing areas and the base map"})
	for _, step := range []func(context.Context) error{w.areas, w.crosswalk, w.base, w.communities, w.residents, w.finish} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return without.restore(ctx, func(stage string) { w.options.Progress(Progress{Stage: stage}) })
}

func (w *writer) startIDs(ctx context.Context) error {
	err := w.tx.QueryRow(ctx, `select coalesce((select max(id) from building), 0)::int,
		coalesce((select max(id) from incident), 0)::int, coalesce((select max(id) from declaration), 0)::int`).
		Scan(&w.ids.building, &w.ids.incident, &w.ids.declaration)
	if err != nil {
		return fmt.Errorf("ids: %w", err)
	}
	return nil
}

func (w *writer) areas(ctx context.Context) error {
	t := newTable("area", "code", "name_zh", "name_en", "valid_from", "geom")
	for _, a := range w.city.Areas() {
		t.row()
		t.text(a.Code)
		t.text(a.ZH)
		t.text(a.EN)
		t.time(w.options.Now)
		t.geom(a.Geom)
	}
	w.sum.Areas = t.rows
	return t.send(ctx, w.tx)
}

func (w *writer) crosswalk(ctx context.Context) error {
	t := newTable("crosswalk", "system", "foreign_code", "code", "name_zh", "name_en")
	for _, c := range w.city.Crosswalk() {
		t.row()
		t.text(c.System)
		t.text(c.Foreign)
		t.text(c.Code)
		t.text(c.ZH)
		t.text(c.EN)
	}
	return t.send(ctx, w.tx)
}

func featureTable() *table {
	return newTable("base_feature", "kind", "class", "name_zh", "name_en", "min_zoom", "geom")
}

func (w *writer) feature(t *table, f city.Feature) {
	t.row()
	t.text(f.Kind)
	t.text(f.Class)
	t.text(f.ZH)
	t.text(f.EN)
	t.int2(f.MinZoom)
	t.geom(f.Geom)
	w.sum.Features++
}

func (w *writer) base(ctx context.Context) error {
	t := featureTable()
	for _, f := range w.city.Base() {
		w.feature(t, f)
	}
	return t.send(ctx, w.tx)
}

func (w *writer) communities(ctx context.Context) error {
	b := newBatch()
	total, done := w.options.Scale.Counts().Communities, 0
	for m, err := range w.city.Communities(ctx) {
		if err != nil {
			return err
		}
		w.community(b, m)
		if err := b.send(ctx, w.tx); err != nil {
			return err
		}
		done++
		w.options.Progress(Progress{Stage: "writing buildings and rooms", Done: done, Total: total})
	}
	return nil
}

// batch is what one community adds to each table, in an order that keeps foreign keys satisfied.
type batch struct {
	feature, building, state, room, grade, incident, declaration, task, evidence *table
}

func newBatch() *batch {
	return &batch{
		feature: featureTable(),
		building: newTable("building", "id", "code", "name_zh", "name_en", "address_zh", "address_en", "kind", "levels", "height_m",
			"built_year", "created_at", "geom"),
		state: newTable("building_state", "building_id", "code", "use", "grade", "grade_score", "grade_reasons", "graded_at",
			"patrolled_at", "rooms", "rental_rooms", "residents", "open_incidents", "updated_at"),
		room:  newTable("room", "code", "floor", "unit", "use", "capacity", "residents"),
		grade: newTable("grade_event", "building_id", "code", "at", "old_grade", "new_grade", "score", "reasons", "actor"),
		incident: newTable("incident", "id", "code", "building_id", "geom", "type", "status", "source", "description", "reporter_phone",
			"reporter_hash", "department", "rejected_because", "resolution", "reported_at", "filed_at", "assigned_at", "responded_at",
			"resolved_at", "verified_at", "closed_at", "due_at", "finish_by", "rating", "updated_at"),
		declaration: newTable("declaration", "id", "code", "status", "source", "id_sealed", "id_hash", "name_sealed", "phone_sealed",
			"phone_hash", "moved_in_on", "moved_out_on", "checks", "submitted_at", "decided_at", "due_at", "visits", "updated_at"),
		task:     newTable("task", "kind", "code", "incident_id", "declaration_id", "due_at", "created_at"),
		evidence: newTable("evidence", "at", "actor", "role", "code", "noun", "subject", "action", "reason", "before", "after"),
	}
}

func (b *batch) send(ctx context.Context, tx pgx.Tx) error {
	for _, t := range []*table{b.feature, b.building, b.state, b.room, b.grade, b.incident, b.declaration, b.task, b.evidence} {
		if err := t.send(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) community(b *batch, m *city.Community) {
	for _, f := range m.Blocks {
		w.feature(b.feature, f)
	}
	for _, f := range m.Lanes {
		w.feature(b.feature, f)
	}
	first := w.ids.building + 1
	for i := range m.Buildings {
		w.building(b, &m.Buildings[i])
	}
	for i := range m.Incidents {
		w.incident(b, &m.Incidents[i], first)
	}
	if w.options.Sealer != nil {
		for i := range m.Declarations {
			w.declaration(b, &m.Declarations[i])
		}
	}
	for grid, n := range m.Residents {
		w.sum.Residents += n
		for _, digits := range []int{4, 6, 9, 12, 14} {
			w.people[grid[:digits]] += n
		}
	}
}

// residents dates the counts of the areas, which are the sums of the rooms'.
func (w *writer) residents(ctx context.Context) error {
	if _, err := w.tx.Exec(ctx, `create temporary table demo_residents (code text collate "C", n int) on commit drop`); err != nil {
		return fmt.Errorf("residents: %w", err)
	}
	t := newTable("demo_residents", "code", "n")
	for code, n := range w.people {
		t.row()
		t.text(code)
		t.int4(n)
	}
	if err := t.send(ctx, w.tx); err != nil {
		return err
	}
	_, err := w.tx.Exec(ctx, `
		update area a set residents = coalesce(r.n, 0), residents_on = $1
		from (select a.code, r.n from area a left join demo_residents r using (code)) r
		where r.code = a.code`, w.options.Now)
	if err != nil {
		return fmt.Errorf("residents: %w", err)
	}
	return nil
}

// finish moves the counters of ids on and leaves the mark by which a demo is known.
func (w *writer) finish(ctx context.Context) error {
	_, err := w.tx.Exec(ctx, `
		select setval(pg_get_serial_sequence('building', 'id'), greatest($1::bigint, 1)),
			setval(pg_get_serial_sequence('incident', 'id'), greatest($2::bigint, 1)),
			setval(pg_get_serial_sequence('declaration', 'id'), greatest($3::bigint, 1))`,
		w.ids.building, w.ids.incident, w.ids.declaration)
	if err != nil {
		return fmt.Errorf("ids: %w", err)
	}
	mark := map[string]any{
		"scale": w.options.Scale, "seed": w.options.Seed, "generated_at": w.options.Now.Format(time.RFC3339), "generator": generator,
	}
	_, err = w.tx.Exec(ctx, `insert into setting (key, value) values ('demo', $1)
		on conflict (key) do update set value = excluded.value`, mark)
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	return nil
}

// generator is raised whenever the same seed begins to give another city.
const generator = 5
