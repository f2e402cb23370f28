package topics_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/topics"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/realtime/audience"
	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/follow"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// followed is a small district whose log a hub hears of, as in a server.
type followed struct {
	civictest.District
	t    *testing.T
	hub  *audience.Hub
	feed *feed.Feed
	past *follow.Past
}

func newFollowed(t *testing.T) *followed {
	t.Helper()
	f := &followed{District: civictest.New(t), t: t}
	picture, err := tilesets.Picture()
	if err != nil {
		t.Fatal(err)
	}
	f.hub, err = audience.New(picture, audience.Config{
		Topics: topics.All(tilesets.All(), tilesets.Layers()...), LogBytes: 64 << 20, Metrics: audience.NewMetrics(prometheus.NewRegistry()),
	}, func(*audience.Audience) {})
	if err != nil {
		t.Fatal(err)
	}
	follower := follow.New(picture, tilesets.Projections(), f.hub)
	cfg := feed.Config{
		URL: f.Admin.Config().ConnString(), Publication: "gridweave", Slot: fmt.Sprintf("topics_%d", time.Now().UnixNano()),
		Needs: follower.Sources(), Log: slog.New(slog.DiscardHandler), Metrics: feed.NewMetrics(prometheus.NewRegistry()),
	}
	f.past = follower.Past(feed.NewRetained(cfg, "retained_"))
	f.feed = feed.New(cfg, follower)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- f.feed.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	<-f.feed.Loaded()
	return f
}

// settle waits until everything that is committed has been told, and gives the position.
func (f *followed) settle() position.Position {
	f.t.Helper()
	at, err := f.Position(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	f.feed.Nudge()
	if err := f.hub.Wait(f.t.Context(), at); err != nil {
		f.t.Fatal(err)
	}
	return f.hub.Position()
}

func (f *followed) exec(sql string, args ...any) {
	f.t.Helper()
	if _, err := f.Admin.Exec(f.t.Context(), sql, args...); err != nil {
		f.t.Fatalf("%s: %v", sql, err)
	}
}

// ear hears an area's events.
type ear struct {
	t        *testing.T
	audience *audience.Audience
	offset   int64
}

func (f *followed) listen(area geo.Code, names ...string) *ear {
	f.t.Helper()
	set, err := f.hub.Topics(names)
	if err != nil {
		f.t.Fatal(err)
	}
	e := &ear{t: f.t, audience: f.hub.Join(area, set)}
	e.offset, _ = e.audience.Start()
	return e
}

// heard gives what has come since the last time.
func (e *ear) heard() []wire.Item {
	e.t.Helper()
	spans, next, ok := e.audience.Log.Spans(e.offset, 64<<20, nil)
	if !ok || e.audience.Ended() {
		e.t.Fatal("the log has lost something")
	}
	e.offset = next
	return itemsOf(e.t, spans)
}

func itemsOf(t *testing.T, spans [][]byte) (items []wire.Item) {
	t.Helper()
	for _, frames := range spans {
		for len(frames) > 0 {
			payload, text, rest := wire.Payload(frames)
			if frames = rest; !text {
				continue
			}
			m, err := wire.DecodeServer(payload)
			if err != nil {
				t.Fatal(err)
			}
			if b, ok := m.(wire.Batch); ok {
				items = append(items, b.Items...)
			}
		}
	}
	return items
}
