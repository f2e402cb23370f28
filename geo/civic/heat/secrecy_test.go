package heat_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/heat"
	"github.com/gridweave/gridweave/geo/insight"
)

// curious asks whatever can be asked and subtracts.
type curious struct {
	t  *testing.T
	d  civictest.District
	s  *heat.Service
	by account.Actor

	counted map[heat.Query]int
}

// byRows counts once what is asked for again and again.
func (c curious) byRows(q heat.Query, code geo.Code) int {
	q.Area = code
	n, known := c.counted[q]
	if !known {
		n = byRows(c.d, q, code)
		c.counted[q] = n
	}
	return n
}

// shown is what a query shows of each area of each level, asked in every way there is; it fails where two ways differ.
func (c curious) shown(q heat.Query) map[geo.Code]*int {
	all := map[geo.Code]*int{}
	note := func(code geo.Code, n *int) {
		if was, known := all[code]; known && (was == nil) != (n == nil) {
			c.t.Errorf("%+v: one question shows %s and another does not", q, code)
		}
		all[code] = n
	}
	areas := []geo.Code{civictest.Root}
	for len(areas) > 0 {
		q.Area, areas = areas[0], areas[1:]
		for _, level := range []geo.Level{geo.District, geo.Street, geo.Community, geo.Grid} {
			if level < q.Area.Level() {
				continue
			}
			got, err := c.s.Areas(c.t.Context(), c.by, q, level, heat.View{Value: heat.Count})
			if err != nil {
				c.t.Fatal(err)
			}
			for _, r := range got.Rows {
				note(r.Code, r.N)
				if level == q.Area.Level()+width(q.Area.Level()) {
					areas = append(areas, r.Code)
				}
			}
			own := &got.N
			if got.Hidden {
				own = nil
			}
			note(q.Area, own)
		}
	}
	return all
}

// width is how many digits the level below adds.
func width(l geo.Level) geo.Level {
	if l == geo.Community {
		return geo.Grid - geo.Community
	}
	return geo.Street - geo.District
}

