package city

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/paulmach/orb"
)

// IncidentType is a kind of incident with the time each of its stages may take; the writer reads them from the
// database, where they are data.
type IncidentType struct {
	Code                                    string
	ZH, EN                                  string
	Severity                                int // 1 is worst and rarest
	Accept, Assign, Respond, Finish, Verify time.Duration
}

// Incident (事件) is something that happened in the thirty days before now. Times that were not reached are zero.
type Incident struct {
	Code      string    // of the room or the building, or of the grid where it happened in the open
	Building  int       // index into the community's buildings, -1 in the open
	At        orb.Point // WGS-84
	Type      int       // index into Options.Types
	Source    string
	Status    string
	Phone     string // the reporter's, "" where nobody left one
	Steps     []Step // what became of it, in order; the first is the report
	Due       time.Time
	FinishBy  time.Time
	Rating    int // 0 for none
	Rejection string
}

// Step is one step of an incident's life: an action, the state it led to and the deadline that runs from it on, zero
// where none does.
type Step struct {
	Action, Status string
	At, Due        time.Time
}

const history = 30 * 24 * time.Hour

// happen adds the past to a community: what happened in and around its buildings, and who declared to live there.
func (c *City) happen(out *Community) {
	rng := stream(c.seed, label("past"), label(out.Code))
	if len(out.Buildings) == 0 {
		return
	}
	heat, total := c.heat(out.Buildings)
	if len(c.options.Types) > 0 {
		n := int(total*c.eventful() + rng.Float64())
		for range n {
			out.Incidents = append(out.Incidents, c.incident(rng, out, heat))
		}
		for i := range out.Buildings {
			if out.Buildings[i].showpiece {
				c.stir(stream(c.seed, label("stir"), label(out.Buildings[i].Code)), out, i)
			}
		}
		slices.SortStableFunc(out.Incidents, func(a, b Incident) int { return a.Steps[0].At.Compare(b.Steps[0].At) })
		for _, i := range out.Incidents {
			if i.Building >= 0 && open(i.Status) {
				out.Buildings[i.Building].State.Incidents++
			}
		}
	}
	out.Declarations = c.declarations(rng, out.Buildings)
}

// eventful is how much happens to whom in thirty days. A district has enough of it to see where it gathers; a whole city
// would take minutes to write as much.
func (c *City) eventful() float64 {
	if c.options.Scale == Everything {
		return .0064
	}
	return .02
}

func open(status string) bool {
	return status != "closed" && status != "rejected"
}

// heat is how likely something happens at each building, summed up to that building: many people, bad grades, and
// hot spots a few hundred metres wide.
func (c *City) heat(bs []Building) (running []float64, total float64) {
	running = make([]float64, len(bs))
	for i, b := range bs {
		p := metres(b.Geom[0][0][0])
		w := float64(b.State.Residents) + 6
		w *= math.Exp(1.3 * noise(c.seed+41, p.X/260, p.Y/260))
		switch b.State.Grade {
		case Orange:
			w *= 1.5
		case Red:
			w *= 2
		case Green, Yellow, Grey:
		}
		total += w
		running[i] = total
	}
	return running, total
}

func metres(p orb.Point) vec {
	return vec{(p[0] - originLon/1e7) * 1e7 * lonMetre, (p[1] - originLat/1e7) * 1e7 * latMetre}
}

// incident draws one incident; every sixth repeats an earlier one near by within three days, as burglaries and
// blocked drains do.
func (c *City) incident(rng *rand.Rand, out *Community, heat []float64) Incident {
	at, _ := slices.BinarySearch(heat, rng.Float64()*heat[len(heat)-1])
	at = min(at, len(heat)-1)
	kind := c.incidentType(rng, out.Buildings[at].Kind)
	when := c.moment(rng, rhythm(c.options.Types[kind].Code), metres(out.Buildings[at].Geom[0][0][0]))
	if n := len(out.Incidents); n > 0 && rng.Float64() < .17 {
		last := out.Incidents[rng.IntN(n)]
		if again := last.Steps[0].At.Add(time.Duration(rng.Float64() * 72 * float64(time.Hour))); last.Building >= 0 && again.Before(c.options.Now) {
			at, when, kind = last.Building, again, last.Type
		}
	}
	b := &out.Buildings[at]
	i := Incident{Code: b.Code, Building: at, Type: kind, Source: source(rng)}
	spot := centroid(ringOf(b))
	if own := b.Rooms; rng.Float64() < .6 { // behind somebody's door
		i.Code += own[rng.IntN(len(own))].Suffix()
	}
	if rng.Float64() < .4 { // in the street beside it
		i.Code, i.Building = b.Code[:14], -1
		spot = spot.add(angled(rng.Float64() * 2 * math.Pi).mul(between(rng, 8, 22)))
	}
	i.At = spot.wgs()
	if i.Source != "sensor" && rng.Float64() < .7 {
		i.Phone = phone(rng)
	}
	c.live(rng, &i, when)
	return i
}

func ringOf(b *Building) []vec {
	r := b.Geom[0][0]
	out := make([]vec, len(r)-1)
	for i := range out {
		out[i] = metres(r[i])
	}
	return out
}

func source(rng *rand.Rand) string {
	return []string{"resident", "grid_worker", "sensor", "hotline"}[weighted(rng, []float64{45, 30, 7, 18})]
}

