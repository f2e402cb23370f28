package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/wsload"
	"github.com/gridweave/gridweave/realtime/wire"
)

// missed is how many events happen before the node dies, and as many while nobody is connected.
const missed = 5

// reconnect kills one of two nodes under its clients and has them resume on the other, where nobody listened before: all
// at once, as fast as they can. It is over when each has everything that it missed.
func (l *lab) reconnect(ctx context.Context, clients int) ([]Row, error) {
	first, err := l.streamOurs(ctx, "cached")
	if err != nil {
		return nil, err
	}
	second, err := l.streamOurs(ctx, "second")
	if err != nil {
		return nil, err
	}
	since := make([]wire.Subscribed, clients)
	crowd, err := wsload.Gather(ctx, clients, func(i int) wsload.Script { return remembering(first.script(i), &since[i]) }, nil)
	if err != nil {
		return nil, err
	}
	defer crowd.Close()
	start := crowd.Events()
	if err := publishMissed(ctx, first); err != nil {
		return nil, err
	}
	if err := crowd.Await(ctx, start+int64(missed*clients)); err != nil {
		return nil, err
	}
	died := time.Now()
	first.child.Kill()
	crowd.Gone()
	crowd.Close() // gives the files back
	gone := time.Since(died)
	if err := publishMissed(ctx, second); err != nil {
		return nil, err
	}
	back, anew, err := l.comeBack(ctx, second, since)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("reconnect %d clients to another node", clients)
	return []Row{
		ours(streamBench, name, metric{name: "complete_seconds", unit: "s"}, back.Sub(died).Seconds()),
		ours(streamBench, name, metric{name: "noticed_seconds", unit: "s"}, gone.Seconds()),
		ours(streamBench, name, metric{name: "not_resumed", unit: "1"}, float64(anew)),
	}, nil
}

func publishMissed(ctx context.Context, s *streamer) error {
	for range missed {
		if err := s.publish(ctx); err != nil {
			return err
		}
	}
	return nil
}

// remembering keeps the acknowledgement, whose position is where the client resumes.
func remembering(script wsload.Script, into *wire.Subscribed) wsload.Script {
	script.Greeted = func(text []byte) bool {
		if !bytes.Contains(text, []byte(`"type":"subscribed"`)) {
			return false
		}
		return json.Unmarshal(text, into) == nil
	}
	return script
}

// comeBack has all clients resume from where they subscribed, so that each is owed what it had and what it missed. It
// tells when the last had it, and how many had to begin anew.
func (l *lab) comeBack(ctx context.Context, s *streamer, since []wire.Subscribed) (last time.Time, anew int64, err error) {
	var fresh atomic.Int64
	crowd, err := wsload.Gather(ctx, len(since), func(i int) wsload.Script {
		script := s.script(i)
		subscribe, err := wire.Encode(wire.Subscribe{
			ID: "1", Topics: []string{"grade"}, Area: l.root, Snapshot: new(bool), Since: since[i].Position,
		})
		if err != nil {
			return wsload.Script{} // never: what was decoded can be encoded
		}
		script.Say = []string{string(subscribe)}
		var ack wire.Subscribed
		remember := remembering(script, &ack)
		script.Greeted = func(text []byte) bool {
			greeted := remember.Greeted(text)
			if greeted && !ack.Resumed {
				fresh.Add(1)
			}
			return greeted
		}
		return script
	}, nil)
	if err != nil {
		return time.Time{}, 0, err
	}
	defer crowd.Close()
	if n := fresh.Load(); n > 0 {
		return time.Now(), n, nil
	}
	patience, stop := context.WithTimeout(ctx, readyTimeout)
	defer stop()
	err = crowd.Await(patience, int64(2*missed*len(since)))
	return time.Now(), 0, err
}
