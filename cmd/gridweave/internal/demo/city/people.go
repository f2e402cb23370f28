package city

import (
	"math/rand/v2"
)

// Use is how a room or a building is lived in (分类), in the words of the schema.
type Use string

// The uses.
const (
	SelfOccupied   Use = "self_occupied" // 自住
	WholeLet       Use = "whole_let"     // 整租
	SharedLet      Use = "shared_let"    // 合租
	DormitoryUse   Use = "dormitory"     // 集体宿舍
	DailyLet       Use = "daily_let"     // 日租
	Vacant         Use = "vacant"        // 空置
	NonResidential Use = "non_residential"
)

// Rental is true for the uses that are let.
func (u Use) Rental() bool {
	return u == WholeLet || u == SharedLet || u == DormitoryUse || u == DailyLet
}

func lettable(k Kind) bool {
	return k == Residential || k == UrbanVillage || k == Apartment || k == Dormitory
}

// mixture is the odds of the uses of one building's rooms, in the order of mixed.
type mixture [6]float64

func mixed() [6]Use { return [6]Use{SelfOccupied, WholeLet, SharedLet, DormitoryUse, DailyLet, Vacant} }

// mixtureOf draws a building's own mixture: villages are let almost whole, estates in part, some not at all.
func mixtureOf(rng *rand.Rand, k Kind) mixture {
	switch k {
	case UrbanVillage:
		return pick(rng, []mixture{
			{.06, .62, .2, 0, .02, .1},
			{.05, .3, .5, .02, .03, .1},
			{.08, .75, .08, 0, 0, .09},
			{.04, .2, .3, .32, .04, .1},
			{.02, .3, .2, 0, .38, .1},
			{.06, .6, .22, 0, .02, .1},
			{.07, .66, .18, 0, 0, .09},
		})
	case Apartment:
		return mixture{.08, .64, .08, 0, .1, .1}
	case Dormitory:
		return mixture{0, .02, .02, .88, 0, .08}
	case Residential:
		if rng.Float64() < .12 {
			return mixture{.94, 0, 0, 0, 0, .06}
		}
		let := between(rng, .12, .55)
		return mixture{.92 - let, let * .8, let * .16, 0, let * .04, .08}
	case Office, Commercial, Industrial, School, Hospital, Public, Other:
	}
	return mixture{}
}

// settle fills a building with n rooms, floor by floor, and their residents.
func settle(rng *rand.Rand, f *footprint, n int, rooms []Room) []Room {
	m := mixtureOf(rng, f.kind)
	floors := min(f.levels, n)
	each, more := n/floors, n%floors
	uses := mixed()
	for floor := 1; floor <= floors; floor++ {
		doors := each
		if floor <= more {
			doors++
		}
		for d := 1; d <= doors; d++ {
			r := Room{Floor: int16(floor), Number: int16(d), Use: NonResidential}
			switch {
			case !lettable(f.kind):
				if rng.Float64() < .06 {
					r.Use = Vacant
				}
			default:
				r.Use = uses[weighted(rng, m[:])]
				r.Capacity, r.Residents = household(rng, f.kind, r.Use)
			}
			rooms = append(rooms, r)
		}
	}
	return rooms
}

// household is how many may live in a room and how many do; now and then more do than may.
func household(rng *rand.Rand, k Kind, u Use) (capacity, residents int16) {
	switch u {
	case SelfOccupied:
		capacity = int16(3 + rng.IntN(3))
		return capacity, fewer(rng, capacity)
	case WholeLet:
		capacity = int16(2 + rng.IntN(3))
		if k == UrbanVillage {
			capacity = int16(2 + rng.IntN(2))
		}
		return capacity, fewer(rng, capacity)
	case SharedLet:
		capacity = int16(3 + rng.IntN(4))
		residents = int16(2 + rng.IntN(int(capacity)-1))
		if rng.Float64() < .07 {
			residents = capacity + int16(1+rng.IntN(3))
		}
		return capacity, residents
	case DormitoryUse:
		capacity = int16(4 + 2*rng.IntN(3))
		return capacity, capacity - int16(rng.IntN(int(capacity)/2+1))
	case DailyLet:
		return 2, int16(rng.IntN(3))
	case Vacant, NonResidential:
	}
	return int16(2 + rng.IntN(3)), 0
}

// fewer is a household in a room for so many: more often small than full.
func fewer(rng *rand.Rand, capacity int16) int16 {
	return 1 + int16(min(rng.IntN(int(capacity)), rng.IntN(int(capacity))))
}

// stateOf sums the rooms up.
func stateOf(k Kind, rooms []Room) State {
	s := State{Rooms: len(rooms), Score: -1, Use: NonResidential}
	var by [6]int
	uses := mixed()
	for _, r := range rooms {
		s.Residents += int(r.Residents)
		if r.Use.Rental() {
			s.RentalRooms++
		}
		for i, u := range uses {
			if r.Use == u {
				by[i]++
			}
		}
	}
	if !lettable(k) {
		return s
	}
	best := 0
	for i := range by {
		if by[i] > by[best] {
			best = i
		}
	}
	s.Use = uses[best]
	return s
}
