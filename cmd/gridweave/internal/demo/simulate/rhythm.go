package simulate

import (
	"math/rand/v2"
	"time"
)

// china is where the district's hours and Sundays are.
func china() *time.Location { return time.FixedZone("CST", 8*3600) }

// Rhythm is how many things happen in each hour of the district's day, on average: on Sundays, and on other days.
type Rhythm struct{ Sunday, Other [24]float64 }

// At is the rate at a time, in things an hour.
func (r *Rhythm) At(t time.Time) float64 {
	t = t.In(china())
	if t.Weekday() == time.Sunday {
		return r.Sunday[t.Hour()]
	}
	return r.Other[t.Hour()]
}

// horizon is how far ahead something is looked for: a week has every hour of every day.
const horizon = 8 * 24 * time.Hour

// Next draws when the next thing happens after a time, where things happen so many times as fast; false where none does.
func (r *Rhythm) Next(after time.Time, speed float64, random *rand.Rand) (time.Time, bool) {
	need := random.ExpFloat64() // in things that are to be expected until then
	for t := after; t.Sub(after) < horizon; {
		rate := r.At(t) * speed
		end := t.Truncate(time.Hour).Add(time.Hour)
		if within := end.Sub(t).Hours() * rate; within < need {
			need -= within
			t = end
			continue
		}
		return t.Add(time.Duration(need / rate * float64(time.Hour))), true
	}
	return time.Time{}, false
}

// rhythmOf makes a rhythm of what was counted in the whole hours of a stretch.
func rhythmOf(counts map[hourOf]int, from, to time.Time) Rhythm {
	hours := map[hourOf]int{}
	for t := from; t.Before(to); t = t.Add(time.Hour) {
		local := t.In(china())
		hours[hourOf{local.Weekday() == time.Sunday, local.Hour()}]++
	}
	var r Rhythm
	for h, n := range hours {
		rate := float64(counts[h]) / float64(n)
		if h.sunday {
			r.Sunday[h.hour] = rate
		} else {
			r.Other[h.hour] = rate
		}
	}
	return r
}

type hourOf struct {
	sunday bool
	hour   int
}
