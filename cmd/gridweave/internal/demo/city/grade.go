package city

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Grade is a rental colour (分色); the empty Grade is a house that is not let.
type Grade string

// The grades, from safe to dangerous, and grey for unrated or stale.
const (
	Green  Grade = "green"
	Yellow Grade = "yellow"
	Orange Grade = "orange"
	Red    Grade = "red"
	Grey   Grade = "grey"
)

// Reason is one rule that fired, as building_state.grade_reasons holds it.
type Reason struct {
	Rule     string `json:"rule"`
	ZH       string `json:"label_zh"`
	EN       string `json:"label_en"`
	Points   int    `json:"points,omitempty"`
	Evidence string `json:"evidence,omitempty"`
}

// GradeEvent is one change of a building's grade.
type GradeEvent struct {
	At       time.Time
	Old, New Grade
	Score    int // -1 for none
	Reasons  []Reason
}

// rule is a rule of the demo's grading scheme: points taken off, or a veto that forces a floor.
type rule struct {
	name, zh, en string
	points       int
	floor        Grade
}

// deductions are the weighted rules, in their groups: hardware 30, owner 30, hazards 30, hygiene 10.
func deductions() []rule {
	return []rule{
		{"hardware.extinguisher", "灭火器缺失或过期", "extinguisher missing or expired", 5, ""},
		{"hardware.wiring", "电线老化、私拉乱接", "old or improvised wiring", 9, ""},
		{"hardware.exit", "疏散通道堵塞", "escape route obstructed", 10, ""},
		{"hardware.window", "防盗窗无逃生口", "window bars without an escape hatch", 6, ""},
		{"owner.registration", "租赁信息未及时登记", "letting not registered in time", 9, ""},
		{"owner.contract", "未签订治安责任书", "safety agreement not signed", 6, ""},
		{"owner.response", "业主多次联系不上", "owner repeatedly out of reach", 8, ""},
		{"owner.credit", "业主信用扣分", "points off the owner's credit", 7, ""},
		{"hazard.ebike", "楼道停放电动车", "e-bikes parked in the stairwell", 9, ""},
		{"hazard.gas", "燃气软管老化", "perished gas hose", 8, ""},
		{"hazard.overcrowded", "人均面积不足", "too little space a person", 9, ""},
		{"hazard.partition", "违规隔断", "unlawful partitions", 8, ""},
		{"hygiene.waste", "垃圾堆放", "waste piled up", 5, ""},
		{"hygiene.drain", "排水不畅", "blocked drains", 5, ""},
	}
}

func vetoes() []rule {
	return []rule{
		{"veto.gas", "违规使用燃气", "illegal gas", 0, Red},
		{"veto.charging", "室内电动车充电", "e-bike charging indoors", 0, Red},
		{"veto.no_exit", "无逃生通道", "no escape route", 0, Red},
		{"veto.refused", "两次拒绝入户检查", "entry refused twice", 0, Red},
		{"veto.false", "虚假申报", "false declaration", 0, Red},
		{"veto.overdue", "重大隐患逾期未整改", "severe hazard overdue", 0, Orange},
		{"veto.undeclared", "居住超过7日未申报", "undeclared occupancy over 7 days", 0, Orange},
	}
}

// worry is a building's risk before chance decides: old villages worry most, neighbours worry alike, and every house
// has its own owner.
func (c *City) worry(f *footprint) float64 {
	p := centroid(f.rings[0])
	w := 1.1*noise(c.seed+31, p.X/800, p.Y/800) + .8*noise(c.seed+32, p.X/170, p.Y/170)
	v := p.pt()
	own := lattice(c.seed+33, int64(v.X), int64(v.Y)) + lattice(c.seed+34, int64(v.X), int64(v.Y))
	switch f.kind {
	case UrbanVillage:
		w += .75
	case Dormitory:
		w += .35
	case Apartment:
		w -= .1
	case Residential, Office, Commercial, Industrial, School, Hospital, Public, Other:
		w -= .55
	}
	return w + .75*own
}

// thresholds are the worries at which yellow, orange and red begin, and the worst of all.
type thresholds struct{ least, yellow, orange, red, worst float64 }

// quantiles sets the thresholds so that of the houses that are rated about 64 in 100 are green, 23.4 yellow, 9.6
// orange and 3 red; with the grey ones that is 60, 22, 9, 3 and 6 of all.
func quantiles(worries []float32) thresholds {
	if len(worries) == 0 {
		return thresholds{}
	}
	slices.Sort(worries)
	at := func(q float64) float64 { return float64(worries[min(len(worries)-1, int(q*float64(len(worries))))]) }
	return thresholds{at(0), at(.638), at(.872), at(.968), at(1)}
}

