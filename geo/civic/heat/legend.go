package heat

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/insight"
)

// Legend is what the slices of a film share: classes made of all that any of them shows, so that a colour means the same
// in each. The whole time's classes would not do: a day of a month would never leave the lowest. A film of areas brings
// its own; hexagons and densities come slice by slice and are coloured by this.
type Legend struct {
	About
	Step    time.Duration
	Classes insight.Classes
}

// HexLegend is the legend of hexagons of a width in metres in slices of so many hours.
func (s *Service) HexLegend(ctx context.Context, by account.Actor, q Query, width float64, hours int) (Legend, error) {
	n, err := steps(q, hours)
	if err == nil {
		err = metres("width", width)
	}
	if err != nil {
		return Legend{}, err
	}
	return read(ctx, s, by, q, func(tx pgx.Tx, c *cube) (Legend, error) {
		ground, err := s.tilesOf(ctx, tx, q.Area, width)
		if err != nil {
			return Legend{}, err
		}
		out := s.legend(c, q, hours)
		shown, hidden := c.hexFilm(q, ground, hours, n)
		out.Suppressed = hidden
		out.Classes = View{Value: Count}.classes(shown)
		return out, nil
	})
}

// DensityLegend is the legend of densities of a bandwidth in metres in slices of so many hours.
func (s *Service) DensityLegend(ctx context.Context, by account.Actor, q Query, bandwidth float64, hours int) (Legend, error) {
	n, err := steps(q, hours)
	if err == nil {
		err = metres("bandwidth", bandwidth)
	}
	if err != nil {
		return Legend{}, err
	}
	return read(ctx, s, by, q, func(tx pgx.Tx, c *cube) (Legend, error) {
		ground, err := s.latticeOf(ctx, tx, q.Area, bandwidth)
		if err != nil {
			return Legend{}, err
		}
		out := s.legend(c, q, hours)
		out.Unit += q.densityUnit()
		shown, hidden := c.densityFilm(q, ground.sparse(n), bandwidth, hours, n)
		out.Suppressed = hidden
		out.Classes = insight.Natural(shown, classCount)
		return out, nil
	})
}

func (s *Service) legend(c *cube, q Query, hours int) Legend {
	out := Legend{About: s.about(c, q, Count), Step: time.Duration(hours) * time.Hour}
	out.N = c.counts(q, q.Area.Level())[q.Area]
	out.Hidden = c.isSecret(q)
	return out
}

// hexFilm gives what any slice shows of any hexagon, zeros aside, and how many counts are hidden.
func (c *cube) hexFilm(q Query, ground *tiles, hours, n int) (shown []float64, hidden int) {
	b := newBins(ground)
	var ofAll [][]int // of every class, where one was asked for: first, since it meets every hexagon that the class does
	var secret []bool
	if q.Measure.Personal() {
		secret = c.secrecy(q, q.Area.Level(), hours, n).own
		if wide := q; q.Class != "" {
			wide.Class = ""
			ofAll = c.hexSlices(wide, b, hours, n)
		}
	}
	counts := c.hexSlices(q, b, hours, n)
	each := make([]int, n)
	for i := range each {
		each[i] = i
	}
	few := abreast(each, func(i int) []bool {
		if !q.Measure.Personal() {
			return make([]bool, len(counts[i]))
		}
		var all []int
		if ofAll != nil {
			all = ofAll[i]
		}
		return hexesHidden(counts[i], all, secret[i])
	})
	for i := range counts {
		for j, v := range counts[i] {
			switch {
			case few[i][j]:
				hidden++
			case v != 0:
				shown = append(shown, float64(v))
			}
		}
	}
	return shown, hidden
}

// hexSlices counts by hexagon in each slice. Hexagons beyond the area that anything happened in join the others.
func (c *cube) hexSlices(q Query, b *bins, hours, n int) [][]int {
	out := make([][]int, n)
	state := q.Measure.State()
	c.played(q, hours, n, func(i int, came, went []cell) {
		if state && i < n-1 {
			out[i] = slices.Clone(out[i+1])
		}
		b.tally(&out[i], came, 1)
		b.tally(&out[i], went, -1)
	})
	for i := range out { // as many as there are by now
		out[i] = append(out[i], make([]int, len(b.bins)-len(out[i]))...)
	}
	return out
}

// tally adds cells to counts of bins, of which there may be fewer than there are bins.
func (b *bins) tally(counts *[]int, cells []cell, sign int) {
	for _, x := range cells {
		if !x.located() {
			continue
		}
		i := b.place(x)
		if missing := len(b.bins) - len(*counts); missing > 0 {
			*counts = append(*counts, make([]int, missing)...)
		}
		(*counts)[i] += sign * x.n
	}
}

// densityFilm gives what any slice shows at any node, zeros aside, and how many nodes are hidden.
func (c *cube) densityFilm(q Query, nodes []geo.Metric, bandwidth float64, hours, n int) (shown []float64, hidden int) {
	scale := perDay(q.Measure, hours)
	g := gather(bandwidth)
	var last []cell
	c.played(q, hours, n, func(_ int, came, went []cell) {
		if !q.Measure.State() { // taken out again, since making all bins anew for each slice takes longer than all the rest
			g.add(last, -1)
			last = came
		}
		g.add(came, 1)
		g.add(went, -1)
		f := field{Field: insight.Density(g.sources(), nodes, bandwidth)}
		for j, v := range f.PerKm2 {
			switch {
			case q.Measure.Personal() && f.few(j):
				hidden++
			case v > 0:
				shown = append(shown, v*scale)
			}
		}
	})
	return shown, hidden
}

// mostFilmed bounds at how many nodes a film's densities are looked at for its legend, which is made of far fewer values
// anyway: a city's month at all of them would take seconds.
const mostFilmed = 240_000

// sparse are so many of the nodes, evenly, that n slices of them are not too many.
func (l *lattice) sparse(n int) []geo.Metric {
	each := (n*len(l.nodes) + mostFilmed - 1) / mostFilmed
	if each <= 1 {
		return l.nodes
	}
	out := make([]geo.Metric, 0, len(l.nodes)/each+1)
	for i := 0; i < len(l.nodes); i += each {
		out = append(out, l.nodes[i])
	}
	return out
}
