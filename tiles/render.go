package tiles

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles/mvt"
)

// Renderer draws tiles of a picture. It belongs to one goroutine at a time and is made to be reused.
type Renderer struct {
	picture *live.Picture
	encoder mvt.Encoder
	found   [][]*live.Feature // of each recipe
	cells   []cellCount
	counted bool     // whether anything is counted in the cells, whoever may see it
	outer   geo.Code // what the codes of all of it begin with
	values  []mvt.Value
	borders borders
	crowds  crowds
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
// Nothing to see is no bytes. Features stand in the order of their ids: the same content gives the same bytes.
func (r *Renderer) Render(recipes []Recipe, scope geo.Code, t maptile.Tile) ([]byte, Seen) {
	frame := mvt.NewFrame(t)
	r.look(recipes, scope, t, frame)
	seen := r.narrow(recipes, scope, t)
	r.encoder.Start(frame)
	drawn, aggregated := 0, false
	for i, recipe := range recipes {
		if !recipe.at(t.Z) {
			continue
		}
		if c := recipe.Crowd; c != nil && t.Z <= c.MaxZoom {
			crowded := 0
			r.found[i], crowded = r.drawCrowds(c, r.found[i])
			drawn, aggregated = drawn+crowded, aggregated || crowded > 0
		}
		switch recipe.Draw {
		case Cells:
			drawn += r.drawCells(recipe, t)
			aggregated = true
		case Borders:
			r.drawBorders(recipe, r.found[i])
		case Whole, AtLabel:
			drawn += r.drawFeatures(recipe, r.found[i])
		}
	}
	if len(r.encoder.Bytes()) > 0 {
		r.drawMeta(t, drawn, aggregated)
	}
	return r.encoder.Bytes(), seen
}

// look gathers everything the tile may need while the picture stands still. Features never change, so that drawing
// them needs no lock.
func (r *Renderer) look(recipes []Recipe, scope geo.Code, t maptile.Tile, frame mvt.Frame) {
	for len(r.found) < len(recipes) {
		r.found = append(r.found, nil)
	}
	r.cells = r.cells[:0]
	box := frame.Box()
	r.picture.Read(func(layer func(string) *live.Layer) {
		for i, recipe := range recipes {
			r.found[i] = r.found[i][:0]
			switch l := layer(recipe.From); {
			case !recipe.at(t.Z):
			case recipe.Draw == Cells:
				r.outer, r.counted = l.TallyCells(scope, uint(t.Z), t.X, t.Y, func(c live.Cell, n live.Counts) {
					r.cells = append(r.cells, cellCount{c, n})
				})
			default:
				r.found[i] = l.Within(box, r.found[i])
			}
		}
	})
}

// narrow leaves what the reader may see, by id, and tells what there was before.
func (r *Renderer) narrow(recipes []Recipe, scope geo.Code, t maptile.Tile) Seen {
	seen := Seen{Open: true}
	for i, recipe := range recipes {
		if !recipe.at(t.Z) {
			continue
		}
		if recipe.Draw == Cells {
			if r.counted {
				seen.add(r.outer)
			}
			continue
		}
		r.found[i] = slices.DeleteFunc(r.found[i], func(f *live.Feature) bool {
			if recipe.Show != nil && !recipe.Show(f, t.Z) {
				return true
			}
			if recipe.Public {
				return false
			}
			seen.add(f.Code)
			return !scope.Covers(f.Code) && (!recipe.Above || !f.Code.Covers(scope))
		})
		slices.SortFunc(r.found[i], func(a, b *live.Feature) int { return cmp.Compare(a.ID, b.ID) })
	}
	return seen
}

// add narrows Within to what it has in common with the code.
func (s *Seen) add(code geo.Code) {
	if s.Open {
		s.Open, s.Within = false, code
		return
	}
	s.Within = live.Common(s.Within, code)
}

func (r *Renderer) drawFeatures(recipe Recipe, features []*live.Feature) int {
	r.encoder.BeginLayer(recipe.To, keyNames(recipe.Keys))
	for _, f := range features {
		r.values = r.values[:0]
		for _, k := range recipe.Keys {
			r.values = append(r.values, k.Value(f))
		}
		shape := &f.Shape
		if recipe.Draw == AtLabel {
			point := live.PointShape(f.Label)
			shape = &point
		}
		r.encoder.Add(f.ID, shape, r.values)
	}
	return r.encoder.EndLayer()
}

// countKeys are the attributes of cells and crowds: how many features, and how many of each value of the counted field.
func countKeys() []string { return []string{"n", "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7"} }

func (r *Renderer) drawCells(recipe Recipe, t maptile.Tile) int {
	r.encoder.BeginLayer(recipe.To, countKeys())
	shift := 30 - uint(t.Z) - live.CellsPerTileZoom
	total := 0
	for _, c := range r.cells {
		sum := r.countValues(c.counts)
		x, y := int32(c.cell.X<<shift), int32(c.cell.Y<<shift)
		side := int32(1) << shift
		square := live.BoxShape(live.Box{MinX: x, MinY: y, MaxX: x + side, MaxY: y + side})
		// The cell's place within the tile: stable, and small enough for any decoder.
		id := uint64(c.cell.Y&63)<<live.CellsPerTileZoom | uint64(c.cell.X&63)
		r.encoder.Add(id+1, &square, r.values)
		total += int(sum)
	}
	r.encoder.EndLayer()
	return total
}

// countValues puts the values of countKeys into values, and gives the sum.
func (r *Renderer) countValues(counts live.Counts) (sum uint32) {
	r.values = append(r.values[:0], mvt.Value{})
	for _, n := range counts {
		sum += n
		if n == 0 {
			r.values = append(r.values, mvt.Value{})
			continue
		}
		r.values = append(r.values, mvt.Uint(uint64(n)))
	}
	r.values[0] = mvt.Uint(uint64(sum))
	return sum
}

// metaLayer is the layer of drawMeta.
const metaLayer = "_meta"

// drawMeta says in every tile how much it stands for, so that no reader takes an aggregate for the whole.
func (r *Renderer) drawMeta(t maptile.Tile, drawn int, aggregated bool) {
	r.encoder.BeginLayer(metaLayer, []string{"features", "aggregated"})
	middle := int32(1) << (30 - uint(t.Z)) / 2
	p := live.PointShape(live.Vertex{
		X: int32(t.X<<(30-uint(t.Z))) + middle, Y: int32(t.Y<<(30-uint(t.Z))) + middle,
	})
	r.encoder.Add(1, &p, []mvt.Value{mvt.Uint(uint64(drawn)), mvt.Bool(aggregated)})
	r.encoder.EndLayer()
}
