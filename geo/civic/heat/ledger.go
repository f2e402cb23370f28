package heat

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/gridweave/gridweave/geo"
)

// site is a place's code as a number of 19 digits: of a house, or of a grid with zeros behind it. Codes begin with a
// province, which is never 0, so a number loses nothing, and takes a sixth of the memory that a text does.
type site int64

// digits is how long a house's code is.
const digits = int(geo.Building)

// siteOf is the first site of an area, and end that after its last.
func siteOf(code geo.Code) (first, end site, err error) {
	n, err := strconv.ParseInt(string(code), 10, 64)
	if err != nil || len(code) > digits {
		return 0, 0, fmt.Errorf("heat site: %q is no code of an area or a house", code)
	}
	width := span(geo.Level(len(code)))
	return site(n * width), site((n + 1) * width), nil
}

// span is how many sites lie in an area of a level.
func span(level geo.Level) int64 {
	n := int64(1)
	for range digits - int(level) {
		n *= 10
	}
	return n
}

// house tells a house's site from a grid's.
func (s site) house() bool { return int64(s)%span(geo.Grid) != 0 }

// entry is so much at a place in an hour: a line of heat_hour, or a change of a state.
type entry struct {
	site  site
	hour  int32 // since 1970
	spot        // of a state nowhere, since it lies where its house stands
	n     int32
	home  int32 // which of the homes it is; nobody's is -1
	class uint16
}

// spot is the middle of one of the cube's cells in decimetres of the metric plane: projected once, when it is read. Its
// zero value is nowhere.
type spot struct{ e, north int32 }

const (
	perMetre  = 10
	perDegree = 5000 // cells: heat_cell in the migration
)

// spotOf is the middle of a cell; of cell 0, 0, which stands for an unknown place, nowhere.
func spotOf(x, y int32) spot {
	if x == 0 && y == 0 {
		return spot{}
	}
	m := geo.WGS84{Lon: (float64(x) + .5) / perDegree, Lat: (float64(y) + .5) / perDegree}.Metric()
	return spot{int32(math.Round(m.E * perMetre)), int32(math.Round(m.N * perMetre))}
}

// located tells whether anybody knows where it is.
func (s spot) located() bool { return s != spot{} }

func (s spot) metric() geo.Metric {
	return geo.Metric{E: float64(s.e) / perMetre, N: float64(s.north) / perMetre}
}

func hourOf(t time.Time) int32 { return int32(t.Unix() / 3600) }

// ledger is all of a measure. It never changes: what comes later makes another one that shares most of it.
type ledger struct {
	sorted []entry // by hour
	late   []entry // what came since, in no order
}

// most is how many entries may lie unsorted: reading them all costs a tenth of a millisecond.
const mostLate = 50_000

// with is the ledger and what has come. The entries of older ledgers stay as they are: appending writes behind them, and
// only the newest ledger is ever appended to.
func (l ledger) with(came []entry) ledger {
	l.late = append(l.late, came...)
	if len(l.late) <= mostLate {
		return l
	}
	return newLedger(slices.Concat(l.sorted, l.late))
}

// newLedger sorts entries.
func newLedger(all []entry) ledger {
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(a.hour, b.hour) })
	return ledger{sorted: all}
}

// each calls fn for what lies between two sites and two hours, the second of each excluded.
func (l ledger) each(first, end site, from, to int32, fn func(entry)) {
	at := func(hour int32) int {
		i, _ := slices.BinarySearchFunc(l.sorted, hour, func(e entry, h int32) int { return cmp.Compare(e.hour, h) })
		return i
	}
	for _, e := range l.sorted[at(from):max(at(from), at(to))] {
		if e.site >= first && e.site < end {
			fn(e)
		}
	}
	for _, e := range l.late {
		if e.site >= first && e.site < end && e.hour >= from && e.hour < to {
			fn(e)
		}
	}
}

// began is the first hour of which anything is known between two sites.
func (l ledger) began(first, end site) (hour int32, known bool) {
	note := func(e entry) {
		if !known || e.hour < hour {
			hour, known = e.hour, true
		}
	}
	for _, e := range l.sorted {
		if e.site >= first && e.site < end {
			note(e)
			break
		}
	}
	for _, e := range l.late {
		if e.site >= first && e.site < end {
			note(e)
		}
	}
	return hour, known
}
