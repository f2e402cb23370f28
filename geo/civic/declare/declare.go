package declare

import (
	"strings"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Declaration is one declaration, its person masked.
type Declaration struct {
	ID          int64
	Code        geo.Code // the room
	Status      Status
	Source      Source
	Name        string // 张**
	Number      string // 440304********1234
	Phone       string // 138****5678, "" where none was given
	MovedIn     time.Time
	MovedOut    *time.Time
	Checks      []Check
	SubmittedBy *int64
	SubmittedAt time.Time
	DecidedAt   *time.Time
	DueAt       *time.Time
	Visits      int

	sealed sealed
}

// sealed is the person as stored.
type sealed struct{ number, numberHash, name, phone, phoneHash []byte }

// Check is one of the checks that a declaration went through, for its reader.
type Check struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Zh    string `json:"message_zh"`
	En    string `json:"message_en"`
}

// Source is how a declaration was made.
type Source string

// The sources.
const (
	ByQR         Source = "qr" // the resident, with the plate at the door
	ByBatch      Source = "batch"
	ByCounter    Source = "counter"
	ByGridWorker Source = "grid_worker"
)

// Form is what somebody declares.
type Form struct {
	Room    string // 25-digit house code
	Name    string
	Number  string     // identity number
	Phone   string     // may be left out
	MovedIn *time.Time // today where left out
	Source  Source     // by the role where left out
}

// clock is how long somebody has to declare, and an office to look at a doubtful declaration.
const clock = 7 * 24 * time.Hour

// valid is a form whose fields have been read.
type valid struct {
	room    geo.Code
	name    string
	number  geo.ResidentID
	phone   string
	movedIn time.Time
}

func (f Form) validate(today time.Time) (v valid, err error) {
	var fields []fault.Field
	wrong := func(path string, err error) { fields = append(fields, fault.Field{Path: path, Message: err.Error()}) }
	if v.room, err = geo.ParseCodeAt(f.Room, geo.Room); err != nil {
		wrong("room", err)
	}
	if v.number, err = geo.ParseResidentID(strings.TrimSpace(f.Number)); err != nil {
		wrong("id_number", err)
	}
	if v.name = strings.TrimSpace(f.Name); v.name == "" || len([]rune(v.name)) > 50 {
		wrong("name", errName)
	}
	if v.phone = digits(f.Phone); f.Phone != "" && (len(v.phone) < 7 || len(v.phone) > 15) {
		wrong("phone", errPhone)
	}
	v.movedIn = today
	if f.MovedIn != nil {
		v.movedIn = *f.MovedIn
	}
	if v.movedIn.After(today.AddDate(0, 0, 1)) {
		wrong("moved_in_on", errFuture)
	}
	if len(fields) > 0 {
		return v, fault.Invalid("declaration.form", fields[0].Path+": "+fields[0].Message, fields...)
	}
	return v, nil
}

const (
	errName   = message("a name of 1 to 50 characters")
	errPhone  = message("a phone number has 7 to 15 digits")
	errFuture = message("the day of moving in lies in the future")
)

// message is a constant error.
type message string

func (m message) Error() string { return string(m) }

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// Filter narrows a list. Before is the id that the page before ended with; lists run from the newest back.
type Filter struct {
	Within geo.Code
	Status Status
	Since  *time.Time
	Before int64
	Limit  int
}
