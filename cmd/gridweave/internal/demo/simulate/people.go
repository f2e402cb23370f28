package simulate

import (
	"context"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/house"
)

// doubted is the share of declarations that are not trusted at once, as in the history.
const doubted = .09

// declare lets an invented resident declare to live somewhere: mostly in a room that has room for them.
func (s *Simulation) declare(ctx context.Context) error {
	room, err := s.roomToLiveIn(ctx, s.random.Float64() < doubted)
	if err != nil || room == "" {
		return err
	}
	now := s.options.Clock.Now()
	p := city.Invent(s.random, now)
	day := now.AddDate(0, 0, -s.random.IntN(7))
	made, _, err := s.services.Declarations.Submit(ctx, s.cast.Resident, declare.Form{
		Room: string(room), Name: p.Name, Number: p.ResidentID, Phone: p.Phone, MovedIn: &day,
	})
	if err != nil {
		return err
	}
	s.counts.Declarations++
	if made.Status == declare.Doubtful {
		s.plan(s.decideAt(made))
	}
	return nil
}

// housesTried is how many houses are looked at for a room that fits.
const housesTried = 8

// roomToLiveIn is a room in a house that may be let and that is not full, or one of which the opposite is true; any,
// where none of some houses is like that.
func (s *Simulation) roomToLiveIn(ctx context.Context, doubtful bool) (geo.Code, error) {
	var found geo.Code
	for range housesTried {
		at, rooms, err := s.lookInto(ctx, s.somewhere().Code)
		if err != nil {
			return "", err
		}
		for _, n := range s.random.Perm(len(rooms)) {
			r := rooms[n]
			if r.Use == string(city.NonResidential) {
				continue
			}
			found = r.Code
			full := r.Capacity > 0 && r.Residents >= r.Capacity
			if (full || at.State.Grade == house.Red) == doubtful {
				return found, nil
			}
		}
	}
	return found, nil
}

func (s *Simulation) lookInto(ctx context.Context, code geo.Code) (house.Building, []house.Room, error) {
	at, _, err := s.services.Houses.Get(ctx, s.cast.Resident, house.Ref{Code: code})
	if err != nil {
		return at, nil, err
	}
	rooms, err := s.services.Houses.Rooms(ctx, s.cast.Resident, house.Ref{Code: code})
	return at, rooms, err
}

// decide looks at a declaration that waits: at the desk, or by a visit.
func (s *Simulation) decide(ctx context.Context, e errand) error {
	delete(s.waiting[toDecide], e.id)
	d, err := s.services.Declarations.Get(ctx, s.cast.Desk, e.id)
	if err != nil {
		s.keep(e, err)
		return err
	}
	by, action, reason := s.cast.Worker, declare.Verify, ""
	switch chance := s.random.Float64(); {
	case d.Status == declare.Submitted && chance < doubted:
		by, action, reason = s.cast.Desk, declare.Doubt, "信息待核实 / to be looked at"
	case d.Status == declare.Submitted:
		by, action, reason = s.cast.Desk, declare.Accept, "材料齐全 / the papers are complete"
	case d.Status != declare.Doubtful:
		return nil
	case chance < .25: // as in the history
		action, reason = declare.Refute, "查无此人 / nobody of that name"
	case chance < .4:
		action = declare.Absent
	}
	after, _, err := s.services.Declarations.Act(ctx, by, d.ID, action, reason)
	if err != nil {
		s.keep(e, err)
		return err
	}
	s.counts.Visits++
	if after.Status == declare.Doubtful {
		s.plan(s.decideAt(after))
	}
	return nil
}

// grade moves a house one grade up or down, after an inspection; the next one there finds it as it was. So the district
// is, as a whole, as good as it was at the beginning.
func (s *Simulation) grade(ctx context.Context) error {
	known := s.somewhere()
	at, _, err := s.services.Houses.Get(ctx, s.cast.Desk, house.Ref{Code: known.Code})
	if err != nil || at.State.Grade == "" {
		return err
	}
	usual, present := rank(known.State.Grade), rank(at.State.Grade)
	next := usual
	if present == usual {
		next = usual + 1 - 2*s.random.IntN(2)
		if next < 0 || next > 3 {
			next = 2*usual - next
		}
	}
	reasons := []house.Reason{}
	if next > present {
		reasons = append(reasons, house.Reason{
			Rule: "hazard.inspection", LabelZh: "巡查发现隐患", LabelEn: "hazard found on inspection", Evidence: "patrol",
		})
	}
	score := []int{92, 77, 60, 35}[next]
	_, _, err = s.services.Houses.Grade(ctx, s.cast.Desk, house.Ref{ID: at.ID}, house.NewGrade{
		Grade: house.Grades()[next], Score: &score, Reasons: reasons, Reason: "巡查结果 / result of an inspection",
	})
	if err == nil {
		s.counts.Grades++
	}
	return err
}

// rank is how bad a grade is, 0 to 3; one that is stale counts as yellow.
func rank(g house.Grade) int {
	return map[house.Grade]int{house.Green: 0, house.Yellow: 1, house.Orange: 2, house.Red: 3, house.Grey: 1}[g]
}
