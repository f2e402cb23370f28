package crsdetect

import (
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

const (
	plausible = 0.5  // the best candidate has to put at least half of the points where they belong
	clearGap  = 0.2  // a lead of a fifth of all points is clear by itself
	clearDrop = 0.5  // so is less than half as many misses …
	clearMin  = 10   // … if that is more than a few points
	shiftDrop = 0.7  // another position is better where it has less than so much of the misses
	metre     = 9e-6 // degrees of latitude
)

// judge scores every candidate and chooses one if it stands out.
func (t *trial) judge() Result {
	r := Result{ByCode: t.byCode, Compared: len(t.samples)}
	if len(t.samples) == 0 {
		r.Reason = "nothing could be compared"
		return r
	}
	all := make([][]int, len(t.candidates))
	for i := range t.candidates {
		all[i] = t.misses(i, orb.Point{})
	}
	r.Scores, r.Disputed = t.scores(all)
	best := slices.IndexFunc(t.candidates, func(c Candidate) bool { return c.Name == r.Scores[0].CRS })
	switch {
	case r.Scores[0].Agreement < plausible:
		r.Reason = fmt.Sprintf("even %s leaves %.0f%% of the points out of place: the upload and the reference do not show the same ground",
			r.Scores[0].CRS, 100*(1-r.Scores[0].Agreement))
	case !standsOut(r.Scores):
		r.Reason = fmt.Sprintf("%s and %s fit about equally well: this cannot be decided by the reference", r.Scores[0].CRS, r.Scores[1].CRS)
	default:
		if dx, dy, found := t.betterPlace(best, r.Scores[0]); found {
			r.Reason = fmt.Sprintf("%s fits best, but moved by %+.0f m E, %+.0f m N it would fit far better: the upload is in none of these systems",
				r.Scores[0].CRS, dx, dy)
			return r
		}
		r.CRS = r.Scores[0].CRS
		r.Reason = r.CRS + " fits clearly best"
	}
	return r
}

// scores sums the misses and gives the number of samples on which the candidates differ.
func (t *trial) scores(all [][]int) ([]Score, int) {
	points, disputed, disputedPoints := 0, 0, 0
	missed := make([]int, len(all))
	missedDisputed := make([]int, len(all))
	for i, s := range t.samples {
		points += len(s.points)
		differ := false
		for c := range all {
			missed[c] += all[c][i]
			differ = differ || all[c][i] != all[0][i]
		}
		if !differ {
			continue
		}
		disputed++
		disputedPoints += len(s.points)
		for c := range all {
			missedDisputed[c] += all[c][i]
		}
	}
	scores := make([]Score, len(all))
	for c := range all {
		scores[c] = Score{
			CRS: t.candidates[c].Name, Misses: missed[c], Points: points,
			Agreement: share(missed[c], points), Disputed: share(missedDisputed[c], disputedPoints),
		}
	}
	slices.SortStableFunc(scores, byMisses)
	return scores, disputed
}

func share(misses, points int) float64 {
	if points == 0 {
		return 1
	}
	return 1 - float64(misses)/float64(points)
}

// standsOut compares the best with the second.
func standsOut(s []Score) bool {
	if len(s) < 2 {
		return true
	}
	lead := s[1].Misses - s[0].Misses
	return s[0].Agreement-s[1].Agreement >= clearGap ||
		lead >= clearMin && float64(s[0].Misses) <= clearDrop*float64(s[1].Misses)
}

// rivals are the positions around the best candidate's, in metres: beyond any good data's error, and as far as local
// systems and old datums use to be off.
func rivals() [][2]float64 {
	const reach, stride = 300, 100
	var out [][2]float64
	for x := -reach; x <= reach; x += stride {
		for y := -reach; y <= reach; y += stride {
			if x != 0 || y != 0 {
				out = append(out, [2]float64{float64(x), float64(y)})
			}
		}
	}
	return out
}

// betterPlace tries the positions around the best candidate's. The least wrong of three wrong systems is still wrong,
// and this is how it shows.
func (t *trial) betterPlace(best int, score Score) (dx, dy float64, found bool) {
	if score.Misses < clearMin {
		return 0, 0, false
	}
	lat := t.samples[0].points[0][1]
	least := min(score.Misses-clearMin, int(shiftDrop*float64(score.Misses)))
	for _, d := range rivals() {
		misses := 0
		for _, m := range t.misses(best, orb.Point{d[0] * metre / math.Cos(lat*math.Pi/180), d[1] * metre}) {
			misses += m
		}
		if misses <= least {
			dx, dy, found, least = d[0], d[1], true, misses-1
		}
	}
	return dx, dy, found
}
