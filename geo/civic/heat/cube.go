package heat

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gridweave/gridweave/geo"
)

// byCode is a count of each area that has any.
type byCode map[geo.Code]int

// bySite is the same while it is being counted.
type bySite map[site]int

// area turns the sites of a level's areas, divided by the level's span, into codes, and leaves zeros out.
func (b bySite) area() byCode {
	out := make(byCode, len(b))
	for s, n := range b {
		if n != 0 {
			out[geo.Code(strconv.FormatInt(int64(s), 10))] = n
		}
	}
	return out
}

// counts gives what a query asks for by areas of a level.
func (c *cube) counts(q Query, level geo.Level) byCode {
	width := site(span(level))
	out := bySite{}
	c.each(q, func(s site, n int) { out[s/width] += n })
	return out.area()
}

// each calls fn for parts of a query's count at a house or a grid, several times for one; their sum is the count. Of a
// state the parts may be negative, and cancel each other.
func (c *cube) each(q Query, fn func(s site, n int)) {
	first, end := q.sites()
	wanted := c.wanted(q)
	l := c.ledgers[q.Measure]
	if !q.Measure.State() {
		l.each(first, end, hourOf(q.From), hourOf(q.To), func(e entry) {
			if wanted[e.class] {
				fn(e.site, int(e.n))
			}
		})
		return
	}
	// A house has no grade before its first: the state at a time is all that changed it before. Rooms are undeclared
	// from no known beginning on: the state at a time is the one now, less all that changed it since.
	if q.Measure == Grades {
		l.each(first, end, earliest, hourOf(q.To), func(e entry) {
			if wanted[e.class] {
				fn(e.site, int(e.n))
			}
		})
		return
	}
	c.homes.each(first, end, func(_ int32, h home) {
		if h.undeclared != 0 {
			fn(h.site, int(h.undeclared))
		}
	})
	l.each(first, end, hourOf(q.To), latest, func(e entry) { fn(e.site, -int(e.n)) })
}

// Before and after every hour.
const (
	earliest = -1 << 31
	latest   = 1<<31 - 1
)

// everywhere stands for all areas there are, beside one another. Nobody can ask for it.
const everywhere geo.Code = ""

// sites are the first site of the query's area and that after its last; an area is checked before it is asked for.
func (q Query) sites() (first, end site) {
	if q.Area == everywhere {
		return 0, math.MaxInt64
	}
	first, end, err := siteOf(q.Area)
	if err != nil {
		return 0, 0
	}
	return first, end
}

// wanted tells of each class whether it is asked for.
func (c *cube) wanted(q Query) []bool {
	out := make([]bool, len(c.classes.names))
	for i, name := range c.classes.names {
		switch {
		case q.Class == "":
			out[i] = true
		case q.Measure == Incidents: // two digits stand for a class, four for a type
			out[i] = strings.HasPrefix(name, q.Class)
		case q.Class == Risky:
			out[i] = name == "orange" || name == "red"
		default:
			out[i] = name == q.Class
		}
	}
	return out
}

// cell is so much at a spot.
type cell struct {
	site site // whose it is
	spot
	n int
}

// cells are where a query's count lies; those of a state where its houses stand now.
func (c *cube) cells(q Query) (out []cell) {
	if !q.Measure.State() {
		first, end := q.sites()
		wanted := c.wanted(q)
		c.ledgers[q.Measure].each(first, end, hourOf(q.From), hourOf(q.To), func(e entry) {
			if wanted[e.class] {
				out = append(out, cell{e.site, e.spot, int(e.n)})
			}
		})
		return out
	}
	by := c.houses(q)
	out = make([]cell, 0, by.any())
	by.each(func(s site, at spot, n int) { out = append(out, cell{s, at, n}) })
	return out
}

// abreast answers questions each on a processor of its own: one takes a tenth of a second over a whole city.
func abreast[Q, A any](asked []Q, answer func(Q) A) []A {
	out := make([]A, len(asked))
	var all sync.WaitGroup
	for i, q := range asked {
		all.Go(func() { out[i] = answer(q) })
	}
	all.Wait()
	return out
}

