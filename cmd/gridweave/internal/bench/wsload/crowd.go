package wsload

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// readBuffer takes many frames at once.
const readBuffer = 256 << 10

type buffers struct{ pool sync.Pool }

func (b *buffers) get() *[]byte {
	if found, ok := b.pool.Get().(*[]byte); ok {
		return found
	}
	fresh := make([]byte, readBuffer)
	return &fresh
}

func (b *buffers) put(used *[]byte) { b.pool.Put(used) }

// Crowd is clients that have been greeted and read until Close.
type Crowd struct {
	clients []*client
	buffers buffers
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
// nil, is told from the clients' goroutines of events that came: at which client, how many it had before, how many now.
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
	for i, client := range c.clients {
		if deaf[i] {
			continue
		}
		c.events.Add(client.events.Load())
		c.work.Go(func() { c.follow(i, client) })
	}
	ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.work.Go(func() { c.ping(ctx) })
	return c, nil
}

func (c *Crowd) follow(i int, client *client) {
	_ = client.read(&c.buffers, func(n int) {
		events := int64(n)
		if c.came != nil {
			c.came(i, client.events.Load()-events, events)
		}
		c.events.Add(events)
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}) // why it ended does not matter, only whether it was to
	if !c.closed.Load() {
		c.lost.Add(1)
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

// knockEvery is how often clients say something to a server that may be gone. An end that came together with the last
// data is not told a second time by the kernel; what it answers to a client that goes on talking is.
const knockEvery = 100 * time.Millisecond

// Gone waits until every connection has ended by itself.
func (c *Crowd) Gone() {
	c.stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.work.Wait()
	}()
	knock := time.NewTicker(knockEvery)
	defer knock.Stop()
	for {
		select {
		case <-ended:
			return
		case <-knock.C:
			c.pingAll()
		}
	}
}

func (c *Crowd) pingAll() {
	for _, client := range c.clients {
		client.answer(opPing, []byte{})
	}
}

// Close ends all connections and waits for their readers.
func (c *Crowd) Close() {
	c.closed.Store(true)
	c.closeAll()
	c.stop()
	c.work.Wait()
}

func (c *Crowd) closeAll() {
	for _, client := range c.clients {
		if client != nil {
			_ = client.conn.Close() // nothing more is wanted of it
		}
	}
}
