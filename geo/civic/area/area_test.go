package area_test

import (
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
