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
// telling it: the time for an event among ten thousand viewports less the time without any.
func (l *lab) lookUp(ctx context.Context) ([]Row, error) {
	picture, hub, err := l.pictureHere(ctx)
	if err != nil {
		return nil, err
	}
	houses, bounds := housesOf(picture)
	random := rand.New(rand.NewPCG(3, 4))
	random.Shuffle(len(houses), func(i, j int) { houses[i], houses[j] = houses[j], houses[i] })
	sink := &viewer{}
	without, err := tellEach(picture, hub, houses, l.lookups(), 1, sink)
	if err != nil {
		return nil, err
	}
	set, err := hub.Topics([]string{"grade"})
	if err != nil {
		return nil, err
	}
	for range viewports {
		x := bounds.MinX + random.Int32N(max(1, bounds.MaxX-bounds.MinX))
		y := bounds.MinY + random.Int32N(max(1, bounds.MaxY-bounds.MinY))
		view := hub.View(sink, "1", l.root, set, live.Box{MinX: x, MinY: y, MaxX: x + viewportSide, MaxY: y + viewportSide}, false)
		defer view.Close()
		if err := view.Begin(ctx, func(position.Position) [][]byte { return nil }); err != nil {
			return nil, err
		}
	}
	with, err := tellEach(picture, hub, houses, l.lookups(), 2, sink)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("lookup %d viewports", viewports)
	unseen, seen, hits := with.split()
	return []Row{
		ours(streamBench, name, metric{name: "time_per_event", unit: "us"}, max(0, unseen-without.median())),
		ours(streamBench, name, metric{name: "time_per_event_told", unit: "us"}, max(0, seen-without.median())),
		ours(streamBench, name, metric{name: "viewports_per_event_told", unit: "1"}, hits),
		ours(streamBench, name, metric{name: "time_per_event_without_viewports", unit: "us"}, without.median()),
	}, nil
}

// tellings are events, each with the time that telling it took in microseconds and how many viewports heard of it.
type tellings []struct {
	took float64
	hits int
}

func (t tellings) median() float64 {
	all := make([]float64, len(t))
	for i := range t {
		all[i] = t[i].took
	}
	return median(all)
}

// split gives the median times of events that no viewport holds, for which finding that out is all the work, and of those
// that some do; and how many do on average.
func (t tellings) split() (unseen, seen, hits float64) {
	var in, out tellings
	for _, one := range t {
		if one.hits == 0 {
			out = append(out, one)
			continue
		}
		in, hits = append(in, one), hits+float64(one.hits)
	}
	if len(out) > 0 {
		unseen = out.median()
	}
	if len(in) > 0 {
		seen, hits = in.median(), hits/float64(len(in))
	}
	return unseen, seen, hits
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

// tellEach gives one house after the other another grade than the other calls did, and notes how long telling it took;
// changing the picture is not in it.
func tellEach(p *live.Picture, hub *audience.Hub, houses []*live.Feature, lookups int, grade uint32, sink *viewer) (tellings, error) {
	all := make(tellings, lookups)
	at := hub.Position()
	for n := range all {
		at.LSN++
		house := houses[n%len(houses)]
		deltas, err := p.Apply(at, []live.Change{regraded(house.ID, grade+2*uint32(n/len(houses)%2), at)})
		if err != nil {
			return nil, err
		}
		before, began := sink.got, time.Now()
		hub.Applied(deltas, at)
		all[n].took, all[n].hits = float64(time.Since(began))/float64(time.Microsecond), sink.got-before
	}
	return all, nil
}

func regraded(id uint64, grade uint32, at position.Position) live.Change {
	return live.Change{Layer: "building", ID: id, IfThere: true, Nums: []live.Num{{Field: house.NumGrade, Value: grade}}, At: at}
}
