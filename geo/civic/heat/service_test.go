package heat_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/heat"
	"github.com/gridweave/gridweave/geo/insight"
)

var (
	january = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	asOf    = time.Date(2026, 2, 20, 10, 20, 0, 0, time.UTC)
)

// lively is a district with a past of some hundred steps, and a reader of all of it.
func lively(t *testing.T) (civictest.District, *heat.Service, account.Actor) {
	t.Helper()
	d := civictest.New(t)
	c := newChance(t, d, 11)
	for range 700 {
		s := steps()[c.IntN(len(steps())-2)]
		if err := c.do(t, d, s); err != nil {
			t.Fatal(err)
		}
	}
	return d, heat.NewService(d.DB, func() time.Time { return asOf }), d.Actor("leader", account.Leader, civictest.Root)
}

// byRows counts a query by the rows, as somebody in psql would.
func byRows(d civictest.District, q heat.Query, code geo.Code) int {
	const (
		incidents = `select count(*) from incident where starts_with(code, $1) and reported_at >= $2 and reported_at < $3
			and status not in ('merged', 'rejected') and starts_with(type, $4)`
		declarations = `select count(*) from declaration where starts_with(code, $1) and submitted_at >= $2 and submitted_at < $3
			and ($4 = '' or status = $4)`
		undeclared = `select count(*) from room r where starts_with(code, $1) and residents > 0
			and use in ('whole_let', 'shared_let', 'dormitory', 'daily_let') and $2::timestamptz < $3 and $4 = '' and not exists (
			select from declaration d where d.code = r.code and date_trunc('hour', d.submitted_at) < $3 and not coalesce(
			  date_trunc('hour', case d.status when 'moved_out' then greatest(d.submitted_at, d.moved_out_on::timestamp at time zone '+08')
			    when 'rejected' then greatest(d.submitted_at, d.decided_at) when 'expired' then greatest(d.submitted_at, d.updated_at) end) < $3, false))`
		grades = `select count(*) from building b, lateral (select new_grade as g from grade_event e
			where e.building_id = b.id and date_trunc('hour', e.at) < $3 order by e.at desc, e.id desc limit 1) e
			where starts_with(b.code, $1) and $2::timestamptz < $3 and (g = $4 or $4 = '' and g is not null or $4 = 'risky' and g in ('orange', 'red'))`
	)
	sql := map[heat.Measure]string{heat.Incidents: incidents, heat.Declarations: declarations, heat.Undeclared: undeclared, heat.Grades: grades}[q.Measure]
	return d.Int(sql, code, q.From, q.To, q.Class)
}

// Every figure that is shown is what the rows say; a total also counts what is suppressed.
func TestFiguresEqualRows(t *testing.T) {
	t.Parallel()
	d, s, by := lively(t)
	for _, q := range []heat.Query{
		{Measure: heat.Incidents},
		{Measure: heat.Incidents, Class: "01"},
		{Measure: heat.Incidents, Class: "0201"},
		{Measure: heat.Declarations},
		{Measure: heat.Declarations, Class: "accepted"},
		{Measure: heat.Undeclared},
		{Measure: heat.Grades},
		{Measure: heat.Grades, Class: "red"},
		{Measure: heat.Grades, Class: heat.Risky},
	} {
		q.Area = civictest.Root
		for _, span := range [][2]time.Duration{{0, 40 * 24}, {5*24 + 7, 12*24 + 3}, {30, 31}, {16, 40}} { // in hours
			q.From, q.To = january.Add(span[0]*time.Hour), january.Add(span[1]*time.Hour)
			for _, level := range []geo.Level{geo.District, geo.Street, geo.Community, geo.Grid} {
				got, err := s.Areas(t.Context(), by, q, level, heat.View{Value: heat.Count, Compare: true})
				if err != nil {
					t.Fatal(err)
				}
				sum := 0
				for _, r := range got.Rows {
					want := byRows(d, q, r.Code)
					sum += want
					if r.N != nil && *r.N != want {
						t.Errorf("%+v %s: %d, by the rows %d", q, r.Code, *r.N, want)
					}
					if r.N == nil && !q.Measure.Personal() || r.N != nil && q.Measure.Personal() && insight.Small(*r.N) {
						t.Errorf("%+v %s: suppression %v of %d", q, r.Code, r.Suppressed, want)
					}
					earlier := q
					earlier.From, earlier.To = q.From.Add(-q.To.Sub(q.From)), q.From
					if r.Previous != nil && *r.Previous != byRows(d, earlier, r.Code) {
						t.Errorf("%+v %s before: %d, by the rows %d", q, r.Code, *r.Previous, byRows(d, earlier, r.Code))
					}
				}
				if got.N != sum || sum != byRows(d, q, civictest.Root) {
					t.Errorf("%+v: %d in all, by the rows %d", q, got.N, sum)
				}
			}
			agree(t, d, s, by, q)
		}
	}
}

