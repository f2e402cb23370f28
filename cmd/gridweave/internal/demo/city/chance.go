package city

import (
	"math"
	"math/rand/v2"
)

// stream is a source of chance of its own for each thing that is named by parts: what one part of the city draws
// never shifts what another draws, whatever the order they are made in.
func stream(seed uint64, parts ...uint64) *rand.Rand {
	a, b := mix(seed), mix(seed^0x9e3779b97f4a7c15)
	for _, p := range parts {
		a = mix(a ^ p)
		b = mix(b + p)
	}
	return rand.New(rand.NewPCG(a, b))
}

// mix is the finaliser of splitmix64: every input bit moves every output bit.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// label turns a name into a part for stream (FNV-1a).
func label(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// noise is smooth value noise in -1..1 with features about one unit wide.
func noise(seed uint64, x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int64(fx), int64(fy)
	u, v := smooth(x-fx), smooth(y-fy)
	a, b := lattice(seed, ix, iy), lattice(seed, ix+1, iy)
	c, d := lattice(seed, ix, iy+1), lattice(seed, ix+1, iy+1)
	return (a+(b-a)*u)*(1-v) + (c+(d-c)*u)*v
}

func lattice(seed uint64, x, y int64) float64 {
	h := mix(seed ^ mix(uint64(x)*0x8da6b343^uint64(y)*0xd8163841))
	return float64(h>>11)/float64(1<<52) - 1
}

func smooth(t float64) float64 { return t * t * (3 - 2*t) }

func between(r *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// weighted draws an index with the odds of weights.
func weighted(r *rand.Rand, weights []float64) int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	x := r.Float64() * sum
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}
