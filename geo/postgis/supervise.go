package postgis

import (
	"context"
	"time"
)

const (
	restartFirst  = 100 * time.Millisecond
	restartLatest = 30 * time.Second
	pruneLogEvery = time.Hour
)

// supervise starts PostgreSQL again whenever it ends unasked, until the context ends.
func (c *Cluster) supervise(ctx context.Context) {
	defer close(c.done)
	prune := time.NewTicker(pruneLogEvery)
	defer prune.Stop()
	for {
		if err := c.pruneLogs(); err != nil {
			c.log.WarnContext(ctx, "postgresql logs prune", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-prune.C:
		case <-c.exited():
			c.log.ErrorContext(ctx, "postgresql ended unexpectedly", "last", c.lastWords())
			c.leave()
			c.restart(ctx)
		}
	}
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