// agree holds that the other forms count the same.
func agree(t *testing.T, d civictest.District, s *heat.Service, by account.Actor, q heat.Query) {
	t.Helper()
	want := byRows(d, q, q.Area)
	hours := int(q.To.Sub(q.From) / time.Hour)
	series, err := s.Series(t.Context(), by, q, 1)
	if err != nil || series.About.N != want || len(series.N) != hours {
		t.Errorf("%+v: series of %d with %d, by the rows %d, %v", q, len(series.N), series.About.N, want, err)
	}
	film, err := s.Film(t.Context(), by, q, geo.Street, hours, heat.View{Value: heat.Count})
	if err != nil || film.N != want {
		t.Errorf("%+v: film of %d, by the rows %d, %v", q, film.N, want, err)
	}
	top, err := s.Top(t.Context(), by, q)
	if err != nil || top.N != want {
		t.Errorf("%+v: top of %d, by the rows %d, %v", q, top.N, want, err)
	}
	hexes, err := s.Hexes(t.Context(), by, q, 300, false)
	if err != nil || hexes.N != want {
		t.Errorf("%+v: hexagons of %d, by the rows %d, %v", q, hexes.N, want, err)
	}
	density, err := s.Density(t.Context(), by, q, 300, true)
	if err != nil || density.N != want {
		t.Errorf("%+v: density of %d, by the rows %d, %v", q, density.N, want, err)
	}
	earlier := q
	earlier.From, earlier.To = q.From.Add(-q.To.Sub(q.From)), q.From
	want = byRows(d, earlier, q.Area)
	compared, err := s.Hexes(t.Context(), by, q, 300, true)
	if err != nil || differs(compared.Previous, want) || differs(density.Previous, want) {
		t.Errorf("%+v before: hexagons of %v and density of %v, by the rows %d, %v", q, compared.Previous, density.Previous, want, err)
	}
}

// differs tells whether a sum that may be shown is another; what is none may not.
func differs(got *int, want int) bool { return got != nil && *got != want }

// A film's slices add up, and a state's last slice is the state.
func TestFilm(t *testing.T) {
	t.Parallel()
	_, s, by := lively(t)
	for _, m := range heat.Measures() {
		q := heat.Query{Area: civictest.Root, Measure: m, From: january, To: january.AddDate(0, 0, 40)}
		series, err := s.Series(t.Context(), by, q, 24)
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range series.N {
			slice := q
			slice.From, slice.To = january.AddDate(0, 0, i), january.AddDate(0, 0, i+1)
			one, err := s.Series(t.Context(), by, slice, 24)
			if err != nil || n != nil && (one.N[0] == nil || *one.N[0] != *n) {
				t.Fatalf("%s day %d: %v in a film, %v alone, %v", m, i, n, one.N, err)
			}
		}
	}
	q := heat.Query{Area: civictest.Root, Measure: heat.Incidents, From: january, To: january.AddDate(0, 0, 40)}
	if _, err := s.Series(t.Context(), by, q, 7); !isInvalid(err) {
		t.Errorf("slices of seven hours: %v", err)
	}
}

func isInvalid(err error) bool {
	kind, ok := fault.KindOf(err)
	return ok && kind == fault.KindInvalid
}

// Rates are the counts divided by what they are a rate of; smoothed ones lie between those and the rate of all.
func TestRates(t *testing.T) {
	t.Parallel()
	_, s, by := lively(t)
	q := heat.Query{Area: civictest.Root, Measure: heat.Grades, From: january, To: january.AddDate(0, 0, 40)}
	for value, per := range map[heat.Value]float64{heat.PerResident: 1000, heat.PerRoom: 100, heat.PerHouse: 100} {
		raw, err := s.Areas(t.Context(), by, q, geo.Grid, heat.View{Value: value})
		if err != nil {
			t.Fatal(err)
		}
		smooth, err := s.Areas(t.Context(), by, q, geo.Grid, heat.View{Value: value, Smooth: true})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range raw.Rows {
			if (r.Value == nil) != (r.Base == 0) {
				t.Fatalf("%s: %+v", value, r)
			}
			if r.Value != nil && math.Abs(*r.Value-float64(*r.N)/float64(r.Base)*per) > 1e-9 {
				t.Errorf("%s: %g of %d in %d", value, *r.Value, *r.N, r.Base)
			}
			if r.Value != nil && smooth.Rows[i].Value == nil {
				t.Errorf("%s: no smoothed rate", value)
			}
		}
	}
}

