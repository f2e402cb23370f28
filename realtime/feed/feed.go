package feed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/rows"
)

// Consumer is told what the database holds and what happens to it, from one goroutine. An error of Load or Apply has
// everything loaded anew, since what could not be applied may not be skipped; meanwhile the old is served, marked
// stale. ErrReload asks for it where nothing is wrong; ErrAgain asks for the same transaction once more instead.
type Consumer interface {
	// Load forgets everything and reads the state as of at within tx, a read-only transaction on the snapshot that
	// the stream goes on from.
	Load(ctx context.Context, tx pgx.Tx, at position.Position) error
	// Apply takes one committed transaction.
	Apply(ctx context.Context, t Transaction) error
	// Advance says that nothing more will come up to at.
	Advance(at position.Position)
}

// Config says what to follow.
type Config struct {
	URL         string // a role with REPLICATION that no policy hides rows from
	Publication string
	Slot        string // this node's own
	// Needs are the tables and columns that the consumer reads. Where the publication does not carry one of them, or
	// no longer, the feed says so instead of going on without.
	Needs   []rows.Source
	Log     *slog.Logger
	Metrics *Metrics
	// MaxRows and MaxBytes bound what is held of one transaction; a larger one is taken over by loading anew. 0 means
	// DefaultMaxRows, DefaultMaxBytes.
	MaxRows, MaxBytes int
	// From makes the slot one that several processes share, of which one follows the log at a time: the slot is kept
	// when Run ends, nobody who reads from it is disturbed, and who takes it over goes on from the position that From
	// gives. The zero position has the slot made anew, and the consumer load.
	From func(context.Context) (position.Position, error)
	// StatusEvery is how often the server hears how far we are, and is asked to answer. 0 means DefaultStatusEvery.
	StatusEvery time.Duration
}

// The defaults are less work to apply than a city is to load.
const (
	DefaultMaxRows  = 300_000
	DefaultMaxBytes = 256 << 20
)

// DefaultStatusEvery is well below the minute after which the server gives up on a reader that is silent.
const DefaultStatusEvery = 10 * time.Second

// Feed follows one database for one node.
type Feed struct {
	cfg      Config
	consumer Consumer

	mu         sync.Mutex
	state      State
	since      time.Time // see Report
	cause      Cause
	reason     string
	at         position.Position
	heard      time.Time      // when the database last said something
	known      uint64         // where its log ended at the last look
	behindFrom time.Time      // the first look since when at has not reached known
	conn       *pgconn.PgConn // while streaming
	ask        bool           // ask the server where it stands

	loadOnce sync.Once
	loadedCh chan struct{} // closed when live for the first time

	loaded bool // Run's goroutine only
}

func (c Config) orDefaults() Config {
	c.MaxRows = cmp.Or(c.MaxRows, DefaultMaxRows)
	c.MaxBytes = cmp.Or(c.MaxBytes, DefaultMaxBytes)
	c.StatusEvery = cmp.Or(c.StatusEvery, DefaultStatusEvery)
	return c
}

// New prepares a feed; Run does the work.
func New(cfg Config, consumer Consumer) *Feed {
	cfg = cfg.orDefaults()
	f := &Feed{cfg: cfg, consumer: consumer, state: Starting, since: time.Now(), cause: Loading, loadedCh: make(chan struct{})}
	cfg.Metrics.watch(f)
	return f
}

// Waits between attempts to reach the database: short, since a restart takes a second, and never long, since a wall
// is being watched. A load that failed is work, and what made it fail seldom mends itself: it may wait longer.
const (
	retryFirst    = 100 * time.Millisecond
	retryMost     = 3 * time.Second
	retryLoadMost = 30 * time.Second
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
			f.interrupt(Disconnected, "the server is stopping")
			return f.dropSlot(context.WithoutCancel(ctx))
		}
		if f.Following() {
			wait = retryFirst // it had worked
		}
		cause, most := causeOf(err)
		f.interrupt(cause, err.Error())
		if fatal, ok := errors.AsType[errFatal](err); ok {
			return errors.Join(fatal, f.dropSlot(context.WithoutCancel(ctx)))
		}
		if !errors.Is(err, errTaken) {
			f.cfg.Log.WarnContext(ctx, "feed interrupted", "slot", f.cfg.Slot, "cause", cause, "error", err)
			f.cfg.Metrics.interruptions.Inc()
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, most)
	}
}

// errUnreadable marks what the database says and this server cannot read.
type errUnreadable struct{ error }

func (e errUnreadable) Unwrap() error { return e.error }

// causeOf names an interruption, and the longest wait until the next attempt.
func causeOf(err error) (Cause, time.Duration) {
	if _, ok := errors.AsType[errUnreadable](err); ok {
		return Unreadable, retryLoadMost
	}
	if errors.Is(err, ErrReload) {
		return Loading, retryMost
	}
	return Disconnected, retryMost
}

// session connects, makes sure of slot and load, and streams until something breaks.
func (f *Feed) session(ctx context.Context) error {
	c, err := f.connect(ctx)
	if err != nil {
		return err
	}
	defer c.close(context.WithoutCancel(ctx))
	if f.cfg.From != nil {
		turn, err := f.takeTurn(ctx)
		if err != nil {
			return err
		}
		defer closeConn(ctx, turn)
	}
	from, err := f.resume(ctx, c)
	if errors.Is(err, ErrReload) {
		from, err = f.reload(ctx, c, err.Error())
	}
	if err != nil {
		return err
	}
	err = f.stream(ctx, c, from)
	if errors.Is(err, ErrReload) {
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

func (f *Feed) advance(to position.Position) {
	f.mu.Lock()
	f.at = to
	f.mu.Unlock()
	f.consumer.Advance(to)
}

func (f *Feed) errorf(format string, args ...any) error {
	return fmt.Errorf("feed "+f.cfg.Slot+": "+format, args...)
}
