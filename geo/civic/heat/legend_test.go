package heat_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/heat"
	"github.com/gridweave/gridweave/geo/insight"
)

const (
	filmWidth = 300
	classes   = 5
)

// The legend of a film is made of exactly what its slices show, one by one.
func TestLegendIsOfItsSlices(t *testing.T) {
	t.Parallel()
	d, s, by := lively(t)
	shown := 0
	for _, q := range []heat.Query{
		{Measure: heat.Incidents},
		{Measure: heat.Incidents, Class: "01"},
		{Measure: heat.Declarations, Class: "accepted"},
		{Measure: heat.Undeclared},
		{Measure: heat.Grades, Class: heat.Risky},
	} {
		q.Area, q.From, q.To = civictest.Root, january, january.AddDate(0, 0, 40)
		for _, days := range []int{5, 20, 40} {
			hexes, nodes := frames(t, s, by, q, days)
			shown += len(hexes)
			legend, err := s.HexLegend(t.Context(), by, q, filmWidth, days*24)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(insight.Quantiles(hexes, classes), legend.Classes); diff != "" {
				t.Errorf("%+v in slices of %d days, hexagons (-slices +legend):\n%s", q, days, diff)
			}
			field, err := s.DensityLegend(t.Context(), by, q, filmWidth, days*24)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(insight.Natural(nodes, classes), field.Classes); diff != "" {
				t.Errorf("%+v in slices of %d days, density (-slices +legend):\n%s", q, days, diff)
			}
			if n := byRows(d, q, q.Area); legend.N != n || field.N != n {
				t.Errorf("%+v: legends of %d and %d, by the rows %d", q, legend.N, field.N, n)
			}
		}
	}
	if shown == 0 {
		t.Error("no slice shows anything: the test proves nothing")
	}
}

// And of what the rows say stood at each slice's end: of houses' grades, of which nothing is hidden.
func TestLegendEqualsRows(t *testing.T) {
	t.Parallel()
	d, s, by := lively(t)
	const days = 10
	q := heat.Query{Area: civictest.Root, Measure: heat.Grades, Class: heat.Risky, From: january, To: january.AddDate(0, 0, 40)}
	var counts []float64
	for end := q.From.AddDate(0, 0, days); !end.After(q.To); end = end.AddDate(0, 0, days) {
		rows, err := d.Admin.Query(t.Context(), `
			select p.x, p.y, count(*)::int from heat_raw_place p join building b on b.code = p.code, lateral (
			  select new_grade from grade_event e where e.building_id = b.id and date_trunc('hour', e.at) < $1
			  order by e.at desc, e.id desc limit 1) e
			where e.new_grade in ('orange', 'red') group by 1, 2`, end)
		if err != nil {
			t.Fatal(err)
		}
		byHex := map[insight.Hex]int{}
		var x, y, n int
		_, err = pgx.ForEachRow(rows, []any{&x, &y, &n}, func() error {
			const perDegree = 5000
			at := geo.WGS84{Lon: (float64(x) + .5) / perDegree, Lat: (float64(y) + .5) / perDegree}
			byHex[insight.Hexes{Width: filmWidth}.At(at.Metric())] += n
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range byHex {
			counts = append(counts, float64(n))
		}
	}
	legend, err := s.HexLegend(t.Context(), by, q, filmWidth, days*24)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(insight.Quantiles(counts, classes), legend.Classes); diff != "" || len(counts) == 0 {
		t.Errorf("of %v (-rows +legend):\n%s", counts, diff)
	}
}

// frames asks for each slice by itself, as the page does, and gives what they show, zeros aside.
func frames(t *testing.T, s *heat.Service, by account.Actor, q heat.Query, days int) (hexes, nodes []float64) {
	t.Helper()
	for from := q.From; from.Before(q.To); from = from.AddDate(0, 0, days) {
		slice := q
		slice.From, slice.To = from, from.AddDate(0, 0, days)
		h, err := s.Hexes(t.Context(), by, slice, filmWidth, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range h.Rows {
			if r.Value != nil && *r.Value > 0 {
				hexes = append(hexes, *r.Value)
			}
		}
		d, err := s.Density(t.Context(), by, slice, filmWidth, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range d.Values {
			if v > 0 { // NaN is not
				nodes = append(nodes, v)
			}
		}
	}
	return hexes, nodes
}