// moves are what happened in each of n slices of so many hours, where it did; of a state what changed it, where the
// houses stand now.
func (c *cube) moves(q Query, hours, n int) [][]cell {
	first, end := q.sites()
	wanted := c.wanted(q)
	from, state := hourOf(q.From), q.Measure.State()
	out := make([][]cell, n)
	c.ledgers[q.Measure].each(first, end, from, hourOf(q.To), func(e entry) {
		if !wanted[e.class] || state && !e.site.house() {
			return
		}
		x := cell{e.site, e.spot, int(e.n)}
		if state {
			x.spot = c.homes.spot(e.home, e.site)
		}
		i := int(e.hour-from) / hours
		out[i] = append(out[i], x)
	})
	return out
}

// played calls fn for each of n slices of so many hours: of events, with what happened in the slice. Of a state with what
// makes its state of that of the slice shown before, as what came and what went, from the last one back.
func (c *cube) played(q Query, hours, n int, fn func(slice int, came, went []cell)) {
	moves := c.moves(q, hours, n)
	if !q.Measure.State() {
		for i, m := range moves {
			fn(i, m, nil)
		}
		return
	}
	fn(n-1, c.cells(q), nil)
	for i := n - 2; i >= 0; i-- {
		fn(i, nil, moves[i+1])
	}
}

// houses is a query's count by house, grids left out.
func (c *cube) houses(q Query) *byHouse {
	first, end := q.sites()
	wanted := c.wanted(q)
	out := &byHouse{&c.homes, make([]int32, len(c.homes.list)), bySite{}}
	from, to, sign := hourOf(q.From), hourOf(q.To), int32(1)
	switch q.Measure {
	case Undeclared: // what is now, less what has come since
		c.homes.each(first, end, func(i int32, h home) { out.n[i] = h.undeclared })
		from, to, sign = to, latest, -1
	case Grades:
		from = earliest
	case Incidents, Declarations:
	}
	c.ledgers[q.Measure].each(first, end, from, to, func(e entry) {
		if wanted[e.class] {
			out.add(e.home, e.site, sign*e.n)
		}
	})
	return out
}

// began is the first hour of which anything is known in the query's area; the zero time where nothing is.
func (c *cube) began(q Query) time.Time {
	first, end := q.sites()
	hour, known := c.ledgers[q.Measure].began(first, end)
	if !known {
		return time.Time{}
	}
	return time.Unix(int64(hour)*3600, 0).UTC()
}

// byClass is a query's count by class.
func (c *cube) byClass(q Query) map[string]int {
	first, end := q.sites()
	wanted := c.wanted(q)
	from, to := hourOf(q.From), hourOf(q.To)
	out := map[string]int{}
	switch q.Measure {
	case Undeclared:
		out[""] = c.counts(q, q.Area.Level())[q.Area]
		return out
	case Grades:
		from = earliest
	case Incidents, Declarations:
	}
	n := make([]int, len(wanted))
	c.ledgers[q.Measure].each(first, end, from, to, func(e entry) { n[e.class] += int(e.n) })
	for i, name := range c.classes.names {
		if wanted[i] && n[i] != 0 {
			out[name] = n[i]
		}
	}
	return out
}

// sliced gives events, or changes of a state, by areas of a level in each of n slices of so many hours from q.From on.
func (c *cube) sliced(q Query, level geo.Level, hours, n int) map[geo.Code][]int {
	first, end := q.sites()
	wanted := c.wanted(q)
	from, width := hourOf(q.From), site(span(level))
	by := map[site][]int{}
	c.ledgers[q.Measure].each(first, end, from, hourOf(q.To), func(e entry) {
		if !wanted[e.class] {
			return
		}
		slice := int(e.hour-from) / hours
		ns := by[e.site/width]
		if ns == nil {
			ns = make([]int, n)
			by[e.site/width] = ns
		}
		ns[slice] += int(e.n)
	})
	out := make(map[geo.Code][]int, len(by))
	for s, ns := range by {
		if slices.ContainsFunc(ns, func(n int) bool { return n != 0 }) {
			out[geo.Code(strconv.FormatInt(int64(s), 10))] = ns
		}
	}
	return out
}
