package simulate

import (
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/incident"
)

// limitOf is how long the next step of a case may take.
func limitOf(i incident.Incident) time.Duration {
	l := i.Type.Limits
	switch i.Status {
	case incident.Reported:
		return l.Accept
	case incident.Filed, incident.Returned:
		return l.Assign
	case incident.Assigned:
		return l.Respond
	case incident.Acknowledged, incident.Rework:
		return l.Finish
	case incident.Resolved, incident.Verified:
		return l.Verify
	case incident.Rejected, incident.Closed:
	}
	return 0
}

// draws is how often a duration is drawn that is longer than what has passed already, before the step counts as left
// lying.
const draws = 200

// leftLying is how soon, on average, somebody comes to what should have been done long ago, because the simulation was
// not running.
const leftLying = time.Hour

// advanceAt is when the next step of a case is taken: after as long as in the history such steps took, of those that
// took no less than what has passed already.
func (s *Simulation) advanceAt(i incident.Incident, pace float64) errand {
	now, limit := s.options.Clock.Now(), limitOf(i)
	passed := now.Sub(i.UpdatedAt)
	for range draws {
		own := pace
		if own == 0 {
			own = city.Pace(s.random)
		}
		if took := city.Took(s.random, limit, own); took > passed {
			return errand{s.sooner(now, took-max(0, passed)), toAdvance, i.ID, own}
		}
	}
	return errand{s.sooner(now, s.about(leftLying)), toAdvance, i.ID, pace}
}

// inHand is how soon a declaration that was handed in is looked at, at the most.
const inHand = 3 * time.Hour

// visited is how long after it was handed in a doubtful declaration is visited: two and a half to three and a half days,
// as many as the history leaves waiting; and how soon somebody comes again where nobody was there.
const (
	visited = 60 * time.Hour
	spread  = 24 * time.Hour
	again   = 24 * time.Hour
)

// decideAt is when somebody looks at a declaration that waits.
func (s *Simulation) decideAt(d declare.Declaration) errand {
	now := s.options.Clock.Now()
	due := d.SubmittedAt.Add(s.upTo(inHand))
	if d.Status == declare.Doubtful {
		due = d.SubmittedAt.Add(visited + s.upTo(spread))
	}
	in := due.Sub(now)
	if in <= 0 {
		in = s.about(again)
	}
	return errand{s.sooner(now, in), toDecide, d.ID, 0}
}

func (s *Simulation) upTo(d time.Duration) time.Duration {
	return time.Duration(s.random.Float64() * float64(d))
}

// about draws a time that is so long on average.
func (s *Simulation) about(d time.Duration) time.Duration {
	return time.Duration(s.random.ExpFloat64() * float64(d))
}

// sooner is so long after now in a district whose time goes as fast as was asked for.
func (s *Simulation) sooner(now time.Time, in time.Duration) time.Time {
	return now.Add(time.Duration(float64(in) / s.options.Speed))
}
