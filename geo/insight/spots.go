package insight

import (
	"math"
	"slices"
)

// Neighbours lists, for each place, the indices of the places that count as near, itself among them, each once.
type Neighbours [][]int

// GiStar is the local statistic of J. K. Ord and A. Getis ("Local Spatial Autocorrelation Statistics", Geographical
// Analysis 27(4), 1995, equation 14) with weights of one: how far, in standard deviations, the sum over a place and its
// neighbours lies from what the mean of all would make it. It is 0 where all values are the same, and where everything
// is near.
func GiStar(values []float64, near Neighbours) []float64 {
	n := float64(len(values))
	var sum, square float64
	for _, v := range values {
		sum += v
		square += v * v
	}
	mean := sum / n
	s := math.Sqrt(max(0, square/n-mean*mean))
	z := make([]float64, len(values))
	for i, js := range near {
		var local float64
		for _, j := range js {
			local += values[j]
		}
		w := float64(len(js))
		spread := s * math.Sqrt((n*w-w*w)/(n-1))
		if spread > 1e-12*math.Abs(mean) {
			z[i] = (local - w*mean) / spread
		}
	}
	return z
}

// TwoSided is the probability of a standard normal value at least as far from zero as z.
func TwoSided(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

// Discoveries tells which of many tests to believe so that of those believed no more than the share q is expected to be
// false (Y. Benjamini and Y. Hochberg, "Controlling the False Discovery Rate", JRSS B 57(1), 1995, procedure 1).
func Discoveries(p []float64, q float64) []bool {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return a - b
	})
	last := -1
	for rank, i := range order {
		if p[i] <= q*float64(rank+1)/float64(len(p)) {
			last = rank
		}
	}
	out := make([]bool, len(p))
	for _, i := range order[:last+1] {
		out[i] = true
	}
	return out
}
