package situation_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/situation"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

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
}

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
			l.steps = append(l.steps, step{at, status})
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
	var due, closed *time.Time
	if open(last.status) {
		at := last.at.Add(30 * time.Hour)
		due = &at
	}
	if last.status == "closed" {
		closed = &last.at
	}
	b.Queue(`insert into incident (id, code, geom, type, status, source, reported_at, due_at, closed_at, finish_by, rejected_because)
		values ($1, $2, st_setsrid(st_makepoint(114.0005, 22.5005), 4326), '0101', $3, 'hotline', $4, $5, $6, $7, 'no')`,
		l.id, l.code, last.status, l.steps[0].at, due, closed, l.steps[0].at.Add(8*time.Hour))
	for i, s := range l.steps {
		b.Queue(`insert into evidence (at, actor, role, code, noun, subject, action, after)
			values ($1, 'desk', 'dispatcher', $2, 'incident', $3, $4, jsonb_build_object('status', $5::text))`,
			s.at, l.code, fmt.Sprint(l.id), actionTo(l.steps, i), s.status)
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

func (w *world) gradeAt(id int64, at time.Time) string {
	g := w.was[id]
	for _, c := range w.grades {
		if c.building == id && !c.at.After(at) {
			g = c.to
		}
	}
	return g
}

func TestFiguresAreWhatTheHistorySays(t *testing.T) {
	for seed := range uint64(3) {
		w := newWorld(t, seed)
		for _, within := range []geo.Code{civictest.Root, civictest.StreetA, civictest.GridB} {
			got, at, err := w.service.Figures(t.Context(), w.desk, within)
			if err != nil {
				t.Fatal(err)
			}
			if !at.Equal(w.now) {
				t.Errorf("as of %v, want %v", at, w.now)
			}
			if diff := cmp.Diff(w.expect(within), got); diff != "" {
				t.Errorf("seed %d, %s (-want +got):\n%s", seed, within, diff)
			}
		}
	}
}

// expect counts the figures from the history in memory, each from nothing.
func (w *world) expect(within geo.Code) []situation.Figure {
	before := func(h int) time.Time { return w.now.Add(-time.Duration(h) * time.Hour) }
	count := func(n int, of func(i int) bool) (k int) {
		for i := range n {
			if of(i) {
				k++
			}
		}
		return k
	}
	openAt := func(at time.Time) int {
		return count(len(w.incidents), func(i int) bool {
			s := w.incidents[i].statusAt(at)
			return within.Covers(w.incidents[i].code) && s != "" && open(s)
		})
	}
	during := func(at time.Time, from, to int) bool { return at.After(before(from)) && !at.After(before(to)) }
	reported := func(from, to int) int {
		return count(len(w.incidents), func(i int) bool {
			return within.Covers(w.incidents[i].code) && during(w.incidents[i].steps[0].at, from, to)
		})
	}
	closed := func(from, to int, onTime bool) int {
		return count(len(w.incidents), func(i int) bool {
			l := w.incidents[i]
			last := l.steps[len(l.steps)-1]
			in := within.Covers(l.code) && last.status == "closed" && during(last.at, from, to)
			return in && (!onTime || !last.at.After(l.steps[0].at.Add(8*time.Hour)))
		})
	}
	declared := func(from, to int, self bool) int {
		return count(len(w.declared), func(i int) bool {
			d := w.declared[i]
			return within.Covers(d.code) && during(d.at, from, to) && (!self || d.self)
		})
	}
	riskyAt := func(at time.Time) (n int) {
		for id := range w.was {
			if g := w.gradeAt(id, at); within.Covers(w.codeOf(id)) && (g == "orange" || g == "red") {
				n++
			}
		}
		return n
	}
	overdue := count(len(w.incidents), func(i int) bool {
		l := w.incidents[i]
		last := l.steps[len(l.steps)-1]
		return within.Covers(l.code) && open(last.status) && last.at.Add(30*time.Hour).Before(w.now)
	})
	graded := 0
	for id := range w.was {
		if within.Covers(w.codeOf(id)) {
			graded++
		}
	}
	series := func(at func(h int) int) (s []int) {
		for h := 23; h >= 0; h-- {
			s = append(s, at(h))
		}
		return s
	}
	ratio := func(n, of int) situation.Ratio { return situation.Ratio{Numerator: n, Denominator: &of} }
	ptr := func(r situation.Ratio) *situation.Ratio { return &r }
	plain := func(n int) situation.Ratio { return situation.Ratio{Numerator: n} }
	return []situation.Figure{
		{Key: situation.Overdue, Now: ratio(overdue, openAt(w.now))},
		{Key: situation.Open, Now: plain(openAt(w.now)), Yesterday: ptr(plain(openAt(before(24)))), Series: series(func(h int) int { return openAt(before(h)) })},
		{Key: situation.Reported, Now: plain(reported(24, 0)), Yesterday: ptr(plain(reported(48, 24))), Series: series(func(h int) int { return reported(h+1, h) })},
		{
			Key: situation.OnTime, Now: ratio(closed(24, 0, true), closed(24, 0, false)),
			Yesterday: ptr(ratio(closed(48, 24, true), closed(48, 24, false))),
			Series:    series(func(h int) int { return closed(h+1, h, true) }),
		},
		{
			Key: situation.Risky, Now: ratio(riskyAt(w.now), graded), Yesterday: ptr(ratio(riskyAt(before(24)), graded)),
			Series: series(func(h int) int { return riskyAt(before(h)) }),
		},
		{
			Key: situation.Declared, Now: ratio(declared(24, 0, true), declared(24, 0, false)),
			Yesterday: ptr(ratio(declared(48, 24, true), declared(48, 24, false))),
			Series:    series(func(h int) int { return declared(h+1, h, true) }),
		},
	}
}

func (w *world) codeOf(id int64) geo.Code {
	grid := []geo.Code{civictest.GridA, "44030400100102", civictest.GridB, "44030400200102"}[(id-1)/4]
	return geo.Code(fmt.Sprintf("%s%05d", grid, (id-1)%4+1))
}

// TestReplayEndsInThePresent plays the history from times in the past, page by page, and compares.
func TestReplayEndsInThePresent(t *testing.T) {
	w := newWorld(t, 7)
	for _, hoursAgo := range []int{1, 12, 24, 47} {
		from := w.now.Add(-time.Duration(hoursAgo) * time.Hour)
		grades, cases := w.pastOf(t, from)
		for id := range w.was {
			if want := w.gradeAt(id, from.Add(-time.Nanosecond)); grades[id] != want {
				t.Errorf("%d h ago building %d was %q, want %q", hoursAgo, id, grades[id], want)
			}
		}
		for _, l := range w.incidents {
			want := l.statusAt(from.Add(-time.Nanosecond))
			if want != "" && !open(want) {
				want = ""
			}
			if cases[l.id] != want {
				t.Errorf("%d h ago incident %d was %q, want %q", hoursAgo, l.id, cases[l.id], want)
			}
		}
		for _, e := range w.play(t, from, false) {
			switch {
			case e.Topic == "grade":
				grades[e.ID] = e.Now
			case e.Topic == "incident" && open(e.Now):
				cases[e.ID] = e.Now
			case e.Topic == "incident":
				delete(cases, e.ID)
			}
		}
		for id := range w.was {
			if want := w.gradeAt(id, w.now); grades[id] != want {
				t.Errorf("from %d h ago building %d becomes %q, want %q", hoursAgo, id, grades[id], want)
			}
		}
		for _, l := range w.incidents {
			if s := l.statusAt(w.now); open(s) != (cases[l.id] == s) {
				t.Errorf("from %d h ago incident %d becomes %q, want %q", hoursAgo, l.id, cases[l.id], s)
			}
		}
	}
}

// pastOf is the grade of every building and the status of every open incident at a time.
func (w *world) pastOf(t *testing.T, at time.Time) (map[int64]string, map[int64]string) {
	t.Helper()
	p, err := w.service.Past(t.Context(), w.desk, civictest.Root, at)
	if err != nil {
		t.Fatal(err)
	}
	grades, cases := map[int64]string{}, map[int64]string{}
	for id := range w.was {
		grades[id] = w.gradeAt(id, w.now)
	}
	for _, g := range p.Grades {
		grades[g.BuildingID] = g.Grade
	}
	for _, i := range p.Incidents {
		cases[i.ID] = i.Status
	}
	return grades, cases
}

// play reads all events from a time until now in small pages.
func (w *world) play(t *testing.T, from time.Time, newestFirst bool, topics ...string) (all []situation.Event) {
	t.Helper()
	win := situation.Window{From: from, To: w.now.Add(time.Second), NewestFirst: newestFirst, Topics: topics, Limit: 7}
	for {
		page, err := w.service.History(t.Context(), w.desk, civictest.Root, win)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page...)
		if len(page) < win.Limit {
			return all
		}
		last := page[len(page)-1]
		win.After = &situation.Mark{At: last.At, Topic: last.Topic, Seq: last.Seq}
	}
}

