package postgis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/realtime/position"
)

// attempts is how often a transaction is tried that lost against another one.
const attempts = 5

// committedTimeout bounds the question after a commit, also where its connection has just been lost.
const committedTimeout = 5 * time.Second

// ErrPositionUnknown says that a transaction is committed, and that the database then could not be asked where.
var ErrPositionUnknown = errors.New("committed, position unknown")

// Write runs fn in one transaction that sees and changes only what lies within the scope; the empty scope sees
// nothing. The position, read after the commit, includes it.
//
// Where the transaction lost against a concurrent one (deadlock, serialization) it is rolled back and fn runs again,
// up to five times in all: fn has no effect but on the transaction, and sets what it returns anew each time.
// An error of fn rolls back and is returned as it is.
func (db *DB) Write(ctx context.Context, scope geo.Code, fn func(pgx.Tx) error) (position.Position, error) {
	return db.write(ctx, db.App, scoped(ctx, scope, fn))
}

// AsAdmin runs fn in one transaction of the administrator, who sees everything. It is for what no account asks for:
// imports, generators, migrations of data. It repeats fn as Write does.
func (db *DB) AsAdmin(ctx context.Context, fn func(pgx.Tx) error) (position.Position, error) {
	return db.write(ctx, db.Admin, fn)
}

// Read runs fn in one read-only transaction within the scope. Its statements see one snapshot, so that a list and its
// count agree.
func (db *DB) Read(ctx context.Context, scope geo.Code, fn func(pgx.Tx) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return repeat(func() error {
		return onConn(ctx, db.App, func(conn *pgx.Conn) error {
			return inTx(ctx, conn, options, scoped(ctx, scope, fn))
		})
	})
}

func (db *DB) write(ctx context.Context, pool *pgxpool.Pool, fn func(pgx.Tx) error) (position.Position, error) {
	var at position.Position
	err := repeat(func() error {
		return onConn(ctx, pool, func(conn *pgx.Conn) (err error) {
			if err = inTx(ctx, conn, pgx.TxOptions{}, fn); err != nil {
				return err
			}
			at, err = db.committed(ctx, conn)
			return err
		})
	})
	return at, err
}

// PlanAnew has each question of the transaction planned for what it asks, for some three milliseconds. After a few questions
// PostgreSQL would take one plan for all that come, made for a hundredth of what there is: a whole city's figures of two
// days take three times as long by it, a page of its history fifteen times.
func PlanAnew(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `set local plan_cache_mode = force_custom_plan`); err != nil {
		return fmt.Errorf("plan anew: %w", err)
	}
	return nil
}

// scoped sets the scope for the transaction alone: the pool's next user of the connection starts with none.
func scoped(ctx context.Context, scope geo.Code, fn func(pgx.Tx) error) func(pgx.Tx) error {
	return func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select set_config('gridweave.scope', $1, true)`, string(scope)); err != nil {
			return fmt.Errorf("scope set: %w", err)
		}
		return fn(tx)
	}
}

func onConn(ctx context.Context, pool *pgxpool.Pool, work func(*pgx.Conn) error) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connection take: %w", err)
	}
	defer conn.Release()
	return work(conn.Conn())
}

// inTx rolls back also when the context has ended, which pgx would answer by closing the connection.
func inTx(ctx context.Context, conn *pgx.Conn, options pgx.TxOptions, fn func(pgx.Tx) error) error {
	tx, err := conn.BeginTx(ctx, options)
	if err != nil {
		return fmt.Errorf("transaction begin: %w", err)
	}
	done := false
	defer func() {
		if !done { // an error, or a panic on its way up
			_ = tx.Rollback(context.WithoutCancel(ctx)) // a connection that cannot is closed by the pool
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("transaction commit: %w", err)
	}
	done = true
	return nil
}

// repeat tries again what lost against a concurrent transaction, and what never reached the database.
func repeat(try func() error) (err error) {
	for range attempts {
		if err = try(); !repeatable(err) {
			return err
		}
	}
	return err
}

func repeatable(err error) bool {
	switch sqlState(err) {
	case codeSerializationFailure, codeDeadlockDetected:
		return true
	}
	return pgconn.SafeToRetry(err) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// committed reads a position that includes everything this connection has committed. The caller's context does not
// count any more: the commit has happened, and its position is one short question away.
func (db *DB) committed(ctx context.Context, conn *pgx.Conn) (position.Position, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), committedTimeout)
	defer cancel()
	at, err := readPosition(ctx, conn)
	if err == nil {
		return at, nil
	}
	// Any other connection's later answer includes the commit as well.
	err = onConn(ctx, db.Admin, func(other *pgx.Conn) (err error) {
		at, err = readPosition(ctx, other)
		return err
	})
	if err != nil {
		return position.Position{}, fmt.Errorf("%w: %w", ErrPositionUnknown, err)
	}
	return at, nil
}

// Position is where the database's log ends now: it includes every commit that was answered before the call.
func (db *DB) Position(ctx context.Context) (at position.Position, err error) {
	err = onConn(ctx, db.Admin, func(conn *pgx.Conn) (err error) {
		at, err = readPosition(ctx, conn)
		return err
	})
	return at, err
}

// positionSQL: an answered commit is flushed, so the flushed end includes it, and whoever follows the log can reach it at
// once. The inserted end includes others' records that nobody flushes for a while, and at a page's border names a place
// that only the next record reaches; it counts where commits are answered before they are flushed.
const positionSQL = `select case current_setting('synchronous_commit') when 'off' then pg_current_wal_insert_lsn()
	else pg_current_wal_flush_lsn() end::text`

func readPosition(ctx context.Context, conn *pgx.Conn) (position.Position, error) {
	epoch, ok := conn.PgConn().CustomData()[epochKey].(string)
	if !ok {
		return position.Position{}, errors.New("position read: the database is a standby, which has none of its own")
	}
	var lsn string
	if err := conn.QueryRow(ctx, positionSQL).Scan(&lsn); err != nil {
		return position.Position{}, fmt.Errorf("position read: %w", err)
	}
	number, err := position.ParseLSN(lsn)
	if err != nil {
		return position.Position{}, fmt.Errorf("position read: %w", err)
	}
	return position.Position{Epoch: epoch, LSN: number}, nil
}
