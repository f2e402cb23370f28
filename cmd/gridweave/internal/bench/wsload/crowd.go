package wsload

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Crowd is clients that have been greeted and read until Close.
type Crowd struct {
	clients []*client
	readers []*reader
	came    func(at int, before, events int64)

	events atomic.Int64 // of all clients
	lost   atomic.Int64 // connections that ended before Close
	closed atomic.Bool
	wake   chan struct{} // something came
	work   sync.WaitGroup
	stop   context.CancelFunc
}

// dialing is how many connect at a time: a listener's queue holds that many, and more do not make it quicker.
const dialing = 64

// pingEvery keeps clients alive that have nothing else to say.
const pingEvery = 20 * time.Second

// Gather connects n clients, each by the script that it is given, and returns when all have been greeted. came, if not
// nil, is told of events that came, of one client's always by the same goroutine: at which client, how many it had before, how many now.
func Gather(ctx context.Context, n int, script func(i int) Script, came func(at int, before, events int64)) (*Crowd, error) {
	c := &Crowd{clients: make([]*client, n), came: came, wake: make(chan struct{}, 1)}
	deaf := make([]bool, n)
	var g errgroup.Group
	g.SetLimit(dialing)
	for i := range n {
		g.Go(func() (err error) {
			s := script(i)
			deaf[i] = s.Deaf
			c.clients[i], err = dial(ctx, s)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		c.closeAll()
		return nil, fmt.Errorf("crowd: %w", err)
	}
	if err := c.listen(deaf); err != nil {
		c.closeAll()
		return nil, fmt.Errorf("crowd: %w", err)
	}
	ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.work.Go(func() { c.ping(ctx) })
	return c, nil
}

// listen spreads the clients that are not deaf over as many readers as there are cores.
func (c *Crowd) listen(deaf []bool) error {
	for range runtime.GOMAXPROCS(0) {
		r, err := newReader(c)
		if err != nil {
			return err
		}
		c.readers = append(c.readers, r)
	}
	for i, client := range c.clients {
		if deaf[i] {
			continue
		}
		c.events.Add(client.events.Load())
		if err := c.readers[i%len(c.readers)].add(i, client); err != nil {
			return err
		}
	}
	for _, r := range c.readers {
		c.work.Go(r.run)
	}
	return nil
}

// tell counts events of a client.
func (c *Crowd) tell(at int, client *client, n int) {
	events := int64(n)
	if c.came != nil {
		c.came(at, client.events.Load()-events, events)
	}
	c.events.Add(events)
}

// ring says that something came.
func (c *Crowd) ring() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// ping has every client say something now and then.
func (c *Crowd) ping(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		c.pingAll()
	}
}

// Events is how many have come, all clients together.
func (c *Crowd) Events() int64 { return c.events.Load() }

// Bytes is how many bytes have come to all clients since they were greeted, WebSocket's own included.
func (c *Crowd) Bytes() int64 {
	sum := int64(0)
	for _, client := range c.clients {
		sum += client.bytes.Load()
	}
	return sum
}

// At is how many have come to one client.
func (c *Crowd) At(i int) int64 { return c.clients[i].events.Load() }

// Lost is how many connections ended by themselves.
func (c *Crowd) Lost() int64 { return c.lost.Load() }

// Wake is ready when something has come since the last look.
func (c *Crowd) Wake() <-chan struct{} { return c.wake }

// Await waits until so many events have come, all clients together.
func (c *Crowd) Await(ctx context.Context, events int64) error {
	for c.Events() < events {
		if lost := c.Lost(); lost > 0 {
			return fmt.Errorf("crowd: %d connections were lost", lost)
		}
		select {
		case <-c.wake:
		case <-time.After(time.Second): // a connection may have been lost
		case <-ctx.Done():
			return fmt.Errorf("crowd: %d of %d events: %w", c.Events(), events, ctx.Err())
		}
	}
	return nil
}

// Gone waits until every connection has ended by itself.
func (c *Crowd) Gone() {
	c.stop()
	c.work.Wait()
}

func (c *Crowd) pingAll() {
	for _, client := range c.clients {
		client.answer(opPing, []byte{})
	}
}

// Close ends all connections and waits for their readers.
func (c *Crowd) Close() {
	c.closed.Store(true)
	c.stop()
	for _, r := range c.readers {
		r.stop()
	}
	c.work.Wait()
	c.closeAll()
}

func (c *Crowd) closeAll() {
	for _, r := range c.readers {
		r.close()
	}
	c.readers = nil
	for _, client := range c.clients {
		if client != nil {
			_ = client.close() // nothing more is wanted of it
		}
	}
}
