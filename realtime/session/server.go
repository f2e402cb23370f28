package session

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/audience"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// Config says what is served, to how many.
type Config struct {
	Topics  []audience.Topic
	Log     *slog.Logger
	Metrics *Metrics
	Limits  Limits
	// Following tells whether the database's log is being followed, Nudge asks at once how far it has been read.
	Following func() bool
	Nudge     func()
	// Elsewhere tells whether another server can tell everything that came after a position; nil where there is none.
	Elsewhere func(position.Position) bool
}

// Limits bound what clients may take. Zero means the default.
type Limits struct {
	PerAccount    int // connections
	PerAddress    int // connections
	Subscriptions int // of a connection
	RecentBytes   int // of events that are kept to resume from
	LogBytes      int // of frames of one audience
	QueueBytes    int // of frames of one connection
	DeflateFrom   int // bytes of frames below which deflating them does not pay
}

// Defaults. A duty officer has a few walls and a phone; behind one address may sit a whole centre, or a proxy.
const (
	defaultPerAccount    = 200
	defaultPerAddress    = 5_000
	defaultSubscriptions = 16
	defaultQueueBytes    = 1 << 20
	defaultLogBytes      = 1 << 20
)

func (l Limits) orDefaults() Limits {
	or := func(n *int, otherwise int) {
		if *n == 0 {
			*n = otherwise
		}
	}
	or(&l.PerAccount, defaultPerAccount)
	or(&l.PerAddress, defaultPerAddress)
	or(&l.Subscriptions, defaultSubscriptions)
	or(&l.QueueBytes, defaultQueueBytes)
	or(&l.LogBytes, defaultLogBytes)
	return l
}

// Times. A mark comes within heartbeat, and what is silent for three of them is dead. A log waits for those who come
// back for as long as a restart and a tunnel take.
const (
	beatEvery   = 10 * time.Second
	heartbeat   = 15 * time.Second
	silentAfter = 45 * time.Second
	grace       = 2 * time.Minute
	stuckAfter  = 30 * time.Second // a write that gets nowhere
	lingerFor   = 2 * time.Second  // for the other side's close
	goodbyeFor  = 3 * time.Second  // for all connections to take their leave
)

// Server serves streams.
type Server struct {
	cfg     Config
	hub     *audience.Hub
	classes map[Pace][]*flusher

	mu        sync.Mutex
	conns     map[*Conn]struct{}
	accounts  map[int64]map[*Conn]struct{}
	addresses map[string]int
	next      int
	stopping  bool
	told      position.Position
	sent      sentAway
	work      sync.WaitGroup // goroutines of connections
}

// Identity is whose a connection is.
type Identity struct {
	Account int64
	Scope   geo.Code  // sees what starts with it
	Until   time.Time // when the credential ends by itself; zero means never
	// Again tells what the same credential stands for now. It answers from memory, at once.
	Again func() (Identity, Verdict)
}

// Verdict is what memory knows of a credential.
type Verdict int

// The verdicts. What is Unknown to memory may be newer than it.
const (
	Unknown Verdict = iota
	Ended
	Valid
)

// New makes a server over a picture. Its Hub listens to the picture's follower; Run does the work.
func New(picture *live.Picture, cfg Config) (*Server, error) {
	cfg.Limits = cfg.Limits.orDefaults()
	s := &Server{
		cfg: cfg, conns: map[*Conn]struct{}{}, accounts: map[int64]map[*Conn]struct{}{}, addresses: map[string]int{},
		classes: newFlushers(cfg.Metrics),
	}
	hub, err := audience.New(picture, audience.Config{
		Topics: cfg.Topics, RecentBytes: cfg.Limits.RecentBytes, LogBytes: cfg.Limits.LogBytes, DeflateFrom: cfg.Limits.DeflateFrom,
		Metrics: cfg.Metrics.audience,
	}, s.wake)
	if err != nil {
		return nil, err
	}
	s.hub = hub
	return s, nil
}

