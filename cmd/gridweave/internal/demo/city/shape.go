package city

import (
	"math"
	"slices"
)

// frame is a local system of axes: x runs along u from o, y to the left of it.
type frame struct{ o, u vec }

func (f frame) at(x, y float64) vec { return f.o.add(f.u.mul(x)).add(f.u.left().mul(y)) }

// poly is the ring through pairs of local coordinates, counter-clockwise whatever order they came in.
func (f frame) poly(xy ...float64) []vec {
	out := make([]vec, len(xy)/2)
	for i := range out {
		out[i] = f.at(xy[2*i], xy[2*i+1])
	}
	return anticlockwise(out)
}

func anticlockwise(ring []vec) []vec {
	if area(ring) < 0 {
		slices.Reverse(ring)
	}
	return ring
}

func sortFloats(xs []float64) { slices.Sort(xs) }

// rect is w wide and d deep around the frame's origin.
func (f frame) rect(w, d float64) []vec {
	w, d = w/2, d/2
	return f.poly(-w, -d, w, -d, w, d, -w, d)
}

// cross is the plan of a point tower: four arms around a core.
func (f frame) cross(w, arm float64) []vec {
	w, a := w/2, arm/2
	return f.poly(-a, -w, a, -w, a, -a, w, -a, w, a, a, a, a, w, -a, w, -a, a, -w, a, -w, -a, -a, -a)
}

// aitch is an H: two slabs of depth t joined in the middle.
func (f frame) aitch(w, d, t float64) []vec {
	w, d = w/2, d/2
	return f.poly(-w, -d, -w+t, -d, -w+t, -t/2, w-t, -t/2, w-t, -d, w, -d, w, d, w-t, d, w-t, t/2, -w+t, t/2, -w+t, d, -w, d)
}

// butterfly has two wings that open to the south, as towers do here for light and wind.
func (f frame) butterfly(w, d, t float64) []vec {
	w, d = w/2, d/2
	return f.poly(-w, -d*.7, -w+t, -d, -t*.45, -d*.25, t*.45, -d*.25, w-t, -d, w, -d*.7, t*.75, d*.55, t*.75, d, -t*.75, d, -t*.75, d*.55)
}

// ell is an L with wings of depth t.
func (f frame) ell(w, d, t float64) []vec {
	w, d = w/2, d/2
	return f.poly(-w, -d, w, -d, w, -d+t, -w+t, -d+t, -w+t, d, -w, d)
}

// yoo is a U that opens to the front.
func (f frame) yoo(w, d, t float64) []vec {
	w, d = w/2, d/2
	return f.poly(-w, -d, -w+t, -d, -w+t, d-t, w-t, d-t, w-t, -d, w, -d, w, d, -w, d)
}

// comb is an E: a spine at the back with three teeth, as hospitals and schools have.
func (f frame) comb(w, d, t float64) []vec {
	w, d = w/2, d/2
	return f.poly(-w, -d, -w+t, -d, -w+t, d-t, -t/2, d-t, -t/2, -d*.6, t/2, -d*.6, t/2, d-t, w-t, d-t, w-t, -d, w, -d, w, d, -w, d)
}

// chamfered is a rectangle with its corners cut by c.
func (f frame) chamfered(w, d, c float64) []vec {
	w, d = w/2, d/2
	return f.poly(-w+c, -d, w-c, -d, w, -d+c, w, d-c, w-c, d, -w+c, d, -w, d-c, -w, -d+c)
}

// oval is an ellipse of n sides.
func (f frame) oval(w, d float64, n int) []vec {
	out := make([]vec, n)
	for i := range out {
		c := angled(2 * math.Pi * float64(i) / float64(n))
		out[i] = f.at(c.X*w/2, c.Y*d/2)
	}
	return out
}

// slab is a row of stairwells: units of equal width, with recesses for the stairs behind and for light in front.
func (f frame) slab(length, depth float64, units int, notch float64) []vec {
	w, x, d := length/float64(units), -length/2, depth/2
	var xy []float64
	for i := range units {
		a := x + float64(i)*w
		if i > 0 {
			xy = append(xy, a-1.2, -d, a-1.2, -d+notch, a+1.2, -d+notch, a+1.2, -d)
		} else {
			xy = append(xy, a, -d)
		}
	}
	xy = append(xy, -x, -d, -x, d)
	for i := units - 1; i >= 0; i-- {
		a := x + (float64(i)+.5)*w
		xy = append(xy, a+1.5, d, a+1.5, d-notch, a-1.5, d-notch, a-1.5, d)
	}
	return f.poly(append(xy, x, d)...)
}

// swollen is the ring moved outwards by d (sides meet at mitres); used for the gap around a tower in its podium.
func swollen(ring []vec, d float64) []vec {
	off := make([]float64, len(ring))
	for i := range off {
		off[i] = -d
	}
	out, _ := offset(ring, off)
	return out
}
