package heat

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/insight"
)

// Bounds of what can be asked for, in metres and in how much is drawn.
const (
	minMetres, maxMetres = 100, 5000 // a hexagon's width, a density's bandwidth: below the least, single houses would show
	mostHexes            = 60_000    // two megabytes on the way to a browser
	falseShare           = .05       // of the hot spots shown, how many may be due to chance
)

// Hexes is a map of hexagons of the same area.
type Hexes struct {
	About
	Width   float64 // in metres, from side to side
	AreaKm2 float64 // of each
	Classes insight.Classes
	Rows    []HexRow
}

// HexRow is a hexagon's figures. Those without any count are left out, unless they are a cold spot.
type HexRow struct {
	insight.Hex
	Ring       [7]orb.Point // WGS-84, closed
	Code       geo.Code     // the grid that most of it happened in; of a hexagon without any, ""
	N          *int
	Previous   *int
	Value      *float64
	Spot       int     // 1 hot, -1 cold, 0 neither, after Benjamini and Hochberg
	Z          float64 // Gi*
	Suppressed bool
}

// Hexes counts by hexagons of a width in metres.
func (s *Service) Hexes(ctx context.Context, by account.Actor, q Query, width float64, compare bool) (Hexes, error) {
	if err := metres("width", width); err != nil {
		return Hexes{}, err
	}
	return read(ctx, s, by, q, func(tx pgx.Tx, c *cube) (Hexes, error) {
		out := Hexes{Width: width, AreaKm2: insight.Hexes{Width: width}.AreaKm2()}
		out.About = s.about(c, q, Count)
		ground, err := s.tilesOf(ctx, tx, q.Area, width)
		if err != nil {
			return out, err
		}
		b := newBins(ground)
		asked := []Query{q}
		if compare {
			asked = append(asked, q.previous())
		}
		found := abreast(asked, c.cells)
		out.N = b.add(found[0], now, &out.About)
		if compare {
			sum := b.add(found[1], before, nil)
			out.Previous = &sum
		}
		out.fill(b, c.hexSecrecy(asked, b, &out.About), compare)
		return out, nil
	})
}

// tilesOf are the hexagons of an area.
func (s *Service) tilesOf(ctx context.Context, tx pgx.Tx, area geo.Code, width float64) (*tiles, error) {
	return groundOf(ctx, &s.grounds, tx, groundKey{area: area, form: 'x', metres: width},
		func(outline orb.MultiPolygon) (*tiles, error) { return newTiles(insight.Hexes{Width: width}, outline) })
}

// metres checks a length that somebody asks for.
func metres(name string, got float64) error {
	if got >= minMetres && got <= maxMetres {
		return nil
	}
	message := fmt.Sprintf("want %d to %d metres", minMetres, maxMetres)
	return fault.Invalid("insight."+name, name+": "+message, fault.Field{Path: name, Message: message})
}

// bin is a hexagon that is being filled.
type bin struct {
	insight.Hex
	n     [2]int // in the time, and in the time before
	grids []part
}

// Of which time a bin's counts are.
const now, before = 0, 1

// part is how much of a bin lies in a grid, in both times together. A hexagon meets few grids.
type part struct {
	grid site
	n    int
}

// bins are the hexagons of an area: those whose middle lies inside, and those that something happened in.
type bins struct {
	*tiles
	bins   []bin               // those inside, as in tiles, and then the others
	beyond map[insight.Hex]int // where the others are
}

func newBins(t *tiles) *bins {
	b := &bins{tiles: t, bins: make([]bin, len(t.all)), beyond: map[insight.Hex]int{}}
	for i, h := range t.all {
		b.bins[i].Hex = h
	}
	return b
}

func (b *bins) find(h insight.Hex) (i int, known bool) {
	if i, known = b.index[h]; !known {
		i, known = b.beyond[h]
	}
	return i, known
}

// add puts cells into their hexagons, as of the time (0) or of the time before (1). With an About it says how many have
// a known place.
func (b *bins) add(all []cell, when int, about *About) (sum int) {
	located := 0
	for _, c := range all {
		sum += c.n
		if !c.located() {
			continue
		}
		located += c.n
		i := b.place(c)
		b.bins[i].n[when] += c.n
		b.bins[i].note(c.site/site(span(geo.Grid)), c.n)
	}
	if about != nil {
		about.Completeness = append(about.Completeness, Share{"place", located, sum})
	}
	return sum
}

// place is the bin that a cell lies in, which is made where it lies beyond the area.
func (b *bins) place(c cell) int {
	h := b.tiling.At(c.metric())
	i, known := b.find(h)
	if !known {
		i = len(b.bins)
		b.beyond[h] = i
		b.bins = append(b.bins, bin{Hex: h})
	}
	return i
}

