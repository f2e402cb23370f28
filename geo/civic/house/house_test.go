package house_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if kind, _ := fault.KindOf(err); kind != want {
		t.Errorf("%v is %q, want %q", err, kind, want)
	}
}

func TestTheWorstFirst(t *testing.T) {
	d := civictest.New(t)
	s := house.NewService(d.DB)
	duty := d.Actor("duty", account.DutyOfficer, civictest.StreetA)
	all, err := s.List(t.Context(), duty, house.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	// Every second house is graded anew, so that each page of three ends amid another grade.
	for i, g := range []house.Grade{house.Orange, house.Red, house.Grey, house.Red} {
		b, _, err := s.Grade(t.Context(), duty, house.Ref{Code: all[2*i+1].Code}, house.NewGrade{Grade: g, Reason: "test"})
		if err != nil {
			t.Fatal(err)
		}
		all[2*i+1] = b
	}
	want := slices.Clone(all)
	slices.SortStableFunc(want, func(a, b house.Building) int {
		order := []house.Grade{house.Red, house.Orange, house.Yellow, house.Green, house.Grey}
		return slices.Index(order, a.State.Grade) - slices.Index(order, b.State.Grade)
	})
	if diff := cmp.Diff(codes(want), codes(listWorst(t, s, duty))); diff != "" {
		t.Errorf("the worst first (-want +got): %s", diff)
	}
	some, err := s.List(t.Context(), duty, house.Filter{Limit: 9, Grades: []house.Grade{house.Orange, house.Grey}})
	if diff := cmp.Diff([]geo.Code{all[1].Code, all[5].Code}, codes(some)); diff != "" || err != nil {
		t.Errorf("of two grades (-want +got): %s %v", diff, err)
	}
}

func codes(all []house.Building) (out []geo.Code) {
	for _, b := range all {
		out = append(out, b.Code)
	}
	return out
}

// listWorst reads the worst first, in pages of three.
func listWorst(t *testing.T, s *house.Service, by account.Actor) (all []house.Building) {
	t.Helper()
	f := house.Filter{Worst: true, Limit: 3}
	for {
		page, err := s.List(t.Context(), by, f)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
		f.After = page[len(page)-1].Mark()
	}
}

func TestReading(t *testing.T) {
	d := civictest.New(t)
	s := house.NewService(d.DB)
	street := d.Actor("street", account.Dispatcher, civictest.StreetA)
	all, err := s.List(t.Context(), street, house.Filter{Limit: 100})
	if err != nil || len(all) != 8 {
		t.Fatalf("%d houses, %v; want the street's 8", len(all), err)
	}
	page, err := s.List(t.Context(), street, house.Filter{Limit: 3, After: all[2].Mark()})
	if err != nil || len(page) != 3 || page[0].Code != all[3].Code {
		t.Errorf("second page: %v, %v", page, err)
	}
	box := orb.Bound{Min: orb.Point{114.0003, 22.5}, Max: orb.Point{114.0007, 22.51}}
	inBox, err := s.List(t.Context(), street, house.Filter{Limit: 10, Box: &box})
	if err != nil || len(inBox) != 1 || inBox[0].Code != civictest.BuildingA {
		t.Errorf("in the box: %v, %v", inBox, err)
	}
	for text, want := range map[string]geo.Code{"测试路3号": civictest.GridA + "00003", string(civictest.BuildingA): civictest.BuildingA} {
		found, err := s.Search(t.Context(), street, text, 5)
		if err != nil || len(found) == 0 || found[0].Code != want {
			t.Errorf("search %s: %v, %v", text, found, err)
		}
	}
	b, _, err := s.Get(t.Context(), street, house.Ref{Code: civictest.BuildingA})
	if err != nil || b.Outline == nil {
		t.Fatal(b, err)
	}
	byID, _, err := s.Get(t.Context(), street, house.Ref{ID: b.ID})
	if diff := cmp.Diff(b, byID); diff != "" || err != nil {
		t.Errorf("by id (-code +id): %s %v", diff, err)
	}
	rooms, err := s.Rooms(t.Context(), street, house.Ref{ID: b.ID})
	if err != nil || len(rooms) != 4 || rooms[3].Floor != 4 {
		t.Errorf("rooms: %v, %v", rooms, err)
	}
}

func TestOthersSeeNothing(t *testing.T) {
	d := civictest.New(t)
	s := house.NewService(d.DB)
	street := d.Actor("street", account.Dispatcher, civictest.StreetA)
	_, _, err := s.Get(t.Context(), street, house.Ref{Code: civictest.BuildingB})
	wantKind(t, err, fault.KindNotFound)
	_, err = s.Rooms(t.Context(), street, house.Ref{Code: civictest.BuildingB})
	wantKind(t, err, fault.KindNotFound)
	_, err = s.Evidence(t.Context(), street, house.Ref{Code: civictest.BuildingB})
	wantKind(t, err, fault.KindNotFound)
	_, err = s.Ledger(t.Context(), street, house.Ref{Code: civictest.BuildingB})
	wantKind(t, err, fault.KindNotFound)
	_, err = s.Neighbours(t.Context(), street, house.Ref{Code: civictest.BuildingB}, 9)
	wantKind(t, err, fault.KindNotFound)
	_, _, err = s.Room(t.Context(), street, civictest.RoomB)
	wantKind(t, err, fault.KindNotFound)
	_, _, err = s.Grade(t.Context(), street, house.Ref{Code: civictest.BuildingB}, house.NewGrade{Grade: house.Red, Reason: "x"})
	wantKind(t, err, fault.KindNotFound)
	found, err := s.Search(t.Context(), street, string(civictest.BuildingB), 5)
	if err != nil || len(found) != 0 {
		t.Errorf("search finds %v, %v", found, err)
	}
	if all, err := s.List(t.Context(), street, house.Filter{Within: civictest.StreetB, Limit: 9}); err != nil || len(all) != 0 {
		t.Errorf("lists %v, %v", all, err)
	}
}

func TestGrade(t *testing.T) {
	d := civictest.New(t)
	s := house.NewService(d.DB)
	desk := d.Actor("desk", account.Dispatcher, civictest.StreetA)
	ref := house.Ref{Code: civictest.BuildingA}
	score := 40
	n := house.NewGrade{Grade: house.Red, Score: &score, Reason: "inspection", Reasons: []house.Reason{{Rule: "hazard.exit", LabelZh: "无逃生口"}}}
	after, pos, err := s.Grade(t.Context(), desk, ref, n)
	if err != nil || after.State.Grade != house.Red || *after.State.Score != 40 || pos.IsZero() {
		t.Fatalf("%+v, %v", after.State, err)
	}
	_, _, err = s.Grade(t.Context(), desk, ref, n)
	wantKind(t, err, fault.KindConflict)
	_, _, err = s.Grade(t.Context(), desk, ref, house.NewGrade{Grade: "purple", Reason: "x"})
	wantKind(t, err, fault.KindInvalid)
	_, _, err = s.Grade(t.Context(), desk, ref, house.NewGrade{Grade: house.Green})
	wantKind(t, err, fault.KindInvalid)
	_, _, err = s.Grade(t.Context(), d.Actor("leader", account.Leader, civictest.StreetA), ref, house.NewGrade{Grade: house.Green, Reason: "x"})
	wantKind(t, err, fault.KindForbidden)
	_, history, err := s.Get(t.Context(), desk, ref)
	if err != nil || len(history) != 1 || history[0].Old != house.Green || history[0].New != house.Red {
		t.Errorf("history %+v, %v", history, err)
	}
	entries, err := s.Evidence(t.Context(), desk, ref)
	if err != nil || len(entries) != 1 || entries[0].By.Name != "desk" {
		t.Errorf("evidence %+v, %v", entries, err)
	}
	if _, err := d.Admin.Exec(t.Context(), `update building_state set grade = null where code = $1`, civictest.BuildingA); err != nil {
		t.Fatal(err)
	}
	_, _, err = s.Grade(t.Context(), desk, ref, n)
	wantKind(t, err, fault.KindConflict)
}

func TestPatrol(t *testing.T) {
	d := civictest.New(t)
	s := house.NewService(d.DB)
	worker := d.Actor("worker", account.GridWorker, civictest.GridA)
	after, _, err := s.Patrol(t.Context(), worker, house.Ref{Code: civictest.BuildingA})
	if err != nil || after.State.PatrolledAt == nil {
		t.Fatal(after.State, err)
	}
	if n := d.Int(`select count(*) from evidence where action = 'patrol'`); n != 1 {
		t.Errorf("%d entries", n)
	}
}

func TestParseRef(t *testing.T) {
	for text, want := range map[string]house.Ref{
		"17": {ID: 17}, "4403040010010100001": {Code: civictest.BuildingA},
	} {
		if got, err := house.ParseRef(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "0", "-3", "abc", "44030400100101", "4403040010010100001000101", "99999999999"} {
		if got, err := house.ParseRef(text); err == nil {
			t.Errorf("%q gives %+v", text, got)
		}
	}
}
