package simulate

import (
	"context"
	"time"
)

// Clock is what a simulation goes by.
type Clock interface {
	Now() time.Time
	// Until waits for a time; false where the context ended first.
	Until(ctx context.Context, t time.Time) bool
}

// Wall is the clock on the wall.
type Wall struct{}

// Now is the present.
func (Wall) Now() time.Time { return time.Now() }

// Until waits for a time; false where the context ended first.
func (Wall) Until(ctx context.Context, t time.Time) bool {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
