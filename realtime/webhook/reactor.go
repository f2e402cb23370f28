package webhook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/realtime/audience"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// Config says what is told, from where.
type Config struct {
	Hub  *audience.Hub
	Pool *pgxpool.Pool // as the administrator
	Open func(sealed []byte) ([]byte, error)
	Log  *slog.Logger
	// Elsewhere tells whether another server can tell everything that came after a position; nil where there is none.
	Elsewhere func(position.Position) bool
	// Past tells what happened while no server was there; nil where nothing does.
	Past Past
	// Backoff is the wait before the n-th attempt, for tests; nil waits longer each time, about two days in all.
	Backoff river.ClientRetryPolicy
	Metrics *Metrics
	// MaxWaiting is how many deliveries may wait for one webhook, give or take a tenth; 0 means DefaultMaxWaiting.
	MaxWaiting int
	// MaxAttempts is after how many a delivery is a dead letter; 0 means defaultAttempts.
	MaxAttempts int
}

const (
	queue           = "webhook"
	defaultAttempts = 16 // by River's waits, which grow with the fourth power, two days
	workers         = 8
	hooksEvery      = 2 * time.Second // how soon a new webhook hears
	insertAtATime   = 500
)

// DefaultMaxWaiting are some hundred megabytes of jobs: a district's incidents of some weeks.
const DefaultMaxWaiting = 100_000

// Reactor turns what webhooks are to hear into jobs, and works them.
type Reactor struct {
	cfg    Config
	jobs   *river.Client[pgx.Tx]
	ears   map[int64]*ear
	loaded time.Time
}

// ear is a webhook that listens.
type ear struct {
	hook
	audience  *audience.Audience
	offset    int64
	uncounted int // jobs made since what waits was counted
}

// New prepares one; Run does the work.
func New(cfg Config) (*Reactor, error) {
	cfg.MaxAttempts = cmp.Or(cfg.MaxAttempts, defaultAttempts)
	cfg.MaxWaiting = cmp.Or(cfg.MaxWaiting, DefaultMaxWaiting)
	known := river.NewWorkers()
	river.AddWorker(known, newWorker(cfg))
	jobs, err := river.NewClient(riverpgxv5.New(cfg.Pool), &river.Config{
		Schema: postgis.JobSchema, Workers: known, Queues: map[string]river.QueueConfig{queue: {MaxWorkers: workers}},
		Logger: cfg.Log, MaxAttempts: cfg.MaxAttempts, RetryPolicy: cfg.Backoff, SoftStopTimeout: deliverTimeout,
	})
	if err != nil {
		return nil, fmt.Errorf("webhooks: %w", err)
	}
	return &Reactor{cfg: cfg, jobs: jobs, ears: map[int64]*ear{}}, nil
}

// Run works until the context ends. A database that is away is waited for.
func (r *Reactor) Run(ctx context.Context) error {
	if err := r.jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("webhooks: %w", err)
	}
	var keeping sync.WaitGroup
	keeping.Go(func() { r.keep(ctx) })
	defer keeping.Wait()
	for ctx.Err() == nil {
		moved := r.cfg.Hub.Moved()
		if err := r.round(ctx); err != nil && ctx.Err() == nil {
			r.cfg.Log.WarnContext(ctx, "webhooks wait", "error", err)
			r.rest(ctx, nil)
			continue
		}
		r.rest(ctx, moved)
	}
	for _, e := range r.ears {
		e.audience.Leave()
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliverTimeout)
	defer cancel()
	if err := r.jobs.Stop(stop); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("webhooks: %w", err)
	}
	return nil
}

// rest waits until something happened, and no longer than a new webhook may wait to be heard of.
func (r *Reactor) rest(ctx context.Context, moved <-chan struct{}) {
	timer := time.NewTimer(hooksEvery)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-moved:
	case <-timer.C:
	}
}