func TestHistoryIsTheSameForwardsAndBackwards(t *testing.T) {
	w := newWorld(t, 11)
	from := w.now.Add(-24 * time.Hour)
	forwards, backwards := w.play(t, from, false), w.play(t, from, true)
	slices.Reverse(backwards)
	if diff := cmp.Diff(forwards, backwards); diff != "" {
		t.Error(diff)
	}
	counts := map[string]int{}
	for _, e := range forwards {
		counts[e.Topic]++
		if e.Lon == nil || e.Topic == "incident" && e.Type != "0101" {
			t.Errorf("an event without its place or type: %+v", e)
		}
	}
	for topic, n := range counts {
		if only := w.play(t, from, false, topic); len(only) != n {
			t.Errorf("%s: %d of %d events", topic, len(only), n)
		}
	}
	slots, err := w.service.Activity(t.Context(), w.desk, civictest.Root, from, w.now.Add(time.Second), 15*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]int{}
	for _, s := range slots {
		sums["incident"] += s.Incidents
		sums["declaration"] += s.Declarations
		sums["grade"] += s.Grades
	}
	if diff := cmp.Diff(counts, sums); diff != "" || len(slots) != 97 {
		t.Errorf("%d slots (-history +activity):\n%s", len(slots), diff)
	}
}

