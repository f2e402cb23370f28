package postgis

import (
	"context"
	"database/sql"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/gridweave/gridweave/migrations"
)

// JobSchema is where River keeps its jobs: apart from ours, and published to nobody.
const JobSchema = "river"

// goSteps are the steps that are no file of ours: River brings its schema along, up to the version that ours were written
// for. It takes two, since a value that one adds to an enumeration is used by the next.
func goSteps(steps fs.FS) []goose.ProviderOption {
	if steps != fs.FS(migrations.FS) {
		return nil
	}
	step := func(number int64, version int) *goose.Migration {
		return goose.NewGoMigration(number, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			return makeJobSchema(ctx, tx, version)
		}}, nil)
	}
	return []goose.ProviderOption{goose.WithGoMigrations(step(10, 5), step(11, 6))}
}

func makeJobSchema(ctx context.Context, tx *sql.Tx, version int) error {
	if _, err := tx.ExecContext(ctx, "create schema if not exists "+JobSchema); err != nil {
		return err
	}
	migrator, err := rivermigrate.New(riverdatabasesql.New(nil), &rivermigrate.Config{Schema: JobSchema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	//nolint:staticcheck // River warns of versions that do not fit into one transaction; ours are cut where that is so
	_, err = migrator.MigrateTx(ctx, tx, rivermigrate.DirectionUp, &rivermigrate.MigrateOpts{TargetVersion: version})
	return err
}
