package insight

// Rate is N cases for each Per of Base: 3 incidents for each 1,000 of 2,400 residents. False where there is no base.
func Rate(n, base, per float64) (float64, bool) {
	if base <= 0 {
		return 0, false
	}
	return n / base * per, true
}

// Smooth draws rates n[i]/base[i] towards the rate of all, the more the smaller the base, by the global empirical Bayes
// estimator (R. J. Marshall, "Mapping Disease and Mortality Rates Using Empirical Bayes Estimators", Applied Statistics
// 40(2), 1991, section 3): with m = Σn/Σbase, s² = Σbase·(r−m)²/Σbase and A = s² − m/mean(base), but not below 0,
// θ = m + (r−m)·A/(A + m/base). The answer is per unit of base; an area without a base gets m.
func Smooth(n, base []float64) []float64 {
	out := make([]float64, len(n))
	var cases, people float64
	areas := 0
	for i := range n {
		if base[i] > 0 {
			cases, people, areas = cases+n[i], people+base[i], areas+1
		}
	}
	if areas == 0 {
		return out
	}
	m := cases / people
	var s2 float64
	for i := range n {
		if base[i] > 0 {
			d := n[i]/base[i] - m
			s2 += base[i] * d * d
		}
	}
	a := max(0, s2/people-m/(people/float64(areas)))
	for i := range n {
		out[i] = m
		if base[i] > 0 && a > 0 {
			out[i] += (n[i]/base[i] - m) * a / (a + m/base[i])
		}
	}
	return out
}
