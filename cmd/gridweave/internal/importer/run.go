package importer

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gridweave/gridweave/geo/postgis"
)

// session is one import at work, on one connection that holds the lock and the staging tables.
type session struct {
	o      Options
	db     *postgis.DB
	conn   *pgxpool.Conn // holds the lock for as long as the import lasts
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
	s := &session{o: o, db: db, report: &report, began: time.Now()}
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
	if s.o.Kind == Areas {
		err = s.wholeFile(ctx)
	} else if err = s.start(ctx, found); err == nil {
		err = s.batches(ctx)
	}
	s.report.Fields = s.dec.fields()
	if err != nil {
		return err
	}
	return s.cleanUp(ctx)
}

func (s *session) cleanUp(ctx context.Context) error {
	if err := s.writeRejects(ctx); err != nil {
		return err
	}
	return s.drop(ctx)
}

// errTaken says that what was tried is to be taken back.
var errTaken = errors.New("taken back")

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