// Whoever asks for what is not theirs gets what they would of nothing; and figures count their own scope alone.
func TestScope(t *testing.T) {
	t.Parallel()
	d, s, _ := lively(t)
	street := d.Actor("street", account.Dispatcher, civictest.StreetA)
	q := heat.Query{Area: civictest.Root, Measure: heat.Incidents, From: january, To: january.AddDate(0, 0, 40)}
	for _, area := range []geo.Code{civictest.Root, civictest.StreetB, civictest.GridB} {
		q.Area = area
		_, areas := s.Areas(t.Context(), street, q, geo.Grid, heat.View{Value: heat.Count})
		_, hexes := s.Hexes(t.Context(), street, q, 300, false)
		_, density := s.Density(t.Context(), street, q, 300, false)
		_, series := s.Series(t.Context(), street, q, 24)
		_, film := s.Film(t.Context(), street, q, geo.Grid, 24, heat.View{Value: heat.Count})
		_, hexLegend := s.HexLegend(t.Context(), street, q, 300, 24)
		_, densityLegend := s.DensityLegend(t.Context(), street, q, 300, 24)
		_, top := s.Top(t.Context(), street, q)
		_, outlines := s.Outlines(t.Context(), street, area, geo.Grid)
		for name, err := range map[string]error{"areas": areas, "hexes": hexes, "density": density, "series": series, "film": film, "hexLegend": hexLegend, "densityLegend": densityLegend, "top": top, "outlines": outlines} {
			if kind, _ := fault.KindOf(err); kind != fault.KindNotFound {
				t.Errorf("%s of %s: %v", name, area, err)
			}
		}
	}
	q.Area = civictest.StreetA
	got, err := s.Areas(t.Context(), street, q, geo.Grid, heat.View{Value: heat.Count})
	if err != nil || len(got.Rows) != 2 || got.N != byRows(d, q, civictest.StreetA) {
		t.Errorf("its own: %+v, %v", got, err)
	}
}

func TestQueriesAreChecked(t *testing.T) {
	t.Parallel()
	d := civictest.New(t)
	s, by := heat.NewService(d.DB, time.Now), d.Actor("leader", account.Leader, civictest.Root)
	good := heat.Query{Area: civictest.Root, Measure: heat.Incidents, From: january, To: january.Add(time.Hour)}
	for name, spoil := range map[string]func(*heat.Query){
		"measure": func(q *heat.Query) { q.Measure = "crimes" },
		"house":   func(q *heat.Query) { q.Area = civictest.BuildingA },
		"empty":   func(q *heat.Query) { q.To = q.From },
		"long":    func(q *heat.Query) { q.To = q.From.AddDate(2, 0, 0) },
		"minutes": func(q *heat.Query) { q.From = q.From.Add(-time.Minute) },
		"type":    func(q *heat.Query) { q.Class = "1'2" },
		"grade":   func(q *heat.Query) { q.Measure, q.Class = heat.Grades, "purple" },
		"rooms":   func(q *heat.Query) { q.Measure, q.Class = heat.Undeclared, "red" },
	} {
		q := good
		spoil(&q)
		if _, err := s.Areas(t.Context(), by, q, geo.Grid, heat.View{}); !isInvalid(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Hexes(t.Context(), by, good, 10, false); !isInvalid(err) {
		t.Errorf("narrow hexagons: %v", err)
	}
	if _, err := s.Density(t.Context(), by, good, 1e6, false); !isInvalid(err) {
		t.Errorf("wide bandwidth: %v", err)
	}
	if _, err := s.HexLegend(t.Context(), by, good, 10, 1); !isInvalid(err) {
		t.Errorf("a legend of narrow hexagons: %v", err)
	}
	if _, err := s.DensityLegend(t.Context(), by, good, 300, 7); !isInvalid(err) {
		t.Errorf("a legend of slices of seven hours: %v", err)
	}
	empty, err := s.Areas(t.Context(), by, good, geo.Street, heat.View{Value: heat.Count})
	if err != nil || empty.N != 0 || len(empty.Rows) != 2 || fmt.Sprint(empty.Completeness) != "[{period 0 1}]" {
		t.Errorf("nothing: %+v, %v", empty, err)
	}
}
