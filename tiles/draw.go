package tiles

import (
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles/mvt"
)

func (r *Renderer) drawFeatures(recipe Recipe, features []*live.Feature) int {
	e := &r.encoder
	e.BeginLayer(recipe.To, keyNames(recipe.Keys))
	for _, f := range features {
		if recipe.Draw == AtLabel {
			if !e.Point(f.Label) {
				continue
			}
		} else if !e.Shape(&f.Shape) {
			continue
		}
		for i := range recipe.Keys {
			recipe.Keys[i].write(e, i, f)
		}
		e.Feature(f.ID)
	}
	return e.EndLayer()
}

// countKeys are the attributes of cells and crowds: how many features, and how many of each value of the counted field.
func countKeys() []string { return []string{"n", "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7"} }

// cellSide is how many cells a tile has a side, and cellUnits how many tile units each of them.
const (
	cellSide  = 1 << live.CellsPerTileZoom
	cellUnits = live.Extent / cellSide
)

func (r *Renderer) drawCells(j *job) (total int) {
	r.encoder.BeginLayer(j.recipe.To, countKeys())
	for _, c := range j.cells {
		x, y := c.cell.X%cellSide, c.cell.Y%cellSide
		r.encoder.Square(int32(x)*cellUnits, int32(y)*cellUnits, cellUnits)
		total += int(r.writeCounts(c.counts))
		// The cell's place within the tile: stable, and small enough for any decoder.
		r.encoder.Feature(uint64(y*cellSide+x) + 1)
	}
	r.encoder.EndLayer()
	return total
}

// writeCounts gives the feature the values of countKeys, and tells the sum.
func (r *Renderer) writeCounts(counts live.Counts) (sum uint32) {
	for _, n := range counts {
		sum += n
	}
	r.encoder.Uint(0, uint64(sum))
	for i, n := range counts {
		if n != 0 {
			r.encoder.Uint(i+1, uint64(n))
		}
	}
	return sum
}

// metaLayer is the layer of drawMeta.
const metaLayer = "_meta"

// drawMeta says in every tile how much it stands for, so that no reader takes an aggregate for the whole.
func (r *Renderer) drawMeta(stands int, aggregated bool) {
	r.encoder.BeginLayer(metaLayer, []string{"features", "aggregated"})
	r.encoder.At(live.Extent/2, live.Extent/2)
	r.encoder.Uint(0, uint64(stands))
	r.encoder.Value(1, mvt.Bool(aggregated))
	r.encoder.Feature(1)
	r.encoder.EndLayer()
}
