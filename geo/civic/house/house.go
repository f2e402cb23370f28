package house

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Grade is the risk of a rental house (分类分色), from green to red; grey is unrated, or judged on data that is stale.
// The zero Grade is a house of which nothing is let.
type Grade string

// The grades.
const (
	Green  Grade = "green"
	Yellow Grade = "yellow"
	Orange Grade = "orange"
	Red    Grade = "red"
	Grey   Grade = "grey"
)

// Grades lists the grades in the order of their numbers in tiles, from 1.
func Grades() []Grade { return []Grade{Green, Yellow, Orange, Red, Grey} }

// Building is a house (楼栋) with its state.
type Building struct {
	ID        int64
	Code      geo.Code
	NameZh    string
	NameEn    string
	AddressZh string
	AddressEn string
	Kind      string
	Levels    *int
	HeightM   *float64
	BuiltYear *int
	Label     orb.Point    // a point inside, WGS-84 degrees
	Outline   orb.Geometry // only where one building is asked for
	State     State
}

// State is what changes about a building.
type State struct {
	Use           string
	Grade         Grade
	Score         *int // 0 to 100
	Reasons       []Reason
	GradedAt      *time.Time
	PatrolledAt   *time.Time
	Rooms         int
	RentalRooms   int
	Residents     int
	OpenIncidents int
	UpdatedAt     time.Time
}

// Reason is a rule that fired.
type Reason struct {
	Rule     string   `json:"rule"`
	LabelZh  string   `json:"label_zh,omitempty"`
	LabelEn  string   `json:"label_en,omitempty"`
	Points   *float64 `json:"points,omitempty"`
	Evidence string   `json:"evidence,omitempty"`
}

// GradeChange is one entry of a building's history.
type GradeChange struct {
	At      time.Time
	Old     Grade
	New     Grade
	Score   *int
	Reasons []Reason
	Actor   string
}

// Mark says where a page of a list ended: at a building, which had this grade. Lists by code need the code only.
type Mark struct {
	Grade Grade
	Code  geo.Code
}

// Mark is where a list's page ends that ends with b.
func (b Building) Mark() Mark { return Mark{b.State.Grade, b.Code} }

// Filter narrows a list of buildings and puts it in order: by code, or the worst grade first, where what has no grade
// comes last.
type Filter struct {
	Within geo.Code   // "" for all of one's area
	Box    *orb.Bound // degrees, WGS-84
	Grades []Grade    // any of them; none for all buildings
	Worst  bool
	After  Mark
	Limit  int
}

// NewGrade is a grade as somebody sets it.
type NewGrade struct {
	Grade   Grade
	Score   *int
	Reasons []Reason
	Reason  string // why it is set by hand, for the ledger
}

func (n NewGrade) validate() error {
	var fields []fault.Field
	wrong := func(path, message string) { fields = append(fields, fault.Field{Path: path, Message: message}) }
	if !slices.Contains(Grades(), n.Grade) {
		wrong("grade", fmt.Sprintf("%q is none of green, yellow, orange, red, grey", n.Grade))
	}
	if n.Score != nil && (*n.Score < 0 || *n.Score > 100) {
		wrong("score", "0 to 100")
	}
	if strings.TrimSpace(n.Reason) == "" {
		wrong("reason", "say why")
	}
	if len(fields) == 0 {
		return nil
	}
	return fault.Invalid("house.grade", fields[0].Path+": "+fields[0].Message, fields...)
}
