package situation_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/situation"
)

// world is a district with two days of random history, and the same history in memory to count it from.
type world struct {
	civictest.District
	now       time.Time
	service   *situation.Service
	desk      account.Actor
	incidents []life
	grades    []change
	declared  []declaration
	was       map[int64]string // grades before everything, by building
}

type life struct {
	id    int64
	code  geo.Code
	steps []step
}

type step struct {
	at     time.Time
	status string
	due    *time.Time // nil where no clock runs
}

// told is what the ledger keeps of a step.
func (s step) told() map[string]any { return map[string]any{"status": s.status, "due_at": s.due} }

type change struct {
	at       time.Time
	building int64
	code     geo.Code
	from, to string
}

type declaration struct {
	at   time.Time
	code geo.Code
	self bool
}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	w := &world{District: civictest.New(t), now: time.Now().UTC().Truncate(time.Second), was: map[int64]string{}}
	w.service = situation.NewService(w.DB, func() time.Time { return w.now })
	w.desk = w.Actor("desk", account.DutyOfficer, civictest.Root)
	r := rand.New(rand.NewPCG(seed, 1))
	if _, err := w.AsAdmin(t.Context(), func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		w.incidents, w.declared = w.live(r, b), w.declare(r, b)
		if err := tx.SendBatch(t.Context(), b).Close(); err != nil {
			return err
		}
		return w.regrade(t, r, tx)
	}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) ago(r *rand.Rand) time.Time {
	return w.now.Add(-time.Duration(r.Int64N(int64(55 * time.Hour)))).Truncate(time.Millisecond)
}

func house(r *rand.Rand) geo.Code {
	grid := []geo.Code{civictest.GridA, civictest.GridB}[r.IntN(2)]
	return geo.Code(fmt.Sprintf("%s%05d", grid, 1+r.IntN(4)))
}

// live lets incidents happen: each goes some steps of reported, filed, and closed or rejected; some are reopened.
func (w *world) live(r *rand.Rand, b *pgx.Batch) (all []life) {
	for id := int64(1); id <= 80; id++ {
		l := life{id: id, code: house(r)}
		at := w.ago(r)
		for _, status := range [][]string{{"reported"}, {"reported", "filed"}, {"reported", "filed", "closed"}, {"reported", "rejected"}, {"reported", "filed", "closed", "filed"}}[r.IntN(5)] {
			if at.After(w.now) {
				break
			}
			s := step{at: at, status: status}
			if open(status) {
				due := at.Add(time.Duration(r.Int64N(int64(30 * time.Hour)))).Truncate(time.Millisecond)
				s.due = &due
			}
			l.steps = append(l.steps, s)
			at = at.Add(time.Duration(r.Int64N(int64(12 * time.Hour)))).Truncate(time.Millisecond)
		}
		all = append(all, l)
		w.insert(b, l)
	}
	return all
}

func actionTo(steps []step, i int) string {
	if i > 0 && steps[i-1].status == "closed" {
		return "reopen"
	}
	return map[string]string{"reported": "report", "filed": "file", "closed": "close", "rejected": "reject"}[steps[i].status]
}

func (w *world) insert(b *pgx.Batch, l life) {
	last := l.steps[len(l.steps)-1]
	var closed *time.Time
	if last.status == "closed" {
		closed = &last.at
	}
	b.Queue(`insert into incident (id, code, geom, type, status, source, reported_at, due_at, closed_at, finish_by, rejected_because)
		values ($1, $2, st_setsrid(st_makepoint(114.0005, 22.5005), 4326), '0101', $3, 'hotline', $4, $5, $6, $7, 'no')`,
		l.id, l.code, last.status, l.steps[0].at, last.due, closed, l.steps[0].at.Add(8*time.Hour))
	var before any
	for i, s := range l.steps {
		b.Queue(`insert into evidence (at, actor, role, code, noun, subject, action, before, after)
			values ($1, 'desk', 'dispatcher', $2, 'incident', $3, $4, $5, $6)`,
			s.at, l.code, fmt.Sprint(l.id), actionTo(l.steps, i), before, s.told())
		before = s.told()
	}
}

func (w *world) declare(r *rand.Rand, b *pgx.Batch) (all []declaration) {
	for n := range 60 {
		d := declaration{at: w.ago(r), code: house(r), self: r.IntN(3) > 0}
		source := map[bool]string{true: "qr", false: "counter"}[d.self]
		b.Queue(`insert into declaration (id, code, status, source, id_sealed, id_hash, name_sealed, moved_in_on, submitted_at)
			values ($1, $2, 'accepted', $3, '\x00', $4, '\x00', '2026-01-01', $5)`,
			n+1, string(d.code)+"000101", source, []byte{byte(n)}, d.at)
		b.Queue(`insert into evidence (at, actor, role, code, noun, subject, action, after)
			values ($1, 'resident', 'resident', $2, 'declaration', $3, 'submit', '{"status": "accepted"}')`,
			d.at, string(d.code)+"000101", fmt.Sprint(n+1))
		all = append(all, d)
	}
	return all
}

// regrade changes grades, one after the other, as the use case does.
func (w *world) regrade(t *testing.T, r *rand.Rand, tx pgx.Tx) error {
	rows, err := tx.Query(t.Context(), `select building_id, code, grade from building_state order by building_id`)
	if err != nil {
		return err
	}
	grade, code := map[int64]string{}, map[int64]geo.Code{}
	var id int64
	var c geo.Code
	var g string
	if _, err := pgx.ForEachRow(rows, []any{&id, &c, &g}, func() error {
		grade[id], code[id] = g, c
		return nil
	}); err != nil {
		return err
	}
	w.was = maps.Clone(grade)
	ids := slices.Sorted(maps.Keys(grade))
	times := make([]time.Time, 90)
	for i := range times {
		times[i] = w.ago(r)
	}
	slices.SortFunc(times, time.Time.Compare)
	for _, at := range times {
		id := ids[r.IntN(len(ids))]
		to := []string{"green", "yellow", "orange", "red", "grey"}[r.IntN(5)]
		if to == grade[id] {
			continue
		}
		w.grades = append(w.grades, change{at, id, code[id], grade[id], to})
		grade[id] = to
	}
	for _, c := range w.grades {
		if _, err := tx.Exec(t.Context(), `insert into grade_event (building_id, code, at, old_grade, new_grade, actor)
			values ($1, $2, $3, $4, $5, 'desk')`, c.building, c.code, c.at, c.from, c.to); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `update building_state set grade = $2 where building_id = $1`, c.building, c.to); err != nil {
			return err
		}
	}
	return nil
}

func open(status string) bool { return status != "closed" && status != "rejected" }

// statusAt is an incident's status at a time; "" before its report.
func (l life) statusAt(at time.Time) (status string) {
	for _, s := range l.steps {
		if !s.at.After(at) {
			status = s.status
		}
	}
	return status
}

// overdueAt tells whether the incident was open at a time, and its deadline before it.
func (l life) overdueAt(at time.Time) (overdue bool) {
	for _, s := range l.steps {
		if !s.at.After(at) {
			overdue = s.due != nil && s.due.Before(at)
		}
	}
	return overdue
}

func (w *world) gradeAt(id int64, at time.Time) string {
	g := w.was[id]
	for _, c := range w.grades {
		if c.building == id && !c.at.After(at) {
			g = c.to
		}
	}
	return g
}
