package postgis

import (
	"context"
	"io/fs"
	"log/slog"
)

// MigrateTo is migrate for tests that stop on the way.
func MigrateTo(ctx context.Context, url string, steps fs.FS, upTo int64) error {
	return migrate(ctx, url, steps, upTo, slog.New(slog.DiscardHandler))
}
