package tiles

import (
	"cmp"
	"slices"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
)

// Item is a feature as it is, neither clipped nor generalised, with the attributes that its tiles give it.
type Item struct {
	ID         uint64
	Shape      live.Shape
	Attributes map[string]any
}

// Items says which features are asked for.
type Items struct {
	Set   Set
	Scope geo.Code
	Box   *live.Box // only those whose bounds touch it; nil for all
	After uint64    // only those with a larger id
	Limit int
}

// Itemised tells whether the set draws features at all, and not only what is made of them: cells or borders.
func (s Set) Itemised() bool {
	_, found := s.itemRecipe()
	return found
}

// itemRecipe is the recipe that draws single features closest up.
func (s Set) itemRecipe() (best Recipe, found bool) {
	for _, r := range s.Recipes {
		if (r.Draw == Whole || r.Draw == AtLabel) && (!found || r.MaxZoom > best.MaxZoom) {
			best, found = r, true
		}
	}
	return best, found
}

// Of gives the first features in the order of their ids, and how many there are before and behind them as well.
func (i Items) Of(p *live.Picture) (items []Item, matched int) {
	recipe, found := i.Set.itemRecipe()
	if !found {
		return nil, 0
	}
	var features []*live.Feature
	see := func(f *live.Feature) {
		if f.Shape.Kind() != live.Empty && recipe.shows(f, i.Scope) {
			features = append(features, f)
		}
	}
	p.Read(func(layer func(string) *live.Layer) {
		if i.Box == nil {
			layer(recipe.From).All(see)
			return
		}
		for _, f := range layer(recipe.From).Within(*i.Box, nil) {
			see(f)
		}
	})
	slices.SortFunc(features, func(a, b *live.Feature) int { return cmp.Compare(a.ID, b.ID) })
	first, _ := slices.BinarySearchFunc(features, i.After+1, func(f *live.Feature, id uint64) int { return cmp.Compare(f.ID, id) })
	for _, f := range features[first:min(first+i.Limit, len(features))] {
		items = append(items, recipe.item(f))
	}
	return items, len(features)
}

// shows tells whether a reader of that scope sees the feature closest up.
func (r Recipe) shows(f *live.Feature, scope geo.Code) bool {
	if r.Show != nil && !r.Show(f, r.MaxZoom) {
		return false
	}
	return r.Public || scope.Covers(f.Code) || r.Above && f.Code.Covers(scope)
}

func (r Recipe) item(f *live.Feature) Item {
	item := Item{ID: f.ID, Shape: f.Shape, Attributes: make(map[string]any, len(r.Keys))}
	if r.Draw == AtLabel {
		item.Shape = live.PointShape(f.Label)
	}
	for _, k := range r.Keys {
		if v := k.Value(f).Any(); v != nil {
			item.Attributes[k.Name] = v
		}
	}
	return item
}
