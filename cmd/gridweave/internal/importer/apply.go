package importer

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"
)

// workers is how many batches are at work in the database at once. PostgreSQL gives each connection one core.
const workers = 2

// turn orders two batches that are at work at the same time.
type turn struct {
	checked chan struct{} // closed when the batch has told its codes to the list of those seen
	done    chan struct{} // closed when the batch is committed
}

func newTurn() *turn { return &turn{checked: make(chan struct{}), done: make(chan struct{})} }

// await waits for the batch before, unless something has failed.
func await(ctx context.Context, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// batches imports buildings or rooms, one transaction a batch, two at a time. They overlap in staging, mending and
// checking, and take turns where order matters: a code belongs to the batch that brings it first, and the job's mark only
// moves forward. Writing is a turn too: triggers keep counts of whole areas, and a batch that held one of them while the
// batch before waited for it would wait for its own turn for ever.
func (s *session) batches(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	ready := make(chan *batch, 1)
	g.Go(func() error { return s.produce(gctx, ready) })
	for range workers {
		g.Go(func() error {
			return withConn(gctx, s.db, func(conn *pgxpool.Conn) error { return s.work(gctx, conn, ready) })
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error { return s.finish(ctx, tx) })
}

func (s *session) work(ctx context.Context, conn *pgxpool.Conn, ready <-chan *batch) error {
	for b := range ready {
		if err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return s.apply(ctx, tx, b) }); err != nil {
			return err
		}
		s.o.Progress.Update(State{Phase: "importing " + string(s.o.Kind), Rows: b.last, Done: b.done})
		close(b.own.done)
	}
	return nil
}

// stage puts the batch into its staging table.
func (s *session) stage(ctx context.Context, tx pgx.Tx, b *batch) error {
	if s.whole {
		s.report.Rejects = append(s.report.Rejects, b.rejects...)
	} else if err := s.addRejects(ctx, tx, b.rejects); err != nil {
		return err
	}
	return b.rows.send(ctx, tx, s.dec.into())
}

func (s *session) table() string {
	return map[Kind]string{Areas: "stage_area", Buildings: "stage_building", Rooms: "stage_room"}[s.o.Kind]
}

// apply brings one batch in.
func (s *session) apply(ctx context.Context, tx pgx.Tx, b *batch) error {
	c := counts{rows: int64(b.size())}
	if err := s.stage(ctx, tx, b); err != nil {
		return err
	}
	file := buildingsSQL
	if s.o.Kind == Rooms {
		file = roomsSQL
	} else if err := s.mend(ctx, tx); err != nil {
		return err
	}
	if err := await(ctx, b.before.checked); err != nil {
		return err
	}
	if err := exec(ctx, tx, step(file, "check", "{seen}", s.job.seen())); err != nil {
		return err
	}
	close(b.own.checked)
	if err := s.countStaged(ctx, tx, &c); err != nil {
		return err
	}
	if err := await(ctx, b.before.done); err != nil {
		return err
	}
	if err := s.tentative(ctx, tx, func(tx pgx.Tx) error { return s.write(ctx, tx, file, &c) }); err != nil {
		return err
	}
	staged, err := s.keepStaged(ctx, tx, s.table())
	if err != nil {
		return err
	}
	c.rejected = staged + int64(len(b.rejects))
	return s.mark(ctx, tx, b.last, c)
}

// write changes and adds what the batch brings. Rooms of one building may stand in two batches; the batch before is
// committed when they are counted.
func (s *session) write(ctx context.Context, tx pgx.Tx, file string, c *counts) error {
	var err error
	if c.updated, err = execCount(ctx, tx, step(file, "change")); err != nil {
		return err
	}
	if c.inserted, err = execCount(ctx, tx, step(file, "add")); err != nil {
		return err
	}
	if s.o.Kind != Rooms || c.updated+c.inserted == 0 {
		return nil
	}
	return exec(ctx, tx, step(file, "count"))
}

// mend converts where PostGIS has to and repairs what is broken.
func (s *session) mend(ctx context.Context, tx pgx.Tx) error {
	if s.crs.epsg != 0 {
		if err := exec(ctx, tx, step(geometrySQL, "transform", "{stage}", s.table())); err != nil {
			return err
		}
	}
	return exec(ctx, tx, step(geometrySQL, "repair", "{stage}", s.table()))
}

// countStaged tells what can be told before anything is written.
func (s *session) countStaged(ctx context.Context, tx pgx.Tx, c *counts) error {
	err := tx.QueryRow(ctx, `
		select count(*) filter (where repaired), min(code), max(code) from `+s.table()+` where reason is null`).
		Scan(&c.repaired, &c.minCode, &c.maxCode)
	if err == nil && s.o.Kind == Buildings {
		err = tx.QueryRow(ctx, `
			select count(*) from stage_building s
			where reason is null and square and not exists (select from building b where b.code = s.code)`).Scan(&c.squares)
	}
	if err != nil {
		return fmt.Errorf("import: count: %w", err)
	}
	return nil
}
