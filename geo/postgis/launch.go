package postgis

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// launch starts PostgreSQL as our child and waits until it answers. It leaves nothing running where it fails.
func (c *Cluster) launch(ctx context.Context) error {
	if err := c.clearRemains(ctx); err != nil {
		return err
	}
	proc, err := c.spawn(ctx)
	if err != nil {
		return err
	}
	if err := c.waitReady(ctx, proc); err != nil {
		err = errors.Join(err, proc.stopNow(ctx))
		proc.unwatch()
		return err
	}
	c.setProcess(proc)
	c.log.InfoContext(ctx, "postgresql started", "pid", proc.pid, "version", c.bin.major, "socket", c.socket)
	return nil
}

// spawn starts the postmaster. Its output goes into a file, not through us, so that it can outlive us.
func (c *Cluster) spawn(ctx context.Context) (*process, error) {
	if err := makeSocketFolder(c.socket, c.user); err != nil {
		return nil, fmt.Errorf("socket folder make: %w", err)
	}
	out, err := os.OpenFile(c.folder.startLog(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("postgresql start: %w", err)
	}
	defer out.Close()
	cmd := c.command(context.WithoutCancel(ctx), "postgres", "-D", c.folder.cluster())
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("postgresql start: %w", err)
	}
	proc, err := watchProcess(cmd.Process.Pid, func() { _ = cmd.Wait() })
	if err != nil {
		return nil, errors.Join(err, cmd.Process.Signal(syscall.SIGQUIT), cmd.Wait())
	}
	return proc, nil
}

// How often a starting PostgreSQL is asked, and how often we say that we still wait: recovery after a crash may take
// minutes, during which it is alive and refuses.
const (
	readyPoll   = 20 * time.Millisecond
	readyNotice = 10 * time.Second
)

