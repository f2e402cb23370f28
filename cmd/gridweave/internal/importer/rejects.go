package importer

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// addRejects keeps the rows that never reached staging.
func (s *session) addRejects(ctx context.Context, tx pgx.Tx, rejects []Reject) error {
	if len(rejects) == 0 {
		return nil
	}
	rows := make([]int64, len(rejects))
	codes := make([]string, len(rejects))
	reasons := make([]string, len(rejects))
	for i, r := range rejects {
		rows[i], codes[i], reasons[i] = r.Row, r.Code, r.Reason
	}
	_, err := tx.Exec(ctx, `
		insert into importing.reject (job, row, code, reason)
		select $1, * from unnest($2::bigint[], $3::text[], $4::text[])`, s.job.id, rows, codes, reasons)
	if err != nil {
		return fmt.Errorf("rejects: %w", err)
	}
	return nil
}

// keepStaged moves the refused rows of the staging table over and counts them.
func (s *session) keepStaged(ctx context.Context, tx pgx.Tx, stage string) (int64, error) {
	code := "code"
	if stage == "stage_area" {
		code = "coalesce(foreign_code, code)"
	}
	tag, err := tx.Exec(ctx, `
		insert into importing.reject (job, row, code, reason)
		select $1, row, `+code+`, reason from `+stage+` where reason is not null`, s.job.id)
	if err != nil {
		return 0, fmt.Errorf("rejects: %w", err)
	}
	return tag.RowsAffected(), nil
}

func rejectsHeader() []string { return []string{"row", "code", "reason"} }

// writeRejects writes the job's rejects beside the file, or where the user wants them, and puts the first into the report.
func (s *session) writeRejects(ctx context.Context) error {
	if s.report.Rejected == 0 {
		return nil
	}
	f, err := createRejects(s.o.Rejects)
	if err != nil {
		return err
	}
	s.report.RejectsFile = f.Name()
	err = s.copyRejects(ctx, f)
	if cerr := f.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("rejects: %w", cerr)
	}
	return err
}

// createRejects falls back to the working folder where the file's own cannot be written, as on a read-only share.
func createRejects(path string) (*os.File, error) {
	f, err := os.Create(path)
	if err == nil {
		return f, nil
	}
	if here, herr := os.Create(filepath.Base(path)); herr == nil {
		return here, nil
	}
	return nil, fmt.Errorf("rejects: %w (name another place with --rejects)", err)
}

func (s *session) copyRejects(ctx context.Context, f *os.File) error {
	w := csv.NewWriter(f)
	if err := w.Write(rejectsHeader()); err != nil {
		return fmt.Errorf("rejects: %w", err)
	}
	rows, err := s.conn.Query(ctx, `select row, code, reason from importing.reject where job = $1 order by row`, s.job.id)
	if err != nil {
		return fmt.Errorf("rejects: %w", err)
	}
	var r Reject
	_, err = pgx.ForEachRow(rows, []any{&r.Row, &r.Code, &r.Reason}, func() error {
		if len(s.report.Rejects) < shownRejects {
			s.report.Rejects = append(s.report.Rejects, r)
		}
		return w.Write([]string{strconv.FormatInt(r.Row, 10), r.Code, r.Reason})
	})
	if err == nil {
		w.Flush()
		err = w.Error()
	}
	if err != nil {
		return fmt.Errorf("rejects: %w", err)
	}
	return nil
}