// round looks after every webhook once.
func (r *Reactor) round(ctx context.Context) error {
	if r.cfg.Hub.Position().IsZero() {
		return nil // nothing is loaded yet
	}
	if time.Since(r.loaded) >= hooksEvery {
		if err := r.load(ctx); err != nil {
			return err
		}
		r.loaded = time.Now()
	}
	for _, e := range r.ears {
		if err := r.listen(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// load finds new webhooks, and those that have gone.
func (r *Reactor) load(ctx context.Context) error {
	hooks, err := loadHooks(ctx, r.cfg.Pool)
	if err != nil {
		return err
	}
	there := map[int64]bool{}
	for _, h := range hooks {
		there[h.id] = true
		if r.ears[h.id] != nil {
			continue
		}
		if err := r.begin(ctx, h); err != nil {
			return err
		}
	}
	for id, e := range r.ears {
		if !there[id] {
			e.audience.Leave()
			delete(r.ears, id)
		}
	}
	return nil
}

// begin listens from where the webhook's jobs end. What cannot be told any more is told of.
func (r *Reactor) begin(ctx context.Context, h hook) error {
	topics, err := r.cfg.Hub.Topics(h.topics)
	if err != nil {
		r.cfg.Log.WarnContext(ctx, "webhook hears nothing", "webhook", h.id, "error", err)
		return nil
	}
	e := &ear{hook: h, audience: r.cfg.Hub.Join(h.area, topics), uncounted: r.cfg.MaxWaiting}
	if h.done.IsZero() {
		var at position.Position
		e.offset, at = e.audience.Start()
		err = r.insert(ctx, e, nil, at)
	} else {
		err = r.resume(ctx, e)
	}
	if err != nil {
		e.audience.Leave()
		if errors.Is(err, errElsewhere) {
			return nil // another round, another look
		}
		return err
	}
	r.ears[h.id] = e
	return nil
}

// errElsewhere says that another server goes on with a webhook, from before this one's memory begins.
var errElsewhere = errors.New("another server goes on")

func (r *Reactor) resume(ctx context.Context, e *ear) error {
	way, reason := e.audience.Resume(e.done)
	if reason == wire.Ahead {
		// Another node has gone further; what it told is told. Here it goes on from where this one stands.
		e.offset, _ = e.audience.Start()
		return nil
	}
	if reason == wire.TooOld && r.cfg.Elsewhere != nil && r.cfg.Elsewhere(e.done) {
		return errElsewhere
	}
	if reason != "" {
		return r.anew(ctx, e, reason)
	}
	e.offset = way.Offset
	events, to, err := eventsOf(way.Frames, e.done)
	if err != nil {
		return err
	}
	return r.insert(ctx, e, events, to)
}

// listen takes what has come to a webhook's log.
func (r *Reactor) listen(ctx context.Context, e *ear) error {
	if e.audience.Ended() {
		delete(r.ears, e.id)
		r.loaded = time.Time{} // begin anew in the next round
		return nil
	}
	spans, next, ok := e.audience.Log.Spans(e.offset, 1<<20, nil)
	if !ok {
		e.audience.Leave()
		delete(r.ears, e.id)
		r.loaded = time.Time{}
		return nil
	}
	if len(spans) == 0 {
		return nil
	}
	events, to, err := eventsOf(spans, e.done)
	if err != nil {
		return err
	}
	// Also where only a mark has come: a server that begins later learns that nothing is missing.
	if err := r.insert(ctx, e, events, to); err != nil {
		return err
	}
	e.offset = next
	return nil
}

// eventsOf reads what frames tell, and up to where.
func eventsOf(spans [][]byte, from position.Position) (events []Event, to position.Position, err error) {
	to = from
	for _, frames := range spans {
		for len(frames) > 0 {
			payload, text, rest := wire.Payload(frames)
			frames = rest
			if !text {
				continue
			}
			m, err := wire.DecodeServer(payload)
			if err != nil {
				return nil, to, err
			}
			switch m := m.(type) {
			case wire.Batch:
				for _, i := range m.Items {
					events = append(events, eventOf(i))
				}
				to = m.To
			case wire.Mark:
				to = m.Position
			}
		}
	}
	return events, to, nil
}

func source(at position.Position) string { return "/gridweave/" + at.Epoch }

func eventOf(i wire.Item) Event {
	e := Event{
		SpecVersion: "1.0", ID: i.At.String(), Source: source(i.At), Type: "gridweave." + i.Topic + "." + string(i.Kind),
		Subject: string(i.Code), Entity: strconv.FormatUint(i.ID, 10), Final: i.Final, Data: i.Data,
	}
	if len(i.Data) > 0 {
		e.DataContentType = "application/json"
	}
	return e
}
