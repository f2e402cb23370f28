package incident

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Incident is one case.
type Incident struct {
	ID          int64
	Code        geo.Code // grid, or the building it happened in
	BuildingID  *int64
	Place       orb.Point // WGS-84 degrees
	Type        Type
	Status      Status
	Source      Source
	Description string
	ReporterID  *int64
	PhoneSealed []byte
	Department  string
	Handler     *Person
	Verifier    *Person
	RejectedFor string
	Resolution  string
	ReportedAt  time.Time
	FiledAt     *time.Time
	AssignedAt  *time.Time
	RespondedAt *time.Time
	ResolvedAt  *time.Time
	VerifiedAt  *time.Time
	ClosedAt    *time.Time
	DueAt       *time.Time // of the timer that runs
	FinishBy    *time.Time // what the closing rate judges by
	Returns     int
	Reworks     int
	Reopenings  int
	UpdatedAt   time.Time
}

// Person is somebody in a case, as others may read it.
type Person struct {
	ID        int64  `json:"-"`
	Name      string `json:"name"`
	DisplayZh string `json:"display_zh"`
	DisplayEn string `json:"display_en"`
}

// Type is a minor class (小类) with the time each stage may take.
type Type struct {
	Code       string
	NameZh     string
	NameEn     string
	Department string
	Severity   int // 1 is worst
	Limits     Limits
}

// Limits are the time each stage may take.
type Limits struct{ Accept, Assign, Respond, Finish, Verify time.Duration }

// Class is a major class (大类) with its types.
type Class struct {
	Code   string
	NameZh string
	NameEn string
	Types  []Type
}

// Source is where an incident came from.
type Source string

// The sources.
const (
	FromResident   Source = "resident"
	FromGridWorker Source = "grid_worker"
	FromSensor     Source = "sensor"
	FromHotline    Source = "hotline"
)

// Candidate is an account that an incident can be assigned to.
type Candidate struct {
	Name      string `json:"name"`
	Role      string `json:"role"`
	DisplayZh string `json:"display_zh"`
	DisplayEn string `json:"display_en"`
	Fits      bool   `json:"fits" doc:"The department that incidents of this type belong to."`
}

// Report is what somebody reports: a type, and a place by point, by building or by room.
type Report struct {
	Type        string
	Description string
	Place       *orb.Point // WGS-84 degrees
	Building    geo.Code   // or a room in one
	Source      Source     // "" by the reporter's role
	Phone       string
}

// maxDescription is the database's bound, in characters.
const maxDescription = 4000

func (r Report) validate() error {
	var fields []fault.Field
	wrong := func(path, message string) { fields = append(fields, fault.Field{Path: path, Message: message}) }
	if r.Type == "" {
		wrong("type", "name the type of incident")
	}
	switch {
	case r.Place == nil && r.Building == "":
		wrong("place", "say where: a point (lon, lat) or a building")
	case r.Place != nil && (r.Place[0] < -180 || r.Place[0] > 180 || r.Place[1] < -90 || r.Place[1] > 90):
		wrong("place", fmt.Sprintf("%g, %g is no longitude and latitude in degrees", r.Place[0], r.Place[1]))
	case r.Building != "" && r.Building.Level() < geo.Building:
		wrong("building", fmt.Sprintf("%s is a %s's code, not a building's or a room's", r.Building, r.Building.Level()))
	}
	if n := len([]rune(r.Description)); n > maxDescription {
		wrong("description", fmt.Sprintf("%d characters are too many; %d fit", n, maxDescription))
	}
	if !slices.Contains([]Source{"", FromResident, FromGridWorker, FromSensor, FromHotline}, r.Source) {
		wrong("source", fmt.Sprintf("%q is none of resident, grid_worker, sensor, hotline", r.Source))
	}
	if len(fields) == 0 {
		return nil
	}
	return fault.Invalid("incident.report", fields[0].Path+": "+fields[0].Message, fields...)
}

// sourceFor is the report's source, or what the reporter's role tells.
func (r Report) sourceFor(by account.Actor) Source {
	switch {
	case r.Source != "":
		return r.Source
	case by.Is(account.GridWorker, account.Station):
		return FromGridWorker
	case by.Is(account.DutyOfficer, account.Dispatcher):
		return FromHotline
	default:
		return FromResident
	}
}

// Order is what somebody does to an incident.
type Order struct {
	Action     Action
	Reason     string // for reject, return, rework, reopen
	Handler    string // for assign: the name of the account that is to handle it
	Resolution string // for resolve: what was done
}

// Filter narrows a list. Before is the id that the page before ended with; lists run from the newest back.
type Filter struct {
	Within   geo.Code
	Status   Status
	Type     string
	Open     bool
	Overdue  bool
	Building geo.Code
	Since    *time.Time
	Until    *time.Time
	Before   int64
	Limit    int
}

// Overdue tells whether the running timer has passed.
func (i Incident) Overdue(now time.Time) bool { return i.DueAt != nil && i.DueAt.Before(now) }

// normalPhone keeps the digits, so that the same number has the same hash however it was typed.
func normalPhone(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
