package live

import (
	"cmp"
	"math"
	"slices"
)

// Borders that neighbours share are simplified once, by vertex: each vertex of a layer has a rank, the zoom from which
// on it is drawn, and whoever has the vertex has its rank. So neighbours and the line between them show the same vertices
// at every zoom, and never gape.

// sharedZoom is the zoom from which on every vertex is drawn.
const sharedZoom = 14

// sharedTolerance is by how many tile units a border may be straightened: a quarter of a pixel on a map of 512-pixel
// tiles.
const sharedTolerance = 2

// network is what a layer's rings and lines are made of, kept from one redraw to the next: numbering the vertices is
// most of the work, and few are new.
type network struct {
	number   map[Vertex]int32
	vertices []junction
	runs     map[uint64]runs // by feature
}

// junction is a vertex with its neighbours along the first ring that has it.
type junction struct {
	at    Vertex
	a, b  int32
	met   bool // some ring has it
	fixed bool // another ring goes on elsewhere from here, or a line ends: borders meet
	rank  uint8
}

// runs are the parts of a feature as numbers of vertices.
type runs struct {
	of    []int32 // the coordinates that were numbered
	parts [][]int32
}

func newNetwork() *network {
	return &network{number: map[Vertex]int32{}, runs: map[uint64]runs{}}
}

// rankAll ranks the vertices of all features and gives the ranks of each in turn, valid until the next. from is the zoom
// from which on a feature is drawn: those that show earlier are simplified without regard to those that show later, but
// never against them.
func (n *network) rankAll(features []*Feature, from func(*Feature) uint8, each func(f *Feature, ranks []uint8)) {
	n.begin(features)
	order := slices.Clone(features)
	slices.SortStableFunc(order, func(a, b *Feature) int { return cmp.Compare(from(a), from(b)) })
	for len(order) > 0 {
		zoom, end := from(order[0]), 0
		for ; end < len(order) && from(order[end]) == zoom; end++ {
			n.meet(n.runs[order[end].ID].parts, order[end].Shape.kind)
		}
		for _, f := range order[:end] {
			for _, run := range n.runs[f.ID].parts {
				n.rank(run, f.Shape.kind, zoom)
			}
		}
		order = order[end:]
	}
	var ranks []uint8
	for _, f := range features {
		ranks = ranks[:0]
		for _, run := range n.runs[f.ID].parts {
			for _, v := range run {
				ranks = append(ranks, n.vertices[v].rank)
			}
		}
		each(f, ranks)
	}
}

// begin numbers what is new and forgets what was found before.
func (n *network) begin(features []*Feature) {
	if len(n.runs) > len(features) {
		n.keep(features)
	}
	used := 0
	for _, f := range features {
		used += len(f.Shape.xy) / 2
		if known, ok := n.runs[f.ID]; !ok || !same(known.of, f.Shape.xy) {
			n.runs[f.ID] = runs{f.Shape.xy, n.runsOf(&f.Shape)}
		}
	}
	// Each vertex is shared by two at least, so that this many are mostly of rings that are gone.
	if len(n.vertices) > used+1000 {
		*n = *newNetwork()
		n.begin(features)
		return
	}
	for i := range n.vertices {
		v := &n.vertices[i]
		v.met, v.fixed, v.rank = false, false, sharedZoom
	}
}

// keep forgets the runs of features that are gone.
func (n *network) keep(features []*Feature) {
	kept := make(map[uint64]runs, len(features))
	for _, f := range features {
		if r, ok := n.runs[f.ID]; ok {
			kept[f.ID] = r
		}
	}
	n.runs = kept
}

// same tells whether two shapes' coordinates are one slice: shapes never change, so that looking at them is not needed.
func same(a, b []int32) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

func (n *network) runsOf(s *Shape) (parts [][]int32) {
	if s.kind != Lines && s.kind != Polygon {
		return nil
	}
	for i := range s.Parts() {
		xy := s.Part(i)
		run := make([]int32, 0, len(xy)/2)
		for j := 0; j+1 < len(xy); j += 2 {
			run = append(run, n.numberOf(Vertex{xy[j], xy[j+1]}))
		}
		parts = append(parts, run)
	}
	return parts
}

func (n *network) numberOf(v Vertex) int32 {
	i, known := n.number[v]
	if !known {
		i = int32(len(n.vertices))
		n.number[v] = i
		n.vertices = append(n.vertices, junction{at: v, rank: sharedZoom})
	}
	return i
}