// waitReady returns when PostgreSQL answers, has ended, or the context does.
func (c *Cluster) waitReady(ctx context.Context, proc *process) error {
	poll, notice := time.NewTicker(readyPoll), time.NewTicker(readyNotice)
	defer poll.Stop()
	defer notice.Stop()
	for {
		err := ping(ctx, c.URL())
		if err == nil {
			return nil
		}
		if !isStarting(err) {
			return fmt.Errorf("postgresql start: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("postgresql start: %w", ctx.Err())
		case <-proc.exited:
			if _, err := c.awaitRemains(ctx, 0); err != nil { // its logger writes to the end
				return err
			}
			return fmt.Errorf("postgresql start: it ended at once: %s", c.lastWords())
		case <-notice.C:
			c.log.InfoContext(ctx, "postgresql is still starting, as after a crash it does", "pid", proc.pid)
		case <-poll.C:
		}
	}
}

// ping asks the cluster's maintenance database, which is there from the first start on.
func ping(ctx context.Context, url string) error {
	config, err := pgconn.ParseConfig(url)
	if err != nil {
		return err
	}
	config.Database = "postgres"
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// isStarting holds for a socket that is not there yet, or not answered, and for a server that asks to wait.
func isStarting(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code == codeCannotConnectNow
	}
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || pgconn.Timeout(err)
}

// lastWords are the last lines of what PostgreSQL wrote before and after its log was open.
func (c *Cluster) lastWords() string {
	text, err := os.ReadFile(c.folder.startLog())
	if err != nil {
		return err.Error()
	}
	if logs := c.logFiles(); len(logs) > 0 {
		if more, err := os.ReadFile(logs[0]); err == nil {
			text = append(text, more...)
		}
	}
	return tail(text)
}

// logFiles are the cluster's log files, the newest first.
func (c *Cluster) logFiles() []string {
	files, err := filepath.Glob(filepath.Join(c.folder.cluster(), logFolder, "postgresql-*.log"))
	if err != nil {
		return nil
	}
	slices.SortFunc(files, func(a, b string) int { return cmp.Compare(b, a) })
	return files
}

// pruneLogs bounds the log folder.
func (c *Cluster) pruneLogs(ctx context.Context) {
	for i, file := range c.logFiles() {
		if i < logFilesKept {
			continue
		}
		if err := os.Remove(file); err != nil {
			c.log.WarnContext(ctx, "postgresql log remove", "error", err)
		}
	}
}

// tail is the end of a program's output on one line.
func tail(out []byte) string {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	lines = lines[max(0, len(lines)-4):]
	return strings.TrimSpace(string(bytes.Join(lines, []byte(" / "))))
}

// adopt takes over a PostgreSQL that a killed process left running here, if it answers and has read the settings that
// hold now; another one it stops.
func (c *Cluster) adopt(ctx context.Context, settingsChanged bool) (bool, error) {
	orphan, err := findOrphan(c.folder)
	if err != nil || orphan == nil {
		return false, err
	}
	patient, cancel := context.WithTimeout(ctx, adoptTimeout)
	defer cancel()
	if !settingsChanged && c.waitReady(patient, orphan) == nil {
		c.setProcess(orphan)
		c.log.InfoContext(ctx, "postgresql adopted from a process that was killed", "pid", orphan.pid, "socket", c.socket)
		return true, nil
	}
	defer orphan.unwatch()
	c.log.InfoContext(ctx, "stopping the postgresql that a killed process left", "pid", orphan.pid)
	return false, orphan.stop(ctx)
}

// adoptTimeout: one that answers does so at once; one that recovers is as quickly started anew.
const adoptTimeout = 10 * time.Second

// findOrphan is the live postmaster of the folder, or nil.
func findOrphan(f folder) (*process, error) {
	file, ok := readPidFile(f)
	if !ok || !slices.Contains(clusterProcesses(f), file.pid) {
		return nil, nil
	}
	proc, err := watchProcess(file.pid, nil)
	if errors.Is(err, syscall.ESRCH) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	// The id may have been given away between the look and the watch.
	if !slices.Contains(clusterProcesses(f), file.pid) {
		proc.unwatch()
		return nil, nil
	}
	return proc, nil
}

// How long PostgreSQL's processes without a postmaster may take to notice. One deep in a computation never does.
const remainsTimeout = 2 * time.Second

// clearRemains waits until no process of an earlier PostgreSQL works in the folder, and removes its lock files, whose
// process id somebody else may have by now. We hold the folder's lock, so nobody starts one meanwhile.
func (c *Cluster) clearRemains(ctx context.Context) error {
	for _, s := range []syscall.Signal{0, syscall.SIGQUIT, syscall.SIGKILL} {
		gone, err := c.awaitRemains(ctx, s)
		if err != nil {
			return err
		}
		if gone {
			return c.removeRemains()
		}
	}
	return fmt.Errorf("postgresql clear: processes %v of an earlier one do not end", clusterProcesses(c.folder))
}

// removeRemains takes away the two lock files that PostgreSQL makes, in the cluster and beside its socket.
func (c *Cluster) removeRemains() error {
	if err := errors.Join(os.RemoveAll(c.folder.pidPath()), os.RemoveAll(c.socket)); err != nil {
		return fmt.Errorf("postgresql clear: %w", err)
	}
	return nil
}

// awaitRemains signals them, where s is not 0, and reports whether they went in time.
func (c *Cluster) awaitRemains(ctx context.Context, s syscall.Signal) (gone bool, err error) {
	for _, pid := range clusterProcesses(c.folder) {
		if s != 0 {
			c.log.WarnContext(ctx, "ending a process of an earlier postgresql", "pid", pid, "signal", s.String())
			_ = syscall.Kill(pid, s) // gone already is as well
		}
	}
	deadline := time.NewTimer(remainsTimeout)
	poll := time.NewTicker(readyPoll)
	defer deadline.Stop()
	defer poll.Stop()
	for len(clusterProcesses(c.folder)) > 0 {
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("postgresql clear: %w", ctx.Err())
		case <-deadline.C:
			return false, nil
		case <-poll.C:
		}
	}
	return true, nil
}
