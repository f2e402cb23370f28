package postgis

import "context"

// Check is being written.
func Check(ctx context.Context, url string) error { return ping(ctx, url) }
