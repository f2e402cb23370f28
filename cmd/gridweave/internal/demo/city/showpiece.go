package city

import (
	"math/rand/v2"
	"time"
)

// showpiece is one of two buildings of extreme size that every scale has, in one grid of Futian: a dormitory of 900 rooms
// and a tower of 60 floors. What shows a building's rooms has to cope with them. Most people in them have declared, and
// something has happened on many a floor.
type showpiece struct {
	name   named
	kind   Kind
	levels int
	rooms  int
	storey float64 // metres
}

func showpieces() []showpiece {
	return []showpiece{
		{named{"筑梦人才公寓宿舍楼", "Zhumeng Workers' Dormitory"}, Dormitory, 15, 900, 3.2},
		{named{"云顶公寓", "Yunding Tower"}, Apartment, 60, 480, 3.1},
	}
}

// roomsShown is how many rooms the grid of the showpieces has at least, so that its other houses keep some.
const roomsShown = 1_380 + 100

// spacious measures how well a grid can house the showpieces: the ground under its second largest house for many.
func spacious(prints []footprint) float64 {
	var first, second float64
	for i := range prints {
		if k := prints[i].kind; k != Residential && k != Apartment && k != Dormitory {
			continue
		}
		switch g := area(prints[i].rings[0]); {
		case g > first:
			first, second = g, first
		case g > second:
			second = g
		}
	}
	return second
}

// exhibit chooses the grid of the showpieces: the one with the most ground, among those with rooms enough.
func exhibit(mine []int, grids []*gridPlan, counts []count) {
	best := -1
	for _, i := range mine {
		if grids[i].rooms-grids[i].buildings >= roomsShown && counts[i].spacious > 0 && (best < 0 || counts[i].spacious > counts[best].spacious) {
			best = i
		}
	}
	if best >= 0 {
		grids[best].exhibits = true
	}
}

// settleShowpieces turns the largest houses of the grid into the showpieces and gives them their rooms; the rest share what is
// left. The result names, by place in kept, which building is which.
func settleShowpieces(l *layout, kept []int, rooms int) (shares []int, shown map[int]showpiece) {
	shown = map[int]showpiece{}
	left := rooms
	for _, piece := range showpieces() {
		best, ground := -1, 0.0
		for n, i := range kept {
			k := l.prints[i].kind
			if _, taken := shown[n]; taken || k != Residential && k != Apartment && k != Dormitory {
				continue
			}
			if g := area(l.prints[i].rings[0]); g > ground {
				best, ground = n, g
			}
		}
		if best < 0 {
			continue
		}
		f := &l.prints[kept[best]]
		f.kind, f.levels, f.height = piece.kind, piece.levels, float64(piece.levels)*piece.storey
		shown[best] = piece
		left -= piece.rooms
	}
	var others []int
	for n := range kept {
		if _, taken := shown[n]; !taken {
			others = append(others, kept[n])
		}
	}
	rest := dealRooms(l, others, left)
	for n := range kept {
		if piece, taken := shown[n]; taken {
			shares = append(shares, piece.rooms)
			continue
		}
		shares, rest = append(shares, rest[0]), rest[1:]
	}
	return shares, shown
}

// crowd lets people in a showpiece declare: in two rooms of three everybody, in one of six somebody.
func (c *City) crowd(rng *rand.Rand, b *Building) []Declaration {
	var out []Declaration
	for _, r := range b.Rooms {
		if !r.Use.Rental() {
			continue
		}
		declared := int(r.Residents)
		switch x := rng.Float64(); {
		case x < 1.0/6:
			declared = rng.IntN(declared + 1)
		case x < 1.0/3:
			declared = 0
		}
		for range declared {
			out = append(out, c.declaration(rng, b.Code+r.Suffix(), metres(b.Geom[0][0][0])))
		}
	}
	return out
}

// stir makes something happen in the rooms of a showpiece: one incident for every thirty.
func (c *City) stir(rng *rand.Rand, out *Community, building int) {
	b := &out.Buildings[building]
	for range len(b.Rooms) / 30 {
		i := Incident{
			Code: b.Code + pick(rng, b.Rooms).Suffix(), Building: building, Type: c.incidentType(rng, b.Kind), Source: source(rng),
			At: centroid(ringOf(b)).wgs(),
		}
		when := c.moment(rng, rhythm(c.options.Types[i.Type].Code), metres(b.Geom[0][0][0]))
		if rng.Float64() < .3 { // some still run
			when = c.options.Now.Add(-time.Duration(rng.Float64() * 6 * float64(time.Hour))).Truncate(time.Second)
		}
		c.live(rng, &i, when)
		out.Incidents = append(out.Incidents, i)
	}
}
