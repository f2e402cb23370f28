package incident

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Status is how far a case is.
type Status string

// The states.
const (
	Reported     Status = "reported"
	Rejected     Status = "rejected"
	Filed        Status = "filed"
	Assigned     Status = "assigned"
	Returned     Status = "returned"
	Acknowledged Status = "acknowledged"
	Resolved     Status = "resolved"
	Rework       Status = "rework"
	Verified     Status = "verified"
	Closed       Status = "closed"
)

// Action is a step of a case.
type Action string

// The actions.
const (
	File        Action = "file"        // 立案
	Reject      Action = "reject"      // 不予立案
	Assign      Action = "assign"      // 派遣
	Return      Action = "return"      // 退回
	Acknowledge Action = "acknowledge" // 签收
	Resolve     Action = "resolve"     // 处置完成
	Verify      Action = "verify"      // 核查通过
	Redo        Action = "rework"      // 返工
	Close       Action = "close"       // 结案
	Reopen      Action = "reopen"      // 重新立案
)

// Part is what somebody is in a case, beside the role that their account has.
type Part int

// The parts in a case.
const (
	Anybody    Part = iota // whoever has one of the roles
	TheHandler             // the handler, or an account of the department it was assigned to
	NotHandler             // whoever has one of the roles and did not handle it
	Complainer             // whoever has one of the roles, or the reporter within reopenWithin
)

// Transition is one row of the table.
type Transition struct {
	Action Action
	From   []Status
	To     Status
	Roles  []account.Role
	Part   Part
	Needs  []string // fields of the order that may not be empty
	// Timer is the limit that starts; nil stops the clock.
	Timer func(Limits) time.Duration
}

// reopenWithin is how long after closing the reporter may say that it is not mended.
const reopenWithin = 7 * 24 * time.Hour

// Transitions is the whole life of an incident, as data.
func Transitions() []Transition {
	desk := []account.Role{account.DutyOfficer, account.Dispatcher}
	check := []account.Role{account.Verifier, account.DutyOfficer, account.Dispatcher, account.Station}
	assign := func(l Limits) time.Duration { return l.Assign }
	finish := func(l Limits) time.Duration { return l.Finish }
	verify := func(l Limits) time.Duration { return l.Verify }
	return []Transition{
		{Action: File, From: []Status{Reported}, To: Filed, Roles: desk, Timer: assign},
		{Action: Reject, From: []Status{Reported}, To: Rejected, Roles: desk, Needs: []string{"reason"}},
		{
			Action: Assign, From: []Status{Filed, Returned}, To: Assigned, Roles: desk, Needs: []string{"handler"},
			Timer: func(l Limits) time.Duration { return l.Respond },
		},
		{Action: Return, From: []Status{Assigned}, To: Returned, Part: TheHandler, Needs: []string{"reason"}, Timer: assign},
		{Action: Acknowledge, From: []Status{Assigned}, To: Acknowledged, Part: TheHandler, Timer: finish},
		{Action: Resolve, From: []Status{Acknowledged, Rework}, To: Resolved, Part: TheHandler, Needs: []string{"resolution"}, Timer: verify},
		{Action: Verify, From: []Status{Resolved}, To: Verified, Roles: check, Part: NotHandler, Timer: verify},
		{Action: Redo, From: []Status{Resolved}, To: Rework, Roles: check, Part: NotHandler, Needs: []string{"reason"}, Timer: finish},
		{Action: Close, From: []Status{Verified}, To: Closed, Roles: check, Part: NotHandler},
		{Action: Reopen, From: []Status{Closed}, To: Filed, Roles: desk, Part: Complainer, Needs: []string{"reason"}, Timer: assign},
	}
}

