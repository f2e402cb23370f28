package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// houseState is what a client keeps of a house.
type houseState struct {
	Grade     *string `json:"grade"`
	Residents int     `json:"residents"`
}

// chaosClient is a client that goes to another node when it loses its own, and checks everything.
type chaosClient struct {
	c     *chaos
	i     int
	who   string
	r     *rand.Rand
	node  int
	naive bool // goes to nodes that are not ready, too

	mu       sync.Mutex
	area     geo.Code // of the subscription it has
	has      position.Position
	state    map[uint64]houseState
	resyncs  []wire.Reason
	drops    int
	away     int // was sent to another node
	events   int
	wrong    []string
	complete bool // has been told its state
}

func (c *chaos) client(i int, who string) *chaosClient {
	return &chaosClient{c: c, i: i, who: who, r: rand.New(rand.NewPCG(11, uint64(i))), node: i % len(c.nodes), state: map[uint64]houseState{}}
}

// run connects again and again until the context ends.
func (l *chaosClient) run(ctx context.Context) {
	for ctx.Err() == nil {
		l.session(ctx)
		l.node = (l.node + 1) % len(l.c.nodes) // as a balancer does
		pause(ctx, time.Duration(l.r.IntN(100))*time.Millisecond)
	}
}

func (l *chaosClient) session(ctx context.Context) {
	node := l.c.nodes[l.node]
	node.mu.Lock()
	address, open := node.address, node.ready || l.naive && node.up
	node.mu.Unlock()
	if !open {
		return
	}
	l.mu.Lock()
	l.drops++
	l.mu.Unlock()
	dial, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ws, resp, err := websocket.DefaultDialer.DialContext(dial, "ws://"+address+"/stream",
		http.Header{"Authorization": {"Bearer " + l.c.tokens[l.who]}})
	if err != nil {
		return
	}
	_ = resp.Body.Close()
	defer func() { _ = ws.Close() }()
	ended := make(chan struct{})
	defer close(ended)
	life := time.Duration(1+l.r.IntN(8)) * time.Second
	go func() { // a random cut
		select {
		case <-ended:
		case <-ctx.Done():
		case <-time.After(life):
		}
		_ = ws.Close()
	}()
	l.listen(ws)
}

// listen subscribes and takes what is said, until the line breaks.
func (l *chaosClient) listen(ws *websocket.Conn) {
	if !l.subscribe(ws) {
		return
	}
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			return
		}
		m, err := wire.DecodeServer(text)
		if err != nil {
			l.fail("%s: %v", text, err)
			return
		}
		if l.take(m) && !l.subscribe(ws) {
			return
		}
	}
}

func (l *chaosClient) subscribe(ws *websocket.Conn) bool {
	l.mu.Lock()
	m := wire.Subscribe{ID: "x", Topics: []string{"area", "building", "grade", "incident", "tiles"}, Area: l.area}
	if l.complete {
		m.Since = l.has
	}
	l.mu.Unlock()
	text, err := wire.Encode(m)
	return err == nil && ws.WriteMessage(websocket.TextMessage, text) == nil
}

func (l *chaosClient) fail(format string, args ...any) {
	l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
}

// take checks one message, and tells whether to subscribe anew.
func (l *chaosClient) take(m wire.Message) (anew bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch m := m.(type) {
	case wire.Subscribed:
		l.area = geo.Code(strings.SplitN(m.Channel, "/", 2)[0])
		if !m.Resumed {
			l.has, l.complete = m.Position, false
		}
	case wire.Resync:
		l.resyncs = append(l.resyncs, m.Reason)
		l.has, l.complete = m.Position, false
	case wire.Snapshot:
		if m.Reset {
			l.state = map[uint64]houseState{}
		}
		for _, i := range m.Items {
			if l.within(i); i.Topic == "building" {
				l.keep(i, false)
			}
		}
		l.complete = !m.More
	case wire.Batch:
		l.batch(m)
	case wire.Mark:
		if m.Channel != "" {
			l.advance(m.Position)
		}
	case wire.Unsubscribed, wire.Error: // the role changed: what it allowed is gone, another area is asked for
		l.area, l.state, l.complete = "", map[uint64]houseState{}, false
		return true
	case wire.Bye:
		l.away++
	case wire.Hello, wire.Pong, wire.Leave:
	}
	return false
}

func (l *chaosClient) batch(m wire.Batch) {
	if order, same := m.From.Compare(l.has); !same || order > 0 {
		l.fail("a gap: has everything up to %v, the batch begins at %v", l.has, m.From)
	}
	last := l.has
	for _, i := range m.Items {
		if order, _ := i.At.Compare(last); order <= 0 {
			l.fail("%v came after %v", i.At, last)
		}
		last = i.At
		l.events++
		if i.Topic != "building" {
			l.within(i)
			continue
		}
		if i.Kind == wire.Left || i.Kind == wire.Removed {
			if _, had := l.state[i.ID]; !had {
				l.fail("%d left, and was never there", i.ID)
			}
			delete(l.state, i.ID)
			continue
		}
		l.keep(i, i.Kind == wire.Changed)
	}
	l.advance(m.To)
}