// rate gives a let building its grade, with the rules that fired and how it came to it.
func (c *City) rate(rng *rand.Rand, b *Building, f *footprint) {
	s := &b.State
	if s.RentalRooms == 0 {
		return
	}
	w := c.worry(f)
	t := c.grades
	switch {
	case w < t.yellow:
		s.Grade, s.Score = Green, scale(w, t.least, t.yellow, 100, 85)
	case w < t.orange:
		s.Grade, s.Score = Yellow, scale(w, t.yellow, t.orange, 84, 70)
	case w < t.red:
		s.Grade, s.Score = Orange, scale(w, t.orange, t.red, 69, 50)
	default:
		s.Grade, s.Score = Red, scale(w, t.red, t.worst, 49, 22)
	}
	c.explain(rng, s)
	c.patrol(rng, s)
	b.History = c.past(rng, s)
}

// scale maps w between two worries to a score between two scores.
func scale(w, lo, hi, from, to float64) int {
	if hi <= lo {
		return int(to)
	}
	k := math.Sqrt(max(0, min(1, (w-lo)/(hi-lo)))) // few houses are spotless
	return int(math.Round(from + (to-from)*k))
}

// explain finds rules whose points make up what is missing to 100, or a veto that alone explains the grade.
func (c *City) explain(rng *rand.Rand, s *State) {
	if (s.Grade == Red && rng.Float64() < .45) || (s.Grade == Orange && rng.Float64() < .25) {
		var fit []rule
		for _, v := range vetoes() {
			if v.floor == s.Grade {
				fit = append(fit, v)
			}
		}
		v := pick(rng, fit)
		s.Reasons = append(s.Reasons, Reason{Rule: v.name, ZH: v.zh, EN: v.en, Evidence: "patrol"})
		s.Score = max(s.Score, 55+rng.IntN(35))
	}
	missing := 100 - s.Score
	rules := deductions()
	for missing > 0 && len(rules) > 0 {
		i := rng.IntN(len(rules))
		r := rules[i]
		rules = slices.Delete(rules, i, i+1)
		n := min(missing, r.points)
		missing -= n
		s.Reasons = append(s.Reasons, Reason{Rule: r.name, ZH: r.zh, EN: r.en, Points: -n, Evidence: "patrol"})
	}
}

// patrol dates the last visit within the interval of the grade; six in a hundred were not visited for twice that
// long, or never, and are grey.
func (c *City) patrol(rng *rand.Rand, s *State) {
	interval := 21 * 24 * time.Hour
	switch s.Grade {
	case Yellow:
		interval = 14 * 24 * time.Hour
	case Orange, Red:
		interval = 7 * 24 * time.Hour
	case Green, Grey:
	}
	age := time.Duration(rng.Float64() * float64(interval))
	if rng.Float64() < .06 {
		if s.Grade = Grey; rng.Float64() < .3 {
			s.Score, s.Reasons = -1, []Reason{{Rule: "fresh.never", ZH: "尚未评级", EN: "not rated yet"}}
			s.Graded = workday(c.options.Now, age+90*24*time.Hour)
			return
		}
		age = 2*interval + time.Duration(rng.Float64()*float64(interval))
		s.Reasons = append(s.Reasons, Reason{Rule: "fresh.stale", ZH: "超过两个巡查周期未巡查", EN: "last patrol older than twice the interval"})
	}
	s.Patrolled = workday(c.options.Now, age)
	s.Graded = s.Patrolled.Add(time.Duration(2+rng.IntN(30)) * time.Minute)
	if s.Graded.After(c.options.Now) {
		s.Graded = c.options.Now
	}
}

// past is how the present grade was reached: long ago, since a patrol that finds nothing new changes nothing, or lately
// from the grade beside it.
func (c *City) past(rng *rand.Rand, s *State) []GradeEvent {
	now := GradeEvent{s.Graded, "", s.Grade, s.Score, s.Reasons}
	if s.Grade == Grey && s.Score < 0 {
		return []GradeEvent{now}
	}
	if rng.Float64() < .7 {
		now.At = workday(s.Graded, time.Duration(31+rng.IntN(120))*24*time.Hour)
		return []GradeEvent{now}
	}
	before := map[Grade][]Grade{
		Green: {Yellow}, Yellow: {Green, Orange}, Orange: {Yellow, Red}, Red: {Orange}, Grey: {Green, Yellow},
	}[s.Grade]
	then := State{Grade: pick(rng, before)}
	then.Score = map[Grade]int{Green: 90, Yellow: 77, Orange: 60, Red: 41}[then.Grade] + rng.IntN(8) - 4
	c.explain(rng, &then)
	at := workday(s.Graded, time.Duration(31+rng.IntN(50))*24*time.Hour)
	now.Old = then.Grade
	return []GradeEvent{{at, "", then.Grade, then.Score, then.Reasons}, now}
}

// workday is about so long before a moment, moved into the patrols' hours in China (9 to 18).
func workday(before time.Time, ago time.Duration) time.Time {
	t := before.Add(-ago).In(china())
	if h := t.Hour(); h < 9 || h >= 18 {
		t = time.Date(t.Year(), t.Month(), t.Day(), 9+h%9, t.Minute(), t.Second(), 0, t.Location())
	}
	if t.After(before) {
		t = t.Add(-24 * time.Hour)
	}
	return t.UTC().Truncate(time.Second)
}

func china() *time.Location { return time.FixedZone("CST", 8*3600) }
