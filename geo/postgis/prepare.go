package postgis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
)

// prepare makes sure of what only a superuser can give: the database, PostGIS in it, and the mark on its overlap test.
func prepare(ctx context.Context, url string, log *slog.Logger) error {
	if err := makeDatabase(ctx, url); err != nil {
		return fmt.Errorf("database make: %w", err)
	}
	return withConn(ctx, url, "", func(conn *pgx.Conn) error {
		if err := makeExtension(ctx, conn, log); err != nil {
			return fmt.Errorf("postgis make: %w", err)
		}
		return markLeakproof(ctx, conn)
	})
}

func makeDatabase(ctx context.Context, url string) error {
	return withConn(ctx, url, "postgres", func(conn *pgx.Conn) error {
		var exists bool
		err := conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1)`, databaseName).Scan(&exists)
		if err != nil || exists {
			return err
		}
		_, err = conn.Exec(ctx, `create database `+databaseName)
		return err
	})
}

// makeExtension also follows an upgrade of the PostGIS package, whose old SQL would call functions that are gone.
func makeExtension(ctx context.Context, conn *pgx.Conn, log *slog.Logger) error {
	if _, err := conn.Exec(ctx, `create extension if not exists postgis`); err != nil {
		return err
	}
	var has, could string
	err := conn.QueryRow(ctx, `select e.extversion, a.default_version
		from pg_extension e join pg_available_extensions a on a.name = e.extname where extname = 'postgis'`).Scan(&has, &could)
	if err != nil || has == could {
		return err
	}
	log.InfoContext(ctx, "updating PostGIS in the database", "from", has, "to", could)
	_, err = conn.Exec(ctx, `alter extension postgis update`)
	return err
}

// markLeakproof lets the planner test && before row-level security's own conditions, and so use the spatial index.
// The test compares two boxes and tells nobody about them, neither by an error nor by a notice.
func markLeakproof(ctx context.Context, conn *pgx.Conn) error {
	var function string
	var marked bool
	err := conn.QueryRow(ctx, `select p.oid::regprocedure::text, p.proleakproof from pg_proc p
		where p.proname = 'geometry_overlaps' and p.pronargs = 2
		  and p.proargtypes[0] = 'geometry'::regtype and p.proargtypes[1] = 'geometry'::regtype`).Scan(&function, &marked)
	if err == nil && marked {
		return nil
	}
	if err == nil {
		_, err = conn.Exec(ctx, `alter function `+function+` leakproof`)
	}
	if err != nil {
		return fmt.Errorf("overlap test mark: %w", err)
	}
	return nil
}

// withConn runs work on one connection, to the URL's database or another of the same cluster.
func withConn(ctx context.Context, url, database string, work func(*pgx.Conn) error) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("database url read: %w", err)
	}
	if database != "" {
		config.Database = database
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("database connect: %w", err)
	}
	return errors.Join(work(conn), conn.Close(context.WithoutCancel(ctx)))
}
