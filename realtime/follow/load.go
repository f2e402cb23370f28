package follow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/position"
)

// loadConnections is how many tables are read at once: while the database writes one table's rows, another's are read.
const loadConnections = 3

// Load implements feed.Consumer. Tables are read at the same time, on connections of their own that share the
// transaction's snapshot.
func (f *Follower) Load(ctx context.Context, tx pgx.Tx, at position.Position) error {
	var snapshot string
	if err := tx.QueryRow(ctx, `select pg_export_snapshot()`).Scan(&snapshot); err != nil {
		return fmt.Errorf("load: share the snapshot: %w", err)
	}
	loading := f.picture.Load(time.Now())
	tables, ctx2 := errgroup.WithContext(ctx)
	tables.SetLimit(loadConnections)
	for _, p := range f.projections {
		tables.Go(func() error { return readTable(ctx2, tx.Conn().Config(), snapshot, loading, p) })
	}
	if err := tables.Wait(); err != nil {
		return err
	}
	loading.Finish()
	if err := f.loadKeepers(ctx, tx, at); err != nil {
		return err
	}
	f.picture.Replace(at, loading)
	for _, l := range f.listeners {
		l.Reset(at)
	}
	return nil
}

// readTable reads a projection's rows in the snapshot.
func readTable(ctx context.Context, cfg *pgx.ConnConfig, snapshot string, into *live.Loading, p live.Projection) error {
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("load %s: %w", p.Table, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		// The name comes from the server and is made of hexadecimal digits and hyphens; SET takes no parameters.
		if _, err := tx.Exec(ctx, "set transaction snapshot '"+snapshot+"'"); err != nil {
			return err
		}
		return copyTable(ctx, tx.Conn(), into, p)
	})
	if err != nil {
		return fmt.Errorf("load %s: %w", p.Table, err)
	}
	return nil
}

func copyTable(ctx context.Context, conn *pgx.Conn, into *live.Loading, p live.Projection) error {
	table, err := into.Table(p)
	if err != nil {
		return err
	}
	query, err := copyQuery(conn, p)
	if err != nil {
		return err
	}
	rows := copyReader{take: table.Row, cells: make([][]byte, len(p.Columns()))}
	if _, err := conn.PgConn().CopyTo(ctx, &rows, query); err != nil {
		return err
	}
	return rows.end()
}

// copyQuery asks for the geometry in binary, which is half as long as in text and needs no decoding, and for everything
// else as text, as the log writes it.
func copyQuery(conn *pgx.Conn, p live.Projection) (string, error) {
	columns := slices.Clone(p.Columns())
	for i, c := range columns {
		if c != p.Geom {
			columns[i] = c + "::text"
		}
	}
	query := fmt.Sprintf("select %s from %s", strings.Join(columns, ", "), p.Table)
	if p.Except != nil {
		values := make([]string, len(p.Except.Values))
		for i, v := range p.Except.Values {
			escaped, err := conn.PgConn().EscapeString(v)
			if err != nil {
				return "", err
			}
			values[i] = "'" + escaped + "'"
		}
		query += fmt.Sprintf(" where %s not in (%s)", p.Except.Column, strings.Join(values, ", "))
	}
	return "copy (" + query + ") to stdout (format binary)", nil
}

// eachRow asks in the simple protocol: it alone answers every type as text, as the log does, so that both take one way.
// The row is valid during the call only.
func eachRow(ctx context.Context, tx pgx.Tx, columns []string, from string, take func(loaded) error) error {
	sql := fmt.Sprintf("select %s from %s", strings.Join(columns, ", "), from)
	rows, err := tx.Query(ctx, sql, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return fmt.Errorf("load from %s: %w", from, err)
	}
	defer rows.Close()
	row := loaded{columns: columns}
	for rows.Next() {
		row.values = rows.RawValues()
		if err := take(row); err != nil {
			return fmt.Errorf("load from %s: %w", from, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("load from %s: %w", from, err)
	}
	return nil
}

// loaded is a row of a query.
type loaded struct {
	columns []string
	values  [][]byte
}

// Text implements live.Row.
func (l loaded) Text(column string) (value string, null, known bool) {
	i := slices.Index(l.columns, column)
	if i < 0 {
		return "", false, false
	}
	return string(l.values[i]), l.values[i] == nil, true
}
