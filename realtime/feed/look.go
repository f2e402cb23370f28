package feed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/realtime/rows"
)

// lookEvery is how often the database is asked, beside the stream, what the stream cannot tell: where its log ends,
// and whether the publication still carries what is needed. A table that leaves the publication leaves without a word.
const lookEvery = 5 * time.Second

// look asks until the context ends, and ends it where the stream may not go on.
func (f *Feed) look(ctx context.Context, stop context.CancelCauseFunc) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var conn *pgx.Conn
	defer func() { closeConn(ctx, conn) }()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if conn == nil || conn.IsClosed() {
			var err error
			if conn, err = pgx.Connect(ctx, f.cfg.URL); err != nil {
				conn = nil
				continue // the stream will find out soon enough
			}
		}
		if err := f.lookOnce(ctx, conn); err != nil {
			stop(err)
		}
	}
}

func closeConn(ctx context.Context, conn *pgx.Conn) {
	if conn != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
	}
}

// lookOnce answers an error only where the stream may not go on.
func (f *Feed) lookOnce(ctx context.Context, conn *pgx.Conn) error {
	var end pglogrepl.LSN
	if err := conn.QueryRow(ctx, `select pg_current_wal_flush_lsn()::text`).Scan(&end); err != nil {
		closeConn(ctx, conn)
		return nil //nolint:nilerr // the stream will find out soon enough
	}
	f.looked(uint64(end))
	err := f.verify(ctx, conn)
	if _, unreadable := errors.AsType[errUnreadable](err); unreadable {
		return f.errorf("%w: %w", ErrReload, err)
	}
	return nil
}

// querier is what a connection and a transaction have in common.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// verify makes sure that the publication carries every change of everything that is needed.
func (f *Feed) verify(ctx context.Context, q querier) error {
	found, err := q.Query(ctx, `
		select t.tablename, t.attnames::text[], t.rowfilter is null and p.pubinsert and p.pubupdate and p.pubdelete and p.pubtruncate
		from pg_publication_tables t join pg_publication p using (pubname) where t.pubname = $1`, f.cfg.Publication)
	if err != nil {
		return f.errorf("look at publication: %w", err)
	}
	carried := map[string][]string{}
	var table string
	var columns []string
	var whole bool
	_, err = pgx.ForEachRow(found, []any{&table, &columns, &whole}, func() error {
		if !whole {
			return errUnreadable{fmt.Errorf("publication %s leaves out some changes of table %s", f.cfg.Publication, table)}
		}
		carried[table] = slices.Clone(columns)
		return nil
	})
	if err != nil {
		return f.errorf("look at publication: %w", err)
	}
	for _, need := range f.cfg.Needs {
		columns, ok := carried[need.Table]
		if !ok {
			return errUnreadable{f.errorf("publication %s does not carry table %s", f.cfg.Publication, need.Table)}
		}
		if err := missing(need, columns); err != nil {
			return f.errorf("publication %s: %w", f.cfg.Publication, err)
		}
	}
	return nil
}

// missing names the columns that are needed and not there.
func missing(need rows.Source, columns []string) error {
	var lacks []string
	for _, c := range need.Columns {
		if !slices.Contains(columns, c) {
			lacks = append(lacks, c)
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	return errUnreadable{fmt.Errorf("table %s has no %s: the schema is not the one that this server was built for",
		need.Table, strings.Join(lacks, ", "))}
}
