package city

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// count is what one grid could hold: for each building, most worth keeping first, its natural number of rooms.
type count struct {
	rooms  []int32
	worry  []float32 // the risk of each building that may be let
	landed bool
	// spacious is how well the grid can house the showpieces.
	spacious float64
}

// survey lays every grid out once, only to count, and then decides how many buildings and rooms each holds.
func (c *City) survey(ctx context.Context) error {
	var grids []*gridPlan
	for _, m := range c.communities {
		grids = append(grids, m.grids...)
	}
	counts := make([]count, 0, len(grids))
	var worries []float32
	for n, err := range inOrder(ctx, grids, c.count) {
		if err != nil {
			return fmt.Errorf("city survey: %w", err)
		}
		counts = append(counts, n)
		worries = append(worries, n.worry...)
	}
	c.grades = quantiles(worries)
	return c.assign(grids, counts)
}

func (c *City) count(g *gridPlan) count {
	l := c.layout(g)
	n := count{spacious: spacious(l.prints)}
	for _, i := range byWorth(l.prints) {
		f := &l.prints[i]
		n.rooms = append(n.rooms, int32(naturalRooms(f)))
		if lettable(f.kind) {
			n.worry = append(n.worry, float32(c.worry(f)))
		}
	}
	return n
}

// byWorth orders buildings by what should stay where there are too many.
func byWorth(prints []footprint) []int {
	order := make([]int, len(prints))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(prints[b].keep, prints[a].keep) })
	return order
}

// pool is a part of the city whose totals are given.
type pool struct {
	prefix           string
	buildings, rooms int
	exhibits         bool // the showpieces stand here
}

// pools: Futian holds the same in the whole city as alone.
func (c *City) pools() []pool {
	n := c.scale.Counts()
	if c.scale != Everything {
		return []pool{{"", n.Buildings, n.Rooms, true}}
	}
	f := Futian.Counts()
	return []pool{{"440304", f.Buildings, f.Rooms, true}, {"", n.Buildings - f.Buildings, n.Rooms - f.Rooms, false}}
}

func (c *City) assign(grids []*gridPlan, counts []count) error {
	for _, pool := range c.pools() {
		var mine []int
		for i, g := range grids {
			if len(pool.prefix) <= len(g.code) && g.code[:len(pool.prefix)] == pool.prefix && !counts[i].landed {
				mine = append(mine, i)
				counts[i].landed = true
			}
		}
		if err := assignPool(pool, mine, grids, counts); err != nil {
			return err
		}
	}
	return nil
}

// assignPool thins each grid by the same part to the pool's buildings, then deals out its rooms.
func assignPool(p pool, mine []int, grids []*gridPlan, counts []count) error {
	capacity, room := make([]float64, len(mine)), 0
	for k, i := range mine {
		capacity[k] = float64(len(counts[i].rooms))
		room += len(counts[i].rooms)
	}
	if room < p.buildings {
		return fmt.Errorf("city survey: only %d of %d buildings fit", room, p.buildings)
	}
	buildings := apportion(p.buildings, capacity, make([]int, len(mine)))
	natural := make([]float64, len(mine))
	for k, i := range mine {
		for _, n := range counts[i].rooms[:buildings[k]] {
			natural[k] += float64(n)
		}
	}
	rooms := apportion(p.rooms, natural, buildings)
	for k, i := range mine {
		grids[i].buildings, grids[i].rooms = buildings[k], rooms[k]
	}
	if p.exhibits {
		exhibit(mine, grids, counts)
	}
	return nil
}

// naturalRooms is how many rooms a building of that kind, ground and height has.
func naturalRooms(f *footprint) int {
	each := 0.0
	ground := area(f.rings[0])
	for _, h := range f.rings[1:] {
		ground -= area(h)
	}
	switch f.kind {
	case Residential:
		each = min(14, ground/88)
	case UrbanVillage:
		each = min(5, ground/50)
	case Apartment:
		each = min(16, ground/60)
	case Dormitory:
		each = min(30, ground/32)
	case Office:
		each = min(10, ground/210)
	case Commercial:
		each = min(9, ground/260)
	case Industrial:
		each = min(4, ground/600)
	case School, Hospital, Public, Other:
		each = min(3, ground/700)
	}
	return max(1, min(900, int(each*float64(f.levels)+.5)))
}
