package tiles

import (
	"strings"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles/mvt"
)

// source is what one layer of the picture has in the tile, whoever may see it, by id. All recipes share it.
type source struct {
	layer  string
	found  []*live.Feature
	common geo.Code // what all codes begin with
}

// look gathers everything the tile may need while the picture stands still, and tells what there is. Features never
// change, so that drawing them needs no lock.
func (r *Renderer) look(recipes []Recipe, scope geo.Code, t maptile.Tile, frame mvt.Frame) Seen {
	r.sources, r.jobs = r.sources[:0], r.jobs[:0]
	seen := Seen{Open: true}
	r.picture.Read(func(layer func(string) *live.Layer) {
		for _, recipe := range recipes {
			if !recipe.at(t.Z) {
				continue
			}
			j := r.addJob(recipe)
			if recipe.Draw != Cells {
				j.source = r.sourceOf(recipe.From, layer, frame)
				continue
			}
			outer, counted := layer(recipe.From).TallyCells(scope, uint(t.Z), t.X, t.Y, func(c live.Cell, n live.Counts) {
				j.cells = append(j.cells, cellCount{c, n})
			})
			if counted {
				seen.add(outer)
			}
		}
	})
	for i := range r.sources {
		r.sorter.sort(r.sources[i].found)
		r.sources[i].common = commonCode(r.sources[i].found)
	}
	for i := range r.jobs {
		if j := &r.jobs[i]; j.source >= 0 {
			j.narrow(&r.sources[j.source], scope, t.Z, &seen)
		}
	}
	return seen
}

// addJob takes the room of a job of an earlier tile.
func (r *Renderer) addJob(recipe Recipe) *job {
	if len(r.jobs) < cap(r.jobs) {
		r.jobs = r.jobs[:len(r.jobs)+1]
	} else {
		r.jobs = append(r.jobs, job{})
	}
	j := &r.jobs[len(r.jobs)-1]
	*j = job{recipe: recipe, source: -1, own: j.own[:0], cells: j.cells[:0]}
	return j
}

// sourceOf searches each layer once.
func (r *Renderer) sourceOf(name string, layer func(string) *live.Layer, frame mvt.Frame) int {
	for i := range r.sources {
		if r.sources[i].layer == name {
			return i
		}
	}
	if len(r.sources) < cap(r.sources) {
		r.sources = r.sources[:len(r.sources)+1]
	} else {
		r.sources = append(r.sources, source{})
	}
	s := &r.sources[len(r.sources)-1]
	s.layer = name
	s.found = layer(name).Within(frame.Box(), s.found[:0])
	return len(r.sources) - 1
}

func commonCode(features []*live.Feature) (common geo.Code) {
	if len(features) == 0 {
		return ""
	}
	common = features[0].Code
	for _, f := range features {
		if !strings.HasPrefix(string(f.Code), string(common)) {
			common = live.Common(common, f.Code)
		}
	}
	return common
}

// narrow leaves what the reader may see.
func (j *job) narrow(s *source, scope geo.Code, z maptile.Zoom, seen *Seen) {
	recipe := &j.recipe
	if recipe.Show == nil && (recipe.Public || len(s.found) == 0 || scope.Covers(s.common)) {
		if !recipe.Public && len(s.found) > 0 {
			seen.add(s.common)
		}
		j.shown = s.found
		return
	}
	for _, f := range s.found {
		if recipe.Show != nil && !recipe.Show(f, z) {
			continue
		}
		if !recipe.Public {
			seen.add(f.Code)
			if !scope.Covers(f.Code) && (!recipe.Above || !f.Code.Covers(scope)) {
				continue
			}
		}
		j.own = append(j.own, f)
	}
	j.shown = j.own
}

// add narrows Within to what it has in common with the code.
func (s *Seen) add(code geo.Code) {
	switch {
	case s.Open:
		s.Open, s.Within = false, code
	case !strings.HasPrefix(string(code), string(s.Within)):
		s.Within = live.Common(s.Within, code)
	}
}
