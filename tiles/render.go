package tiles

import (
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles/mvt"
)

// Budget is how many bytes a tile may have before it is compressed. What would be more is drawn as counts: a phone
// needs a second to unpack a megabyte, and nobody tells ten thousand houses apart in a hand's breadth.
const Budget = 500_000

// Renderer draws tiles of a picture. It belongs to one goroutine at a time and is made to be reused.
type Renderer struct {
	picture *live.Picture
	encoder mvt.Encoder
	sources []source
	jobs    []job
	sorter  sorter
	borders borders
	crowds  []crowd
	alone   []*live.Feature
}

// job is one recipe at work for one tile.
type job struct {
	recipe Recipe
	source int             // index into sources, -1 for cells
	shown  []*live.Feature // what the reader may see, by id; belongs to the source where that is all of it
	own    []*live.Feature // room for shown where it is not
	cells  []cellCount
	dense  bool // drawn as counts, since the tile has become too large
	stands int  // how many features what was drawn stands for
	bytes  int  // that it took
}

type cellCount struct {
	cell   live.Cell
	counts live.Counts
}

// NewRenderer draws from picture.
func NewRenderer(p *live.Picture) *Renderer { return &Renderer{picture: p} }

// Seen is what a tile would show a reader of the whole city.
type Seen struct {
	Open   bool     // nothing in it depends on who looks
	Within geo.Code // otherwise the beginning that the codes of all of it share
}

// Render gives the MVT bytes of a tile as the recipes draw it for a reader of that scope, valid until the next call.
// Nothing to see is no bytes. Features stand in the order of their ids: the same content gives the same bytes. A tile
// beyond the budget is drawn again with its largest layer as counts, until it fits or nothing is left to count.
func (r *Renderer) Render(recipes []Recipe, scope geo.Code, t maptile.Tile) ([]byte, Seen) {
	frame := mvt.NewFrame(t)
	seen := r.look(recipes, scope, t, frame)
	r.draw(t, frame)
	for len(r.encoder.Bytes()) > Budget && r.condense() {
		r.draw(t, frame)
	}
	r.forget()
	return r.encoder.Bytes(), seen
}

// draw writes the whole tile.
func (r *Renderer) draw(t maptile.Tile, frame mvt.Frame) {
	r.encoder.Start(frame)
	aggregated := false
	for i := range r.jobs {
		j := &r.jobs[i]
		before := len(r.encoder.Bytes())
		aggregated = r.drawJob(j, t) || aggregated
		j.bytes = len(r.encoder.Bytes()) - before
	}
	if len(r.encoder.Bytes()) > 0 {
		r.drawMeta(r.stands(), aggregated)
	}
}

// drawJob tells whether any of it was drawn as counts.
func (r *Renderer) drawJob(j *job, t maptile.Tile) (aggregated bool) {
	j.stands = 0
	shown := j.shown
	if c := j.recipe.Crowd; c != nil && (j.dense || t.Z <= c.MaxZoom) {
		shown = r.drawCrowds(c, j)
	}
	crowded := j.stands
	switch j.recipe.Draw {
	case Cells:
		j.stands = r.drawCells(j)
		return j.stands > 0
	case Borders:
		r.drawBorders(j.recipe, shown)
	case Whole, AtLabel:
		j.stands += r.drawFeatures(j.recipe, shown)
	}
	return crowded > 0
}

// condense has the largest layer that can be drawn as counts drawn so, and tells whether there was one.
func (r *Renderer) condense() bool {
	largest := -1
	for i := range r.jobs {
		j := &r.jobs[i]
		if j.recipe.Crowd != nil && !j.dense && (largest < 0 || j.bytes > r.jobs[largest].bytes) {
			largest = i
		}
	}
	if largest < 0 {
		return false
	}
	r.jobs[largest].dense = true
	return true
}

// stands is how many features of the picture the tile stands for. What is drawn in several ways counts once.
func (r *Renderer) stands() (n int) {
	for i := range r.sources {
		most := 0
		for _, j := range r.jobs {
			if j.source == i {
				most = max(most, j.stands)
			}
		}
		n += most
	}
	for _, j := range r.jobs {
		if j.source < 0 {
			n += j.stands
		}
	}
	return n
}

// forget lets go of the features, which otherwise would stay as long as the renderer.
func (r *Renderer) forget() {
	for i := range r.sources {
		clear(r.sources[i].found)
	}
	for i := range r.jobs {
		clear(r.jobs[i].own)
		r.jobs[i].shown = nil
	}
	clear(r.alone)
}
