package bench

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/process"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/wsload"
)

const streamBench = "stream"

// delivered is what a server sent to a crowd while it was measured, and the processor time of those who had a part in it.
type delivered struct {
	events, bytes            int64
	elapsed                  time.Duration
	server, database, client time.Duration
}

func (d delivered) plus(other delivered) delivered {
	return delivered{
		d.events + other.events, d.bytes + other.bytes, d.elapsed + other.elapsed,
		d.server + other.server, d.database + other.database, d.client + other.client,
	}
}

func (d delivered) perSecond() float64 { return float64(d.events) / max(d.elapsed.Seconds(), 1e-9) }

// each is microseconds for each delivery.
func (d delivered) each(t time.Duration) float64 {
	return float64(t) / float64(time.Microsecond) / float64(max(1, d.events))
}

// fanoutCase is how many clients there are, and how many events are in flight: published, and not yet with every client.
type fanoutCase struct{ clients, inFlight int }

func (f fanoutCase) name() string {
	return fmt.Sprintf("fanout %d clients %d in flight", f.clients, f.inFlight)
}

// gathered is a server with its crowd.
type gathered struct {
	*streamer
	crowd *wsload.Crowd
	idle  float64 // bytes that a connection holds that has nothing to do
	found map[fanoutCase]delivered
	spent bool // it has lost clients, and there is nothing more to measure
}

// gather starts a server and connects its clients.
func (l *lab) gather(ctx context.Context, peer string, clients int) (*gathered, error) {
	s, err := l.startStreamer(ctx, peer)
	if err != nil {
		return nil, err
	}
	before, err := s.held(ctx)
	if err != nil {
		return nil, err
	}
	crowd, err := wsload.Gather(ctx, clients, s.script, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.child.Name, err)
	}
	after, err := s.held(ctx)
	if err != nil {
		crowd.Close()
		return nil, err
	}
	return &gathered{streamer: s, crowd: crowd, idle: (after - before) / float64(clients), found: map[fanoutCase]delivered{}}, nil
}

// measure adds one turn to what was found of a case. A peer that lost clients has its measure until then, and no more
// turns; ours loses none.
func (l *lab) measure(ctx context.Context, g *gathered, c fanoutCase) error {
	if g.spent {
		return nil
	}
	d, err := l.drive(ctx, g.streamer, g.crowd, c.clients, c.inFlight)
	if lost := g.crowd.Lost(); lost > 0 && g.peer != "" {
		l.Log.WarnContext(ctx, streamBench, "case", c.name(), "server", g.child.Name, "lost", lost)
		g.spent, err = true, nil
	}
	if err != nil {
		return fmt.Errorf("%s, %s: %w", g.child.Name, c.name(), err)
	}
	g.found[c] = g.found[c].plus(d)
	return nil
}

// settle is how long a case runs before it is measured.
func (o Options) settle() time.Duration { return o.span() / 4 }

// drive keeps so many events in flight, each published by a writer of its own, and measures what comes.
func (l *lab) drive(ctx context.Context, s *streamer, crowd *wsload.Crowd, clients, inFlight int) (delivered, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	start := crowd.Events()
	permits := make(chan struct{}, inFlight)
	for range inFlight {
		permits <- struct{}{}
	}
	g, gctx := errgroup.WithContext(ctx)
	done := make(chan struct{})
	g.Go(func() error { return grant(gctx, crowd, start, int64(clients), permits, done) })
	sent := make([]int64, inFlight)
	for w := range inFlight {
		g.Go(func() error {
			for range permits {
				if err := s.publish(gctx); err != nil {
					return err
				}
				sent[w]++
			}
			return nil
		})
	}
	measured, err := l.watch(gctx, s, crowd)
	close(done)
	if failed := g.Wait(); failed != nil {
		return measured, failed
	}
	if err != nil {
		return measured, err
	}
	total := int64(0)
	for _, n := range sent {
		total += n
	}
	// What is still in flight comes too, and belongs to nobody.
	patience, stop := context.WithTimeout(ctx, readyTimeout)
	defer stop()
	return measured, crowd.Await(patience, start+total*int64(clients))
}

// grant lets another event go whenever one is with every client, until done is closed.
func grant(ctx context.Context, crowd *wsload.Crowd, start, clients int64, permits chan<- struct{}, done <-chan struct{}) error {
	defer close(permits)
	granted := int64(0)
	for {
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-crowd.Wake():
		}
		for complete := (crowd.Events() - start) / clients; granted < complete; granted++ {
			select {
			case permits <- struct{}{}:
			case <-done:
				return nil
			}
		}
	}
}

// watch waits until the case has settled and then measures for its time.
func (l *lab) watch(ctx context.Context, s *streamer, crowd *wsload.Crowd) (d delivered, err error) {
	if err := pause(ctx, l.settle()); err != nil {
		return d, err
	}
	began, before, err := l.stand(s, crowd)
	if err != nil {
		return d, err
	}
	if err := pause(ctx, l.span()); err != nil {
		return d, err
	}
	ended, after, err := l.stand(s, crowd)
	return delivered{
		after.events - before.events, after.bytes - before.bytes, ended.Sub(began),
		after.server - before.server, after.database - before.database, after.client - before.client,
	}, err
}

// stand reads all counters.
func (l *lab) stand(s *streamer, crowd *wsload.Crowd) (at time.Time, d delivered, err error) {
	if d.server, d.database, err = l.clocks(s.server); err != nil {
		return at, d, err
	}
	d.client, err = process.CPU(os.Getpid())
	d.events, d.bytes = crowd.Events(), crowd.Bytes()
	return time.Now(), d, err
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
