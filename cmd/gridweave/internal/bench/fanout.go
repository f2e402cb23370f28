package bench

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/wsload"
)

const streamBench = "stream"

// delivered is what a server sent to a crowd while it was measured.
type delivered struct {
	events           int64
	elapsed          time.Duration
	server, database time.Duration
}

func (d delivered) perSecond() float64 { return float64(d.events) / d.elapsed.Seconds() }

// each is microseconds for each delivery.
func (d delivered) each(t time.Duration) float64 {
	return float64(t) / float64(time.Microsecond) / float64(max(1, d.events))
}

// fanoutCases are how many events are in flight: published, and not yet with every client.
type fanoutCase struct{ clients, inFlight int }

func (f fanoutCase) name() string {
	return fmt.Sprintf("fanout %d clients %d in flight", f.clients, f.inFlight)
}

// fanout measures one server with one crowd, one case after the other, and what an idle connection costs before that.
func (l *lab) fanout(ctx context.Context, s *streamer, clients int, inFlight []int) (found map[fanoutCase]delivered, idle float64, err error) {
	before, err := s.held(ctx)
	if err != nil {
		return nil, 0, err
	}
	crowd, err := wsload.Gather(ctx, clients, s.script, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", s.child.Name, err)
	}
	defer crowd.Close()
	after, err := s.held(ctx)
	if err != nil {
		return nil, 0, err
	}
	found = map[fanoutCase]delivered{}
	for _, n := range inFlight {
		found[fanoutCase{clients, n}], err = l.drive(ctx, s, crowd, clients, n)
		switch lost := crowd.Lost(); {
		case lost > 0 && s.peer != "":
			// It is what it is: what it delivered until then counts, and there is nothing more to measure.
			l.Log.WarnContext(ctx, streamBench, "server", s.child.Name, "clients", clients, "in_flight", n, "lost", lost)
			return found, (after - before) / float64(clients), nil
		case err != nil:
			return nil, 0, fmt.Errorf("%s, %d in flight: %w", s.child.Name, n, err)
		}
	}
	return found, (after - before) / float64(clients), nil
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
	server, database, err := l.clocks(s.server)
	if err != nil {
		return d, err
	}
	before, began := crowd.Events(), time.Now()
	if err := pause(ctx, l.span()); err != nil {
		return d, err
	}
	d.events, d.elapsed = crowd.Events()-before, time.Since(began)
	serverAfter, databaseAfter, err := l.clocks(s.server)
	d.server, d.database = serverAfter-server, databaseAfter-database
	return d, err
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
