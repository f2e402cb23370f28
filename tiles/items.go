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
	var page []*live.Feature
	p.Read(func(layer func(string) *live.Layer) { page, matched = i.look(layer(recipe.From), recipe) })
	for _, f := range page {
		items = append(items, recipe.item(f))
	}
	return items, matched
}

// look takes the way that has to look at the fewest features: by the box, which may be that of the scope, or by their ids
// until the page is full.
func (i Items) look(l *live.Layer, r Recipe) (page []*live.Feature, matched int) {
	box := i.Box
	if r.Show == nil && !r.Public && !r.Above { // what is shown is what the scope covers
		extent, n := l.Extent(i.Scope)
		if n == 0 {
			return nil, 0
		}
		if box == nil || box.Contains(extent) {
			if n < i.Limit*l.Len()/n {
				return i.within(l, extent, r)
			}
			return i.following(l, r), n
		}
	}
	if box != nil {
		return i.within(l, *box, r)
	}
	l.All(func(f *live.Feature) {
		if r.shows(f, i.Scope) {
			matched++
		}
	})
	return i.following(l, r), matched
}

// within searches a box, and counts what it finds.
func (i Items) within(l *live.Layer, b live.Box, r Recipe) (page []*live.Feature, matched int) {
	for _, f := range l.Within(b, nil) {
		if !r.shows(f, i.Scope) {
			continue
		}
		if matched++; f.ID > i.After {
			page = append(page, f)
		}
	}
	slices.SortFunc(page, func(a, b *live.Feature) int { return cmp.Compare(a.ID, b.ID) })
	return page[:min(len(page), i.Limit)], matched
}

// following walks by the ids.
func (i Items) following(l *live.Layer, r Recipe) (page []*live.Feature) {
	l.From(i.After, func(f *live.Feature) bool {
		if r.shows(f, i.Scope) {
			page = append(page, f)
		}
		return len(page) < i.Limit
	})
	return page
}

// shows tells whether a reader of that scope sees the feature closest up.
func (r Recipe) shows(f *live.Feature, scope geo.Code) bool {
	if f.Shape.Kind() == live.Empty || r.Show != nil && !r.Show(f, r.MaxZoom) {
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
