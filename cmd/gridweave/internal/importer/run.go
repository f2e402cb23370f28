package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/source"
	"github.com/gridweave/gridweave/geo/postgis"
)

// session is one import at work, on one connection that holds the lock and the staging tables.
type session struct {
	o      Options
	conn   *pgxpool.Conn
	crs    crs
	job    job
	dec    decoder
	report *Report
	began  time.Time
	whole  bool // all rows or none: rejects go into the report
}

// Import brings a file into the database and tells what became of every row. It may be killed at any moment and
// called again: what was committed stays, and the rest follows. Rows that cannot be taken are no error but part of the
// report; an error means that the file as a whole, or the database, would not do.
func Import(ctx context.Context, db *postgis.DB, o Options) (Report, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Report{}, err
	}
	report := Report{Kind: string(o.Kind), File: o.File, DryRun: o.DryRun}
	if report.SHA256, err = hashFile(o.File); err != nil {
		return report, err
	}
	s := &session{o: o, report: &report, began: time.Now()}
	defer o.Progress.End()
	err = withConn(ctx, db, func(conn *pgxpool.Conn) error {
		s.conn = conn
		return s.run(ctx)
	})
	report.Seconds = time.Since(s.began).Seconds()
	report.RowsPerSec = float64(report.Rows-report.ResumedAt) / max(report.Seconds, 1e-3)
	return report, err
}

// withConn lends a connection and closes it for good afterwards: its lock, its settings and its staging tables go with it.
func withConn(ctx context.Context, db *postgis.DB, fn func(*pgxpool.Conn) error) error {
	conn, err := db.Admin.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_, _ = conn.Exec(ctx, "select pg_advisory_unlock_all()") // the next run need not wait for the server to notice
		_ = conn.Conn().Close(ctx)                               // whatever else it held ends with it
		conn.Release()
	}()
	_, err = conn.Exec(ctx, "set client_min_messages = error; set temp_buffers = '64MB'; set max_parallel_workers_per_gather = 0;"+stageSQL)
	if err != nil {
		return fmt.Errorf("import: staging tables: %w", err)
	}
	return fn(conn)
}

func (s *session) run(ctx context.Context) error {
	key := jobKey(s.o, s.report.SHA256)
	if err := lock(ctx, s.conn, key); err != nil {
		return err
	}
	var err error
	found := false
	if s.job, found, err = findJob(ctx, s.conn, key); err != nil {
		return err
	}
	s.report.ImportedOn = s.job.before
	if err := s.chooseCRS(ctx, found); err != nil {
		return err
	}
	s.report.CRS = s.crs.name
	s.dec = newDecoder(s.o, s.crs)
	if err := s.start(ctx, found); err != nil {
		return err
	}
	if s.o.Kind == Areas {
		err = s.wholeFile(ctx)
	} else {
		err = s.batches(ctx)
	}
	s.report.Fields = s.dec.fields()
	if err != nil {
		return err
	}
	return s.cleanUp(ctx)
}

// cleanUp drops what only served the job. A dry run leaves no trace at all.
func (s *session) cleanUp(ctx context.Context) error {
	if err := s.writeRejects(ctx); err != nil {
		return err
	}
	_, err := s.conn.Exec(ctx, "drop table if exists "+s.job.seen())
	if err == nil && s.o.DryRun {
		_, err = s.conn.Exec(ctx, "delete from importing.job where id = $1", s.job.id)
	}
	if err != nil {
		return fmt.Errorf("import: clean up: %w", err)
	}
	return nil
}

// batch is so many rows, encoded and ready to go.
type batch struct {
	rows    copyBuffer
	rejects []Reject
	last    int64 // row number of its last row
	done    float64
}

func (b *batch) size() int { return b.rows.rows + len(b.rejects) }

// produce reads the file from the job's mark on and hands over full batches. While one is at work in the database the
// next is being read: two cores, two halves.
func (s *session) produce(ctx context.Context, out chan<- *batch) error {
	defer close(out)
	r, err := source.Open(ctx, s.o.File, source.Options{Layer: s.o.Layer})
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // opened for reading only
	b := &batch{}
	var rec source.Record
	for {
		err := r.Next(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", s.o.File, err)
		}
		if rec.Row <= s.job.rowsDone {
			continue
		}
		s.add(b, &rec)
		if b.size() >= s.o.Batch {
			if b.done = r.Done(); !hand(ctx, out, b) {
				return ctx.Err()
			}
			b = &batch{rows: copyBuffer{b: make([]byte, 0, cap(b.rows.b))}}
		}
	}
	b.done = 1
	if b.size() > 0 && !hand(ctx, out, b) {
		return ctx.Err()
	}
	return nil
}

