package search

import (
	"slices"

	"github.com/gridweave/gridweave/geo"
)

// slips lists the codes that digits may have been meant for: two neighbours changed places, one digit is wrong, one is
// missing, one too many. Only what has the length of an area's code or longer counts, since each of them is looked up.
func slips(digits string) []string {
	var all []string
	add := func(code []byte) {
		if l := geo.Level(len(code)); l.Valid() && l >= geo.District {
			all = append(all, string(code))
		}
	}
	for i := range len(digits) {
		if i+1 < len(digits) {
			swapped := []byte(digits)
			swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
			add(swapped)
		}
		add(slices.Delete([]byte(digits), i, i+1))
		for d := byte('0'); d <= '9'; d++ {
			wrong := []byte(digits)
			wrong[i] = d
			add(wrong)
			add(slices.Insert([]byte(digits), i, d))
		}
	}
	for d := byte('0'); d <= '9'; d++ {
		add(append([]byte(digits), d))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// slipScore tells how good a guess the code is: a swap is the commonest slip of fast fingers, and a slip late in the code
// leads to a place near the one that was meant.
func slipScore(digits, code string) float64 {
	same := 0
	for same < len(digits) && same < len(code) && digits[same] == code[same] {
		same++
	}
	score := 0.8 + 0.1*float64(same)/float64(max(len(digits), len(code)))
	if len(digits) == len(code) && same+1 < len(code) && digits[same] == code[same+1] && digits[same+1] == code[same] {
		score += 0.05
	}
	return score
}