// TestNothingCanBeSubtracted asks for every area of every level, for every class and for slices, and holds that no
// difference of two answers is a small count.
func TestNothingCanBeSubtracted(t *testing.T) {
	t.Parallel()
	d := scattered(t)
	c := curious{
		t, d, heat.NewService(d.DB, func() time.Time { return asOf }), d.Actor("leader", account.Leader, civictest.Root), map[heat.Query]int{},
	}
	secrets := 0
	for _, days := range [][2]int{{0, 8}, {0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {0, 4}, {4, 8}} {
		for _, m := range []heat.Measure{heat.Incidents, heat.Declarations} {
			q := heat.Query{Area: civictest.Root, Measure: m, From: january.AddDate(0, 0, days[0]), To: january.AddDate(0, 0, days[1])}
			whole := c.shown(q)
			secrets += c.levels(q, whole)
			for _, class := range map[heat.Measure][]string{
				heat.Incidents: {"01", "02", "0101", "0102", "0201"}, heat.Declarations: {"accepted", "submitted"},
			}[m] {
				q.Class = class
				part := c.shown(q)
				secrets += c.levels(q, part)
				c.beside(q, part, whole)
			}
			q.Class = ""
			c.slices(q, whole)
			c.hexes(q)
		}
	}
	if secrets < 20 {
		t.Errorf("only %d areas were hidden: nothing was tried", secrets)
	}
}

// scattered is a district where on each of eight days few, some or no cases lie in each grid.
func scattered(t *testing.T) civictest.District {
	t.Helper()
	d := civictest.New(t)
	r := rand.New(rand.NewPCG(5, 8))
	var houses []string
	if err := d.Admin.QueryRow(t.Context(), `select array_agg(code order by code) from building`).Scan(&houses); err != nil {
		t.Fatal(err)
	}
	for day := range 8 {
		for grid := range 4 {
			for n := range []int{0, 0, 1, 2, 3, 5, 6, 9}[r.IntN(8)] {
				at := january.AddDate(0, 0, day).Add(time.Duration(r.IntN(24)) * time.Hour)
				house := houses[4*grid+r.IntN(4)]
				sql, args := `insert into incident (code, geom, type, source, reported_at, due_at)
					select code, st_pointonsurface(geom), $3, 'sensor', $2, now() from building where code = $1`,
					[]any{house, at, []string{"0101", "0101", "0102", "0201"}[r.IntN(4)]}
				if n%2 == 1 {
					sql, args = `insert into declaration (code, source, id_sealed, id_hash, name_sealed, moved_in_on, submitted_at, status, due_at)
						values ($1 || '000101', 'qr', '\x01', sha256(random()::text::bytea), '\x03', '2026-01-01', $2, $3, case $3 when 'submitted' then now() end)`,
						[]any{house, at, []string{"accepted", "submitted"}[r.IntN(2)]}
				}
				if _, err := d.Admin.Exec(t.Context(), sql, args...); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return d
}

// levels subtracts the parts that are shown from their whole. It tells how many areas are hidden.
func (c curious) levels(q heat.Query, shown map[geo.Code]*int) (hidden int) {
	parts := map[geo.Code][]geo.Code{}
	for code := range shown {
		if parent, ok := code.Parent(); ok && code != civictest.Root {
			parts[parent] = append(parts[parent], code)
		}
	}
	for code, n := range shown {
		if n == nil {
			hidden++
		} else if insight.Small(*n) || *n != c.byRows(q, code) {
			c.t.Errorf("%+v: %s shows %d, by the rows %d", q, code, *n, c.byRows(q, code))
		}
		if len(parts[code]) == 0 {
			continue
		}
		left, secret := 0, false
		for _, p := range parts[code] {
			if shown[p] == nil {
				secret, left = true, left+c.byRows(q, p)
			}
		}
		if n != nil && insight.Small(left) {
			c.t.Errorf("%+v: the parts of %s leave %d", q, code, left)
		}
		if n == nil && !secret {
			c.t.Errorf("%+v: the parts of %s can be added up", q, code)
		}
	}
	return hidden
}

// beside subtracts a class from all.
func (c curious) beside(q heat.Query, part, whole map[geo.Code]*int) {
	for code, n := range part {
		if all := whole[code]; n != nil && all != nil && *n > 0 && insight.Small(*all-*n) {
			c.t.Errorf("%+v: beside %d of all, %d of %s leave %d", q, *all, *n, code, *all-*n)
		}
	}
}

// slices subtracts those of a film, and of an area's own course, from the whole.
func (c curious) slices(q heat.Query, whole map[geo.Code]*int) {
	step := int(q.To.Sub(q.From)/time.Hour) / 4
	if step*4 != int(q.To.Sub(q.From)/time.Hour) {
		return
	}
	check := func(what string, code geo.Code, ns []*int) {
		sum, secret := 0, false
		for _, n := range ns {
			if n == nil {
				secret = true
			} else if sum += *n; insight.Small(*n) {
				c.t.Errorf("%+v: %s shows %d of %s", q, what, *n, code)
			}
		}
		if all := whole[code]; all != nil && secret && insight.Small(*all-sum) {
			c.t.Errorf("%+v: %s of %s leaves %d", q, what, code, *all-sum)
		}
	}
	for code := range whole {
		q.Area = code
		series, err := c.s.Series(c.t.Context(), c.by, q, step)
		if err != nil {
			c.t.Fatal(err)
		}
		check("its course", code, series.N)
	}
	q.Area = civictest.Root
	for _, level := range []geo.Level{geo.Street, geo.Community, geo.Grid} {
		film, err := c.s.Film(c.t.Context(), c.by, q, level, step, heat.View{Value: heat.Count})
		if err != nil {
			c.t.Fatal(err)
		}
		for _, r := range film.Rows {
			ns := played(r, 4)
			check("a film", r.Code, ns)
			for i, n := range ns {
				slice := q
				slice.From = q.From.Add(time.Duration(i*step) * time.Hour)
				slice.To = slice.From.Add(time.Duration(step) * time.Hour)
				if want := c.byRows(slice, r.Code); differs(n, want) {
					c.t.Errorf("%+v: slice %d of %s shows %d, by the rows %d", q, i, r.Code, *n, want)
				}
			}
		}
	}
}

// played are a row's counts slice by slice.
func played(r heat.FilmRow, n int) []*int {
	out := make([]*int, n)
	now, next := new(int), 0
	for i := range out {
		if next < len(r.At) && r.At[next] == i {
			if now = nil; r.Values[next] != nil {
				v := int(*r.Values[next])
				now = &v
			}
			next++
		}
		out[i] = now
	}
	return out
}

// hexes subtracts those that are shown from the sum.
func (c curious) hexes(q heat.Query) {
	got, err := c.s.Hexes(c.t.Context(), c.by, q, 300, false)
	if err != nil {
		c.t.Fatal(err)
	}
	left := got.N
	for _, r := range got.Rows {
		if r.N != nil {
			left -= *r.N
		}
	}
	if !got.Hidden && insight.Small(left) {
		c.t.Errorf("%+v: the hexagons leave %d", q, left)
	}
}

// An area that is small itself is not shown to who asks for it alone.
func TestOwnSumIsSuppressed(t *testing.T) {
	t.Parallel()
	d, s, by := lively(t)
	for h := range 200 {
		q := heat.Query{Area: civictest.GridA, Measure: heat.Incidents, From: january.Add(time.Duration(h) * time.Hour)}
		q.To = q.From.Add(time.Hour)
		if !insight.Small(byRows(d, q, q.Area)) {
			continue
		}
		areas, err := s.Areas(t.Context(), by, q, geo.Grid, heat.View{Value: heat.Count})
		top, err2 := s.Top(t.Context(), by, q)
		hexes, err3 := s.Hexes(t.Context(), by, q, 300, false)
		density, err4 := s.Density(t.Context(), by, q, 300, false)
		if fmt.Sprint(err, err2, err3, err4) != "<nil> <nil> <nil> <nil>" {
			t.Fatal(err, err2, err3, err4)
		}
		if hidden := []bool{areas.Hidden, top.Hidden, hexes.Hidden, density.Hidden}; slices.Contains(hidden, false) {
			t.Errorf("%d incidents in an hour are told: %v", byRows(d, q, q.Area), hidden)
		}
		if len(top.Classes) != 0 {
			t.Errorf("and of what class: %v", top.Classes)
		}
		return
	}
	t.Fatal("no hour with few incidents")
}
