package area_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/area"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func codes(all []area.Area) []geo.Code {
	out := []geo.Code{}
	for _, a := range all {
		out = append(out, a.Code)
	}
	return out
}

func TestReading(t *testing.T) {
	d := civictest.New(t)
	s := area.NewService(d.DB)
	district := d.Actor("district", account.DutyOfficer, civictest.Root)
	for name, c := range map[string]struct {
		filter area.Filter
		want   []geo.Code
	}{
		"children":    {area.Filter{Parent: civictest.Root, Limit: 9}, []geo.Code{civictest.StreetA, civictest.StreetB}},
		"level":       {area.Filter{Level: geo.Community, Limit: 9}, []geo.Code{civictest.StreetA + "001", civictest.StreetB + "001"}},
		"page":        {area.Filter{Level: geo.Grid, After: civictest.GridA, Limit: 1}, []geo.Code{"44030400100102"}},
		"name":        {area.Filter{Text: "Area 440304001", Level: geo.Street, Limit: 9}, []geo.Code{civictest.StreetA}},
		"code prefix": {area.Filter{Text: "440304002", Level: geo.Grid, Limit: 9}, []geo.Code{civictest.GridB, "44030400200102"}},
	} {
		all, err := s.List(t.Context(), district, c.filter)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, codes(all)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	at, err := s.At(t.Context(), district, civictest.PlaceA)
	if diff := cmp.Diff([]geo.Code{civictest.Root, civictest.StreetA, civictest.StreetA + "001", civictest.GridA}, codes(at)); diff != "" || err != nil {
		t.Errorf("at a point (-want +got):\n%s%v", diff, err)
	}
	one, err := s.Get(t.Context(), district, civictest.StreetA)
	if err != nil || one.Children != 1 || one.Outline == nil || one.Label[0] <= one.Bounds.Min[0] {
		t.Errorf("%+v, %v", one, err)
	}
}

// Of the areas above, names and outlines can be read; of the others nothing.
func TestScope(t *testing.T) {
	d := civictest.New(t)
	s := area.NewService(d.DB)
	worker := d.Actor("worker", account.GridWorker, civictest.GridA)
	above, err := s.Ancestors(t.Context(), worker)
	if err != nil || len(above) != 3 || above[0].Code != civictest.Root || above[0].Outline == nil {
		t.Fatalf("%+v, %v", above, err)
	}
	for _, code := range []geo.Code{civictest.Root, civictest.StreetA, civictest.StreetB, civictest.GridB} {
		if _, err := s.Get(t.Context(), worker, code); err == nil {
			t.Errorf("%s can be read", code)
		}
		_, _, err := s.Stats(t.Context(), worker, code, 0)
		if kind, _ := fault.KindOf(err); kind != fault.KindNotFound {
			t.Errorf("figures of %s: %v", code, err)
		}
	}
	all, err := s.List(t.Context(), worker, area.Filter{Limit: 100})
	if diff := cmp.Diff([]geo.Code{civictest.GridA}, codes(all)); diff != "" || err != nil {
		t.Errorf("lists (-want +got):\n%s%v", diff, err)
	}
}

func TestStats(t *testing.T) {
	d := civictest.New(t)
	s := area.NewService(d.DB)
	district := d.Actor("district", account.DutyOfficer, civictest.Root)
	_, err := d.Admin.Exec(t.Context(), `
		update building_state set grade = 'red', residents = 5 where code = $1;`, civictest.BuildingA)
	if err != nil {
		t.Fatal(err)
	}
	whole, parts, err := s.Stats(t.Context(), district, civictest.Root, geo.Street)
	if err != nil {
		t.Fatal(err)
	}
	if whole.Buildings != 16 || whole.Grades["red"] != 1 || whole.Grades["green"] != 15 || whole.Residents != 5 || whole.Rooms != 64 {
		t.Errorf("%+v", whole)
	}
	if len(parts) != 2 || parts[0].Code != civictest.StreetA || parts[0].Grades["red"] != 1 || parts[1].Grades["red"] != 0 || parts[0].ID == 0 {
		t.Errorf("%+v", parts)
	}
	if _, _, err := s.Stats(t.Context(), district, civictest.StreetA, geo.Street); err == nil {
		t.Error("a street was split by streets")
	}
}

// TestStatsAreWhatTheRowsSay lets houses come, go, move and change in every way, and counts them from the rows.
func TestStatsAreWhatTheRowsSay(t *testing.T) {
	d := civictest.New(t)
	s := area.NewService(d.DB)
	district := d.Actor("district", account.DutyOfficer, civictest.Root)
	r := rand.New(rand.NewPCG(22, 1))
	change := []string{
		`update building_state set grade = (array[null, 'green', 'yellow', 'orange', 'red', 'grey'])[1 + $2 % 6] where building_id = $1`,
		`update building_state set rooms = 10 + $2 % 30, rental_rooms = $2 % 7, residents = $2 % 90 where building_id = $1`,
		`update building set code = (select left(code, 14) from building where id = 1 + $2 % 16) || '9' || lpad($2::text, 4, '0') where id = $1`,
		`update building_state set grade = 'red', residents = residents + 1 where building_id between $1 and $1 + $2 % 4`,
		`delete from building_state where building_id = $1 and $2 % 3 = 0`,
		`insert into building_state (building_id, code, use, grade, rooms) select id, code, 'whole_let', 'green', 7 + $2 % 9 from building
			where id = $1 and id not in (select building_id from building_state) on conflict do nothing`,
	}
	for range 200 {
		sql, args := change[r.IntN(len(change))], []any{1 + r.IntN(16), r.IntN(1000)}
		if _, err := d.Admin.Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%s %v: %v", sql, args, err)
		}
	}
	for _, code := range []geo.Code{civictest.Root, civictest.StreetA, civictest.GridB, civictest.BuildingB} {
		whole, _, err := s.Stats(t.Context(), district, code, 0)
		if err != nil {
			t.Fatal(err)
		}
		want := area.Figures{Code: code, ID: whole.ID, Grades: map[string]int{}}
		lo, hi := code.Range()
		const in = ` from building_state where code >= $1 and code < $2`
		want.Buildings = d.Int(`select count(*)`+in, lo, hi)
		want.RentalBuildings = d.Int(`select count(grade)`+in, lo, hi)
		want.Rooms = d.Int(`select coalesce(sum(rooms), 0)`+in, lo, hi)
		want.RentalRooms = d.Int(`select coalesce(sum(rental_rooms), 0)`+in, lo, hi)
		want.Residents = d.Int(`select coalesce(sum(residents), 0)`+in, lo, hi)
		for _, g := range []string{"green", "yellow", "orange", "red", "grey"} {
			want.Grades[g] = d.Int(`select count(*)`+in+` and grade = $3`, lo, hi, g)
		}
		if diff := cmp.Diff(want, whole); diff != "" {
			t.Errorf("%s (-rows +stats):\n%s", code, diff)
		}
	}
	if n := d.Int(`select count(*) from heat_check() where which = 'base'`); n != 0 {
		t.Errorf("%d sums are not the rows'", n)
	}
}
