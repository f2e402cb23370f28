package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
)

func deliveries() metric { return metric{"deliveries_per_second", "1/s", true} }
func eventCPU() metric   { return metric{"server_cpu_per_delivery", "us", false} }
func clientCPU() metric  { return metric{"generator_cpu_per_delivery", "us", false} }
func commitCPU() metric  { return metric{"database_cpu_per_delivery", "us", false} }
func idleBytes() metric  { return metric{"idle_bytes_per_connection", "B", false} }

// streamPeers are the servers of bin/peers, the one that does as much as ours first.
func streamPeers() []string { return []string{filtered, "centrifuge-lean", "channels", "prepared"} }

// StreamParts are what can be measured alone, in the order in which all of them are.
func StreamParts() []string {
	return []string{"floor", "fanout", "large-fanout", "deflate", "latency", "slow", "lookup", "reconnect"}
}

// Stream compares sending events to many clients with three other ways to do it. Ours does all that it does for a user:
// who is asking is checked, events come from the database's log and are filtered by area and topic, control frames are
// answered. The others are handed their events; one of them does as much for each delivery.
// Without parts all of StreamParts are measured.
func Stream(ctx context.Context, o Options, scale city.Scale, only ...string) (rows []Row, about string, err error) {
	for _, name := range only {
		if !slices.Contains(StreamParts(), name) {
			return nil, "", fmt.Errorf("stream bench: no part %q; there are %s", name, strings.Join(StreamParts(), ", "))
		}
	}
	l, err := openLab(ctx, o, scale)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, l.close(ctx)) }()
	small, large, err := crowdSizes(o)
	if err != nil {
		return nil, "", err
	}
	parts := map[string]func() ([]Row, error){
		"floor":        func() ([]Row, error) { return l.floor(ctx, small, 1, 16, 64) },
		"fanout":       func() ([]Row, error) { return l.compareFanout(ctx, small, 1, 16, 64) },
		"large-fanout": func() ([]Row, error) { return l.compareFanout(ctx, large, 16, 64) },
		"deflate":      func() ([]Row, error) { return l.compareDeflated(ctx, small, 16, 64) },
		"latency":      func() ([]Row, error) { return l.compareLatency(ctx, small) },
		"slow":         func() ([]Row, error) { return l.slowConsumers(ctx) },
		"lookup":       func() ([]Row, error) { return l.lookUp(ctx) },
		"reconnect":    func() ([]Row, error) { return l.reconnect(ctx, large) },
	}
	for _, name := range StreamParts() {
		if len(only) > 0 && !slices.Contains(only, name) {
			continue
		}
		found, err := parts[name]()
		l.stopAll()
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, found...)
	}
	about, err = machine(ctx, l.db.Admin)
	return rows, about, err
}

// crowdSizes are 1,000 and 10,000 clients. Each is an open file here and another one in the server.
func crowdSizes(o Options) (small, large int, err error) {
	small, large = 1000, 10_000
	if o.Quick {
		small, large = 100, 300
	}
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
		return 0, 0, fmt.Errorf("open files: %w", err)
	}
	const others = 500
	if files.Max < uint64(large+others) {
		return 0, 0, fmt.Errorf("open files: %d are allowed here, %d clients need some more than that: ulimit -n", files.Max, large)
	}
	files.Cur = files.Max
	return small, large, unix.Setrlimit(unix.RLIMIT_NOFILE, &files)
}

// compareFanout measures every server with crowds of one size. Crowds that fit side by side are gathered first, and the
// servers take turns, so that what else the machine does meets all of them; larger ones come one after the other.
func (l *lab) compareFanout(ctx context.Context, clients int, inFlight ...int) (rows []Row, err error) {
	cases := make([]fanoutCase, len(inFlight))
	for i, n := range inFlight {
		cases[i] = fanoutCase{clients, n}
	}
	var all []*gathered
	defer func() {
		for _, g := range all {
			g.crowd.Close()
		}
	}()
	together := clients <= sideBySide
	for _, peer := range l.streamed() {
		g, err := l.gather(ctx, peer, clients)
		if err != nil {
			return nil, err
		}
		all = append(all, g)
		if together {
			continue
		}
		if err := l.takeTurns(ctx, cases, 1, g); err != nil {
			return nil, err
		}
		g.crowd.Close()
		l.stopAll()
	}
	if together {
		if err := l.takeTurns(ctx, cases, l.rounds(), all...); err != nil {
			return nil, err
		}
	}
	return fanoutRows(cases, all), nil
}

// sideBySide is how many clients five servers may have each at the same time: each client is two open files.
const sideBySide = 2000

func (l *lab) takeTurns(ctx context.Context, cases []fanoutCase, rounds int, all ...*gathered) error {
	for _, c := range cases {
		for range rounds {
			for _, g := range all {
				if err := l.measure(ctx, g, c); err != nil {
					return err
				}
			}
		}
		for _, g := range all {
			l.Log.InfoContext(ctx, streamBench, "case", c.name(), "server", g.child.Name, "deliveries_per_second", int(g.found[c].perSecond()))
		}
	}
	return nil
}

// fanoutRows compares with ours, which is the first.
func fanoutRows(cases []fanoutCase, all []*gathered) []Row {
	var rows []Row
	our := all[0]
	for _, g := range all {
		rows = append(rows, row(fmt.Sprintf("idle %d clients", cases[0].clients), g.peer, idleBytes(), g.idle, our.idle))
	}
	for _, c := range cases {
		for _, g := range all {
			d, measured := g.found[c]
			if !measured {
				continue
			}
			rows = append(rows, row(c.name(), g.peer, deliveries(), d.perSecond(), our.found[c].perSecond()),
				row(c.name(), g.peer, eventCPU(), d.each(d.server), our.found[c].each(our.found[c].server)),
				row(c.name(), g.peer, clientCPU(), d.each(d.client), our.found[c].each(our.found[c].client)))
			if g.peer == "" {
				rows = append(rows, row(c.name(), "", commitCPU(), d.each(d.database), 0))
			}
		}
	}
	return rows
}

// streamed lists who is measured; the empty name is ours, and comes first.
func (l *lab) streamed() []string {
	if l.Peers == "" {
		return []string{""}
	}
	return append([]string{""}, streamPeers()...)
}

func (l *lab) startStreamer(ctx context.Context, peer string) (*streamer, error) {
	if peer == "" {
		return l.streamOurs(ctx, "cached")
	}
	return l.streamPeer(ctx, peer)
}

func row(name, peer string, m metric, value, our float64) Row {
	if peer == "" {
		return ours(streamBench, name, m, value)
	}
	return theirs(streamBench, name, peer, m, value, our)
}