// Hub is what listens to the picture.
func (s *Server) Hub() *audience.Hub { return s.hub }

// Run works until the context ends, and then sees every connection off.
func (s *Server) Run(ctx context.Context) error {
	flushing, stop := context.WithCancel(context.WithoutCancel(ctx))
	var flushers sync.WaitGroup
	for _, class := range s.classes {
		for _, f := range class {
			flushers.Go(func() { f.run(flushing) })
		}
	}
	s.beat(ctx)
	s.goodbye(context.WithoutCancel(ctx))
	stop()
	flushers.Wait()
	return nil
}

// beat marks, looks after silent connections and ended credentials, until the context ends.
func (s *Server) beat(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			at := s.hub.Position()
			s.hub.Mark(now, grace)
			s.tell(at)
			alive := s.hub.Heartbeat()
			for _, c := range s.all() {
				c.beat(now, alive)
			}
		}
	}
}

func (s *Server) all() []*Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*Conn, 0, len(s.conns))
	for c := range s.conns {
		all = append(all, c)
	}
	return all
}

// Waits that a client is told when the server stops: from the first on, and a millisecond more at the most for each of
// them, so that they do not come back all at once.
const firstReturn = 500 * time.Millisecond

// goodbye tells each connection when to come back, closes it, and waits until all have gone.
func (s *Server) goodbye(ctx context.Context) {
	s.mu.Lock()
	s.stopping = true
	s.mu.Unlock()
	all := s.all()
	for _, c := range all {
		c.bye(firstReturn+time.Duration(rand.Int64N(int64(len(all)+1)))*time.Millisecond, wire.CloseStopping)
	}
	ctx, cancel := context.WithTimeout(ctx, goodbyeFor)
	defer cancel()
	gone := make(chan struct{})
	go func() {
		s.work.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-ctx.Done():
		for _, c := range s.all() {
			c.out.close()
		}
		<-gone
	}
}

// wake has whoever listens to an audience looked after.
func (s *Server) wake(a *audience.Audience) {
	for _, class := range s.classes {
		for _, f := range class {
			f.wake(a)
		}
	}
}

// Recheck asks again what the credentials of these accounts' connections stand for, of all where all is set, and takes
// effect before it returns: what is out of scope now, is not sent any more.
func (s *Server) Recheck(all bool, accounts []int64) {
	var concerned []*Conn
	if all {
		concerned = s.all()
	} else {
		s.mu.Lock()
		for _, id := range accounts {
			for c := range s.accounts[id] {
				concerned = append(concerned, c)
			}
		}
		s.mu.Unlock()
	}
	for _, c := range concerned {
		c.recheck()
	}
}

// enter counts one more connection's goroutine, unless the server is stopping.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false
	}
	s.work.Add(1)
	return true
}

// admit registers a connection, or gives the code to refuse it with.
func (s *Server) admit(c *Conn) (refused wire.CloseCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.accounts[c.identity.Account]
	switch {
	case len(of) >= s.cfg.Limits.PerAccount, s.addresses[c.address] >= s.cfg.Limits.PerAddress:
		return wire.CloseTooMany
	}
	if of == nil {
		of = map[*Conn]struct{}{}
		s.accounts[c.identity.Account] = of
	}
	of[c] = struct{}{}
	s.addresses[c.address]++
	s.conns[c] = struct{}{}
	s.cfg.Metrics.connections.Inc()
	return 0
}

func (s *Server) forget(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.conns[c]; !known {
		return
	}
	delete(s.conns, c)
	if of := s.accounts[c.account]; len(of) > 1 {
		delete(of, c)
	} else {
		delete(s.accounts, c.account)
	}
	if s.addresses[c.address]--; s.addresses[c.address] == 0 {
		delete(s.addresses, c.address)
	}
	s.cfg.Metrics.connections.Dec()
}

// flusherFor spreads connections of a pace evenly.
func (s *Server) flusherFor(p Pace) *flusher {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	class := s.classes[p]
	return class[s.next%len(class)]
}
