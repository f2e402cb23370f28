package postgis

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Release gives back what Acquire took.
type Release = func(context.Context) error

// Acquire finds the database for a command: the one that is named by databaseURL, else the private cluster that a
// server runs in dataDir already, else that cluster started for the command's time. Release ends the use; whoever is
// last stops a cluster that no server owns.
func Acquire(ctx context.Context, dataDir, databaseURL string, log *slog.Logger) (url string, release Release, err error) {
	if databaseURL != "" {
		return databaseURL, func(context.Context) error { return nil }, nil
	}
	patience := time.NewTimer(joinTimeout)
	defer patience.Stop()
	for {
		url, release, err = start(ctx, dataDir, log)
		var inUse *InUseError
		if !errors.As(err, &inUse) {
			return url, release, err
		}
		if url, release, err = join(ctx, dataDir); err == nil {
			return url, release, nil
		}
		select { // the owner may be starting, or stopping just now
		case <-ctx.Done():
			return "", nil, fmt.Errorf("database wait: %w", ctx.Err())
		case <-patience.C:
			return "", nil, fmt.Errorf("%w, whose PostgreSQL does not answer: %w", inUse, err)
		case <-time.After(joinPoll):
		}
	}
}

// AcquireAlone is Acquire for a server, of which a data folder has one: a folder in use gives *InUseError.
func AcquireAlone(ctx context.Context, dataDir, databaseURL string, log *slog.Logger) (url string, release Release, err error) {
	if databaseURL != "" {
		return databaseURL, func(context.Context) error { return nil }, nil
	}
	return start(ctx, dataDir, log)
}

// How long a command waits for the owner of the data folder to bring PostgreSQL up, which after a crash recovers.
const (
	joinTimeout = 2 * time.Minute
	joinPoll    = 100 * time.Millisecond
)

func start(ctx context.Context, dataDir string, log *slog.Logger) (string, Release, error) {
	cluster, err := StartCluster(ctx, dataDir, ClusterOptions{Log: log})
	if err != nil {
		return "", nil, err
	}
	return cluster.URL(), cluster.Stop, nil
}

// join uses the cluster beside its owner.
func join(ctx context.Context, dataDir string) (string, Release, error) {
	f, err := openFolder(dataDir)
	if err != nil {
		return "", nil, err
	}
	users, err := waitLock(ctx, f.users(), unix.LOCK_SH)
	if err != nil {
		return "", nil, err
	}
	url, err := RunningURL(ctx, dataDir)
	if err != nil {
		return "", nil, errors.Join(err, users.release())
	}
	return url, func(ctx context.Context) error { return part(ctx, f, users) }, nil
}

// part ends a use beside an owner. Where the owner has gone before us and we are the last, we stop the cluster.
func part(ctx context.Context, f folder, users *fileLock) error {
	err := users.upgrade()
	if errors.Is(err, errLocked) {
		return users.release()
	}
	if err != nil {
		return errors.Join(err, users.release())
	}
	orphan, err := findOrphan(f)
	if err == nil && orphan != nil {
		file, _ := readPidFile(f)
		err = orphan.stop(ctx)
		orphan.unwatch()
		_ = os.Remove(file.socketDir) // empty now
	}
	return errors.Join(err, users.release())
}

// RunningURL is the URL of the private cluster that runs in dataDir, started by whomever. Where none answers it says so.
func RunningURL(ctx context.Context, dataDir string) (string, error) {
	f, err := existingFolder(dataDir)
	if err != nil {
		return "", err
	}
	if _, err := os.ReadFile(f.pidPath()); errors.Is(err, fs.ErrPermission) {
		return "", fmt.Errorf("database find: the cluster in %s belongs to another user: work as that user or as root", f)
	}
	file, ok := readPidFile(f)
	if !ok {
		return "", fmt.Errorf("database find: no PostgreSQL runs in %s: start `gridweave serve --data %s` first", f, dataDir)
	}
	url := clusterURL(file.socketDir, file.port)
	if err := ping(ctx, url); err != nil {
		return "", fmt.Errorf("database find: PostgreSQL in %s does not answer: %w", f, err)
	}
	return url, nil
}

// existingFolder is openFolder for those who only look.
func existingFolder(dir string) (folder, error) {
	abs, err := filepath.Abs(dir)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	if err != nil {
		return "", fmt.Errorf("data folder find: %w", err)
	}
	return folder(abs), nil
}
