package situation_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/situation"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

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
	overdueAt := func(at time.Time) int {
		return count(len(w.incidents), func(i int) bool { return within.Covers(w.incidents[i].code) && w.incidents[i].overdueAt(at) })
	}
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
		{
			Key: situation.Overdue, Now: ratio(overdueAt(w.now), openAt(w.now)), Yesterday: ptr(ratio(overdueAt(before(24)), openAt(before(24)))),
			Series: series(func(h int) int { return overdueAt(before(h)) }),
		},
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

// TestStretchesAreTheLedgers holds what is gathered entry by entry against the whole ledger, also after gathering anew.
func TestStretchesAreTheLedgers(t *testing.T) {
	w := newWorld(t, 19)
	differing := func() int {
		return w.Int(`select count(*) from ((table incident_stretch except select * from incident_stretches_told('-infinity'))
			union all (select * from incident_stretches_told('-infinity') except table incident_stretch)) x`)
	}
	if n, all := differing(), w.Int(`select count(*) from incident_stretch`); n != 0 || all < 50 {
		t.Errorf("%d of %d stretches differ from the ledger", n, all)
	}
	if _, err := w.Admin.Exec(t.Context(), `select incident_stretch_rebuild()`); err != nil {
		t.Fatal(err)
	}
	if n := differing(); n != 0 {
		t.Errorf("gathered anew, %d stretches differ from the ledger", n)
	}
	if n := w.Int(`select count(*) from incident i full join (select * from incident_stretch where until = 'infinity') s on s.incident_id = i.id
		where i.status is distinct from coalesce(s.status, i.status) or i.due_at is distinct from s.due_at`); n != 0 {
		t.Errorf("%d incidents stand otherwise than their last stretch", n)
	}
}

// What an entry does not tell is not guessed: no figure of yesterday, until the entry is older than that.
func TestDeadlinesThatTheLedgerLacks(t *testing.T) {
	w := newWorld(t, 23)
	if _, err := w.Admin.Exec(t.Context(), `insert into evidence (at, actor, role, code, noun, subject, action, after)
		values ($1, 'desk', 'dispatcher', $2, 'incident', '1000', 'report', '{"status": "reported"}'),
		       ($3, 'desk', 'dispatcher', $2, 'incident', '1000', 'close', '{"status": "closed"}')`,
		w.now.Add(-30*time.Hour), civictest.GridA, w.now.Add(-23*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		within geo.Code
		after  time.Duration
		known  bool
	}{{civictest.Root, 0, false}, {civictest.GridA, 0, false}, {civictest.GridB, 0, true}, {civictest.Root, 2 * time.Hour, true}} {
		later := situation.NewService(w.DB, func() time.Time { return w.now.Add(c.after) })
		all, _, err := later.Figures(t.Context(), w.desk, c.within)
		if err != nil {
			t.Fatal(err)
		}
		if f := all[0]; f.Key != situation.Overdue || (f.Yesterday != nil) != c.known || (f.Series != nil) != c.known {
			t.Errorf("%s, %v later: %+v, known: %t", c.within, c.after, f, c.known)
		}
	}
}

// What no wall looks back to goes, and only that.
func TestStretchesOfLongAgoGo(t *testing.T) {
	w := newWorld(t, 29)
	before, over := w.Int(`select count(*) from incident_stretch`), w.Int(`select count(*) from incident_stretch where until < 'infinity'`)
	for _, c := range []struct {
		later time.Duration
		want  int
	}{{0, before}, {96 * time.Hour, before - over}} {
		s := situation.NewService(w.DB, func() time.Time { return w.now.Add(c.later) })
		if err := s.Trim(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := w.Int(`select count(*) from incident_stretch`); n != c.want {
			t.Errorf("%v later %d of %d stretches are left, want %d", c.later, n, before, c.want)
		}
	}
}