func hand(ctx context.Context, out chan<- *batch, b *batch) bool {
	select {
	case out <- b:
		return true
	case <-ctx.Done():
		return false
	}
}

// add decodes the record into the batch, or notes why not.
func (s *session) add(b *batch, rec *source.Record) {
	b.last = rec.Row
	err := rec.Err
	if err == nil {
		err = s.dec.decode(rec, &b.rows)
	}
	if err != nil {
		code := ""
		if rec.Err == nil {
			code = s.dec.code(rec)
		}
		b.rejects = append(b.rejects, Reject{Row: rec.Row, Code: code, Reason: err.Error()})
	}
}

// consume runs fn over every batch while the next is being read.
func (s *session) consume(ctx context.Context, fn func(context.Context, *batch) error) error {
	g, ctx := errgroup.WithContext(ctx)
	ready := make(chan *batch, 1)
	g.Go(func() error { return s.produce(ctx, ready) })
	g.Go(func() error {
		for b := range ready {
			if err := fn(ctx, b); err != nil {
				return err
			}
			s.o.Progress.Update(State{Phase: "importing " + string(s.o.Kind), Rows: b.last, Done: b.done})
		}
		return nil
	})
	return g.Wait()
}

// batches imports buildings or rooms, one transaction a batch.
func (s *session) batches(ctx context.Context) error {
	err := s.consume(ctx, func(ctx context.Context, b *batch) error {
		return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error { return s.apply(ctx, tx, b) })
	})
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error { return s.finish(ctx, tx) })
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

func (s *session) apply(ctx context.Context, tx pgx.Tx, b *batch) error {
	rows := int64(b.size())
	if err := s.stage(ctx, tx, b); err != nil {
		return err
	}
	file, counted := buildingsSQL, ""
	if s.o.Kind == Rooms {
		file, counted = roomsSQL, step(roomsSQL, "count")
	} else if err := s.mend(ctx, tx); err != nil {
		return err
	}
	if err := exec(ctx, tx, step(file, "check", "{seen}", s.job.seen())); err != nil {
		return err
	}
	c, err := s.countStaged(ctx, tx)
	if err != nil {
		return err
	}
	err = s.tentative(ctx, tx, func(tx pgx.Tx) error {
		if c.updated, err = execCount(ctx, tx, step(file, "change")); err != nil {
			return err
		}
		if c.inserted, err = execCount(ctx, tx, step(file, "add")); err != nil {
			return err
		}
		if counted != "" && c.updated+c.inserted > 0 {
			return exec(ctx, tx, counted)
		}
		return nil
	})
	if err != nil {
		return err
	}
	staged, err := s.keepStaged(ctx, tx, s.table())
	if err != nil {
		return err
	}
	c.rows, c.rejected = rows, staged+int64(len(b.rejects))
	return s.mark(ctx, tx, b.last, c)
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
func (s *session) countStaged(ctx context.Context, tx pgx.Tx) (counts, error) {
	var c counts
	err := tx.QueryRow(ctx, `
		select count(*) filter (where repaired), min(code), max(code) from `+s.table()+` where reason is null`).
		Scan(&c.repaired, &c.minCode, &c.maxCode)
	if err == nil && s.o.Kind == Buildings {
		err = tx.QueryRow(ctx, `
			select count(*) from stage_building s
			where reason is null and square and not exists (select from building b where b.code = s.code)`).Scan(&c.squares)
	}
	if err != nil {
		return c, fmt.Errorf("import: count: %w", err)
	}
	return c, nil
}

// errTaken says that what was tried is to be taken back.
var errTaken = errors.New("taken back") //nolint:gochecknoglobals // read only

// tentative runs fn, and in a dry run takes back what it did: so a dry run meets every constraint that the real one will.
func (s *session) tentative(ctx context.Context, tx pgx.Tx, fn func(pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		if s.o.DryRun {
			return errTaken
		}
		return nil
	})
	if errors.Is(err, errTaken) {
		return nil
	}
	return err
}

func exec(ctx context.Context, tx pgx.Tx, sql string) error {
	_, err := execCount(ctx, tx, sql)
	return err
}

func execCount(ctx context.Context, tx pgx.Tx, sql string) (int64, error) {
	tag, err := tx.Exec(ctx, sql)
	if err != nil {
		return 0, fmt.Errorf("import: %w", err)
	}
	return tag.RowsAffected(), nil
}

func number32(n int32) string { return strconv.Itoa(int(n)) }
