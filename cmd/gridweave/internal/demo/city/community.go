package city

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/paulmach/orb"
)

// community builds one community up. It depends on nothing but the plan, so it comes out the same at any time.
func (c *City) community(m *community) *Community {
	out := &Community{Code: m.code, Residents: map[string]int{}}
	rng, names := stream(c.seed, label("names"), label(m.code)), newNamer(m)
	for _, g := range m.grids {
		l := c.layout(g)
		names.parcels(rng, l)
		nameLanes(rng, l, m)
		out.Lanes = append(out.Lanes, laneFeatures(l)...)
		out.Blocks = append(out.Blocks, blockFeatures(l)...)
		c.raise(out, m, g, l)
	}
	c.happen(out)
	return out
}

// raise builds what the survey granted the grid, in the order of the layout, and moves people in.
func (c *City) raise(out *Community, _ *community, g *gridPlan, l *layout) {
	rng := stream(c.seed, label("people"), label(g.code))
	kept := byWorth(l.prints)[:g.buildings]
	slices.Sort(kept)
	rooms, shown := dealRooms(l, kept, g.rooms), map[int]showpiece{}
	if g.exhibits {
		rooms, shown = settleShowpieces(l, kept, g.rooms)
	}
	of, number := countParcels(l, kept), map[int]int{}
	roads := c.frontage(g)
	arena := make([]Room, 0, g.rooms)
	for n, i := range kept {
		f := &l.prints[i]
		number[f.parcel]++
		start := len(arena)
		arena = settle(rng, f, rooms[n], arena)
		b := Building{
			Code: fmt.Sprintf("%s%05d", g.code, n+1), Kind: f.kind, Levels: f.levels, HeightM: f.height,
			Geom: shapeOf(f), Rooms: arena[start:len(arena):len(arena)],
		}
		b.Built = builtIn(rng, f.kind)
		name := buildingName(f, l.parcels[f.parcel], number[f.parcel], of[f.parcel])
		if piece, is := shown[n]; is {
			name, b.showpiece = piece.name, true
		}
		b.ZH, b.EN = name.zh, name.en
		b.AddressZH, b.AddressEN = roads.address(f, l)
		b.State = stateOf(f.kind, b.Rooms)
		c.rate(rng, &b, f)
		out.Residents[g.code] += b.State.Residents
		out.Buildings = append(out.Buildings, b)
	}
}

// dealRooms shares the grid's rooms out among its buildings by their natural number, one each at least.
func dealRooms(l *layout, kept []int, rooms int) []int {
	natural, least := make([]float64, len(kept)), make([]int, len(kept))
	for n, i := range kept {
		natural[n], least[n] = float64(naturalRooms(&l.prints[i])), 1
	}
	if len(kept) == 0 {
		return nil
	}
	return apportion(rooms, natural, least)
}

func countParcels(l *layout, kept []int) map[int]int {
	of := map[int]int{}
	for _, i := range kept {
		of[l.prints[i].parcel]++
	}
	return of
}

func shapeOf(f *footprint) orb.MultiPolygon {
	poly := make(orb.Polygon, 0, len(f.rings))
	for i, r := range f.rings {
		ring := closedRing(r)
		if i > 0 {
			slices.Reverse(ring) // holes run clockwise
		}
		poly = append(poly, ring)
	}
	return orb.MultiPolygon{poly}
}

func builtIn(rng *rand.Rand, k Kind) int {
	switch k {
	case UrbanVillage:
		return 1986 + rng.IntN(19)
	case Residential:
		return 1984 + rng.IntN(34)
	case Office, Apartment:
		return 1995 + rng.IntN(29)
	case Industrial, Dormitory:
		return 1983 + rng.IntN(24)
	case Commercial, School, Hospital, Public, Other:
	}
	return 1985 + rng.IntN(36)
}

// frontage are the named roads around a grid.
type frontage []side

type side struct {
	name named
	line []vec
	from vec // where the road's numbers begin
}

func (c *City) frontage(g *gridPlan) frontage {
	var out frontage
	for _, f := range g.faces {
		c.mesh.walk(f, func(h int32) {
			r := c.mesh.names[c.mesh.roads[h/2]]
			if r.ZH == "" || r.Class == Path || r.Class == Border {
				return
			}
			out = append(out, side{named{r.ZH, r.EN}, vecs(c.mesh.lines[h/2]), c.heads[c.mesh.roads[h/2]]})
		})
	}
	return out
}

// address is the nearest road with a number that grows by one every five metres along it, odd on its left.
func (fr frontage) address(f *footprint, l *layout) (zh, en string) {
	p := centroid(f.rings[0])
	if f.kind == UrbanVillage || len(fr) == 0 {
		parcel := l.parcels[f.parcel].name
		lane, door := 1+f.parcel%30, 1+int(math.Mod(math.Abs(p.X*7+p.Y*13), 97))
		return fmt.Sprintf("%s%d巷%d号", parcel.zh, lane, door), fmt.Sprintf("No. %d, Lane %d, %s", door, lane, parcel.en)
	}
	best, off := fr[0], math.Inf(1)
	for _, s := range fr {
		if d := toLine(p, s.line); d < off {
			best, off = s, d
		}
	}
	n := 2*int(best.from.dist(p)/10) + 1
	if best.line[len(best.line)-1].sub(best.line[0]).cross(p.sub(best.line[0])) < 0 {
		n++
	}
	return fmt.Sprintf("%s%d号", best.name.zh, n), fmt.Sprintf("%d %s", n, best.name.en)
}

// nameLanes numbers the lanes of the grid after the community.
func nameLanes(rng *rand.Rand, l *layout, m *community) {
	base := baseName(m)
	for i := range l.lanes {
		k := 1 + rng.IntN(60)
		switch l.lanes[i].class {
		case Lane:
			l.lanes[i].name = join(base, named{hundred(k) + "街", fmt.Sprintf(" %s Street", ordinal(k))})
		case Alley:
			l.lanes[i].name = join(base, named{hundred(k) + "巷", fmt.Sprintf(" %s Lane", ordinal(k))})
		case Expressway, Arterial, Collector, Path, Border:
		}
	}
}
