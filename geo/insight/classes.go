package insight

import (
	"math"
	"slices"
)

// Classes are the lower bounds of a legend's classes above the first, ascending: a value belongs to the class whose
// bound is the last not above it. They are made once for a whole area, never for what a screen shows of it.
type Classes []float64

// Of is the class of a value, from 0.
func (c Classes) Of(v float64) int {
	n, found := slices.BinarySearch(c, v)
	if found {
		n++
	}
	return n
}

// Quantiles makes at most k classes of about as many values each. Bounds are rounded to two digits for people to read;
// equal ones fall together, so fewer values than classes make fewer classes.
func Quantiles(values []float64, k int) Classes {
	sorted := sortedCopy(values)
	var bounds []float64
	for i := 1; i < k && len(sorted) > 0; i++ {
		bounds = append(bounds, sorted[min(len(sorted)-1, i*len(sorted)/k)])
	}
	return readable(bounds, sorted)
}

// most is how many different values natural breaks are searched among; more are thinned out evenly first, which moves
// no break by more than a five-hundredth of the values.
const most = 500

// Natural makes at most k classes whose values differ least from their class's mean: the exact optimum by dynamic
// programming (W. D. Fisher, "On Grouping for Maximum Homogeneity", JASA 53, 1958), which G. F. Jenks made the habit of
// maps. Bounds are rounded as Quantiles does.
func Natural(values []float64, k int) Classes {
	sorted := thin(sortedCopy(values), most)
	n := len(sorted)
	k = min(k, n)
	if k < 2 {
		return nil
	}
	sum, square := make([]float64, n+1), make([]float64, n+1)
	for i, v := range sorted {
		sum[i+1], square[i+1] = sum[i]+v, square[i]+v*v
	}
	spread := func(i, j int) float64 { // of sorted[i:j] about its mean
		s := sum[j] - sum[i]
		return square[j] - square[i] - s*s/float64(j-i)
	}
	cost, from := make([]float64, n+1), make([][]int, k+1)
	for j := 1; j <= n; j++ {
		cost[j] = spread(0, j)
	}
	for c := 2; c <= k; c++ {
		next := make([]float64, n+1)
		from[c] = make([]int, n+1)
		for j := c; j <= n; j++ {
			next[j] = math.Inf(1)
			for i := c - 1; i < j; i++ {
				if v := cost[i] + spread(i, j); v < next[j] {
					next[j], from[c][j] = v, i
				}
			}
		}
		cost = next
	}
	bounds := make([]float64, 0, k-1)
	for c, j := k, n; c > 1; c-- {
		j = from[c][j]
		bounds = append(bounds, sorted[j])
	}
	slices.Reverse(bounds)
	return readable(bounds, sorted)
}

// Diverging makes classes on both sides of zero that mirror each other: k of them on each side by the quantiles of the
// distances from zero, so that a gain and a loss of the same size are equally loud.
func Diverging(values []float64, k int) Classes {
	var far []float64
	for _, v := range values {
		if v != 0 {
			far = append(far, math.Abs(v))
		}
	}
	up := Quantiles(far, k)
	if len(far) > 0 {
		up = append(Classes{math.Nextafter(0, 1)}, up...)
	}
	out := make(Classes, 0, 2*len(up))
	for _, b := range slices.Backward(up) {
		out = append(out, math.Nextafter(-b, 1)) // -b itself still belongs to the loss
	}
	return append(out, up...)
}

func sortedCopy(values []float64) []float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted
}

func thin(sorted []float64, most int) []float64 {
	if len(sorted) <= most {
		return sorted
	}
	out := make([]float64, most)
	for i := range out {
		out[i] = sorted[i*(len(sorted)-1)/(most-1)]
	}
	return out
}

// readable rounds bounds to two digits and drops those that would leave a class without a value.
func readable(bounds, sorted []float64) Classes {
	out := Classes{}
	for _, b := range bounds {
		r := twoDigits(b)
		if len(out) > 0 && r <= out[len(out)-1] {
			continue
		}
		if r > sorted[0] && r <= sorted[len(sorted)-1] {
			out = append(out, r)
		}
	}
	return out
}

func twoDigits(v float64) float64 {
	if v == 0 {
		return 0
	}
	scale := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-1)
	if scale < 1 { // multiplying by a whole number keeps 0.12 from becoming 0.12000000000000001
		return math.Round(v/scale) / math.Round(1/scale)
	}
	return math.Round(v/scale) * scale
}
