package heat

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Measure is what is counted.
type Measure string

// The measures. The first two are events in a time; the others states at its end.
const (
	Incidents    Measure = "incidents"    // reported, and neither merged into another nor rejected
	Declarations Measure = "declarations" // submitted, by what has become of them
	Undeclared   Measure = "undeclared"   // rooms let and lived in that nobody has declared
	Grades       Measure = "grades"       // rental houses by their grade
)

// Measures lists them.
func Measures() []Measure { return []Measure{Incidents, Declarations, Undeclared, Grades} }

// State tells a state at a time from events in a time.
func (m Measure) State() bool { return m == Undeclared || m == Grades }

// Personal tells whether small counts are suppressed: who knows the place could tell whose they are. A house's grade is
// nobody's secret; it is on the map.
func (m Measure) Personal() bool { return m != Grades }

// key is the measure's name in the cube.
func (m Measure) key() string { return strings.TrimSuffix(string(m), "s") }

// Value is what a count is shown as.
type Value string

// The values.
const (
	Count       Value = "count"
	PerResident Value = "per_1000_residents"
	PerRoom     Value = "per_100_rental_rooms"
	PerHouse    Value = "per_100_rental_houses"
)

// per is how many of its base a rate is for; 0 for a count.
func (v Value) per() float64 {
	switch v {
	case PerResident:
		return 1000
	case PerRoom, PerHouse:
		return 100
	case Count:
	}
	return 0
}

// Risky stands for the two worst grades together.
const Risky = "risky"

// Query says what is asked for: a measure, one of its classes, an area and a time.
type Query struct {
	Area     geo.Code
	Measure  Measure
	Class    string    // "" for all; 2 or 4 digits of an incident's type, a declaration's status, a grade or Risky
	From, To time.Time // whole hours; From belongs to the time, To does not. A state is that at To
}

func (q Query) hours() int { return int(q.To.Sub(q.From) / time.Hour) }

// longest is how much time can be asked for at once: a year, and the day that a leap year has more.
const longest = 366 * 24 * time.Hour

var (
	typeForm   = regexp.MustCompile(`^([0-9]{2}|[0-9]{4})$`)
	statusForm = regexp.MustCompile(`^[a-z_]{1,20}$`)
)

func (q Query) validate() error {
	wrong := func(path, message string) error {
		return fault.Invalid("insight.query", path+": "+message, fault.Field{Path: path, Message: message})
	}
	switch {
	case !slices.Contains(Measures(), q.Measure):
		return wrong("measure", fmt.Sprintf("%q is none of incidents, declarations, undeclared, grades", q.Measure))
	case q.Area.Level() == 0 || q.Area.Level() > geo.Grid:
		return wrong("area", "name a grid or what lies above it")
	case !q.From.Before(q.To):
		return wrong("from", "the time ends before it begins")
	case q.To.Sub(q.From) > longest:
		return wrong("from", "more than a year")
	case !q.From.Equal(q.From.Truncate(time.Hour)) || !q.To.Equal(q.To.Truncate(time.Hour)):
		return wrong("from", "counts are kept by the hour: begin and end with a whole one")
	}
	if ok := q.Class == "" || q.Measure == Incidents && typeForm.MatchString(q.Class) ||
		q.Measure == Declarations && statusForm.MatchString(q.Class) ||
		q.Measure == Grades && (q.Class == Risky || slices.Contains([]string{"green", "yellow", "orange", "red", "grey"}, q.Class)); !ok {
		return wrong("class", fmt.Sprintf("%q is no class of %s", q.Class, q.Measure))
	}
	return nil
}

// previous is the time of the same length before. Of a state it is the state where the time began.
func (q Query) previous() Query {
	length := q.To.Sub(q.From)
	q.From, q.To = q.From.Add(-length), q.From
	return q
}

// Share is how complete something is: Have of Want.
type Share struct {
	Of         string // period, place, base, history
	Have, Want int
}

// About is what every answer says of itself.
type About struct {
	Query
	N            int     // what was counted, suppressed cells included
	Hidden       bool    // N is not to be shown: it is small itself, or would tell what is
	Previous     *int    // the same in the time before, where a comparison was asked for and it may be shown
	Unit         string  // incidents, declarations, rooms, houses; or what they are a rate of
	Completeness []Share // how complete the data is
	Suppressed   int     // cells that are not shown because they are small
	AsOf         time.Time
}

// unit names what is counted.
func (m Measure) unit() string {
	switch m {
	case Undeclared:
		return "rooms"
	case Grades:
		return "houses"
	case Incidents, Declarations:
	}
	return string(m)
}
