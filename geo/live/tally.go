package live

import "github.com/gridweave/gridweave/geo"

// TallyValues is how many values a counted field may take, 0 included.
const TallyValues = 8

// Cells are squares of the world: at cell zoom c there are 2^c a side. Tiles of zoom z are drawn in cells of zoom
// z + CellsPerTileZoom, 64 × 64 to a tile, finest for tiles of zoom TallyMaxZoom.
const (
	CellsPerTileZoom = 6
	TallyMinZoom     = 8
	TallyMaxZoom     = 13
)

// Counts are numbers of features by value of the counted field.
type Counts [TallyValues]uint32

// Cell is a square of the world at some cell zoom.
type Cell struct{ X, Y uint32 }

type group struct {
	code   geo.Code
	counts Counts
}

// tally counts features by cell, group and value, at every zoom at which cells are drawn.
type tally struct {
	field int
	zooms [TallyMaxZoom - TallyMinZoom + 1]map[Cell][]group
}

func newTally(field int) *tally {
	t := &tally{field: field}
	for i := range t.zooms {
		t.zooms[i] = map[Cell][]group{}
	}
	return t
}

// count adds a feature to its cells or takes it out again; nil and shapeless features are in none.
func (t *tally) count(f *Feature, by int32) {
	if f == nil || f.Shape.kind == Empty || f.Nums[t.field] >= TallyValues {
		return
	}
	code := groupOf(f.Code)
	for i := range t.zooms {
		shift := 30 - uint(TallyMinZoom+i+CellsPerTileZoom)
		cell := Cell{uint32(f.Label.X) >> shift, uint32(f.Label.Y) >> shift}
		t.add(t.zooms[i], cell, code, f.Nums[t.field], by)
	}
}

func (t *tally) add(cells map[Cell][]group, cell Cell, code geo.Code, value uint32, by int32) {
	groups := cells[cell]
	for i := range groups {
		if groups[i].code == code {
			groups[i].counts[value] += uint32(by)
			if groups[i].counts == (Counts{}) {
				groups[i] = groups[len(groups)-1]
				groups = groups[:len(groups)-1]
			}
			if len(groups) == 0 {
				delete(cells, cell)
			} else {
				cells[cell] = groups
			}
			return
		}
	}
	g := group{code: code}
	g.counts[value] += uint32(by)
	cells[cell] = append(groups, g)
}

// TallyCells sums the counts of the cells of tile x, y at zoom z for what scope covers, row by row from the north
// west, and calls visit for each cell that has any. It tells whether anything is counted
// there, within the scope or not, and the beginning that the codes of all of it share. Zooms outside TallyMinZoom to
// TallyMaxZoom have no cells.
func (l *Layer) TallyCells(scope geo.Code, z uint, x, y uint32, visit func(Cell, Counts)) (within geo.Code, some bool) {
	if l.tally == nil || z < TallyMinZoom || z > TallyMaxZoom {
		return "", false
	}
	cells := l.tally.zooms[z-TallyMinZoom]
	const side = 1 << CellsPerTileZoom
	for cy := y * side; cy < (y+1)*side; cy++ {
		for cx := x * side; cx < (x+1)*side; cx++ {
			groups := cells[Cell{cx, cy}]
			for _, g := range groups {
				if !some {
					some, within = true, g.code
				}
				within = Common(within, g.code)
			}
			if counts, seen := sum(groups, scope); seen {
				visit(Cell{cx, cy}, counts)
			}
		}
	}
	return within, some
}

// Common is the longest beginning that two codes share; not necessarily a code itself.
func Common(a, b geo.Code) geo.Code {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

func sum(groups []group, scope geo.Code) (total Counts, some bool) {
	for _, g := range groups {
		if !scope.Covers(g.code) {
			continue
		}
		some = true
		for v, n := range g.counts {
			total[v] += n
		}
	}
	return total, some
}
