package insight

// K is the least number of cases that is shown of an area (k-anonymity, 小数抑制): of fewer, but for none, somebody who
// knows the place could tell whose they are.
const K = 5

// Small tells whether a count is to be suppressed by itself.
func Small(n int) bool { return n > 0 && n < K }

// Suppress tells which counts are not to be shown: the small ones, and where those of one group sum up to fewer than K,
// the next smallest of the group until they do not, since whoever knows the group's sum could subtract the others from
// it. Counts of the same group have the same parent.
func Suppress(counts []int, parent []string) []bool {
	hidden := make([]bool, len(counts))
	type sum struct{ hidden, n int }
	sums := map[string]*sum{}
	members := map[string][]int{}
	for i, n := range counts {
		g := parent[i]
		if sums[g] == nil {
			sums[g] = &sum{}
		}
		members[g] = append(members[g], i)
		if Small(n) {
			hidden[i] = true
			sums[g].hidden += n
			sums[g].n++
		}
	}
	for g, s := range sums {
		for s.n > 0 && s.hidden < K {
			next := -1
			for _, i := range members[g] {
				if !hidden[i] && counts[i] > 0 && (next < 0 || counts[i] < counts[next]) {
					next = i
				}
			}
			if next < 0 {
				break // the group has nothing else, and its own sum is small
			}
			hidden[next] = true
			s.hidden += counts[next]
			s.n++
		}
	}
	return hidden
}