// meet finds where borders meet: at vertices that two rings leave in different directions.
func (n *network) meet(parts [][]int32, kind Kind) {
	for _, run := range parts {
		last := len(run) - 1
		for i, v := range run {
			j := &n.vertices[v]
			if kind == Lines && (i == 0 || i == last) {
				j.fixed = true
				continue
			}
			a, b := run[(i+last)%(last+1)], run[(i+1)%(last+1)]
			switch {
			case !j.met:
				j.met, j.a, j.b = true, a, b
			case (j.a != a || j.b != b) && (j.a != b || j.b != a):
				j.fixed = true
			}
		}
	}
}

// rank ranks the vertices of one ring or line, between the places where borders meet.
func (n *network) rank(run []int32, kind Kind, zoom uint8) {
	first := slices.IndexFunc(run, func(v int32) bool { return n.vertices[v].fixed })
	if first < 0 {
		// An island: every ring with any of its vertices is the same one, so that what holds it is found alike.
		first = n.hold(run)
	}
	arc := []int32{run[first]}
	for k := 1; k <= len(run); k++ {
		if kind == Lines && k == len(run) {
			break
		}
		v := run[(first+k)%len(run)]
		arc = append(arc, v)
		if n.vertices[v].fixed || k == len(run) {
			n.rankArc(arc, zoom)
			arc = append(arc[:0], v)
		}
	}
}

// hold fixes two vertices of an island, the least and the one farthest from it, and gives the place of the first.
func (n *network) hold(run []int32) int {
	least := 0
	for i, v := range run {
		if n.vertices[v].at.Compare(n.vertices[run[least]].at) < 0 {
			least = i
		}
	}
	far, most := least, -1.0
	for i, v := range run {
		d := squaredDistance(n.vertices[v].at, n.vertices[run[least]].at, n.vertices[run[least]].at)
		if d > most || d == most && n.vertices[v].at.Compare(n.vertices[run[far]].at) < 0 {
			far, most = i, d
		}
	}
	n.vertices[run[least]].fixed, n.vertices[run[far]].fixed = true, true
	return least
}

// rankArc ranks the vertices of a border between two places where borders meet (Ramer 1972, Douglas and Peucker 1973):
// the more a vertex stands out from the straight line, the earlier it is drawn. Neighbours run along it in opposite
// directions, so it is put in one first.
func (n *network) rankArc(arc []int32, zoom uint8) {
	last := len(arc) - 1
	turned := n.vertices[arc[0]].at.Compare(n.vertices[arc[last]].at)
	if turned == 0 && last > 1 {
		turned = n.vertices[arc[1]].at.Compare(n.vertices[arc[last-1]].at)
	}
	if turned > 0 {
		slices.Reverse(arc)
	}
	n.lower(arc[0], zoom)
	n.lower(arc[last], zoom)
	n.split(arc, zoom, math.Inf(1))
	if turned > 0 {
		slices.Reverse(arc)
	}
}

func (n *network) split(arc []int32, zoom uint8, above float64) {
	if len(arc) < 3 {
		return
	}
	a, b := n.vertices[arc[0]].at, n.vertices[arc[len(arc)-1]].at
	far, most := 0, -1.0
	for i := 1; i < len(arc)-1; i++ {
		v := n.vertices[arc[i]].at
		d := squaredDistance(v, a, b)
		if d > most || d == most && v.Compare(n.vertices[arc[far]].at) < 0 {
			far, most = i, d
		}
	}
	most = min(most, above)
	n.lower(arc[far], max(zoom, zoomFor(most)))
	n.split(arc[:far+1], zoom, most)
	n.split(arc[far:], zoom, most)
}

func (n *network) lower(v int32, rank uint8) {
	n.vertices[v].rank = min(n.vertices[v].rank, rank)
}

// zoomFor is the zoom from which on what stands out by the root of the squared distance is drawn.
func zoomFor(squared float64) uint8 {
	for z := uint8(0); z < sharedZoom; z++ {
		if tolerance := float64(int64(sharedTolerance) << (WorldZoom - z)); squared > tolerance*tolerance {
			return z
		}
	}
	return sharedZoom
}

// squaredDistance is that of v from the segment between a and b.
func squaredDistance(v, a, b Vertex) float64 {
	px, py := float64(v.X)-float64(a.X), float64(v.Y)-float64(a.Y)
	dx, dy := float64(b.X)-float64(a.X), float64(b.Y)-float64(a.Y)
	if length := dx*dx + dy*dy; length > 0 {
		t := max(0, min(1, (px*dx+py*dy)/length))
		px, py = px-t*dx, py-t*dy
	}
	return px*px + py*py
}
