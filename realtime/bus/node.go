package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/position"
)

// silenceMost is after how long without a word what a Node holds is called stale: the relay marks every second, and
// another server takes over within some.
const silenceMost = 5 * time.Second

// Waits between attempts, as a feed's.
const (
	retryFirst = 100 * time.Millisecond
	retryMost  = 3 * time.Second
)

// Node is a feed's counterpart where the log comes over the bus: it drives a consumer in the same way.
type Node struct {
	bus      *Bus
	cfg      feed.Config
	consumer feed.Consumer

	mu     sync.Mutex
	report feed.Report
	heard  time.Time

	loaded   bool // Run's goroutine only
	next     uint64
	gathered map[uint64]*gathering // transactions whose end has not come, by commit

	loadOnce sync.Once
	loadedCh chan struct{}
}

// gathering is a transaction of which changes have come. A relay that takes over may send some again.
type gathering struct {
	rows map[uint32]feed.Row
	in   []uint32 // order of arrival
}

// NewNode has the consumer load from cfg's database and go on with what the bus carries.
func NewNode(b *Bus, cfg feed.Config, consumer feed.Consumer) *Node {
	return &Node{
		bus: b, cfg: cfg, consumer: consumer, gathered: map[uint64]*gathering{}, loadedCh: make(chan struct{}),
		report: feed.Report{State: feed.Starting, Since: time.Now(), Cause: feed.Loading},
	}
}

// Report tells how the node is doing. What the database holds beyond the bus is not known here.
func (n *Node) Report() feed.Report {
	n.mu.Lock()
	defer n.mu.Unlock()
	r := n.report
	if r.State != feed.Live {
		r.Lag = time.Since(r.Since)
	}
	return r
}

// Following tells whether what the consumer holds is as new as the bus.
func (n *Node) Following() bool { return n.Report().State == feed.Live }

// Position is what the consumer has been told up to.
func (n *Node) Position() position.Position { return n.Report().Position }

// Loaded is closed when the consumer holds something for the first time.
func (n *Node) Loaded() <-chan struct{} { return n.loadedCh }

// Nudge asks the relay where the database stands.
func (n *Node) Nudge() { _ = n.bus.conn.Publish(nudgeSubject, nil) } // who asked asks again

// Run follows the bus until the context ends.
func (n *Node) Run(ctx context.Context) error {
	wait := retryFirst
	for {
		err := n.session(ctx)
		if ctx.Err() != nil {
			n.interrupt(feed.Disconnected, "the server is stopping")
			return nil
		}
		if n.Following() {
			wait = retryFirst
		}
		if errors.Is(err, feed.ErrReload) {
			n.loaded = false
		}
		n.interrupt(feed.Disconnected, err.Error())
		n.cfg.Log.WarnContext(ctx, "bus interrupted", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, retryMost)
	}
}

// session makes sure of the load and follows the stream until something breaks.
func (n *Node) session(ctx context.Context) error {
	stream, err := n.bus.open(ctx)
	if err != nil {
		return err
	}
	if !n.loaded {
		if err := n.awaitRelay(ctx); err != nil {
			return err
		}
	}
	info, err := stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("bus stream: %w", err)
	}
	if n.loaded && (info.State.LastSeq+1 < n.next || info.State.FirstSeq > n.next) {
		return fmt.Errorf("%w: the stream does not reach back to message %d", feed.ErrReload, n.next)
	}
	if !n.loaded {
		// Whatever commits after the snapshot is published after this message.
		if err := n.load(ctx, info.State.LastSeq+1); err != nil {
			return err
		}
	}
	return n.follow(ctx, stream)
}

// awaitRelay waits until somebody publishes: what is loaded before that would have a gap behind it.
func (n *Node) awaitRelay(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, silenceMost)
	defer cancel()
	marks, err := n.bus.conn.SubscribeSync(markSubject)
	if err != nil {
		return fmt.Errorf("bus subscribe: %w", err)
	}
	defer func() { _ = marks.Unsubscribe() }() // the connection may be gone
	if _, err := marks.NextMsgWithContext(ctx); err != nil {
		return fmt.Errorf("bus: no server relays the log: %w", err)
	}
	return nil
}

func (n *Node) load(ctx context.Context, next uint64) error {
	n.interrupt(feed.Loading, "everything is loaded anew")
	cfg := n.cfg
	cfg.Slot = fmt.Sprintf("%s_load_%d", n.cfg.Slot, time.Now().UnixNano()%1e9)
	at, err := feed.Load(ctx, cfg, n.consumer)
	if err != nil {
		return fmt.Errorf("bus load: %w", err)
	}
	clear(n.gathered)
	n.loaded, n.next = true, next
	n.reach(at)
	n.cfg.Log.InfoContext(ctx, "bus loaded", "position", at.String())
	return nil
}

