package bench

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/httpload"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/wsload"
)

// steady is a load at a fixed rate: so many times a second, so many events in one go.
type steady struct {
	perSecond, together int
	span                time.Duration
}

// clock notes when events were published, and how long after that each came to each client.
type clock struct {
	together  int64
	base      []int64        // events that each client had before
	published []atomic.Int64 // by go, in nanoseconds since began; 0 is not yet
	began     time.Time
	took      [][]time.Duration // by client, each from its own goroutine
}

func newClock(crowd *wsload.Crowd, clients int, s steady) *clock {
	c := &clock{
		together: int64(s.together), base: make([]int64, clients), took: make([][]time.Duration, clients), began: time.Now(),
		published: make([]atomic.Int64, s.goes()),
	}
	for i := range c.base {
		c.base[i] = crowd.At(i)
	}
	return c
}

func (s steady) goes() int { return int(s.span.Seconds() * float64(s.perSecond)) }

// came is told of events at a client. What came before its publisher knew of the commit took no time.
func (c *clock) came(at int, before, events int64) {
	now := time.Since(c.began)
	for n := before - c.base[at]; n < before-c.base[at]+events; n++ {
		took := time.Duration(0)
		if then := c.published[n/c.together].Load(); then != 0 {
			took = now - time.Duration(then)
		}
		c.took[at] = append(c.took[at], took)
	}
}

// all gives what the clients in that range measured, ascending.
func (c *clock) all(from, to int) []time.Duration {
	all := slices.Concat(c.took[from:to]...)
	slices.Sort(all)
	return all
}

// keepTime publishes at the rate and waits until the listening clients have everything. The first deaf clients of the
// crowd do not listen.
func (l *lab) keepTime(ctx context.Context, s *streamer, publish func(context.Context) error, clients, deaf int, load steady) ([]time.Duration, error) {
	var watch atomic.Pointer[clock]
	crowd, err := wsload.Gather(ctx, clients, func(i int) wsload.Script {
		script := s.script(i)
		script.Deaf = i < deaf
		return script
	}, func(at int, before, events int64) {
		if c := watch.Load(); c != nil {
			c.came(at, before, events)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.child.Name, err)
	}
	defer crowd.Close()
	start := crowd.Events()
	c := newClock(crowd, clients, load)
	watch.Store(c)
	goes := make(chan int, load.goes())
	go func() { _ = pace(ctx, load.perSecond, load.goes(), goes); close(goes) }() // ends with the context, as does what follows
	for n := range goes {
		handed := time.Since(c.began)
		if !s.commits {
			c.published[n].Store(int64(handed))
		}
		if err := publish(ctx); err != nil {
			return nil, err
		}
		if s.commits {
			c.published[n].Store(int64(time.Since(c.began)))
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	patience, stop := context.WithTimeout(ctx, readyTimeout)
	defer stop()
	if err := crowd.Await(patience, start+int64(load.goes()*load.together*(clients-deaf))); err != nil {
		return nil, err
	}
	crowd.Close()
	return c.all(deaf, clients), nil
}

// compareLatency measures from the commit to the frame in the client, at a rate that a busy district has. A peer's clock
// starts when it is handed the event: it has neither a database nor its log to wait for.
func (l *lab) compareLatency(ctx context.Context, clients int) ([]Row, error) {
	load := steady{perSecond: 50, together: 1, span: 3 * l.span()}
	name := fmt.Sprintf("latency %d clients, 50 events a second", clients)
	var rows []Row
	var our [2]float64
	for _, peer := range l.streamed() {
		s, err := l.startStreamer(ctx, peer)
		if err != nil {
			return nil, err
		}
		took, err := l.keepTime(ctx, s, s.publish, clients, 0, load)
		l.stopAll()
		if err != nil {
			return nil, err
		}
		figures := [2]float64{milliseconds(httpload.Quantile(took, 0.5)), milliseconds(httpload.Quantile(took, 0.99))}
		if peer == "" {
			our = figures
		}
		rows = append(rows, row(name, peer, p50(), figures[0], our[0]), row(name, peer, p99(), figures[1], our[1]))
	}
	return rows, nil
}

// slowConsumers measures how much those who read feel of those who do not: runs with and without take turns.
func (l *lab) slowConsumers(ctx context.Context) ([]Row, error) {
	const clients, deaf = 100, 3
	s, err := l.streamOurs(ctx, "cached")
	if err != nil {
		return nil, err
	}
	regrade, err := l.regrader(ctx)
	if err != nil {
		return nil, err
	}
	load := steady{perSecond: 50, together: 20, span: l.span()}
	publish := func(ctx context.Context) error { return regrade(ctx, load.together) }
	turns := 5
	if l.Quick {
		turns = 1
	}
	var ratios, with, without []float64
	for range turns {
		var tail [2]float64
		for i, n := range []int{0, deaf} {
			took, err := l.keepTime(ctx, s, publish, clients, n, load)
			if err != nil {
				return nil, err
			}
			tail[i] = milliseconds(httpload.Quantile(took, 0.99))
		}
		without, with, ratios = append(without, tail[0]), append(with, tail[1]), append(ratios, tail[1]/tail[0])
	}
	name := fmt.Sprintf("slow consumers, %d of %d never read", deaf, clients)
	return []Row{
		ours(streamBench, name, metric{name: "latency_p99_all_read", unit: "ms"}, median(without)),
		ours(streamBench, name, p99(), median(with)),
		ours(streamBench, name, metric{name: "latency_p99_ratio", unit: "1"}, median(ratios)),
	}, nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