func TestOnlyOnesOwn(t *testing.T) {
	w := newWorld(t, 13)
	street := w.Actor("street", account.Dispatcher, civictest.StreetA)
	all, err := w.service.History(t.Context(), street, civictest.StreetA, situation.Window{From: w.now.Add(-47 * time.Hour), To: w.now, Limit: 1000})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d events, %v", len(all), err)
	}
	for _, e := range all {
		if !civictest.StreetA.Covers(e.Code) {
			t.Errorf("%s is not in the street", e.Code)
		}
	}
	for _, elsewhere := range []geo.Code{civictest.StreetB, civictest.Root, civictest.GridB} {
		_, _, figures := w.service.Figures(t.Context(), street, elsewhere)
		_, history := w.service.History(t.Context(), street, elsewhere, situation.Window{From: w.now.Add(-time.Hour), To: w.now, Limit: 1})
		_, activity := w.service.Activity(t.Context(), street, elsewhere, w.now.Add(-time.Hour), w.now, time.Minute)
		_, past := w.service.Past(t.Context(), street, elsewhere, w.now)
		for what, err := range map[string]error{"figures": figures, "history": history, "activity": activity, "past": past} {
			if kind, _ := fault.KindOf(err); kind != fault.KindNotFound {
				t.Errorf("%s of %s: %v", what, elsewhere, err)
			}
		}
	}
}

func TestWindowsAreBounded(t *testing.T) {
	w := newWorld(t, 17)
	hour := time.Hour
	_, long := w.service.History(t.Context(), w.desk, civictest.Root, situation.Window{From: w.now.Add(-49 * hour), To: w.now, Limit: 1})
	_, turned := w.service.History(t.Context(), w.desk, civictest.Root, situation.Window{From: w.now, To: w.now.Add(-hour), Limit: 1})
	_, fine := w.service.Activity(t.Context(), w.desk, civictest.Root, w.now.Add(-24*hour), w.now, time.Second)
	_, many := w.service.Activity(t.Context(), w.desk, civictest.Root, w.now.Add(-24*hour), w.now, time.Minute)
	_, future := w.service.Past(t.Context(), w.desk, civictest.Root, w.now.Add(hour))
	for what, err := range map[string]error{"long": long, "turned": turned, "fine": fine, "many": many, "future": future} {
		if kind, _ := fault.KindOf(err); kind != fault.KindInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
}
