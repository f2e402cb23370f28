package heat

import (
	"slices"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/insight"
)

// secrecy tells what of a query is not to be shown, at a level and slice by slice. It looks at all areas there are, not
// only at those that are asked for, so that every question that shows an area comes to the same answer: nobody learns a
// small count by subtracting what one question shows from what another does, of another level, of a part, of the whole,
// or of one class beside all.
type secrecy struct {
	counts map[geo.Code][]int // of every area of the level that has any
	hidden map[geo.Code][]bool
	own    []bool // whether the sum of the area that is asked for is hidden
}

// of is an area's count in a slice, and whether it is hidden.
func (s *secrecy) of(code geo.Code, slice int) (n int, hidden bool) {
	if ns := s.counts[code]; ns != nil {
		n = ns[slice]
	}
	if hs := s.hidden[code]; hs != nil {
		hidden = hs[slice]
	}
	return n, hidden
}

// beside puts areas' counts and what is hidden of them in the order of the areas; nil where there is nothing.
func (s *secrecy) beside(all []place) aligned {
	out := aligned{make([][]int, len(all)), make([][]bool, len(all))}
	for i, p := range all {
		out.counts[i], out.hidden[i] = s.counts[p.code], s.hidden[p.code]
	}
	return out
}

// aligned are slices of counts, area by area.
type aligned struct {
	counts [][]int
	hidden [][]bool
}

func (a aligned) of(area, slice int) (n int, hidden bool) {
	if ns := a.counts[area]; ns != nil {
		n = ns[slice]
	}
	if hs := a.hidden[area]; hs != nil {
		hidden = hs[slice]
	}
	return n, hidden
}

// wider are the same query for all the classes that its own is part of, one after the other.
func (q Query) wider() (all []Query) {
	if q.Class == "" {
		return nil
	}
	if q.Measure == Incidents && len(q.Class) == typeDigits {
		q.Class = q.Class[:classDigits]
		all = append(all, q)
	}
	q.Class = ""
	return append(all, q)
}

// Digits of an incident's major class, and of its type.
const classDigits, typeDigits = 2, 4

// secrecy of a query in n slices of so many hours; of a state, at each slice's end.
func (c *cube) secrecy(q Query, level geo.Level, hours, n int) *secrecy {
	own := q.Area
	q.Area = everywhere
	asked := []Query{q}
	if q.Measure.Personal() {
		asked = append(asked, q.wider()...)
	}
	found := abreast(asked, func(q Query) map[geo.Code][]int { return c.frames(q, level, hours, n) })
	s := &secrecy{counts: found[0], hidden: map[geo.Code][]bool{}, own: make([]bool, n)}
	if !q.Measure.Personal() {
		return s
	}
	t := newTree(found[len(found)-1], level) // the widest class has all areas that a part of it has
	lowest := len(t.levels) - 1
	codes := t.levels[lowest].codes
	backing := make([]bool, len(codes)*n)
	for i, code := range codes {
		s.hidden[code] = backing[i*n : (i+1)*n : (i+1)*n]
	}
	for slice := range n {
		counts := t.sums(found[0], slice)
		var rests [][][]int
		for _, w := range found[1:] {
			rests = append(rests, t.rest(counts, w, slice))
		}
		hidden := t.suppress(counts, rests)
		for i, code := range codes {
			s.hidden[code][slice] = hidden[lowest][i]
		}
		s.own[slice] = t.isHidden(own, hidden)
	}
	if !q.Measure.State() && n > 1 {
		s.overTime(n)
	}
	return s
}

// isSecret tells whether a query's own sum is not to be shown.
func (c *cube) isSecret(q Query) bool {
	return q.Measure.Personal() && c.secrecy(q, q.Area.Level(), q.hours(), 1).own[0]
}

