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

// lookUp measures, in this process and without connections, what finding the viewports that an event concerns adds to
// telling it: the time for each event with ten thousand viewports less the time without.
func (l *lab) lookUp(ctx context.Context) ([]Row, error) {
	picture, hub, err := l.pictureHere(ctx)
	if err != nil {
		return nil, err
	}
	houses, bounds := housesOf(picture)
	without, err := tellEach(picture, hub, houses, l.lookups())
	if err != nil {
		return nil, err
	}
	set, err := hub.Topics([]string{"grade"})
	if err != nil {
		return nil, err
	}
	var sink viewer
	random := rand.New(rand.NewPCG(3, 4))
	for range viewports {
		x := bounds.MinX + random.Int32N(max(1, bounds.MaxX-bounds.MinX))
		y := bounds.MinY + random.Int32N(max(1, bounds.MaxY-bounds.MinY))
		view := hub.View(&sink, "1", l.root, set, live.Box{MinX: x, MinY: y, MaxX: x + viewportSide, MaxY: y + viewportSide}, false)
		defer view.Close()
		if err := view.Begin(ctx, func(position.Position) [][]byte { return nil }); err != nil {
			return nil, err
		}
	}
	before := sink.got
	with, err := tellEach(picture, hub, houses, l.lookups())
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("lookup %d viewports", viewports)
	each := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) / float64(l.lookups()) }
	return []Row{
		ours(streamBench, name, metric{name: "time_per_event", unit: "us"}, each(with-without)),
		ours(streamBench, name, metric{name: "viewports_per_event", unit: "1"}, float64(sink.got-before)/float64(l.lookups())),
		ours(streamBench, name, metric{name: "time_per_event_without_viewports", unit: "us"}, each(without)),
	}, nil
}

// pictureHere loads the district into this process.
func (l *lab) pictureHere(ctx context.Context) (*live.Picture, *audience.Hub, error) {
	picture, err := tilesets.Picture()
	if err != nil {
		return nil, nil, err
	}
	hub, err := audience.New(picture, audience.Config{
		Topics: topics.All(tilesets.All(), tilesets.Layers()...), Metrics: audience.NewMetrics(prometheus.NewRegistry()),
	}, func(*audience.Audience) {})
	if err != nil {
		return nil, nil, err
	}
	_, err = l.db.AsAdmin(ctx, func(tx pgx.Tx) error {
		return follow.New(picture, tilesets.Projections(), hub).Load(ctx, tx, position.Position{Epoch: "bench", LSN: 1})
	})
	return picture, hub, err
}

// housesOf lists the buildings and the box around them.
func housesOf(p *live.Picture) (houses []*live.Feature, bounds live.Box) {
	p.Read(func(layer func(string) *live.Layer) {
		layer("building").All(func(f *live.Feature) {
			if len(houses) == 0 {
				bounds = f.Shape.Bounds()
			}
			houses, bounds = append(houses, f), bounds.Union(f.Shape.Bounds())
		})
	})
	return houses, bounds
}

// tellEach changes one house after the other and gives the time that telling took; changing the picture is not in it.
func tellEach(p *live.Picture, hub *audience.Hub, houses []*live.Feature, lookups int) (time.Duration, error) {
	var total time.Duration
	at := hub.Position()
	for n := range lookups {
		at.LSN++
		house := houses[n*7919%len(houses)]
		grade := uint32(n/len(houses)+n)%2 + 1
		deltas, err := p.Apply(at, []live.Change{regraded(house.ID, grade, at)})
		if err != nil {
			return 0, err
		}
		began := time.Now()
		hub.Applied(deltas, at)
		total += time.Since(began)
	}
	return total, nil
}

func regraded(id uint64, grade uint32, at position.Position) live.Change {
	return live.Change{Layer: "building", ID: id, IfThere: true, Nums: []live.Num{{Field: house.NumGrade, Value: grade}}, At: at}
}
