package insight

// K is the least number of cases that is shown of an area (k-anonymity, 小数抑制): of fewer, but for none, somebody who
// knows the place could tell whose they are.
const K = 5

// Small tells whether a count is to be suppressed by itself.
func Small(n int) bool { return n > 0 && n < K }

// Groups are counts that have a sum of their own, which is shown elsewhere. Those of a group stand together.
type Groups struct {
	Begins []int  // where each group begins, and behind them where the last one ends
	Hidden []bool // groups whose sum is not shown; nil where all are
}

// Suppress tells which counts are not to be shown: the small ones and those that are sensitive for another reason (nil for
// none); where those of a group sum up to fewer than K, the next smallest of it until they do not, since whoever knows the
// group's sum could subtract the others from it; and of a group whose sum is not shown, one at least, since whoever sees
// all could add them up. Nothing (0) is no secret.
func Suppress(counts []int, sensitive []bool, in Groups) []bool {
	hidden := make([]bool, len(counts))
	for g := range len(in.Begins) - 1 {
		from, end := in.Begins[g], in.Begins[g+1]
		n, sum := 0, 0
		for i := from; i < end; i++ {
			if counts[i] > 0 && (Small(counts[i]) || sensitive != nil && sensitive[i]) {
				hidden[i] = true
				n, sum = n+1, sum+counts[i]
			}
		}
		secret := in.Hidden != nil && in.Hidden[g]
		for n > 0 && sum < K || n == 0 && secret {
			next := smallest(counts[from:end], hidden[from:end])
			if next < 0 {
				break // the group has nothing else, and its own sum is small
			}
			hidden[from+next] = true
			n, sum = n+1, sum+counts[from+next]
		}
	}
	return hidden
}

// smallest is the smallest count that is shown and not nothing; -1 where there is none.
func smallest(counts []int, hidden []bool) int {
	next := -1
	for i, n := range counts {
		if !hidden[i] && n > 0 && (next < 0 || n < counts[next]) {
			next = i
		}
	}
	return next
}