// Next decides whether the actor may take the action on the incident as it stands, and gives the transition. A refusal
// says what stands in the way: the role, the part in the case, the state, or something missing in the order.
func Next(i Incident, by account.Actor, o Order, now time.Time) (Transition, error) {
	all := Transitions()
	n := slices.IndexFunc(all, func(t Transition) bool { return t.Action == o.Action })
	if n < 0 {
		return Transition{}, fault.Invalid("incident.action", fmt.Sprintf("there is no action %q; there are %s", o.Action, actionNames(all)))
	}
	t := all[n]
	if err := t.permits(i, by, now); err != nil {
		return Transition{}, err
	}
	if !slices.Contains(t.From, i.Status) {
		return Transition{}, fault.Conflict("incident.state", fmt.Sprintf("the incident is %s; %s needs it %s", i.Status, t.Action, statusNames(t.From)))
	}
	return t, t.complete(o)
}

// Actions lists what the actor may do to the incident now.
func Actions(i Incident, by account.Actor, now time.Time) []Action {
	var may []Action
	for _, t := range Transitions() {
		if slices.Contains(t.From, i.Status) && t.permits(i, by, now) == nil {
			may = append(may, t.Action)
		}
	}
	return may
}

func (t Transition) permits(i Incident, by account.Actor, now time.Time) error {
	handles := i.Handler != nil && i.Handler.ID == by.ID
	switch t.Part {
	case TheHandler:
		if handles || by.Role == account.Department && by.Department == i.Department {
			return nil
		}
		return fault.Forbidden("incident.not_handler", fmt.Sprintf("%s is for who handles the incident", t.Action))
	case NotHandler:
		if handles {
			return fault.Forbidden("incident.handler", fmt.Sprintf("who handled the incident may not %s it", t.Action))
		}
	case Complainer:
		if i.ReporterID != nil && *i.ReporterID == by.ID && i.ClosedAt != nil && now.Sub(*i.ClosedAt) < reopenWithin {
			return nil
		}
	case Anybody:
	}
	if !by.Is(t.Roles...) {
		return fault.Forbidden("incident.role", fmt.Sprintf("the role %s may not %s incidents", by.Role, t.Action))
	}
	return nil
}

// complete checks the fields that the order needs.
func (t Transition) complete(o Order) error {
	values := map[string]string{"reason": o.Reason, "handler": o.Handler, "resolution": o.Resolution}
	for _, field := range t.Needs {
		if strings.TrimSpace(values[field]) == "" {
			return fault.Invalid("incident.order", fmt.Sprintf("%s needs a %s", t.Action, field), fault.Field{Path: field, Message: "may not be empty"})
		}
	}
	return nil
}

// apply gives the incident after the transition.
func (t Transition) apply(i Incident, by account.Actor, o Order, now time.Time) Incident {
	i.Status, i.UpdatedAt = t.To, now
	i.DueAt = nil
	if t.Timer != nil {
		due := now.Add(t.Timer(i.Type.Limits))
		i.DueAt = &due
	}
	switch t.Action {
	case File:
		finish := now.Add(i.Type.Limits.Assign + i.Type.Limits.Respond + i.Type.Limits.Finish)
		i.FiledAt, i.FinishBy, i.Department = &now, &finish, i.Type.Department
	case Reject:
		i.RejectedFor = o.Reason
	case Assign:
		i.AssignedAt = &now
	case Return:
		i.Returns++
		i.Handler = nil
	case Acknowledge:
		i.RespondedAt = &now
	case Resolve:
		i.ResolvedAt, i.Resolution = &now, o.Resolution
	case Verify:
		i.VerifiedAt, i.Verifier = &now, &Person{ID: by.ID, Name: by.Name}
	case Redo:
		i.Reworks++
	case Close:
		i.ClosedAt = &now
	case Reopen:
		i.Reopenings++
		i.Handler, i.Verifier, i.ClosedAt, i.VerifiedAt, i.ResolvedAt = nil, nil, nil, nil, nil
	}
	return i
}

// merged is the end of a case that became part of another.
const merged Status = "merged"

// over are the states in which nothing is to be done any more.
func over() []Status { return []Status{Rejected, Closed, merged} }

// open tells whether a case in this state still weighs on its building.
func (s Status) open() bool { return !slices.Contains(over(), s) }

func actionNames(all []Transition) string {
	names := make([]string, len(all))
	for i, t := range all {
		names[i] = string(t.Action)
	}
	return strings.Join(names, ", ")
}

func statusNames(all []Status) string { return strings.Join(names(all), " or ") }
