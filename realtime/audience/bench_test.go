package audience

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/position"
)

// deaf is a sink that takes everything.
type deaf struct{ frames int }

func (d *deaf) Push(frames [][]byte) bool { d.frames += len(frames); return true }
func (d *deaf) Lost(*View)                {}

const (
	viewports = 10_000
	extent    = 1 << 20 // of a district, in world units: about 38 km
	screen    = extent / 100
)

func district(b *testing.B) (*live.Picture, *Hub) {
	b.Helper()
	picture, err := live.New(live.Spec{Name: "thing", Nums: []string{"v"}})
	if err != nil {
		b.Fatal(err)
	}
	topics := []Topic{{Name: "thing", State: true, Sources: []Source{{
		Layer: "thing",
		Data: func(dst []byte, _ Look, _, now *live.Feature) []byte {
			text, _ := json.Marshal(now.Nums)
			return append(append(append(dst, `{"v":`...), text...), '}')
		},
	}}}}
	hub, err := New(picture, Config{Topics: topics, Metrics: NewMetrics(prometheus.NewRegistry())}, func(*Audience) {})
	if err != nil {
		b.Fatal(err)
	}
	hub.Reset(position.Position{Epoch: "6a3f09c1d2e4b587-1", LSN: 1})
	picture.Advance(position.Position{Epoch: "6a3f09c1d2e4b587-1", LSN: 1})
	return picture, hub
}

func corner(r *rand.Rand) live.Box {
	x, y := r.Int32N(extent-screen), r.Int32N(extent-screen)
	return live.Box{MinX: x, MinY: y, MaxX: x + screen, MaxY: y + screen}
}

// One event among ten thousand viewports of a hundredth of the district's side each: whom it concerns, and its frame for
// each of them: found in the tree of subscriptions, found and told, and found by looking at each.
func BenchmarkEventAmongViewports(b *testing.B) {
	picture, hub := district(b)
	topics, err := hub.Topics([]string{"thing"})
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	boxes := make([]live.Box, viewports)
	sink := &deaf{}
	for i := range boxes {
		boxes[i] = corner(r)
		v := hub.View(sink, fmt.Sprint("#", i), "440304", topics, boxes[i], false)
		if err := v.Begin(b.Context(), func(_, _ position.Position) [][]byte { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	events := make([][]live.Delta, 1000)
	for i := range events {
		shape := live.PointShape(live.Vertex{X: r.Int32N(extent), Y: r.Int32N(extent)})
		at := position.Position{Epoch: "6a3f09c1d2e4b587-1", LSN: uint64(10 + i)}
		deltas, err := picture.Apply(at, []live.Change{{Layer: "thing", ID: uint64(i + 1), Code: "44030400100101", Shape: &shape, At: at}})
		if err != nil {
			b.Fatal(err)
		}
		events[i] = deltas
	}
	lookups := make([]*event, len(events))
	picture.Read(func(look func(string) *live.Layer) {
		for i := range events {
			lookups[i] = hub.eventsOf(look, events[i][0], nil)[0]
		}
	})
	b.Run("lookup", func(b *testing.B) {
		found := 0
		for i := 0; b.Loop(); i++ {
			e := lookups[i%len(lookups)]
			is := hub.scopesAt(e.now.code)
			lo, hi := e.now.box.Outwards()
			hub.boxes.Search(lo, hi, func(_, _ [2]float32, v *View) bool {
				if v.topics.has(e.topic) && v.holds(e.now) && is.has(v.scope) {
					found++
				}
				return true
			})
		}
		b.ReportMetric(float64(found)/float64(b.N), "views/op")
	})
	b.Run("told", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			at := position.Position{Epoch: "6a3f09c1d2e4b587-1", LSN: uint64(10_000 + i)}
			hub.Applied(events[i%len(events)], at)
		}
	})
	b.Run("linear", func(b *testing.B) {
		found := 0
		for i := 0; b.Loop(); i++ {
			d := events[i%len(events)][0]
			for _, box := range boxes {
				if box.Intersects(d.New.Shape.Bounds()) && geo.Code("440304").Covers(d.New.Code) {
					found++
				}
			}
		}
		_ = found
	})
}
