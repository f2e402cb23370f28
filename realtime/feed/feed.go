package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/gridweave/gridweave/realtime/position"
)

// Consumer is told what the database holds and what happens to it, from one goroutine.
type Consumer interface {
	// Load forgets everything and reads the state as of at within tx, a read-only transaction on the snapshot that
	// the stream goes on from.
	Load(ctx context.Context, tx pgx.Tx, at position.Position) error
	// Apply takes one committed transaction. ErrReload has everything loaded anew; any other error stops the feed,
	// since what could not be applied may not be skipped.
	Apply(ctx context.Context, t Transaction) error
	// Advance says that nothing more will come up to at.
	Advance(at position.Position)
}

// Config says what to follow.
type Config struct {
	URL         string // a role with REPLICATION that no policy hides rows from
	Publication string
	Slot        string // this node's own
	Log         *slog.Logger
	Metrics     *Metrics
	// MaxRows bounds what is held of one transaction; a larger one is taken over by loading anew. 0 means
	// DefaultMaxRows.
	MaxRows int
}

// DefaultMaxRows is some hundred megabytes of building rows, and less work to apply than a city is to load.
const DefaultMaxRows = 300_000

// State is how the feed is doing.
type State string

// The states of a feed.
const (
	Starting State = "starting" // nothing is loaded yet
	Live     State = "live"
	Stale    State = "stale" // what was loaded is served while the connection is taken up again
)

// Feed follows one database for one node.
type Feed struct {
	cfg      Config
	consumer Consumer

	mu     sync.Mutex
	state  State
	since  time.Time // of the state
	reason string    // why it is stale
	at     position.Position
	poke   context.CancelFunc // interrupts the wait for the next message
	ask    bool               // ask the server where it stands

	loaded bool // Run's goroutine only
}

// New prepares a feed; Run does the work.
func New(cfg Config, consumer Consumer) *Feed {
	if cfg.MaxRows == 0 {
		cfg.MaxRows = DefaultMaxRows
	}
	return &Feed{cfg: cfg, consumer: consumer, state: Starting, since: time.Now()}
}

// Waits between attempts to reach the database: short, since a restart takes a second, and never long, since a wall
// is being watched.
const (
	retryFirst = 100 * time.Millisecond
	retryMost  = 3 * time.Second
)

// errFatal marks what trying again cannot mend.
type errFatal struct{ error }

func (e errFatal) Unwrap() error { return e.error }

// Run follows the log until the context ends, and then gives the slot back so that it holds no log.
func (f *Feed) Run(ctx context.Context) error {
	wait := retryFirst
	for {
		err := f.session(ctx)
		if ctx.Err() != nil {
			return f.dropSlot(context.WithoutCancel(ctx))
		}
		if state, _, _ := f.Status(); state == Live {
			wait = retryFirst // it had worked
		}
		f.setState(Stale, err.Error())
		if fatal, ok := errors.AsType[errFatal](err); ok {
			return errors.Join(fatal, f.dropSlot(context.WithoutCancel(ctx)))
		}
		f.cfg.Log.WarnContext(ctx, "feed interrupted", "slot", f.cfg.Slot, "error", err)
		f.cfg.Metrics.interruptions.Inc()
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, retryMost)
	}
}

// session connects, makes sure of slot and load, and streams until something breaks.
func (f *Feed) session(ctx context.Context) error {
	c, err := f.connect(ctx)
	if err != nil {
		return err
	}
	defer c.close(context.WithoutCancel(ctx))
	from, err := f.resume(ctx, c)
	if errors.Is(err, ErrReload) {
		from, err = f.reload(ctx, c, err.Error())
	}
	if err != nil {
		return err
	}
	err = f.stream(ctx, c, from)
	if _, tooLarge := errors.AsType[errTooLarge](err); tooLarge || errors.Is(err, ErrReload) {
		f.loaded = false
	}
	return err
}

// connection is one replication connection and what it said of the database.
type connection struct {
	*pgconn.PgConn
	epoch string
}

func (c connection) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = c.Close(ctx) // a connection that is being given up has nothing left to say
}

func (f *Feed) setState(s State, reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state == Starting && s == Stale {
		s = Starting // nothing is loaded that could be stale
	}
	if f.state != s {
		f.state, f.since = s, time.Now()
	}
	f.reason = reason
	f.cfg.Metrics.live.Set(map[State]float64{Live: 1}[s])
}

// Status tells the state, since when, and why where it is not live.
func (f *Feed) Status() (s State, since time.Time, reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state, f.since, f.reason
}

// Following tells whether what the consumer holds is as new as the log.
func (f *Feed) Following() bool {
	s, _, _ := f.Status()
	return s == Live
}

// Position is what the consumer has been told up to.
func (f *Feed) Position() position.Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

func (f *Feed) advance(to position.Position) {
	f.mu.Lock()
	f.at = to
	f.mu.Unlock()
	f.consumer.Advance(to)
}

// Nudge asks the server how far its log has been read, instead of waiting until it says so by itself: a position that
// no published change follows is reached at once then.
func (f *Feed) Nudge() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ask = true
	if f.poke != nil {
		f.poke()
	}
}

func (f *Feed) errorf(format string, args ...any) error {
	return fmt.Errorf("feed "+f.cfg.Slot+": "+format, args...)
}
