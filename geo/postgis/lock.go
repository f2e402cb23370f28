package postgis

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// fileLock is an flock on a file of the data folder. The kernel gives it back when the process dies, however it dies.
type fileLock struct{ file *os.File }

// errLocked says that another process holds the lock.
var errLocked = errors.New("locked")

// tryLock takes the lock or returns errLocked at once; how is unix.LOCK_EX or LOCK_SH.
func tryLock(path string, how int) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock open: %w", err)
	}
	if err := flock(file, how); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &fileLock{file}, nil
}

// waitLock polls, since a blocking flock cannot be interrupted by a context.
func waitLock(ctx context.Context, path string, how int) (*fileLock, error) {
	tick := time.NewTicker(lockPoll)
	defer tick.Stop()
	for {
		lock, err := tryLock(path, how)
		if !errors.Is(err, errLocked) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("lock wait: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// lockPoll is short beside what holds such a lock: starting or stopping PostgreSQL takes from 0.1 s on.
const lockPoll = 25 * time.Millisecond

func flock(file *os.File, how int) error {
	for {
		err := unix.Flock(int(file.Fd()), how|unix.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return errLocked
		default:
			return fmt.Errorf("lock take %s: %w", file.Name(), err)
		}
	}
}

// upgrade turns a shared lock into an exclusive one. Of several holders that upgrade at once the last wins; the kernel
// gives up the shared lock first, so a loser holds nothing any more.
func (l *fileLock) upgrade() error { return flock(l.file, unix.LOCK_EX) }

// release unlocks before it closes: a child that another goroutine has forked but not yet started has the file open
// too, and the lock would live until then.
func (l *fileLock) release() error {
	return errors.Join(flock(l.file, unix.LOCK_UN), l.file.Close())
}

// write puts our process id into the file, for whoever finds it locked.
func (l *fileLock) write() error {
	if err := l.file.Truncate(0); err != nil {
		return fmt.Errorf("lock write: %w", err)
	}
	if _, err := l.file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return fmt.Errorf("lock write: %w", err)
	}
	return nil
}

// holder names the process that holds the lock on path, as far as it has said so.
func holder(path string) string {
	text, err := os.ReadFile(path)
	if pid := strings.TrimSpace(string(text)); err == nil && pid != "" {
		return pid
	}
	return "unknown"
}
