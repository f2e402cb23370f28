package city

import (
	"math"

	"github.com/paulmach/orb"
)

// The plane: an equirectangular map whose scale is true at Futian's centre (GRS 80 arc lengths there). Sixty
// kilometres east of it distances are off by 0.3 %, which no building notices.
const (
	originLon = 1140415000 // 1e-7 degree
	originLat = 225462000  // 1e-7 degree
	lonMetre  = 102862.0 / 1e7
	latMetre  = 110738.0 / 1e7
)

// vec is a place or a direction in metres east and north of the origin.
type vec struct{ X, Y float64 }

// pt is a vertex of a border: whole 1e-7 degrees east and north of the origin.
type pt struct{ X, Y int32 }

func (a vec) add(b vec) vec             { return vec{a.X + b.X, a.Y + b.Y} }
func (a vec) sub(b vec) vec             { return vec{a.X - b.X, a.Y - b.Y} }
func (a vec) mul(k float64) vec         { return vec{a.X * k, a.Y * k} }
func (a vec) dot(b vec) float64         { return a.X*b.X + a.Y*b.Y }
func (a vec) cross(b vec) float64       { return a.X*b.Y - a.Y*b.X }
func (a vec) len() float64              { return math.Sqrt(a.X*a.X + a.Y*a.Y) }
func (a vec) dist(b vec) float64        { return a.sub(b).len() }
func (a vec) left() vec                 { return vec{-a.Y, a.X} }
func (a vec) lerp(b vec, t float64) vec { return vec{a.X + (b.X-a.X)*t, a.Y + (b.Y-a.Y)*t} }

func (a vec) unit() vec {
	l := a.len()
	if l == 0 {
		return vec{1, 0}
	}
	return a.mul(1 / l)
}

// angled is the unit vector at angle radians counter-clockwise from east.
func angled(angle float64) vec { return vec{math.Cos(angle), math.Sin(angle)} }

// turn rotates by a unit vector, as complex numbers multiply.
func (a vec) turn(u vec) vec { return vec{a.X*u.X - a.Y*u.Y, a.X*u.Y + a.Y*u.X} }

func (p pt) vec() vec { return vec{float64(p.X) * lonMetre, float64(p.Y) * latMetre} }

func (a vec) pt() pt {
	return pt{int32(math.Round(a.X / lonMetre)), int32(math.Round(a.Y / latMetre))}
}

// wgs is the vertex in degrees: the same division for everyone, so equal vertices stay equal.
func (p pt) wgs() orb.Point {
	return orb.Point{float64(originLon+int64(p.X)) / 1e7, float64(originLat+int64(p.Y)) / 1e7}
}

func (a vec) wgs() orb.Point { return a.pt().wgs() }

func vecs(line []pt) []vec {
	out := make([]vec, len(line))
	for i, p := range line {
		out[i] = p.vec()
	}
	return out
}

// closedRing is the ring in degrees with its first vertex repeated, as orb wants it.
func closedRing(ring []vec) orb.Ring {
	out := make(orb.Ring, 0, len(ring)+1)
	for _, v := range ring {
		p := v.wgs()
		if len(out) == 0 || out[len(out)-1] != p {
			out = append(out, p)
		}
	}
	if len(out) > 1 && out[0] == out[len(out)-1] {
		out = out[:len(out)-1]
	}
	return append(out, out[0])
}

func lineString(line []vec) orb.LineString {
	out := make(orb.LineString, len(line))
	for i, v := range line {
		out[i] = v.wgs()
	}
	return out
}
