package insight

import (
	"math"
	"runtime"
	"sync"

	"github.com/gridweave/gridweave/geo"
)

// Source is so much at a point: N cases that happened there.
type Source struct {
	At geo.Metric
	N  float64
}

// Field is a density at the nodes it was asked for.
type Field struct {
	PerKm2 []float64 // at each node
	Within []float64 // how much lies within the bandwidth of the node: what the density there rests on
}

// Density estimates how dense the sources lie at each node, in their number a square kilometre, by the biweight kernel
// 3/(πh²)·(1−d²/h²)² (B. W. Silverman, "Density Estimation for Statistics and Data Analysis", 1986, equation 4.5) with a
// bandwidth of h metres. Its integral is the sum of the sources whatever the nodes. Nothing corrects for the edge: what
// happens beyond the area is not known to who may see the area alone.
func Density(sources []Source, nodes []geo.Metric, bandwidth float64) Field {
	f := Field{PerKm2: make([]float64, len(nodes)), Within: make([]float64, len(nodes))}
	boxes := box(sources, bandwidth)
	share := (len(nodes) + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0)
	var group sync.WaitGroup
	for from := 0; from < len(nodes); from += share {
		group.Go(func() { f.estimate(boxes, nodes, bandwidth, from, min(from+share, len(nodes))) })
	}
	group.Wait()
	return f
}

// estimate fills in the nodes from one to before another.
func (f Field) estimate(boxes map[boxKey][]Source, nodes []geo.Metric, bandwidth float64, from, to int) {
	h2 := bandwidth * bandwidth
	scale := 3 / (math.Pi * h2) * 1e6
	for i, node := range nodes[from:to] {
		at := boxOf(node, bandwidth)
		var sum, within float64
		for de := int32(-1); de <= 1; de++ {
			for dn := int32(-1); dn <= 1; dn++ {
				for _, s := range boxes[boxKey{at.e + de, at.n + dn}] {
					e, n := s.At.E-node.E, s.At.N-node.N
					if u := 1 - (e*e+n*n)/h2; u > 0 {
						sum += s.N * u * u
						within += s.N
					}
				}
			}
		}
		f.PerKm2[from+i], f.Within[from+i] = sum*scale, within
	}
}

// boxKey is a square of the bandwidth's side: whatever acts on a node lies in its square or the eight around it.
type boxKey struct{ e, n int32 }

func boxOf(p geo.Metric, side float64) boxKey {
	return boxKey{int32(math.Floor(p.E / side)), int32(math.Floor(p.N / side))}
}

// box puts sources into squares, all in one piece.
func box(sources []Source, side float64) map[boxKey][]Source {
	many := map[boxKey]int{}
	for _, s := range sources {
		many[boxOf(s.At, side)]++
	}
	all := make([]Source, len(sources))
	boxes := make(map[boxKey][]Source, len(many))
	for k, n := range many {
		boxes[k], all = all[:0:n], all[n:]
	}
	for _, s := range sources {
		k := boxOf(s.At, side)
		boxes[k] = append(boxes[k], s)
	}
	return boxes
}
