package simulate

import (
	"context"
	"fmt"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/civic/incident"
)

// report lets a resident or a grid worker report something at a house.
func (s *Simulation) report(ctx context.Context) error {
	kind, at := s.types[s.random.IntN(len(s.types))], s.somewhere()
	by := s.cast.Resident
	if s.random.IntN(3) == 0 && s.cast.Worker.Scope.Covers(at.Code) {
		by = s.cast.Worker
	}
	_, _, err := s.services.Incidents.Report(ctx, by, incident.Report{
		Type: kind.Code, Building: at.Code, Description: fmt.Sprintf("%s：%s / %s: %s", kind.NameZh, at.AddressZh, kind.NameEn, at.AddressEn),
	})
	if err == nil {
		s.counts.Reported++
	}
	return err
}

// pageOfCases is how far down the list of open cases somebody looks.
const pageOfCases = 200

// advance takes the next step of some open case, as whoever would take it.
func (s *Simulation) advance(ctx context.Context) error {
	open, err := s.services.Incidents.List(ctx, s.cast.Desk, incident.Filter{Open: true, Limit: pageOfCases})
	if err != nil || len(open) == 0 {
		return err
	}
	// The desk takes what is due first more often than not.
	i := open[s.random.IntN(len(open))]
	for range 3 {
		if other := open[s.random.IntN(len(open))]; other.DueAt.Before(*i.DueAt) {
			i = other
		}
	}
	by, order := s.next(i)
	if by.Name == "" {
		return nil
	}
	_, _, err = s.services.Incidents.Act(ctx, by, i.ID, order)
	if err == nil {
		s.counts.Advanced++
	}
	return err
}

// next is who does what to a case in its state.
func (s *Simulation) next(i incident.Incident) (account.Actor, incident.Order) {
	rarely := s.random.IntN(12) == 0
	switch i.Status {
	case incident.Reported:
		if rarely {
			return s.cast.Desk, incident.Order{Action: incident.Reject, Reason: "重复或不属实 / a repetition, or not so"}
		}
		return s.cast.Desk, incident.Order{Action: incident.File}
	case incident.Filed, incident.Returned:
		return s.cast.Desk, incident.Order{Action: incident.Assign, Handler: s.cast.Department.Name}
	case incident.Assigned:
		if rarely {
			return s.cast.Department, incident.Order{Action: incident.Return, Reason: "不属本部门职责 / not ours"}
		}
		return s.cast.Department, incident.Order{Action: incident.Acknowledge}
	case incident.Acknowledged, incident.Rework:
		return s.cast.Department, incident.Order{Action: incident.Resolve, Resolution: "已现场处置 / dealt with on the spot"}
	case incident.Resolved:
		if rarely {
			return s.cast.Verifier, incident.Order{Action: incident.Redo, Reason: "未整改到位 / not mended"}
		}
		return s.cast.Verifier, incident.Order{Action: incident.Verify}
	case incident.Verified:
		return s.cast.Verifier, incident.Order{Action: incident.Close}
	case incident.Rejected, incident.Closed:
	}
	return account.Actor{}, incident.Order{}
}

// declare lets an invented resident declare to live in a room of some house.
func (s *Simulation) declare(ctx context.Context) error {
	rooms, err := s.services.Houses.Rooms(ctx, s.cast.Resident, house.Ref{Code: s.somewhere().Code})
	if err != nil || len(rooms) == 0 {
		return err
	}
	p := city.Invent(s.random, time.Now())
	day := time.Now().AddDate(0, 0, -s.random.IntN(7))
	_, _, err = s.services.Declarations.Submit(ctx, s.cast.Resident, declare.Form{
		Room: string(rooms[s.random.IntN(len(rooms))].Code), Name: p.Name, Number: p.ResidentID, Phone: p.Phone, MovedIn: &day,
	})
	if err == nil {
		s.counts.Declarations++
	}
	return err
}

// visit looks at a doubtful declaration.
func (s *Simulation) visit(ctx context.Context) error {
	doubtful, err := s.services.Declarations.List(ctx, s.cast.Station, declare.Filter{Status: declare.Doubtful, Limit: pageOfCases})
	if err != nil || len(doubtful) == 0 {
		return err
	}
	d := doubtful[s.random.IntN(len(doubtful))]
	action, reason := declare.Verify, ""
	switch s.random.IntN(6) {
	case 0:
		action, reason = declare.Refute, "查无此人 / nobody of that name"
	case 1:
		action = declare.Absent
	}
	_, _, err = s.services.Declarations.Act(ctx, s.cast.Station, d.ID, action, reason)
	if err == nil {
		s.counts.Visits++
	}
	return err
}

// grade moves a house one grade up or down, after an inspection.
func (s *Simulation) grade(ctx context.Context) error {
	at, _, err := s.services.Houses.Get(ctx, s.cast.Desk, house.Ref{Code: s.somewhere().Code})
	if err != nil || at.State.Grade == "" {
		return err
	}
	rank := map[house.Grade]int{house.Green: 0, house.Yellow: 1, house.Orange: 2, house.Red: 3, house.Grey: 1}[at.State.Grade]
	reasons := []house.Reason{}
	if s.random.IntN(2) == 0 {
		rank = max(0, rank-1)
	} else {
		rank = min(3, rank+1)
		reasons = append(reasons, house.Reason{
			Rule: "hazard.inspection", LabelZh: "巡查发现隐患", LabelEn: "hazard found on inspection", Evidence: "patrol",
		})
	}
	score := []int{92, 77, 60, 35}[rank]
	_, _, err = s.services.Houses.Grade(ctx, s.cast.Desk, house.Ref{ID: at.ID}, house.NewGrade{
		Grade: house.Grades()[rank], Score: &score, Reasons: reasons, Reason: "巡查结果 / result of an inspection",
	})
	if err == nil {
		s.counts.Grades++
	}
	return err
}