// incidentType prefers the light ones, and those that belong to such a building.
func (c *City) incidentType(rng *rand.Rand, k Kind) int {
	for {
		i := rng.IntN(len(c.options.Types))
		t := c.options.Types[i]
		if rng.Float64() < []float64{.08, .2, .6, 1}[max(1, min(4, t.Severity))-1]*affinity(t.Code, k) {
			return i
		}
	}
}

// affinity is how well a major class of incidents fits a kind of building, 0..1: fires and tenancies belong to old
// villages, traffic and trade to offices and shops.
func affinity(code string, k Kind) float64 {
	class := code[:min(2, len(code))]
	switch k {
	case UrbanVillage, Dormitory:
		return map[string]float64{"01": .8, "05": 1, "06": 1, "13": .7}[class] + .25
	case Office, Commercial, Industrial:
		return map[string]float64{"09": .8, "10": .7, "11": 1, "08": .6}[class] + .25
	case Residential, Apartment, School, Hospital, Public, Other:
	}
	return .5
}

// rhythm is the odds of the hours of a day in China for a kind of incident: noise comes at night, traffic jams at both
// ends of the working day; all else is busy from eight to eleven and from five to nine, and quiet at four.
func rhythm(code string) []float64 {
	switch code[:min(2, len(code))] {
	case "03":
		return []float64{8, 6, 4, 2, 1, 1, 2, 3, 4, 4, 4, 4, 3, 5, 4, 4, 4, 5, 6, 7, 9, 11, 12, 11}
	case "11":
		return []float64{1, .6, .4, .3, .4, 1, 4, 10, 13, 8, 4, 4, 5, 4, 4, 5, 7, 11, 13, 9, 5, 3, 2, 1.4}
	}
	return []float64{3, 2, 1.4, 1, .8, 1, 2, 4, 7, 8, 7.5, 6.5, 5, 5, 6, 6, 6.5, 7.5, 8, 8, 7.5, 6.5, 5.5, 4}
}

// moment is a time within the last thirty days: by the rhythm of the day, quieter on Sundays, and with trouble that
// comes and goes over some days and some hundred metres, so that one week differs from the next.
func (c *City) moment(rng *rand.Rand, hours []float64, at vec) time.Time {
	for {
		now := c.options.Now.In(china())
		ago := rng.IntN(31)
		day := now.AddDate(0, 0, -ago)
		h := weighted(rng, hours)
		t := time.Date(day.Year(), day.Month(), day.Day(), h, rng.IntN(60), rng.IntN(60), 0, day.Location())
		quiet := day.Weekday() == time.Sunday && rng.Float64() < .3
		calm := rng.Float64() > .45+.55*noise(c.seed+51, at.X/700+float64(ago)*.09, at.Y/700-float64(ago)*.06)
		if t.Before(now) && now.Sub(t) < history && !quiet && !calm {
			return t.UTC()
		}
	}
}

type stage struct {
	action, status string
	limit          time.Duration
}

func stages(t IncidentType) []stage {
	return []stage{
		{"file", "filed", t.Accept},
		{"assign", "assigned", t.Assign},
		{"acknowledge", "acknowledged", t.Respond},
		{"resolve", "resolved", t.Finish},
		{"verify", "verified", t.Verify},
		{"close", "closed", t.Verify},
	}
}

// Pace draws how fast a case is worked on, as a factor of what its stages take; the slowest do not end in time.
func Pace(rng *rand.Rand) float64 { return math.Exp((rng.Float64() - .72) * 1.6) }

// Took draws how long a stage takes that may take limit, in a case of such a pace.
func Took(rng *rand.Rand, limit time.Duration, pace float64) time.Duration {
	return time.Duration(float64(limit) * pace * between(rng, .15, .95))
}

// live lets the incident run its course until now. Most stages end in time, some after it.
func (c *City) live(rng *rand.Rand, i *Incident, when time.Time) {
	t := c.options.Types[i.Type]
	i.Status = "reported"
	i.Steps = []Step{{Action: "report", Status: "reported", At: when}}
	pace := Pace(rng)
	for _, s := range stages(t) {
		took := Took(rng, s.limit, pace)
		i.Due = when.Add(s.limit)
		i.Steps[len(i.Steps)-1].Due = i.Due
		if s.status == "resolved" {
			i.FinishBy = i.Due
		}
		next := when.Add(took).Truncate(time.Second)
		if next.After(c.options.Now) {
			return
		}
		if s.action == "file" && rng.Float64() < .05 {
			i.Status, i.Rejection, i.Due = "rejected", pick(rng, rejections()), time.Time{}
			i.Steps = append(i.Steps, Step{Action: "reject", Status: "rejected", At: next})
			return
		}
		when = next
		i.Status = s.status
		i.Steps = append(i.Steps, Step{Action: s.action, Status: s.status, At: when})
	}
	i.Due = time.Time{}
	if rng.Float64() < .35 {
		i.Rating = []int{5, 4, 3, 2, 1}[weighted(rng, []float64{50, 28, 12, 6, 4})]
	}
}

func rejections() []string {
	return []string{"重复上报", "不属于受理范围", "现场核实无此情况", "信息不全，无法核实"}
}
