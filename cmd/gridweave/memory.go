package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/position"
)

// How much garbage may gather beside what is used, in percent of it. Nearly all that is used is the picture and stays, so
// that looking for garbage is work for little; but a city's 400 MB and as much garbage would be half of a small machine.
const (
	garbagePercent = 50
	leastGarbage   = 10
	// mostGarbage is how much in bytes, whatever is used.
	mostGarbage = 64 << 20
	// reloadGarbage is while there are two pictures.
	reloadGarbage = 15
)

// thrifty keeps the consumer's memory in bounds: garbage is looked for more often the larger the picture is, and most
// often while a second one is loaded.
type thrifty struct {
	feed.Consumer
	tiles  uint64 // bytes of tiles that may be kept
	forget func() // lets go of them
	loaded bool
}

// Load implements feed.Consumer.
func (t *thrifty) Load(ctx context.Context, tx pgx.Tx, at position.Position) error {
	if t.loaded {
		t.forget() // in a moment none of them will be found again
		debug.SetGCPercent(reloadGarbage)
		debug.FreeOSMemory()
	}
	err := t.Consumer.Load(ctx, tx, at)
	t.loaded = t.loaded || err == nil
	// What was read and what was shown before weigh as much as the picture; the system is given it back at once, since
	// after this little is allocated for a long time.
	debug.FreeOSMemory()
	debug.SetGCPercent(garbageBeside(used() + t.tiles))
	return err
}

// garbageBeside is the percentage for so many bytes in use.
func garbageBeside(used uint64) int {
	return int(min(garbagePercent, max(leastGarbage, 100*mostGarbage/max(used, 1))))
}

// used is how many bytes were in use at the last look for garbage.
func used() uint64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return live[0].Value.Uint64()
}
