package account

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/evidence"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Role is what an account may do within its area (角色).
type Role string

// The roles of a district.
const (
	DutyOfficer   Role = "duty_officer"  // district operation centre
	Dispatcher    Role = "dispatcher"    // street operation centre
	Verifier      Role = "verifier"      // checks what others handled
	Station       Role = "station"       // community work station
	GridWorker    Role = "grid_worker"   // one grid
	Department    Role = "department"    // a functional department
	Leader        Role = "leader"        // reads everything in the area, changes nothing
	Landlord      Role = "landlord"      // or building head
	Resident      Role = "resident"      // declares and reports
	Auditor       Role = "auditor"       // reads the evidence
	Administrator Role = "administrator" // accounts, rules, areas
)

// Roles lists every role.
func Roles() []Role {
	return []Role{
		DutyOfficer, Dispatcher, Verifier, Station, GridWorker, Department, Leader, Landlord, Resident,
		Auditor, Administrator,
	}
}

// ParseRole refuses what is no role and says which there are.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles(), r) {
		return r, nil
	}
	names := make([]string, 0, len(Roles()))
	for _, r := range Roles() {
		names = append(names, string(r))
	}
	return "", fmt.Errorf("no role %q; there are %s", s, strings.Join(names, ", "))
}

// Actor is an account at work: what a use case needs to permit and to record a step.
type Actor struct {
	ID         int64
	Name       string
	Role       Role
	Scope      geo.Code // sees and changes what starts with it
	Department string   // for Role Department
}

// Is tells whether the actor has one of the roles.
func (a Actor) Is(roles ...Role) bool { return slices.Contains(roles, a.Role) }

// By is the actor as the evidence ledger names it.
func (a Actor) By() evidence.By { return evidence.By{ID: a.ID, Name: a.Name, Role: string(a.Role)} }

// Console is the actor of commands given on the server's own console: it has no account and is named as such.
func Console(scope geo.Code) Actor {
	return Actor{Name: "console", Role: Administrator, Scope: scope}
}

// Account is a staff account or a resident's.
type Account struct {
	ID         int64
	Name       string
	Role       Role
	Code       geo.Code
	Department string
	DisplayZh  string
	DisplayEn  string
	Active     bool
	CreatedAt  time.Time

	passwordHash string
}

// Actor is the account at work.
func (a Account) Actor() Actor {
	return Actor{ID: a.ID, Name: a.Name, Role: a.Role, Scope: a.Code, Department: a.Department}
}

// New is what is needed to make an account.
type New struct {
	Name       string
	Role       Role
	Code       geo.Code
	Department string
	DisplayZh  string
	DisplayEn  string
	Password   string
}

var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,63}$`)

// MinPassword is the least length of a password in characters; length beats composition (NIST SP 800-63B).
const MinPassword = 10

func (n New) validate() error {
	var fields []fault.Field
	wrong := func(path, message string) { fields = append(fields, fault.Field{Path: path, Message: message}) }
	if !namePattern.MatchString(n.Name) {
		wrong("name", "2 to 64 of a-z, 0-9, dot, underscore and hyphen, beginning with a letter or digit")
	}
	if _, err := ParseRole(string(n.Role)); err != nil {
		wrong("role", err.Error())
	}
	if _, err := geo.ParseCode(string(n.Code)); err != nil {
		wrong("code", err.Error())
	}
	if (n.Role == Department) != (n.Department != "") {
		wrong("department", "a department account names its department, and no other account does")
	}
	if len([]rune(n.Password)) < MinPassword {
		wrong("password", fmt.Sprintf("at least %d characters", MinPassword))
	}
	if len(fields) == 0 {
		return nil
	}
	lines := make([]string, len(fields))
	for i, f := range fields {
		lines[i] = f.Path + ": " + f.Message
	}
	return fault.Invalid("account.invalid", strings.Join(lines, "; "), fields...)
}
