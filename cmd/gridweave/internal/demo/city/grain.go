package city

import "math"

// grain says which way streets run at a place: a cross field, whose two directions are a right angle apart. Nearby
// borders, roads, shores and hills bend it (each by its length over the squared distance), and a slow noise turns it,
// so that streets follow what is there and no two neighbourhoods lie quite alike.
type grain struct {
	pulls []pull
	soft  float64 // metres within which a pull grows no stronger
	seed  uint64
	twist float64 // radians that the noise turns at most
	wave  float64 // metres from one turn to the next
}

// pull is a short line that streets run along or across; its direction is held fourfold, so that the four ways round
// a crossing add up instead of cancelling.
type pull struct {
	at      vec
	length  float64
	fourth  vec
	hillock float64 // how much more than a plain border it weighs
}

func pullsOf(line []vec, closed bool, weight float64, most int) []pull {
	n := len(line) - 1
	if closed {
		n++
	}
	stride := max(1, n/most)
	var out []pull
	for i := 0; i < n; i += stride {
		a, b := line[i], line[min(i+stride, n)%len(line)]
		d := b.sub(a)
		if l := d.len(); l > 0 {
			u := d.mul(1 / l)
			u = u.turn(u)
			out = append(out, pull{a.lerp(b, .5), l, u.turn(u), weight})
		}
	}
	return out
}

// at is the angle of the grain, in radians; its right angles are as good.
func (g *grain) at(p vec) float64 {
	var sum vec
	for _, l := range g.pulls {
		d := p.sub(l.at)
		w := l.length * l.hillock / (d.dot(d) + g.soft*g.soft)
		sum = sum.add(l.fourth.mul(w))
	}
	a := math.Atan2(sum.Y, sum.X) / 4
	if g.twist > 0 {
		a += g.twist * noise(g.seed, p.X/g.wave, p.Y/g.wave)
	}
	return a
}

// ahead is the grain's direction at p that is closest to heading.
func (g *grain) ahead(p, heading vec) vec {
	u := angled(g.at(p))
	best, score := u, -2.0
	for range 4 {
		if s := u.dot(heading); s > score {
			best, score = u, s
		}
		u = u.left()
	}
	return best
}
