package postgis

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"
)

const (
	restartFirst  = 100 * time.Millisecond
	restartLatest = 30 * time.Second
	pruneLogEvery = time.Hour
	// A look at one file; until it is noticed that the socket has gone, nobody new can connect.
	socketCheckEvery = time.Second
)

// supervise starts PostgreSQL again whenever it ends unasked or cannot be reached any more, until the context ends.
func (c *Cluster) supervise(ctx context.Context) {
	defer close(c.done)
	prune, look := time.NewTicker(pruneLogEvery), time.NewTicker(socketCheckEvery)
	defer prune.Stop()
	defer look.Stop()
	c.pruneLogs(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-prune.C:
			c.pruneLogs(ctx)
		case <-look.C:
			c.replaceUnreachable(ctx)
		case <-c.exited():
			c.log.ErrorContext(ctx, "postgresql ended unexpectedly", "last", c.lastWords())
			c.leave()
			c.restart(ctx)
		}
	}
}

// replaceUnreachable restarts a PostgreSQL whose socket was taken from under it, as cleaners of temporary folders do:
// it would go on with the connections it has and never get another. It makes its socket only when it starts.
func (c *Cluster) replaceUnreachable(ctx context.Context) {
	if _, err := os.Stat(socketPath(c.socket)); !errors.Is(err, fs.ErrNotExist) || ctx.Err() != nil {
		return
	}
	proc := c.setProcess(nil)
	if proc == nil {
		return
	}
	defer proc.unwatch()
	c.log.ErrorContext(ctx, "postgresql restarts, since somebody removed its socket", "socket", c.socket)
	if err := proc.stop(ctx); err != nil {
		c.log.ErrorContext(ctx, "postgresql stop", "error", err)
	}
	c.restart(ctx)
}

func (c *Cluster) exited() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proc == nil {
		return nil
	}
	return c.proc.exited
}

// restart tries until it succeeds: a full disk is emptied, and then the server must find its way back by itself.
func (c *Cluster) restart(ctx context.Context) {
	for pause := restartFirst; ; pause = min(2*pause, restartLatest) {
		err := c.launch(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		c.log.ErrorContext(ctx, "postgresql restart", "error", err, "again_in", pause)
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}
