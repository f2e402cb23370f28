package live

import (
	"fmt"
	"slices"
	"sync"
	"time"
	"unsafe"

	"github.com/gridweave/gridweave/geo"
)

// Loading is a picture that is being made from the rows of tables, to replace the one that is shown, whose features it
// takes over where they are what the rows say. Tables may be read at the same time, each by one goroutine; nobody may
// apply changes to the picture meanwhile.
type Loading struct {
	layers map[string]*Layer
	order  []*Layer
	loads  map[*Layer]*layerLoad
	now    time.Time
}

// layerLoad gathers one layer's features: those of the table that owns them in place, and what other tables fill in on
// the side, since it may come first.
type layerLoad struct {
	before   *Layer     // what is shown; nil where nothing of it can be taken over
	over     []bool     // by slot: the feature is before's, and may not be changed
	mu       sync.Mutex // of fills
	fills    []*fill
	features arena[Feature]
	nums     arena[uint32]
	texts    arena[string]
	bytes    arena[byte]
	xy       arena[int32]
	none     []string          // the texts of a feature that has none
	seen     map[string]string // some texts, so that those that come often are kept once
	row      []uint32          // the numbers of the row that is read
	quantise quantiser
}

// fill is what a table that does not own features says of them: the projection's numbers, row after row.
type fill struct {
	projection Projection
	ids        []uint64
	nums       []uint32
	texts      []string
}

// Load begins a picture of the same layers.
func (p *Picture) Load(now time.Time) *Loading {
	p.mu.RLock()
	defer p.mu.RUnlock()
	b := &Loading{layers: map[string]*Layer{}, loads: map[*Layer]*layerLoad{}, now: now}
	for _, l := range p.order {
		fresh := newLayer(l.Spec)
		b.layers[l.Spec.Name] = fresh
		b.order = append(b.order, fresh)
		load := &layerLoad{seen: map[string]string{}, none: make([]string, len(l.Spec.Texts)), row: make([]uint32, len(l.Spec.Nums))}
		if l.Spec.Shared == nil { // shared borders are ranked anew, in place
			load.before = l
		}
		b.loads[fresh] = load
	}
	return b
}

// Table takes the rows of one table.
type Table struct {
	projection Projection
	now        time.Time
	layer      *Layer
	load       *layerLoad
	fill       *fill // nil for the owner
	code, geom int   // columns, -1 for none
	nums       int   // column of the first number, texts follow
}

// Table begins with the rows of the projection's table.
func (b *Loading) Table(p Projection) (*Table, error) {
	l := b.layers[p.Layer]
	if l == nil {
		return nil, fmt.Errorf("live: no layer %q", p.Layer)
	}
	t := &Table{projection: p, now: b.now, layer: l, load: b.loads[l], code: -1, geom: -1, nums: 1}
	if p.Code != "" {
		t.code = t.nums
		t.nums++
	}
	if p.Geom != "" {
		t.geom = t.nums
		t.nums++
	}
	if !p.Owns {
		t.fill = &fill{projection: p}
		t.load.mu.Lock()
		t.load.fills = append(t.load.fills, t.fill)
		t.load.mu.Unlock()
	}
	return t, nil
}

// Row takes one row: cells in the order of the projection's Columns, nil for NULL, the geometry as EWKB, all others in
// PostgreSQL's text form. The cells are not kept.
func (t *Table) Row(cells [][]byte) error {
	id, err := parseID(textOf(cells[0]))
	if err == nil {
		if t.fill != nil {
			err = t.fillRow(id, cells)
		} else {
			err = t.ownRow(id, cells)
		}
	}
	if err != nil {
		return fmt.Errorf("project %s: %w", t.projection.Table, err)
	}
	return nil
}

