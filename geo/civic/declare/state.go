package declare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Status is how far a declaration is.
type Status string

// The states.
const (
	Submitted Status = "submitted" // by a batch whose checks an office still has to look at
	Accepted  Status = "accepted"
	Doubtful  Status = "doubtful"
	Rejected  Status = "rejected"
	MovedOut  Status = "moved_out"
)

// Action is a step of a declaration after it was submitted.
type Action string

// The actions.
const (
	Accept  Action = "accept"   // an office trusts it
	Doubt   Action = "doubt"    // an office sends somebody to look
	Verify  Action = "verify"   // a visit found it true
	Refute  Action = "refute"   // a visit found it false
	Absent  Action = "absent"   // a visit found nobody
	MoveOut Action = "move-out" // 迁出
)

// Transition is one row of the table.
type Transition struct {
	Action Action
	From   []Status
	To     Status
	Roles  []account.Role
	Reason bool // a reason must be given
}

// Transitions is the life of a declaration after it was submitted, as data.
func Transitions() []Transition {
	visitors := []account.Role{account.GridWorker, account.Station, account.Dispatcher}
	office := []account.Role{account.Station, account.Dispatcher, account.DutyOfficer}
	movers := []account.Role{account.Resident, account.Landlord, account.GridWorker, account.Station, account.Dispatcher}
	return []Transition{
		{Action: Accept, From: []Status{Submitted, Doubtful}, To: Accepted, Roles: office, Reason: true},
		{Action: Doubt, From: []Status{Submitted}, To: Doubtful, Roles: office, Reason: true},
		{Action: Verify, From: []Status{Doubtful}, To: Accepted, Roles: visitors},
		{Action: Refute, From: []Status{Doubtful}, To: Rejected, Roles: visitors, Reason: true},
		{Action: Absent, From: []Status{Doubtful}, To: Doubtful, Roles: visitors},
		{Action: MoveOut, From: []Status{Accepted}, To: MovedOut, Roles: movers},
	}
}

// Next decides whether the actor may take the action on the declaration as it stands. A resident acts on what they
// declared themselves.
func Next(d Declaration, by account.Actor, action Action, reason string) (Transition, error) {
	all := Transitions()
	n := slices.IndexFunc(all, func(t Transition) bool { return t.Action == action })
	if n < 0 {
		return Transition{}, fault.Invalid("declaration.action", fmt.Sprintf("there is no action %q", action))
	}
	t := all[n]
	if err := t.permits(d, by); err != nil {
		return Transition{}, err
	}
	if !slices.Contains(t.From, d.Status) {
		return Transition{}, fault.Conflict("declaration.state", fmt.Sprintf("the declaration is %s, and %s is not for that", d.Status, action))
	}
	if t.Reason && strings.TrimSpace(reason) == "" {
		return Transition{}, fault.Invalid("declaration.reason", fmt.Sprintf("%s needs a reason", action), fault.Field{Path: "reason", Message: "may not be empty"})
	}
	return t, nil
}

// Actions lists what the actor may do to the declaration now.
func Actions(d Declaration, by account.Actor) []Action {
	var may []Action
	for _, t := range Transitions() {
		if slices.Contains(t.From, d.Status) && t.permits(d, by) == nil {
			may = append(may, t.Action)
		}
	}
	return may
}

func (t Transition) permits(d Declaration, by account.Actor) error {
	if !by.Is(t.Roles...) {
		return fault.Forbidden("declaration.role", fmt.Sprintf("the role %s may not %s declarations", by.Role, t.Action))
	}
	if by.Is(account.Resident) && (d.SubmittedBy == nil || *d.SubmittedBy != by.ID) {
		return fault.Forbidden("declaration.owner", "residents act on what they declared themselves")
	}
	return nil
}
