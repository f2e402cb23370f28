package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/process"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/wsload"
	"github.com/gridweave/gridweave/realtime/wire"
)

// eventMarker stands once in each event, ours or a peer's. What is looked for first, its first letter, is rare in them.
const eventMarker = `kind":`

// streamer is a server that sends events, ours or a peer's.
type streamer struct {
	*server
	script func(i int) wsload.Script
	// publish makes one event and returns when the server, or for ours the database, has taken it.
	publish func(ctx context.Context) error
	// commits is true of ours: publish returns when a transaction is committed, and only then is the event one.
	commits bool
	// held is what the process holds after a collection of garbage, in bytes: heap and stacks.
	held func(ctx context.Context) (float64, error)
}

// localAddress spreads clients over addresses, so that neither the server's bound for one address nor the kernel's
// ports for one are what is measured.
func localAddress(i int) string { return fmt.Sprintf("127.0.0.%d", 2+i%8) }

// streamOurs starts our server, with the limits raised that one account at one address would meet. The events are real
// ones: a transaction each, that gives a building another grade.
func (l *lab) streamOurs(ctx context.Context, node string) (*streamer, error) {
	s, err := l.serve(ctx, node, "--streams-per-account", "100000", "--streams-per-address", "100000",
		"--profile-addr", "127.0.0.1:0", "--request-rate", manyTiles)
	if err != nil {
		return nil, err
	}
	change, err := l.regrader(ctx)
	if err != nil {
		return nil, err
	}
	subscribe, err := wire.Encode(wire.Subscribe{ID: "1", Topics: []string{"grade"}, Area: l.root, Snapshot: new(bool)})
	if err != nil {
		return nil, err
	}
	return &streamer{
		server: s,
		script: func(i int) wsload.Script {
			return wsload.Script{
				Host: s.host, Path: "/stream", Local: localAddress(i), Marker: eventMarker,
				Headers: append([]string{"Sec-WebSocket-Protocol", wire.Subprotocol}, s.headers...),
				Say:     []string{string(subscribe)},
				Greeted: func(text []byte) bool { return bytes.Contains(text, []byte(`"type":"subscribed"`)) },
			}
		},
		publish: func(ctx context.Context) error { return change(ctx, 1) }, commits: true,
		held: func(ctx context.Context) (float64, error) { return l.profiledMemory(ctx, s) },
	}, nil
}

const regrade = `
	update building_state set grade = case when grade is distinct from 'red' then 'red' else 'green' end, updated_at = now() where `

