package postgis

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gridweave/gridweave/realtime/position"
)

// Options of Open. The zero value logs nowhere and takes pools for one server on its own machine.
type Options struct {
	Log *slog.Logger
	// AppConns and AdminConns bound the pools; 0 chooses.
	AppConns, AdminConns int32
}

// Pool sizes beside each other fit into the private cluster's 100 connections, with the feed's and a psql's.
const (
	defaultAppConns   = 24
	defaultAdminConns = 8
)

// Limits of a session of the App pool. A request's answer has 60 s; a statement that takes half of it helps nobody,
// and a lock that is not given within ten seconds is held by something that takes long.
const (
	appStatementTimeout = 30 * time.Second
	appLockTimeout      = 10 * time.Second
	appIdleTimeout      = 60 * time.Second // within a transaction
)

// DB is the database behind its two pools. Queries outside Write, Read and AsAdmin see on App nothing that has a
// scope, and on Admin everything.
type DB struct {
	App   *pgxpool.Pool // as gridweave_app, bound by row-level security
	Admin *pgxpool.Pool // as the URL's user, who owns the tables
	log   *slog.Logger
}

// Open connects both pools to a migrated database. It fails where the server's role is missing: migrate first.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	admin, err := openPool(ctx, url, or(o.AdminConns, defaultAdminConns), adminParams(), nil)
	if err != nil {
		return nil, err
	}
	app, err := openPool(ctx, url, or(o.AppConns, defaultAppConns), appParams(), becomeApp)
	if err != nil {
		admin.Close()
		return nil, err
	}
	return &DB{App: app, Admin: admin, log: log}, nil
}

// Close waits for what is under way and closes both pools.
func (db *DB) Close() {
	db.App.Close()
	db.Admin.Close()
}

func or(n, otherwise int32) int32 {
	if n > 0 {
		return n
	}
	return otherwise
}

func adminParams() map[string]string {
	return map[string]string{
		"application_name": "gridweave admin",
		"timezone":         "UTC",
		"jit":              "off",
	}
}

func appParams() map[string]string {
	return map[string]string{
		"application_name": "gridweave",
		"timezone":         "UTC",
		"jit":              "off",
		// PostGIS declares costs that make even small tiles run in parallel, each worker loading PROJ anew.
		"max_parallel_workers_per_gather":     "0",
		"statement_timeout":                   milliseconds(appStatementTimeout),
		"lock_timeout":                        milliseconds(appLockTimeout),
		"idle_in_transaction_session_timeout": milliseconds(appIdleTimeout),
	}
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// becomeApp gives up the administrator's rights for the session.
func becomeApp(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, `set role `+appRole); err != nil {
		return fmt.Errorf("role take: %w (is the database migrated?)", err)
	}
	return nil
}

func openPool(ctx context.Context, url string, conns int32, params map[string]string,
	become func(context.Context, *pgx.Conn) error,
) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database url read: %w", err)
	}
	for name, value := range params {
		if _, given := config.ConnConfig.RuntimeParams[name]; !given {
			config.ConnConfig.RuntimeParams[name] = value
		}
	}
	config.MaxConns = conns
	config.ConnConfig.BuildContextWatcherHandler = cancelRequests
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		if err := greet(ctx, conn); err != nil || become == nil {
			return err
		}
		return become(ctx, conn)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("database open: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("database open: %w", err)
	}
	return pool, nil
}

// cancelRequests lets a context that ends cancel the statement and keep the connection: a map that is panned cancels
// tiles by the dozen. Where the database does not answer to that, the connection goes.
func cancelRequests(conn *pgconn.PgConn) ctxwatch.Handler {
	return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: cancelPatience}
}

const cancelPatience = 2 * time.Second

// greet learns from a new connection what does not change while it lasts: the types that PostGIS brings, whose ids
// differ from database to database, and the epoch.
func greet(ctx context.Context, conn *pgx.Conn) error {
	var geometry, geometries, system *int64
	var timeline *string
	err := conn.QueryRow(ctx, `select to_regtype('geometry')::oid::bigint, to_regtype('geometry[]')::oid::bigint,
			case when not pg_is_in_recovery() then (select system_identifier from pg_control_system()) end,
			case when not pg_is_in_recovery() then left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) end`,
	).Scan(&geometry, &geometries, &system, &timeline)
	if err != nil {
		return fmt.Errorf("connection greet: %w", err)
	}
	if geometry != nil && geometries != nil {
		registerGeometry(conn.TypeMap(), uint32(*geometry), uint32(*geometries))
	}
	if system == nil || timeline == nil {
		return nil
	}
	line, err := strconv.ParseUint(*timeline, 16, 32)
	if err != nil {
		return fmt.Errorf("connection greet: timeline %q: %w", *timeline, err)
	}
	conn.PgConn().CustomData()[epochKey] = position.Epoch(uint64(*system), uint32(line))
	return nil
}

// epochKey holds a connection's epoch among its custom data. A restored or promoted database ends its connections, so
// that the next ones learn the new epoch.
const epochKey = "gridweave.epoch"
