package insight

import (
	"math"
	"strconv"

	"github.com/gridweave/gridweave/geo"
)

// Hexes is a tiling of the metric plane by regular hexagons that point north. It begins at the plane's origin, so that
// the same width gives the same hexagons whatever is looked at. The width is the distance of opposite sides in metres.
type Hexes struct{ Width float64 }

// Hex is a hexagon of a tiling in axial coordinates: Q counts east, R north-east.
type Hex struct{ Q, R int }

// side is the length of a hexagon's side, and its radius.
func (t Hexes) side() float64 { return t.Width / math.Sqrt(3) }

// AreaKm2 is the area of each hexagon in square kilometres: √3/2 · width².
func (t Hexes) AreaKm2() float64 { return math.Sqrt(3) / 2 * t.Width * t.Width / 1e6 }

// At is the hexagon that a point lies in. Rounding in cube coordinates finds the nearest centre, which is the hexagon
// (R. Patel, "Hexagonal Grids", on rounding to the nearest hex).
func (t Hexes) At(p geo.Metric) Hex {
	r := p.N / (1.5 * t.side())
	q := p.E/t.Width - r/2
	rq, rr, rs := math.Round(q), math.Round(r), math.Round(-q-r)
	dq, dr, ds := math.Abs(rq-q), math.Abs(rr-r), math.Abs(rs+q+r)
	switch {
	case dq > dr && dq > ds:
		rq = -rr - rs
	case dr > ds:
		rr = -rq - rs
	}
	return Hex{int(rq), int(rr)}
}

// Center is the middle of a hexagon.
func (t Hexes) Center(h Hex) geo.Metric {
	return geo.Metric{E: t.Width * (float64(h.Q) + float64(h.R)/2), N: 1.5 * t.side() * float64(h.R)}
}

// Corners go round a hexagon counter-clockwise from its northern tip.
func (t Hexes) Corners(h Hex) [6]geo.Metric {
	c, s := t.Center(h), t.side()
	x, y := t.Width/2, s/2
	return [6]geo.Metric{
		{E: c.E, N: c.N + s},
		{E: c.E - x, N: c.N + y},
		{E: c.E - x, N: c.N - y},
		{E: c.E, N: c.N - s},
		{E: c.E + x, N: c.N - y},
		{E: c.E + x, N: c.N + y},
	}
}

// Neighbours are the six hexagons that share a side.
func (h Hex) Neighbours() [6]Hex {
	return [6]Hex{{h.Q + 1, h.R}, {h.Q, h.R + 1}, {h.Q - 1, h.R + 1}, {h.Q - 1, h.R}, {h.Q, h.R - 1}, {h.Q + 1, h.R - 1}}
}

// String writes the coordinates as Q,R.
func (h Hex) String() string { return strconv.Itoa(h.Q) + "," + strconv.Itoa(h.R) }