// regrader gives buildings another grade each, n in one transaction, going round all of them.
func (l *lab) regrader(ctx context.Context) (func(ctx context.Context, n int) error, error) {
	ids, err := l.buildingIDs(ctx)
	if err != nil {
		return nil, err
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	var next atomic.Int64
	return func(ctx context.Context, n int) error {
		to := next.Add(int64(n))
		chosen := make([]int, n)
		for i := range chosen {
			chosen[i] = ids[(to-int64(i))%int64(len(ids))]
		}
		var tag pgconn.CommandTag
		var err error
		if n == 1 { // as a use case writes it, planned once; an array is planned anew each time
			tag, err = l.db.Admin.Exec(ctx, regrade+`building_id = $1`, chosen[0])
		} else {
			tag, err = l.db.Admin.Exec(ctx, regrade+`building_id = any($1)`, chosen)
		}
		if err != nil {
			return fmt.Errorf("building change: %w", err)
		}
		if tag.RowsAffected() != int64(n) {
			return fmt.Errorf("building change: %d instead of %d", tag.RowsAffected(), n)
		}
		return nil
	}, nil
}

func (l *lab) buildingIDs(ctx context.Context) (ids []int, err error) {
	if err := l.db.Admin.QueryRow(ctx, `select array_agg(building_id) from building_state`).Scan(&ids); err != nil {
		return nil, fmt.Errorf("buildings: %w", err)
	}
	return ids, nil
}

// profiledMemory asks our server's profile, which collects garbage first.
func (l *lab) profiledMemory(ctx context.Context, s *server) (float64, error) {
	profile := *s
	profile.host = strings.TrimPrefix(s.child.Profile, "http://")
	body, _, err := profile.get(ctx, "/debug/pprof/heap?gc=1&debug=1")
	if err != nil {
		return 0, err
	}
	var heap, stack float64
	for line := range strings.Lines(string(body)) {
		_, _ = fmt.Sscanf(line, "# HeapAlloc = %g", &heap) // most lines are others
		_, _ = fmt.Sscanf(line, "# Stack = %g", &stack)
	}
	if heap == 0 || stack == 0 {
		return 0, fmt.Errorf("%s: the profile does not tell its memory", s.child.Name)
	}
	return heap + stack, nil
}

// streamPeer starts one of the servers of bin/peers.
func (l *lab) streamPeer(ctx context.Context, name string) (*streamer, error) {
	args := []string{name}
	if name == filtered {
		args = append(args, "--token", peerToken, "--area", string(l.root), "--topic", "grade")
	}
	child, err := process.StartAnnounced(ctx, l.Stderr, name, filepath.Join(l.Peers, "peers"), args...)
	if err != nil {
		return nil, fmt.Errorf("%w (make build builds it)", err)
	}
	l.running = append(l.running, child)
	s := l.newServer(name, child, child.Address, "")
	return &streamer{
		server:  s,
		script:  func(i int) wsload.Script { return peerScript(s, i) },
		publish: func(ctx context.Context) error { return s.post(ctx, "/publish", l.sampleEvent()) },
		held:    s.memory,
	}, nil
}

// filtered is the peer that does all that ours does for each delivery, for clients with a token.
const (
	filtered  = "centrifuge"
	peerToken = "bench"
)

func peerScript(s *server, i int) wsload.Script {
	script := wsload.Script{Host: s.host, Path: "/ws", Local: localAddress(i), Marker: eventMarker}
	if strings.HasPrefix(s.peer, "centrifuge") {
		script.Say = []string{`{"id":1,"connect":{"token":"` + peerToken + `"}}`}
		script.Greeted = func(text []byte) bool { return bytes.Contains(text, []byte(`"connect"`)) }
		script.Answer = pong
	}
	return script
}

// pong answers centrifuge's ping, which is an empty object, by itself or on a line among others of a message.
func pong(text []byte) []byte {
	const ping = "{}"
	if string(text) == ping || bytes.HasPrefix(text, []byte(ping+"\n")) || bytes.HasSuffix(text, []byte("\n"+ping)) ||
		bytes.Contains(text, []byte("\n"+ping+"\n")) {
		return []byte(ping)
	}
	return nil
}

// sampleEvent is what peers send: as long as an event of ours.
func (l *lab) sampleEvent() []byte {
	return []byte(`{"topic":"grade","kind":"changed","id":12345,"code":"` + string(l.root) + `0030050200017","at":"6b061d6b7ca4dad7-1.0000000007482930.0",` +
		`"data":{"grade":"red","was":"green","name_zh":"","name_en":"","lon":114.0415251,"lat":22.5462173}}`)
}

// post sends a body and wants 204.
func (s *server) post(ctx context.Context, path string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.host+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	answer, err := s.client.RoundTrip(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if text, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer)); answer.StatusCode != http.StatusNoContent {
		return fmt.Errorf("%s: status %d: %.200s", s.child.Name, answer.StatusCode, text)
	}
	return nil
}

// memory asks a peer, which collects garbage first.
func (s *server) memory(ctx context.Context) (float64, error) {
	body, _, err := s.get(ctx, "/memory")
	if err != nil {
		return 0, err
	}
	var m struct {
		Heap  float64 `json:"heap_bytes"`
		Stack float64 `json:"stack_bytes"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return 0, fmt.Errorf("%s memory: %w", s.child.Name, err)
	}
	return m.Heap + m.Stack, nil
}