func (n *Node) follow(ctx context.Context, stream jetstream.Stream) error {
	consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: n.next, InactiveThreshold: time.Minute,
	})
	if err != nil {
		return fmt.Errorf("bus follow: %w", err)
	}
	messages, err := consumer.Messages()
	if err != nil {
		return fmt.Errorf("bus follow: %w", err)
	}
	defer messages.Stop()
	for {
		wait, cancel := context.WithTimeout(ctx, silenceMost)
		m, err := messages.Next(jetstream.NextContext(wait))
		cancel()
		if err != nil {
			return fmt.Errorf("bus follow: nothing comes: %w", err)
		}
		if err := n.take(ctx, m); err != nil {
			return err
		}
		n.goLive()
	}
}

// take handles one message; every one of the stream comes, in order.
func (n *Node) take(ctx context.Context, m jetstream.Msg) error {
	meta, err := m.Metadata()
	if err != nil {
		return fmt.Errorf("bus message: %w", err)
	}
	if meta.Sequence.Stream != n.next {
		return fmt.Errorf("%w: message %d came where %d was next", feed.ErrReload, meta.Sequence.Stream, n.next)
	}
	switch m.Subject() {
	case commitSubject:
		err = n.end(ctx, m.Data())
	case markSubject, resetSubject:
		err = n.mark(m.Subject(), m.Data())
	default:
		err = n.gather(m.Data())
	}
	if err == nil {
		n.next++
	}
	return err
}

func (n *Node) gather(data []byte) error {
	var c change
	if err := json.Unmarshal(data, &c); err != nil {
		return fmt.Errorf("%w: message: %w", feed.ErrReload, err)
	}
	if c.Epoch != n.Position().Epoch || c.Commit < n.Position().LSN {
		return nil // another world's, or taken already
	}
	g := n.gathered[c.Commit]
	if g == nil {
		g = &gathering{rows: map[uint32]feed.Row{}}
		n.gathered[c.Commit] = g
	}
	if _, again := g.rows[c.Index]; !again {
		g.in = append(g.in, c.Index)
	}
	g.rows[c.Index] = c.Unwire()
	return nil
}

// end takes the transaction that is complete now.
func (n *Node) end(ctx context.Context, data []byte) error {
	var c commit
	if err := json.Unmarshal(data, &c); err != nil {
		return fmt.Errorf("%w: message: %w", feed.ErrReload, err)
	}
	at := n.Position()
	g := n.gathered[c.Commit]
	delete(n.gathered, c.Commit)
	switch {
	case c.Epoch != at.Epoch:
		return fmt.Errorf("%w: the database is another one than before", feed.ErrReload)
	case c.End <= at.LSN:
		return nil // taken already, or in the snapshot
	case c.Rows > 0 && (g == nil || len(g.in) != c.Rows):
		return fmt.Errorf("%w: transaction %X did not come whole", feed.ErrReload, c.Commit)
	}
	t := feed.Transaction{Epoch: c.Epoch, Commit: c.Commit, End: c.End, Time: c.Time}
	if g != nil {
		for _, index := range g.in {
			t.Rows = append(t.Rows, g.rows[index])
		}
	}
	if err := n.consumer.Apply(ctx, t); err != nil {
		return fmt.Errorf("%w: apply transaction %X: %w", feed.ErrReload, c.Commit, err)
	}
	n.reach(position.Position{Epoch: c.Epoch, LSN: c.End})
	// What a relay that was overtaken sent and never ended.
	maps.DeleteFunc(n.gathered, func(begun uint64, _ *gathering) bool { return begun < c.End })
	return nil
}

func (n *Node) mark(subject string, data []byte) error {
	to, err := reachedBy(subject, data)
	if err != nil {
		return fmt.Errorf("%w: message: %w", feed.ErrReload, err)
	}
	order, same := to.Compare(n.Position())
	switch {
	case !same:
		return fmt.Errorf("%w: the database is another one than before", feed.ErrReload)
	case order <= 0:
		return nil
	case subject == resetSubject:
		return fmt.Errorf("%w: what committed before %s was not published", feed.ErrReload, to)
	}
	n.reach(to)
	return nil
}

func (n *Node) reach(at position.Position) {
	n.mu.Lock()
	n.report.Position = at
	n.mu.Unlock()
	n.consumer.Advance(at)
}

func (n *Node) goLive() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.heard = time.Now()
	if n.report.State != feed.Live {
		n.report = feed.Report{State: feed.Live, Since: n.heard, Position: n.report.Position}
		n.loadOnce.Do(func() { close(n.loadedCh) })
	}
}

func (n *Node) interrupt(c feed.Cause, reason string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.report.State == feed.Live {
		n.report.State, n.report.Since = feed.Stale, n.heard
	}
	n.report.Cause, n.report.Reason = c, reason
}
