package live

import (
	"slices"

	"github.com/gridweave/gridweave/geo"
)

// A picture that is loaded anew while another is shown says the same of nearly everything. What is the same is taken over
// from the other, so that both together weigh little more than one.

// unchanged gives the feature of the picture that is shown, where the row says the same of it. What other tables say is
// looked at when they are filled in.
func (t *Table) unchanged(id uint64, cells [][]byte, shape *Shape) (*Feature, bool) {
	if t.load.before == nil {
		return nil, false
	}
	f, known := t.load.before.Get(id)
	if !known || t.code >= 0 && f.Code != geo.Code(textOf(cells[t.code])) || !f.Shape.Equal(shape) {
		return nil, false
	}
	for _, c := range t.projection.Nums {
		if f.Nums[c.Field] != t.load.row[c.Field] {
			return nil, false
		}
	}
	for i, c := range t.projection.Texts {
		if f.Texts[c.Field] != textOf(cells[t.nums+len(t.projection.Nums)+i]) {
			return nil, false
		}
	}
	return f, true
}

// own gives a slot's feature to be changed: a copy where it was taken over.
func (l *layerLoad) own(of *Layer, slot uint32) *Feature {
	if l.over[slot] {
		f := &l.features.take(1)[0]
		*f = *of.slots[slot]
		f.Nums = l.nums.keep(f.Nums)
		of.slots[slot], l.over[slot] = f, false
	}
	return of.slots[slot]
}

// into gives the features what the table says of them; rows of features that are not there are passed over.
func (f *fill) into(l *Layer, load *layerLoad) {
	nums, texts := len(f.projection.Nums), len(f.projection.Texts)
	said := make([]bool, len(l.slots))
	for i, id := range f.ids {
		if slot, ok := l.byID.get(id); ok {
			said[slot] = true
			f.set(l, load, slot, f.nums[i*nums:(i+1)*nums], f.texts[i*texts:(i+1)*texts])
		}
	}
	noNums, noTexts := make([]uint32, nums), make([]string, texts)
	for slot, over := range load.over {
		if over && !said[slot] { // the picture before may have had a row for it
			f.set(l, load, uint32(slot), noNums, noTexts)
		}
	}
}

// set gives one feature its values, if it has others.
func (f *fill) set(l *Layer, load *layerLoad, slot uint32, nums []uint32, texts []string) {
	has := l.slots[slot]
	for i, c := range f.projection.Nums {
		if has.Nums[c.Field] != nums[i] {
			has = load.own(l, slot)
			has.Nums[c.Field] = nums[i]
		}
	}
	fresh := false // texts may be everybody's
	for i, c := range f.projection.Texts {
		if has.Texts[c.Field] == texts[i] {
			continue
		}
		if has = load.own(l, slot); !fresh {
			has.Texts, fresh = slices.Clone(has.Texts), true
		}
		has.Texts[c.Field] = texts[i]
	}
}