// textOf reads bytes as text without copying them: what is kept is copied by who keeps it.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (t *Table) ownRow(id uint64, cells [][]byte) error {
	load := t.load
	clear(load.row)
	if err := t.numbers(cells, func(field int, v uint32) { load.row[field] = v }); err != nil {
		return fmt.Errorf("%d: %w", id, err)
	}
	if r := t.projection.Recent; r != nil && load.row[r.Field] < r.Since(t.now) {
		return nil
	}
	var shape Shape
	if t.geom >= 0 && cells[t.geom] != nil {
		var err error
		if shape, err = load.shape(cells[t.geom]); err != nil {
			return fmt.Errorf("%d: %w", id, err)
		}
	}
	f, over := t.unchanged(id, cells, &shape)
	if !over {
		f = t.made(id, cells, shape)
	}
	if !t.layer.byID.put(id, uint32(len(t.layer.slots))) {
		return fmt.Errorf("two rows have the id %d", id)
	}
	t.layer.slots = append(t.layer.slots, f)
	load.over = append(load.over, over)
	return nil
}

// made is a feature of what was read of the row.
func (t *Table) made(id uint64, cells [][]byte, shape Shape) *Feature {
	load := t.load
	f := &load.features.take(1)[0]
	f.ID, f.Nums, f.Texts = id, load.nums.keep(load.row), t.textsOf(cells)
	if t.code >= 0 {
		f.Code = geo.Code(load.text(cells[t.code]))
	}
	f.Shape, f.Label = load.keep(shape), LabelPoint(&shape)
	return f
}

// textsOf keeps the row's texts. Where there are none, all features share the same emptiness.
func (t *Table) textsOf(cells [][]byte) []string {
	var own []string
	for i, c := range t.projection.Texts {
		cell := cells[t.nums+len(t.projection.Nums)+i]
		if len(cell) == 0 {
			continue
		}
		if own == nil {
			own = t.load.texts.take(len(t.layer.Spec.Texts))
		}
		own[c.Field] = t.load.often(cell)
	}
	if own == nil {
		return t.load.none
	}
	return own
}

func (t *Table) numbers(cells [][]byte, set func(field int, v uint32)) error {
	for i, c := range t.projection.Nums {
		cell := cells[t.nums+i]
		if cell == nil {
			continue
		}
		v, err := c.Parse(textOf(cell))
		if err != nil {
			return fmt.Errorf("%s: %w", c.Column, err)
		}
		set(c.Field, v)
	}
	return nil
}

func (t *Table) fillRow(id uint64, cells [][]byte) error {
	at := len(t.fill.nums)
	t.fill.ids = append(t.fill.ids, id)
	t.fill.nums = append(t.fill.nums, make([]uint32, len(t.projection.Nums))...)
	for i, c := range t.projection.Nums {
		if cell := cells[t.nums+i]; cell != nil {
			v, err := c.Parse(textOf(cell))
			if err != nil {
				return fmt.Errorf("%d: %s: %w", id, c.Column, err)
			}
			t.fill.nums[at+i] = v
		}
	}
	for i := range t.projection.Texts {
		t.fill.texts = append(t.fill.texts, string(cells[t.nums+len(t.projection.Nums)+i]))
	}
	return nil
}

// text keeps a text of its own.
func (l *layerLoad) text(b []byte) string { return textOf(l.bytes.keep(b)) }

// oftenMost is how many different texts are looked for again.
const oftenMost = 4096

// often is text for what may be the same in many rows.
func (l *layerLoad) often(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if known, ok := l.seen[textOf(b)]; ok {
		return known
	}
	own := l.text(b)
	if len(l.seen) < oftenMost {
		l.seen[own] = own
	}
	return own
}

// shape is that of the bytes, valid until the next.
func (l *layerLoad) shape(ewkb []byte) (Shape, error) {
	q := &l.quantise
	q.reset()
	if err := q.ewkb(ewkb); err != nil {
		return Shape{}, err
	}
	return q.shape(), nil
}

// keep gives the shape coordinates of its own.
func (l *layerLoad) keep(s Shape) Shape {
	s.xy = l.xy.keep(s.xy)
	if s.more != nil {
		s.more.ends = slices.Clone(s.more.ends)
	}
	return s
}

// Finish fills in what came from the side and builds the indexes. The tables must be through.
func (b *Loading) Finish() {
	var wg sync.WaitGroup
	for _, l := range b.order {
		load := b.loads[l]
		for _, f := range load.fills {
			f.into(l, load)
		}
		load.fills = nil // as large as an index, which is made next
		wg.Go(func() {
			l.rankAll()
			for slot, f := range l.slots {
				l.reindex(uint32(slot), nil, f)
			}
		})
	}
	wg.Wait()
	b.loads = nil
}
