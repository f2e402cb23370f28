package bench

import (
	"context"
	"fmt"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/wsload"
)

// compareDeflated has two crowds listen to our server, one of them able to inflate: what that saves on the line, and what
// it costs. They take turns, each on a server of its own.
func (l *lab) compareDeflated(ctx context.Context, clients int, inFlight ...int) (rows []Row, err error) {
	var both [2]*gathered
	for i := range both {
		s, err := l.streamOurs(ctx, []string{"cached", "second"}[i])
		if err != nil {
			return nil, err
		}
		crowd, err := wsload.Gather(ctx, clients, func(n int) wsload.Script {
			script := s.script(n)
			script.Inflates = i == 1
			return script
		}, nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.child.Name, err)
		}
		defer crowd.Close()
		both[i] = &gathered{streamer: s, crowd: crowd, found: map[fanoutCase]delivered{}}
	}
	for _, n := range inFlight {
		c := fanoutCase{clients, n}
		if err := l.takeTurns(ctx, []fanoutCase{c}, l.rounds(), both[:]...); err != nil {
			return nil, err
		}
		for i, suffix := range []string{"_plain", "_deflated"} {
			d := both[i].found[c]
			for _, f := range []struct {
				metric
				value float64
			}{
				{metric{name: "bytes_per_delivery" + suffix, unit: "B"}, float64(d.bytes) / float64(max(1, d.events))},
				{metric{name: "deliveries_per_second" + suffix, unit: "1/s"}, d.perSecond()},
				{metric{name: "server_cpu_per_delivery" + suffix, unit: "us"}, d.each(d.server)},
				{metric{name: "generator_cpu_per_delivery" + suffix, unit: "us"}, d.each(d.client)},
			} {
				rows = append(rows, ours(streamBench, fmt.Sprintf("deflate %d clients %d in flight", clients, n), f.metric, f.value))
			}
		}
	}
	return rows, nil
}