// keep takes a house's state. While it stays in view its residents go up by one with each event that recolours it: one
// that is missing, double or out of turn shows at once.
func (l *chaosClient) keep(i wire.Item, follows bool) {
	l.within(i)
	var now houseState
	if err := json.Unmarshal(i.Data, &now); err != nil {
		l.fail("%s: %v", i.Data, err)
	}
	if before, had := l.state[i.ID]; follows && (!had || now.Residents != before.Residents && now.Residents != before.Residents+1) {
		l.fail("house %d has %d residents after %d (known: %v)", i.ID, now.Residents, before.Residents, had)
	}
	l.state[i.ID] = now
}

func (l *chaosClient) within(i wire.Item) {
	if !l.area.Covers(i.Code) {
		l.fail("%s was told of %s %s", l.area, i.Topic, i.Code)
	}
}

func (l *chaosClient) advance(to position.Position) {
	if order, _ := to.Compare(l.has); order > 0 {
		l.has = to
	}
}

// settle waits until every client has been told everything.
func (c *chaos) settle() {
	c.awaitFollowing(c.t.Context())
	// One more change for everybody, behind all others.
	c.ask(func(conn *pgx.Conn) error {
		_, err := conn.Exec(c.t.Context(), `update building_state set residents = residents + 1`)
		return err
	})
	c.awaitClients(c.lsn())
}

// lsn is where the database's log ends.
func (c *chaos) lsn() uint64 {
	var text string
	c.ask(func(conn *pgx.Conn) error {
		return conn.QueryRow(c.t.Context(), `select pg_current_wal_lsn()::text`).Scan(&text)
	})
	lsn, err := position.ParseLSN(text)
	if err != nil {
		c.t.Error(err)
	}
	return lsn
}

// ask works on a connection of its own.
func (c *chaos) ask(work func(*pgx.Conn) error) {
	conn, err := pgx.Connect(c.t.Context(), c.cluster.URL())
	if err != nil {
		c.t.Error(err)
		return
	}
	defer func() { _ = conn.Close(context.WithoutCancel(c.t.Context())) }()
	if err := work(conn); err != nil {
		c.t.Error(err)
	}
}

// awaitClients waits until every client has been told everything up to lsn.
func (c *chaos) awaitClients(lsn uint64) {
	deadline := time.Now().Add(2 * time.Minute)
	for _, l := range c.clients {
		for !l.reached(lsn) {
			if time.Now().After(deadline) {
				c.t.Errorf("client %d (%s) never got to %X", l.i, l.who, lsn)
				return
			}
			pause(c.t.Context(), 20*time.Millisecond)
		}
	}
}

func (l *chaosClient) reached(lsn uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.complete && l.has.LSN >= lsn
}

// says asks whether a node's metrics have a line.
func (c *chaos) says(ctx context.Context, i int, line string) bool {
	_, text := fetch(ctx, "http://"+c.nodes[i].address+"/metrics")
	return strings.Contains(text, "\n"+line+"\n")
}

// fetch gives a node's answer; nothing where there is none.
func fetch(ctx context.Context, url string) (status int, body string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, ""
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	return resp.StatusCode, string(text)
}

// judge compares what a client has with SQL, and reports what it found wrong.
func (l *chaosClient) judge() {
	t := l.c.t
	for n, wrong := range l.wrong {
		if n == 5 {
			t.Errorf("client %d (%s): and %d more", l.i, l.who, len(l.wrong)-n)
			break
		}
		t.Errorf("client %d (%s): %s", l.i, l.who, wrong)
	}
	if len(l.resyncs) > 0 {
		t.Errorf("client %d (%s) had to start anew: %v", l.i, l.who, l.resyncs)
	}
	conn, err := pgx.Connect(t.Context(), l.c.cluster.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	rows, err := conn.Query(t.Context(), `select building_id, grade, residents from building_state where starts_with(code, $1)`, l.area)
	if err != nil {
		t.Fatal(err)
	}
	want := map[uint64]houseState{}
	var id uint64
	var h houseState
	_, err = pgx.ForEachRow(rows, []any{&id, &h.Grade, &h.Residents}, func() error {
		want[id] = h
		h.Grade = nil
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, l.state); diff != "" {
		t.Errorf("client %d (%s of %s): state (-SQL +client):\n%s", l.i, l.who, l.area, diff)
	}
	t.Logf("client %d (%s): %d events over %d connections, sent away %d times", l.i, l.who, l.events, l.drops, l.away)
}
