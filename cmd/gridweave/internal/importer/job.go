package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/evidence"
)

// job is one file on its way in, as importing.job keeps it.
type job struct {
	id       int32
	key      string
	crs      string
	rowsDone int64
	before   *time.Time // when the same was done before
}

// seen is the table of the codes that the file has brought so far. It is not logged: after a crash of PostgreSQL it is
// empty, which shows by its first row having gone, and the job starts again from the top.
func (j job) seen() string { return fmt.Sprintf("importing.seen_%d", j.id) }

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("import: %w", err)
	}
	defer func() { _ = f.Close() }() // opened for reading only
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("import: read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// jobKey is the same for the same file with the same meaning, whatever it is called and wherever it lies.
func jobKey(o Options, sha string) string {
	b, err := json.Marshal(struct {
		SHA, Layer, CRS, Name, NameEN string
		Kind                          Kind
		Codes                         Codes
		Map                           map[string]string
		Code                          geo.Code
		Level                         geo.Level
		Footprint                     float64
		DryRun                        bool
	}{sha, o.Layer, o.CRS, o.Name, o.NameEN, o.Kind, o.Codes, o.Map, o.Code, o.Level, o.Footprint, o.DryRun})
	if err != nil {
		return sha // strings and numbers always marshal
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// lockPatience is how long to wait for a run that was killed: its last statement in the database ends on its own.
const lockPatience = "10s"

// lockNotAvailable is PostgreSQL's error code for a lock that was waited for in vain.
const lockNotAvailable = "55P03"

// lock makes sure that nobody else imports the same at the same time, until unlock or the end of the connection.
func lock(ctx context.Context, conn *pgxpool.Conn, key string) error {
	_, err := conn.Exec(ctx, "set lock_timeout = '"+lockPatience+"'")
	if err == nil {
		_, err = conn.Exec(ctx, "select pg_advisory_lock(hashtextextended($1, 0))", "import "+key)
	}
	if pgErr := (*pgconn.PgError)(nil); errors.As(err, &pgErr) && pgErr.Code == lockNotAvailable {
		return errors.New("import: this file is being imported at this moment")
	}
	if err == nil {
		_, err = conn.Exec(ctx, "reset lock_timeout")
	}
	if err != nil {
		return fmt.Errorf("import lock: %w", err)
	}
	return nil
}

// findJob looks for a job that was interrupted.
func findJob(ctx context.Context, conn *pgxpool.Conn, key string) (job, bool, error) {
	j := job{key: key}
	err := conn.QueryRow(ctx, `select id, crs, rows_done from importing.job where key = $1 and finished_at is null`, key).
		Scan(&j.id, &j.crs, &j.rowsDone)
	if errors.Is(err, pgx.ErrNoRows) {
		return j, false, j.findBefore(ctx, conn)
	}
	if err != nil {
		return j, false, fmt.Errorf("import job: %w", err)
	}
	return j, true, nil
}

func (j *job) findBefore(ctx context.Context, conn *pgxpool.Conn) error {
	err := conn.QueryRow(ctx, `select max(finished_at) from importing.job where key = $1`, j.key).Scan(&j.before)
	if err != nil {
		return fmt.Errorf("import job: %w", err)
	}
	return nil
}

// insertJob writes the job down: for areas in the transaction that does everything, for others before the first batch.
func (s *session) insertJob(ctx context.Context, tx pgx.Tx) error {
	o := s.o
	err := tx.QueryRow(ctx, `
		insert into importing.job (key, kind, file, sha256, crs, dry_run, actor)
		values ($1, $2, $3, $4, $5, $6, $7) returning id`,
		s.job.key, o.Kind, filepath.Base(o.File), s.report.SHA256, s.crs.name, o.DryRun, o.By.Name).Scan(&s.job.id)
	if err != nil {
		return fmt.Errorf("import job: %w", err)
	}
	return nil
}

// start makes a new job, or an interrupted one, ready for its batches.
func (s *session) start(ctx context.Context, found bool) error {
	if found {
		return s.resume(ctx)
	}
	if err := s.endAbandoned(ctx); err != nil {
		return err
	}
	if err := pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error { return s.insertJob(ctx, tx) }); err != nil {
		return err
	}
	return s.makeSeen(ctx)
}

// endAbandoned closes jobs of an earlier state of the same file: that file is gone, so nobody will resume them, but what
// they brought is there and belongs into the ledger. One that is at work at this moment is left alone.
func (s *session) endAbandoned(ctx context.Context) error {
	rows, err := s.conn.Query(ctx, `
		select id, key, sha256, crs, dry_run from importing.job
		where finished_at is null and key <> $1 and kind = $2 and file = $3
		  and pg_try_advisory_lock(hashtextextended('import ' || key, 0))`, s.job.key, s.o.Kind, filepath.Base(s.o.File))
	if err != nil {
		return fmt.Errorf("import: abandoned jobs: %w", err)
	}
	type abandoned struct {
		ID               int32
		Key, SHA256, CRS string
		DryRun           bool
	}
	old, err := pgx.CollectRows(rows, pgx.RowToStructByPos[abandoned])
	if err != nil {
		return fmt.Errorf("import: abandoned jobs: %w", err)
	}
	for _, a := range old {
		left := &session{
			o: s.o, conn: s.conn, job: job{id: a.ID, key: a.Key},
			report: &Report{SHA256: a.SHA256, CRS: a.CRS, DryRun: a.DryRun},
		}
		left.o.DryRun = a.DryRun
		if err := pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error { return left.finish(ctx, tx) }); err != nil {
			return err
		}
		if err := left.drop(ctx); err != nil {
			return err
		}
	}
	return nil
}

// drop removes what only served the job. A dry run leaves no trace at all.
func (s *session) drop(ctx context.Context) error {
	_, err := s.conn.Exec(ctx, "drop table if exists "+s.job.seen())
	if err == nil && s.o.DryRun {
		_, err = s.conn.Exec(ctx, "delete from importing.job where id = $1", s.job.id)
	}
	if err == nil {
		_, err = s.conn.Exec(ctx, "select pg_advisory_unlock(hashtextextended($1, 0))", "import "+s.job.key)
	}
	if err != nil {
		return fmt.Errorf("import: clean up: %w", err)
	}
	return nil
}

func (s *session) makeSeen(ctx context.Context) error {
	_, err := s.conn.Exec(ctx, fmt.Sprintf(`
		drop table if exists %[1]s;
		create unlogged table %[1]s (code text collate "C" primary key, row bigint not null);
		insert into %[1]s values ('', 0)`, s.job.seen()))
	if err != nil {
		return fmt.Errorf("import job: %w", err)
	}
	return nil
}

// resume goes on after the mark, or from the top where the list of codes was lost with a crash of PostgreSQL.
func (s *session) resume(ctx context.Context) error {
	intact := false
	err := s.conn.QueryRow(ctx, `select to_regclass($1) is not null`, s.job.seen()).Scan(&intact)
	if err == nil && intact {
		err = s.conn.QueryRow(ctx, `select exists (select from `+s.job.seen()+` where code = '')`).Scan(&intact)
	}
	if err != nil {
		return fmt.Errorf("import job: %w", err)
	}
	if intact {
		s.report.ResumedAt = s.job.rowsDone
		return nil
	}
	s.job.rowsDone = 0
	_, err = s.conn.Exec(ctx, `
		update importing.job set rows_done = 0, inserted = 0, updated = 0, unchanged = 0, rejected = 0, repaired = 0, squares = 0
		where id = $1`, s.job.id)
	if err == nil {
		_, err = s.conn.Exec(ctx, `delete from importing.reject where job = $1`, s.job.id)
	}
	if err != nil {
		return fmt.Errorf("import job: %w", err)
	}
	return s.makeSeen(ctx)
}

// counts are what one batch came to.
type counts struct {
	rows, inserted, updated, rejected, repaired, squares int64
	minCode, maxCode                                     *string
}

// mark moves the job on, in the transaction of the batch.
func (s *session) mark(ctx context.Context, tx pgx.Tx, last int64, c counts) error {
	_, err := tx.Exec(ctx, `
		update importing.job
		set rows_done = $2, inserted = inserted + $3, updated = updated + $4, unchanged = unchanged + $5,
		    rejected = rejected + $6, repaired = repaired + $7, squares = squares + $8,
		    min_code = least(min_code, $9), max_code = greatest(max_code, $10)
		where id = $1`,
		s.job.id, last, c.inserted, c.updated, c.rows-c.inserted-c.updated-c.rejected, c.rejected, c.repaired, c.squares,
		c.minCode, c.maxCode)
	if err != nil {
		return fmt.Errorf("import job: %w", err)
	}
	return nil
}

// finish closes the job and leaves its mark in the ledger, in one transaction.
func (s *session) finish(ctx context.Context, tx pgx.Tx) error {
	r := s.report
	var lo, hi string
	err := tx.QueryRow(ctx, `
		update importing.job set finished_at = now() where id = $1
		returning inserted, updated, unchanged, rejected, repaired, squares, coalesce(min_code, ''), coalesce(max_code, '')`,
		s.job.id).Scan(&r.Inserted, &r.Updated, &r.Unchanged, &r.Rejected, &r.Repaired, &r.Squares, &lo, &hi)
	if err != nil {
		return fmt.Errorf("import job: %w", err)
	}
	r.Rows = r.Inserted + r.Updated + r.Unchanged + r.Rejected
	if !r.Changed() {
		return nil
	}
	return evidence.Record(ctx, tx, evidence.Step{
		By: s.o.By, Code: commonCode(lo, hi), Noun: "import", Subject: s.job.id, Action: "import " + string(s.o.Kind),
		Reason: filepath.Base(s.o.File),
		After: map[string]any{
			"file": filepath.Base(s.o.File), "sha256": r.SHA256, "crs": r.CRS, "rows": r.Rows,
			"inserted": r.Inserted, "updated": r.Updated, "unchanged": r.Unchanged, "rejected": r.Rejected,
		},
	})
}

// commonCode is the smallest place that holds both codes.
func commonCode(a, b string) geo.Code {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	code := geo.Code(a[:n])
	for code != "" && code.Level() == 0 {
		code = code[:len(code)-1]
	}
	return code
}