// overTime hides slices of an area as areas of one parent are: the sum over all slices is shown elsewhere.
func (s *secrecy) overTime(n int) {
	whole := insight.Groups{Begins: []int{0, n}}
	for code, hidden := range s.hidden {
		if slices.Contains(hidden, true) {
			copy(hidden, insight.Suppress(s.counts[code], hidden, whole))
		}
	}
}

// tree are the areas of a level that have any count, and those above them.
type tree struct{ levels []treeLevel } // the widest first

// treeLevel is one level in the order of codes. begins tells where the parts of each area of the level above begin.
type treeLevel struct {
	digits int
	codes  []geo.Code
	begins []int
}

func newTree[T any](of map[geo.Code]T, level geo.Level) *tree {
	codes := make([]geo.Code, 0, len(of))
	for code := range of {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	t := &tree{}
	for _, l := range []geo.Level{geo.Grid, geo.Community, geo.Street, geo.District, geo.City} {
		if l > level {
			continue
		}
		here := treeLevel{digits: int(l)}
		for _, code := range codes {
			if above := code[:l]; len(here.codes) == 0 || here.codes[len(here.codes)-1] != above {
				here.codes = append(here.codes, above)
			}
		}
		codes = here.codes
		t.levels = append(t.levels, here)
	}
	slices.Reverse(t.levels)
	for l := range t.levels {
		above := []geo.Code{""} // all there is, of which nothing is told
		if l > 0 {
			above = t.levels[l-1].codes
		}
		t.levels[l].begins = begins(t.levels[l].codes, above)
	}
	return t
}

// begins tells where the parts of each area begin among codes, and behind them where the last one's end.
func begins(codes, above []geo.Code) []int {
	out := make([]int, 0, len(above)+1)
	at := 0
	for _, a := range above {
		for at < len(codes) && codes[at][:len(a)] < a {
			at++
		}
		out = append(out, at)
	}
	return append(out, len(codes))
}

// sums are the counts of each level's areas in a slice.
func (t *tree) sums(of map[geo.Code][]int, slice int) [][]int {
	out := make([][]int, len(t.levels))
	for l := len(t.levels) - 1; l >= 0; l-- {
		out[l] = make([]int, len(t.levels[l].codes))
		if l == len(t.levels)-1 {
			for i, code := range t.levels[l].codes {
				if ns := of[code]; ns != nil {
					out[l][i] = ns[slice]
				}
			}
			continue
		}
		for i := range out[l] {
			for _, n := range out[l+1][t.levels[l+1].begins[i]:t.levels[l+1].begins[i+1]] {
				out[l][i] += n
			}
		}
	}
	return out
}

// rest is what a wider class has beyond the counts.
func (t *tree) rest(counts [][]int, wider map[geo.Code][]int, slice int) [][]int {
	out := t.sums(wider, slice)
	for l := range out {
		for i := range out[l] {
			out[l][i] -= counts[l][i]
		}
	}
	return out
}

// suppress goes from the widest level down. The widest areas have no sum above them that is shown.
func (t *tree) suppress(counts [][]int, rests [][][]int) [][]bool {
	hidden := make([][]bool, len(t.levels))
	for l, here := range t.levels {
		sensitive := make([]bool, len(here.codes))
		for i := range sensitive {
			sensitive[i] = slices.ContainsFunc(rests, func(r [][]int) bool { return insight.Small(r[l][i]) })
		}
		in := insight.Groups{Begins: here.begins}
		if l == 0 {
			in.Begins = alone(len(here.codes))
		} else {
			in.Hidden = hidden[l-1]
		}
		hidden[l] = insight.Suppress(counts[l], sensitive, in)
	}
	return hidden
}

// alone puts each of n into a group of its own.
func alone(n int) []int {
	out := make([]int, n+1)
	for i := range out {
		out[i] = i
	}
	return out
}

func (t *tree) isHidden(code geo.Code, hidden [][]bool) bool {
	for l, here := range t.levels {
		if here.digits == len(code) {
			i, found := slices.BinarySearch(here.codes, code)
			return found && hidden[l][i]
		}
	}
	return false
}