func (b *bin) note(grid site, n int) {
	for i := range b.grids {
		if b.grids[i].grid == grid {
			b.grids[i].n += n
			return
		}
	}
	b.grids = append(b.grids, part{grid, n})
}

// busiest is the grid that most of it lies in; "" where nothing does.
func (b *bin) busiest() geo.Code {
	var best part
	for _, s := range b.grids {
		if best.grid == 0 || s.n > best.n || s.n == best.n && s.grid < best.grid {
			best = s
		}
	}
	if best.grid == 0 {
		return ""
	}
	return geo.Code(strconv.FormatInt(int64(best.grid), 10))
}

// ringOf is the outline of the i-th bin.
func (b *bins) ringOf(i int) [7]orb.Point {
	if i < len(b.rings) {
		return b.rings[i]
	}
	return ring(b.tiling, b.bins[i].Hex)
}

// hexSecrecy tells which hexagons are not to be shown: each time is guarded by itself, also beside all classes.
func (c *cube) hexSecrecy(asked []Query, b *bins, about *About) []bool {
	hidden := make([]bool, len(b.bins))
	if !about.Measure.Personal() {
		return hidden
	}
	for when, q := range asked {
		secret := c.isSecret(q)
		if when == now {
			about.Hidden = secret
		} else if secret {
			about.Previous = nil
		}
		counts := make([]int, len(b.bins))
		for i, h := range b.bins {
			counts[i] = h.n[when]
		}
		var ofAll []int
		if q.Class != "" {
			q.Class = ""
			ofAll = b.counts(c.cells(q))
		}
		for i, h := range hexesHidden(counts, ofAll, secret) {
			hidden[i] = hidden[i] || h
		}
	}
	return hidden
}

// hexesHidden tells which of the hexagons that hold so many are not to be shown, beside so many of all classes, which are
// nil where the counts are of all classes themselves.
func hexesHidden(counts, ofAll []int, secret bool) []bool {
	sensitive := make([]bool, len(counts))
	for i, n := range ofAll {
		sensitive[i] = insight.Small(n - counts[i])
	}
	return insight.Suppress(counts, sensitive, insight.Groups{Begins: []int{0, len(counts)}, Hidden: []bool{secret}})
}

// counts are how much of the cells lies in each of the bins there are.
func (b *bins) counts(all []cell) []int {
	out := make([]int, len(b.bins))
	for _, c := range all {
		if i, known := b.find(b.tiling.At(c.metric())); known && c.located() {
			out[i] += c.n
		}
	}
	return out
}

func (o *Hexes) fill(b *bins, hidden []bool, compare bool) {
	z, believed := b.spots()
	view := View{Value: Count, Compare: compare}
	var shown []float64
	for i := range b.bins {
		h := &b.bins[i]
		spot := 0
		if believed[i] && z[i] > 0 {
			spot = 1
		} else if believed[i] {
			spot = -1
		}
		n, earlier := h.n[now], h.n[before]
		if n == 0 && earlier == 0 && spot == 0 {
			continue
		}
		row := HexRow{Hex: h.Hex, Z: z[i], Spot: spot, Code: h.busiest(), Ring: b.ringOf(i)}
		row.Suppressed = hidden[i]
		if row.Suppressed {
			o.Suppressed++
		} else {
			value := float64(n - earlier)
			row.N, row.Value = &n, &value
			if compare {
				row.Previous = &earlier
			}
			shown = append(shown, value)
		}
		o.Rows = append(o.Rows, row)
	}
	slices.SortFunc(o.Rows, func(x, y HexRow) int { return cmp.Or(cmp.Compare(x.R, y.R), cmp.Compare(x.Q, y.Q)) })
	o.Classes = view.classes(shown)
}

// spots are Gi* over all hexagons, empty ones too, each with its six neighbours.
func (b *bins) spots() (z []float64, believed []bool) {
	values := make([]float64, len(b.bins))
	near := make(insight.Neighbours, len(b.bins))
	all := make([]int, 0, 7*len(b.bins)) // one piece for all lists
	for i, h := range b.bins {
		values[i] = float64(h.n[0])
		from := len(all)
		all = append(all, i)
		for _, o := range h.Neighbours() {
			if j, known := b.find(o); known {
				all = append(all, j)
			}
		}
		near[i] = all[from:len(all):len(all)]
	}
	z = insight.GiStar(values, near)
	p := make([]float64, len(z))
	for i := range z {
		p[i] = insight.TwoSided(z[i])
	}
	return z, insight.Discoveries(p, falseShare)
}
