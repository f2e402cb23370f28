package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/topics"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/audience"
	"github.com/gridweave/gridweave/realtime/follow"
	"github.com/gridweave/gridweave/realtime/position"
)

// A viewport at the zoom of single houses is some hundred metres wide; so many of them lie over the whole district, about
// one of which holds a given house.
const (
	viewports    = 10_000
	viewportSide = 3000 // world units, 2^30 to the globe: 100 m
)

// lookups is how many events are told.
func (o Options) lookups() int {
	if o.Quick {
		return 1000
	}
	return 20_000
}

// viewer counts what it is sent.
type viewer struct{ got int }

// Push implements audience.Sink.
func (v *viewer) Push(frames [][]byte) bool { v.got += len(frames); return true }

// Lost implements audience.Sink.
func (v *viewer) Lost(*audience.View) {}

// lookUp measures, in this process and without connections, what ten thousand viewports add to telling an event: finding
// those that it concerns, and writing the frame of each. Two hubs follow the same picture, one with the viewports and one
// without, and are told of each event in turns.
func (l *lab) lookUp(ctx context.Context) ([]Row, error) {
	here, err := l.pictureHere(ctx)
	if err != nil {
		return nil, err
	}
	houses, bounds := here.houses()
	random := rand.New(rand.NewPCG(3, 4))
	random.Shuffle(len(houses), func(i, j int) { houses[i], houses[j] = houses[j], houses[i] })
	set, err := here.with.Topics([]string{"grade"})
	if err != nil {
		return nil, err
	}
	for range viewports {
		x := bounds.MinX + random.Int32N(max(1, bounds.MaxX-bounds.MinX))
		y := bounds.MinY + random.Int32N(max(1, bounds.MaxY-bounds.MinY))
		box := live.Box{MinX: x, MinY: y, MaxX: x + viewportSide, MaxY: y + viewportSide}
		view := here.with.View(&here.sink, "1", l.root, set, box, false)
		defer view.Close()
		if err := view.Begin(ctx, func(_, _ position.Position) [][]byte { return nil }); err != nil {
			return nil, err
		}
	}
	told, err := here.tellEach(houses, l.lookups())
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("lookup %d viewports", viewports)
	figures := []struct {
		name, unit string
		value      float64
	}{
		{"time_per_event", "us", told.median(telling.lookup, func(t telling) bool { return t.hits == 0 })},
		{"time_per_event_told", "us", told.median(telling.lookup, func(t telling) bool { return t.hits > 0 })},
		{"time_per_event_mean", "us", told.mean(telling.lookup)},
		{"viewports_per_event", "1", told.mean(func(t telling) float64 { return float64(t.hits) })},
		{"time_per_event_without_viewports", "us", told.median(func(t telling) float64 { return t.without }, func(telling) bool { return true })},
	}
	var rows []Row
	for _, f := range figures {
		rows = append(rows, ours(streamBench, name, metric{name: f.name, unit: f.unit}, f.value))
	}
	return rows, nil
}

// telling is one event: microseconds that it took to tell with and without viewports, and how many of them heard of it.
type telling struct {
	with, without float64
	hits          int
}

// lookup is what the viewports took.
func (t telling) lookup() float64 { return t.with - t.without }

type tellings []telling

func (all tellings) median(of func(telling) float64, which func(telling) bool) float64 {
	var values []float64
	for _, t := range all {
		if which(t) {
			values = append(values, of(t))
		}
	}
	if len(values) == 0 {
		return 0
	}
	return median(values)
}

func (all tellings) mean(of func(telling) float64) float64 {
	sum := 0.0
	for _, t := range all {
		sum += of(t)
	}
	return sum / float64(len(all))
}

// following is a picture in this process with two hubs behind it, of which one is to have viewports.
type following struct {
	picture       *live.Picture
	with, without *audience.Hub
	sink          viewer
}

// pictureHere loads the district into this process.
func (l *lab) pictureHere(ctx context.Context) (*following, error) {
	picture, err := tilesets.Picture()
	if err != nil {
		return nil, err
	}
	f := &following{picture: picture}
	for _, hub := range []**audience.Hub{&f.with, &f.without} {
		if *hub, err = audience.New(picture, audience.Config{
			Topics: topics.All(tilesets.All(), tilesets.Layers()...), Metrics: audience.NewMetrics(prometheus.NewRegistry()),
		}, func(*audience.Audience) {}); err != nil {
			return nil, err
		}
	}
	_, err = l.db.AsAdmin(ctx, func(tx pgx.Tx) error {
		return follow.New(picture, tilesets.Projections(), f.with, f.without).Load(ctx, tx, position.Position{Epoch: "bench", LSN: 1})
	})
	return f, err
}

// houses lists the buildings and the box around them.
func (f *following) houses() (houses []*live.Feature, bounds live.Box) {
	f.picture.Read(func(layer func(string) *live.Layer) {
		layer("building").All(func(f *live.Feature) {
			if len(houses) == 0 {
				bounds = f.Shape.Bounds()
			}
			houses, bounds = append(houses, f), bounds.Union(f.Shape.Bounds())
		})
	})
	return houses, bounds
}

// tellEach gives one house after the other another grade, and notes how long telling it took; changing the picture is not
// in it.
func (f *following) tellEach(houses []*live.Feature, lookups int) (tellings, error) {
	all := make(tellings, lookups)
	at := f.with.Position()
	for n := range all {
		at.LSN++
		change := regraded(houses[n%len(houses)], n/len(houses)%2 == 0, at)
		deltas, err := f.picture.Apply(at, []live.Change{change})
		if err != nil {
			return nil, err
		}
		before := f.sink.got
		if n%2 == 0 { // who comes second finds the event in the processor's caches
			all[n].with, all[n].without = tell(f.with, deltas, at), tell(f.without, deltas, at)
		} else {
			all[n].without, all[n].with = tell(f.without, deltas, at), tell(f.with, deltas, at)
		}
		all[n].hits = f.sink.got - before
	}
	return all, nil
}

func tell(hub *audience.Hub, deltas []live.Delta, at position.Position) float64 {
	began := time.Now()
	hub.Applied(deltas, at)
	return float64(time.Since(began)) / float64(time.Microsecond)
}

// gradeCount is how many grades there are.
const gradeCount = 5

// regraded gives a house a grade that it did not have, or the one that it had.
func regraded(of *live.Feature, other bool, at position.Position) live.Change {
	grade := of.Nums[house.NumGrade]
	if other {
		grade = grade%gradeCount + 1
	}
	return live.Change{Layer: "building", ID: of.ID, IfThere: true, Nums: []live.Num{{Field: house.NumGrade, Value: grade}}, At: at}
}
