package heat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/postgis"
)

// cube is a copy of PostgreSQL's, as of one of its snapshots. It never changes.
type cube struct {
	ledgers map[Measure]ledger
	homes   homes
	classes classes

	snapshot   string // as PostgreSQL writes it
	xmin, xmax uint64 // every transaction below xmin is in it or was rolled back, none from xmax on is
	epoch      int64
}

// follower keeps the newest copy. A question asks for what has been committed before it: the log of the cube's changes
// tells what the last snapshot did not show, so that no commit is lost or counted twice, in whatever order they came.
type follower struct {
	db *postgis.DB

	mu    sync.Mutex // one reads the log at a time
	now   *cube      // nil before the first
	marks []mark     // since when which transactions are known, oldest first
}

// mark says that at a time everything below xmin was known.
type mark struct {
	at   time.Time
	xmin uint64
}

// errAnew says that the log does not lead from the copy to the present: all is read again.
var errAnew = errors.New("the cube was counted anew")

// present is the copy as of now.
func (f *follower) present(ctx context.Context) (*cube, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	next, err := f.step(ctx)
	if errors.Is(err, errAnew) {
		next, err = f.load(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("heat follow: %w", err)
	}
	f.now = next
	if n := len(f.marks); n == 0 || time.Since(f.marks[n-1].at) > keptApart {
		f.marks = append(f.marks, mark{time.Now(), next.xmin})
	}
	return next, nil
}

// inSnapshot runs fn as the administrator in one read-only snapshot, since the copy has no scope: readers' scopes are
// applied to what it is asked for.
func (f *follower) inSnapshot(ctx context.Context, fn func(pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, f.db.Admin, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, fn)
}

// where reads which snapshot a transaction sees.
const where = `
	select epoch, floor::text::bigint, s::text, pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint
	from heat_epoch, pg_current_snapshot() s`

func (c *cube) scanWhere(row pgx.Row) (floor uint64, err error) {
	return floor, row.Scan(&c.epoch, &floor, &c.snapshot, &c.xmin, &c.xmax)
}

// step reads what the log says since the last copy.
func (f *follower) step(ctx context.Context) (*cube, error) {
	if f.now == nil {
		return nil, errAnew
	}
	next := *f.now
	var came gathered
	err := f.inSnapshot(ctx, func(tx pgx.Tx) error {
		var b pgx.Batch
		b.Queue(where)
		b.Queue(`select cube, measure, `+hours+`, class, `+sites+`, x, y, n from heat_log
			where xid >= $1::text::xid8 and not pg_visible_in_snapshot(xid, $2::text::pg_snapshot) order by id`,
			fmt.Sprint(f.now.xmin), f.now.snapshot)
		answers := tx.SendBatch(ctx, &b)
		floor, err := next.scanWhere(answers.QueryRow())
		if err == nil && (next.epoch != f.now.epoch || f.now.xmin < floor || next.xmax < f.now.xmax) {
			err = errAnew
		}
		if err == nil {
			came.classes = f.now.classes
			err = came.read(answers.Query())
		}
		return errors.Join(err, answers.Close())
	})
	if err != nil {
		return nil, err
	}
	next.ledgers = map[Measure]ledger{}
	next.homes, next.classes = f.now.homes.with(came.homes), came.classes
	for m, l := range f.now.ledgers {
		next.homes.settle(came.entries[m])
		next.ledgers[m] = l.with(came.entries[m])
	}
	return &next, nil
}

// hours and sites turn the cube's columns into the copy's numbers. A house that has always been undeclared has no hour.
const (
	hours = `coalesce(extract(epoch from at)::bigint / 3600, 0)::int`
	sites = `rpad(code, 19, '0')::bigint`
)

// load reads all of the cube.
func (f *follower) load(ctx context.Context) (*cube, error) {
	next := &cube{ledgers: map[Measure]ledger{}}
	var came gathered
	err := f.inSnapshot(ctx, func(tx pgx.Tx) error {
		if _, err := next.scanWhere(tx.QueryRow(ctx, where)); err != nil {
			return err
		}
		for _, sql := range []string{
			`select 'h'::"char", measure, ` + hours + `, class, ` + sites + `, x, y, n from heat_hour`,
			`select 'c'::"char", measure, ` + hours + `, class, ` + sites + `, 0, 0, n from heat_change`,
			`select 'p'::"char", '', 0, '', ` + sites + `, x, y, undeclared from heat_place`,
		} {
			rows, err := tx.Query(ctx, sql)
			if err := came.read(rows, err); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	next.homes = newHomes(came.homes)
	for _, m := range Measures() {
		next.homes.settle(came.entries[m])
		next.ledgers[m] = newLedger(slices.Clone(came.entries[m])) // they stay, what they grew in does not
		delete(came.entries, m)
	}
	next.classes = came.classes
	f.marks = nil
	return next, nil
}

// gathered is what was read of the cube or of its log.
type gathered struct {
	entries map[Measure][]entry
	homes   []homeChange
	classes classes
}

func (g *gathered) read(rows pgx.Rows, err error) error {
	if err != nil {
		return err
	}
	if g.entries == nil {
		g.entries = map[Measure][]entry{}
	}
	measures := map[string]Measure{}
	for _, m := range Measures() {
		measures[m.key()] = m
	}
	var kind byte
	var measure, class string
	var x, y int32
	var e entry
	_, err = pgx.ForEachRow(rows, []any{&kind, &measure, &e.hour, &class, (*int64)(&e.site), &x, &y, &e.n}, func() error {
		e.spot = spotOf(x, y)
		if kind == 'p' {
			g.homes = append(g.homes, homeChange{e.site, e.spot, e.n})
			return nil
		}
		g.classes, e.class = g.classes.number(class)
		m := measures[measure]
		g.entries[m] = append(g.entries[m], e)
		return nil
	})
	return err
}

// classes give each class a number. They never change; a new one makes others.
type classes struct {
	names   []string
	numbers map[string]uint16
}

func (c classes) number(name string) (classes, uint16) {
	if n, ok := c.numbers[name]; ok {
		return c, n
	}
	next := classes{names: append(c.names[:len(c.names):len(c.names)], name), numbers: map[string]uint16{}}
	for n, name := range next.names {
		next.numbers[name] = uint16(n)
	}
	return next, uint16(len(next.names) - 1)
}

const (
	// How often the copy is brought up to date where nobody asks, so that a question finds little to read.
	refreshed = time.Minute
	// How far apart marks are, and how long a log is kept for servers that are slow or asleep; who slept longer reads
	// everything anew.
	keptApart = 5 * time.Minute
	keptLong  = time.Hour
)

// Run keeps the copy near the present and the log short, until the context ends. Without it questions are answered as
// well; the first one waits for the copy, some seconds at the scale of a city.
func (s *Service) Run(ctx context.Context, log *slog.Logger) error {
	began := time.Now()
	c, err := s.follower.present(ctx)
	if err == nil {
		log.InfoContext(ctx, "heat counts loaded", "counts", c.size(), "took", time.Since(began))
		err = s.warm(ctx)
	}
	tick := time.NewTicker(refreshed)
	defer tick.Stop()
	for {
		if err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "heat counts not followed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if _, err = s.follower.present(ctx); err == nil {
			err = s.follower.trim(ctx)
		}
		if err == nil {
			err = s.warm(ctx)
		}
	}
}

// usual is what a page asks for first, in metres: a hexagon's width and a density's bandwidth.
const usual = 400

// warm makes the usual grounds of the whole district before somebody asks: those of a city take a tenth of a second.
func (s *Service) warm(ctx context.Context) error {
	return s.follower.inSnapshot(ctx, func(tx pgx.Tx) error {
		var root geo.Code
		err := tx.QueryRow(ctx, `select code from area order by length(code), code limit 1`).Scan(&root)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // nothing has been imported yet
		}
		if err != nil {
			return fmt.Errorf("heat warm: %w", err)
		}
		if _, err := s.latticeOf(ctx, tx, root, usual); err != nil {
			return err
		}
		_, err = s.tilesOf(ctx, tx, root, usual)
		return err
	})
}

// trim deletes from the log what was in the copy an hour ago.
func (f *follower) trim(ctx context.Context) error {
	xmin := f.outlived(time.Now())
	if xmin == 0 {
		return nil
	}
	return pgx.BeginFunc(ctx, f.db.Admin, func(tx pgx.Tx) error {
		// Whoever reads the floor afterwards does not trust the log with what is gone.
		if _, err := tx.Exec(ctx, `update heat_epoch set floor = greatest(floor, $1::text::xid8)`, fmt.Sprint(xmin)); err != nil {
			return fmt.Errorf("heat trim: %w", err)
		}
		if _, err := tx.Exec(ctx, `delete from heat_log where xid < $1::text::xid8`, fmt.Sprint(xmin)); err != nil {
			return fmt.Errorf("heat trim: %w", err)
		}
		return nil
	})
}

// outlived is the newest mark older than the log has to last, and forgets it with those before it; 0 where there is none.
func (f *follower) outlived(now time.Time) (xmin uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.marks) > 0 && now.Sub(f.marks[0].at) > keptLong {
		xmin, f.marks = f.marks[0].xmin, f.marks[1:]
	}
	return xmin
}

func (c *cube) size() int {
	n := len(c.homes.list)
	for _, l := range c.ledgers {
		n += len(l.sorted) + len(l.late)
	}
	return n
}
