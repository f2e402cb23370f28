package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/realtime/position"
)

// told is what another department's system has been told, by the event's position, however often.
type told struct {
	mu     sync.Mutex
	events map[position.Position]string
	resync string
}

func (h *told) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var e struct {
		ID, Type, Entity, Final string
		Data                    struct{ Was, Status string }
	}
	err := json.NewDecoder(r.Body).Decode(&e)
	at, wrong := position.Parse(e.ID)
	if err != nil || wrong != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if e.Type == "gridweave.resync" {
		h.resync = e.ID
		return
	}
	h.events[at] = strings.Join([]string{strings.TrimPrefix(e.Type, "gridweave."), e.Entity, e.Data.Was, e.Data.Status, e.Final}, " ")
}

func (h *told) standing() (events int, resync string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.events), h.resync
}

// inOrder gives what it was told, in the order of the database's log.
func (h *told) inOrder() (all []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	places := make([]position.Position, 0, len(h.events))
	for at := range h.events {
		places = append(places, at)
	}
	slices.SortFunc(places, func(a, b position.Position) int { order, _ := a.Compare(b); return order })
	for _, at := range places {
		all = append(all, h.events[at])
	}
	return all
}

// The only server is killed again and again, and what happens goes on without it: the receiver is told every step of
// every case all the same, and never to ask for the present.
func TestWebhookWithoutAServer(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a quarter of a minute")
	}
	c := newChaos(t, 1)
	heard := &told{events: map[position.Position]string{}}
	receiver := httptest.NewServer(heard)
	defer receiver.Close()
	if code, _, errs := program(t, "", "webhook", "add", "--data", c.keys(0), "--database-url", c.cluster.URL(), "--area", c.districts[0],
		"--topics", "incident", "--url", receiver.URL); code != 0 {
		t.Fatal(errs)
	}
	kept := func(conn *pgx.Conn) (n int, err error) {
		return n, conn.QueryRow(t.Context(), `select count(*) from pg_replication_slots s, webhook h
			where starts_with(s.slot_name, 'gridweave_webhooks_') and (s.confirmed_flush_lsn - '0/0') <= h.lsn`).Scan(&n)
	}
	conn, err := pgx.Connect(t.Context(), c.cluster.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	for n := 0; n == 0; pause(t.Context(), 20*time.Millisecond) {
		if n, err = kept(conn); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	step := func(sql, says string, id int64) {
		if _, err := conn.Exec(t.Context(), sql, id); err != nil {
			t.Fatal(err)
		}
		want = append(want, strings.Replace(says, "ID", strconv.FormatInt(id, 10), 1))
	}
	for id := int64(1_000_001); id <= 1_000_060; id++ {
		step(`insert into incident (id, code, building_id, geom, type, source, due_at) select $1, code, id, st_pointonsurface(geom), '0501', 'hotline', now()
			from building where grid = '`+c.grids[0]+`' order by id limit 1`, "incident.added ID  reported ", id)
		step(`update incident set status = 'filed' where id = $1`, "incident.changed ID reported filed ", id)
		switch id % 20 {
		case 5:
			c.kill(0)
		case 15:
			for !c.nodes[0].serves() {
				c.start(0)
			}
		}
		if id%2 == 0 {
			step(`update incident set status = 'closed', due_at = null where id = $1`, "incident.removed ID   closed", id)
		} else {
			step(`delete from incident where id = $1`, "incident.removed ID   ", id)
		}
	}
	patience, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for n, resync := heard.standing(); n < len(want) && resync == "" && pause(patience, 20*time.Millisecond); {
		n, resync = heard.standing()
	}
	if _, resync := heard.standing(); resync != "" {
		t.Errorf("told to ask for the present, at %s", resync)
	}
	if diff := cmp.Diff(want, heard.inOrder()); diff != "" {
		t.Error(diff)
	}
}
