package simulate

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// TestRhythm draws two hundred weeks and counts what each hour got.
func TestRhythm(t *testing.T) {
	var r Rhythm
	for h := range 24 {
		r.Other[h], r.Sunday[h] = float64(h), float64(h)/2
	}
	for _, speed := range []float64{1, 5} {
		random := rand.New(rand.NewPCG(1, 2))
		from := time.Date(2026, 3, 1, 16, 30, 0, 0, time.UTC)
		to := from.AddDate(0, 0, 7*200)
		got := map[hourOf]int{}
		for at := from; ; {
			next, ok := r.Next(at, speed, random)
			if !ok {
				t.Fatal("nothing happens any more")
			}
			if !next.After(at) {
				t.Fatalf("%v is not after %v", next, at)
			}
			if at = next; !at.Before(to) {
				break
			}
			local := at.In(china())
			got[hourOf{local.Weekday() == time.Sunday, local.Hour()}]++
		}
		for h := range 24 {
			for sunday, days := range map[bool]float64{true: 200, false: 1200} {
				rate := r.Other[h]
				if sunday {
					rate = r.Sunday[h]
				}
				want, n := rate*speed*days, float64(got[hourOf{sunday, h}])
				if math.Abs(n-want) > 4*math.Sqrt(want)+rate*speed {
					t.Errorf("speed %g, sunday %v, hour %d: %g things, want %g", speed, sunday, h, n, want)
				}
			}
		}
	}
}

func TestNothingHappens(t *testing.T) {
	if at, ok := new(Rhythm).Next(time.Now(), 1, rand.New(rand.NewPCG(1, 2))); ok {
		t.Errorf("something happens at %v", at)
	}
}

// TestRhythmOf counts whole hours: a stretch of two weeks has two Sundays.
func TestRhythmOf(t *testing.T) {
	to := time.Date(2026, 3, 4, 2, 0, 0, 0, time.UTC)
	r := rhythmOf(map[hourOf]int{{true, 9}: 6, {false, 9}: 24, {false, 10}: 12}, to.Add(-remembered), to)
	if r.Sunday[9] != 3 || r.Other[9] != 2 || r.Other[10] != 1 || r.Other[11] != 0 {
		t.Errorf("%+v", r)
	}
}
