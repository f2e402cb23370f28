package postgis

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/gridweave/gridweave/migrations"
)

// NewerSchemaError says that a newer gridweave has migrated the database, which this one would misread.
type NewerSchemaError struct{ Has, Knows int64 }

func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("database migrate: the schema is at version %d and this gridweave knows %d: use the newer gridweave",
		e.Has, e.Knows)
}

// Migrate brings the schema to this version, as the URL's user, one step a transaction. Of several servers that
// migrate at once one does the work and the others wait. Errors: *NewerSchemaError, or the step that failed, whose
// transaction left nothing.
func Migrate(ctx context.Context, url string, log *slog.Logger) error {
	return migrate(ctx, url, migrations.FS, 0, log)
}

// migrate stops after version upTo; 0: goes to the end.
func migrate(ctx context.Context, url string, steps fs.FS, upTo int64, log *slog.Logger) (err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("database url read: %w", err)
	}
	config.RuntimeParams["application_name"] = "gridweave migrate"
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	// An import's lock or another server's long step may hold us up; the context ends the waiting.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 3600))
	if err != nil {
		return fmt.Errorf("database migrate: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, steps,
		append(goSteps(steps), goose.WithSessionLocker(locker))...)
	if err != nil {
		return fmt.Errorf("database migrate: %w", err)
	}
	if err := refuseNewer(ctx, provider); err != nil {
		return err
	}
	return stepUp(ctx, provider, upTo, log)
}

func refuseNewer(ctx context.Context, provider *goose.Provider) error {
	has, knows, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("database migrate: %w", err)
	}
	if has > knows {
		return &NewerSchemaError{has, knows}
	}
	return nil
}

// slowStep is how long a step may take before somebody who waits for the server is told of it.
const slowStep = 3 * time.Second

// stepUp goes one step at a time, so that each is logged when it happened.
func stepUp(ctx context.Context, provider *goose.Provider, upTo int64, log *slog.Logger) error {
	for {
		has, knows, err := provider.GetVersions(ctx)
		if err != nil {
			return fmt.Errorf("database migrate: %w", err)
		}
		if has >= knows || (upTo != 0 && has >= upTo) {
			return nil
		}
		slow := time.AfterFunc(slowStep, func() {
			log.InfoContext(ctx, "database migrating: a step takes long on so many rows; interrupted, it begins anew", "after", has)
		})
		result, err := provider.UpByOne(ctx)
		slow.Stop()
		if errors.Is(err, goose.ErrNoNextVersion) { // another server was quicker
			return nil
		}
		if err != nil {
			return fmt.Errorf("database migrate: %w", err)
		}
		log.InfoContext(ctx, "database migrated", "version", result.Source.Version, "step", result.Source.Path,
			"duration", result.Duration)
	}
}
