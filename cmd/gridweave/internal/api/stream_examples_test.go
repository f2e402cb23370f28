package api_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// architecture has the page of examples.
const architecture = "../../../../ARCHITECTURE.md"

// happenings says what the lines of the examples that begin with = mean.
func (s *surface) happenings(t *testing.T) map[string]func() {
	sql := func(statements ...string) func() {
		return func() {
			for _, q := range statements {
				s.exec(t, q)
			}
		}
	}
	return map[string]func(){
		"an incident is reported there": sql(`insert into incident (code, building_id, geom, type, source, due_at)
			select code, id, st_pointonsurface(geom), '0501', 'hotline', now() + interval '1 hour' from building where code = '4403040010010100001'`),
		"the house turns red":              sql(`update building_state set grade = 'red' where code = '4403040010010100001'`),
		"the house turns orange":           sql(`update building_state set grade = 'orange' where code = '4403040010010100001'`),
		"the incident is closed":           sql(`update incident set status = 'closed', due_at = null, closed_at = now()`),
		"a resident of room 101 declares":  sql(`insert into declaration (code, status, source, id_sealed, id_hash, name_sealed, moved_in_on) values ('4403040010010100001000101', 'accepted', 'qr', '', '', '', current_date)`),
		"the grid is renamed":              sql(`update area set name_en = 'Harbour' where code = '44030400100101'`),
		"its fourth house goes to grid 02": sql(`delete from room where code like '4403040010010100004%'`, `update building set code = '4403040010010200009' where code = '4403040010010100004'`),
		"a house of grid 02 comes here":    sql(`delete from room where code like '4403040010010200001%'`, `update building set code = '4403040010010100008' where code = '4403040010010200001'`),
		"nothing happens for a while":      func() { s.stream.Hub().Mark(time.Now(), time.Hour) },
		"nothing is subscribed to":         func() {}, // the server says so by itself
		"the server stops":                 func() { go s.stopStream() },
	}
}

// Every exchange of the page of examples happens so: what the client says is said to a server, and what the server says
// is what stands there, but for positions, which have to stand in the same order, times and the length of waits. The
// flag -update writes down what the server says.
func TestExamplesHappen(t *testing.T) {
	page, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	s := newSurface(t)
	e := &examples{
		t: t, s: s, token: s.token(t, "street", account.Dispatcher, civictest.StreetA), happens: s.happenings(t),
		known: map[string]string{},
	}
	s.settle(t)
	block := regexp.MustCompile("(?s)```(stream|events)\n(.*?)```")
	count := 0
	written := block.ReplaceAllStringFunc(string(page), func(whole string) string {
		count++
		found := block.FindStringSubmatch(whole)
		run := e.exchange
		if found[1] == "events" {
			run = e.events
		}
		return "```" + found[1] + "\n" + strings.Join(run(strings.Split(strings.TrimSpace(found[2]), "\n")), "\n") + "\n```"
	})
	if count < 6 {
		t.Errorf("%d exchanges", count)
	}
	if *update {
		if err := os.WriteFile(architecture, []byte(e.pretty(written)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	e.inOrder()
}

// examples runs the page.
type examples struct {
	t       *testing.T
	s       *surface
	token   string
	happens map[string]func()
	known   map[string]string // the server's position for the page's
}

var (
	positions = regexp.MustCompile(`[0-9a-f]{16}-\d+\.[0-9A-F]{16}\.\d+`)
	epochs    = regexp.MustCompile(`"epoch":"[^"]*"`)
	times     = regexp.MustCompile(`"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)"`)
	degrees   = regexp.MustCompile(`(\d+\.\d{9})\d+`)
	waits     = regexp.MustCompile(`"retry_after":\d+`)
)

// exchange plays one connection, and gives the lines with what the server said.
func (e *examples) exchange(lines []string) []string {
	c := e.s.dial(e.t, e.token)
	for i, line := range lines {
		kind, text, _ := strings.Cut(line, " ")
		switch kind {
		case ">":
			if err := c.ws.WriteMessage(websocket.TextMessage, []byte(e.actual(text))); err != nil {
				e.t.Fatalf("%s: %v", line, err)
			}
		case "=":
			e.happen(text)
		case "<":
			lines[i] = "< " + e.compare(text, e.hear(c, strings.Contains(text, `"type":"mark"`)))
		default:
			e.t.Fatalf("neither said nor done: %s", line)
		}
	}
	return lines
}

func (e *examples) happen(what string) {
	do := e.happens[what]
	if do == nil {
		e.t.Fatalf("nobody knows how to make it so that %s", what)
	}
	do()
}

// hear gives what the server says next; marks come when they come, and are passed over where none is asked for.
func (e *examples) hear(c *client, mark bool) string {
	for {
		if err := c.ws.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			e.t.Fatal(err)
		}
		_, text, err := c.ws.ReadMessage()
		if err != nil {
			e.t.Fatal(err)
		}
		m, err := wire.DecodeServer(text)
		if err != nil {
			e.t.Fatal(err)
		}
		if _, is := m.(wire.Mark); is == mark || !is {
			return string(text)
		}
	}
}

// events plays one answer of Server-Sent Events.
func (e *examples) events(lines []string) []string {
	path, last := "", ""
	var next func() (kind, id, data string)
	for i := 0; i < len(lines); i++ {
		kind, text, _ := strings.Cut(lines[i], " ")
		switch {
		case strings.HasPrefix(text, "GET "):
			path = strings.TrimPrefix(text, "GET ")
		case kind == ">":
			last = e.actual(strings.TrimPrefix(text, "Last-Event-ID: "))
		case kind == "=":
			e.happen(text)
		case kind == "<":
			if next == nil {
				var stop func()
				next, stop = e.s.events(e.t, e.token, path, last)
				defer stop()
			}
			event, id, data := next()
			for event == "mark" {
				event, id, data = next()
			}
			said := []string{"event: " + event, "data: " + data}
			if id != "" {
				said = slices.Insert(said, 0, "id: "+id)
			}
			for n, want := range said {
				lines[i+n] = "< " + e.compare(strings.TrimPrefix(lines[i+n], "< "), want)
			}
			i += len(said) - 1
		}
	}
	return lines
}

// actual puts the server's positions in place of the page's; one of another database stays.
func (e *examples) actual(text string) string {
	return positions.ReplaceAllStringFunc(text, func(p string) string {
		if known, ok := e.known[p]; ok {
			return known
		}
		return p
	})
}

// compare holds a line of the page against what was said, and learns which position of the page is which.
func (e *examples) compare(want, got string) string {
	e.t.Helper()
	shown, said := positions.FindAllString(want, -1), positions.FindAllString(got, -1)
	for i := range min(len(shown), len(said)) {
		e.known[shown[i]] = said[i] // what is one position on the page may be two, where a mark came in between
	}
	if !*update && shape(want) != shape(got) {
		e.t.Errorf("the page says\n%s\nand the server\n%s", want, got)
	}
	return got
}

// shape leaves open what differs each time.
func shape(line string) string {
	line = positions.ReplaceAllStringFunc(line, func(p string) string { return "POSITION" + p[strings.LastIndex(p, "."):] })
	line = degrees.ReplaceAllString(line, "$1") // the rest depends on the processor
	line = epochs.ReplaceAllString(line, `"epoch":""`)
	line = times.ReplaceAllString(line, `"TIME"`)
	return waits.ReplaceAllString(line, `"retry_after":0`)
}

// inOrder holds that positions of the page stand to each other as the server's do.
func (e *examples) inOrder() {
	type pair struct{ page, server position.Position }
	var all []pair
	for page, server := range e.known {
		p, err := position.Parse(page)
		if err != nil {
			e.t.Fatal(err)
		}
		q, err := position.Parse(server)
		if err != nil {
			e.t.Fatal(err)
		}
		all = append(all, pair{p, q})
	}
	slices.SortFunc(all, func(a, b pair) int { order, _ := a.page.Compare(b.page); return order })
	for i := 1; i < len(all) && !*update; i++ {
		if order, same := all[i-1].server.Compare(all[i].server); !same || order > 0 {
			e.t.Errorf("%v comes before %v on the page, and %v after %v at the server", all[i-1].page, all[i].page, all[i-1].server, all[i].server)
		}
	}
}

// pretty writes positions and times as an example has them: of one database, small, in their order.
func (e *examples) pretty(page string) string {
	own, err := e.s.Position(e.t.Context())
	if err != nil {
		e.t.Fatal(err)
	}
	lsns := []uint64{}
	for _, text := range positions.FindAllString(page, -1) {
		if p, err := position.Parse(text); err == nil && p.Epoch == own.Epoch {
			lsns = append(lsns, p.LSN)
		}
	}
	slices.Sort(lsns)
	lsns = slices.Compact(lsns)
	const epoch = "6a3f09c1d2e4b587-1"
	page = positions.ReplaceAllStringFunc(page, func(text string) string {
		p, err := position.Parse(text)
		if err != nil || p.Epoch != own.Epoch {
			return text
		}
		rank, _ := slices.BinarySearch(lsns, p.LSN)
		return position.Position{Epoch: epoch, LSN: 0x16B3740 + 0x48*uint64(rank), Index: p.Index}.String()
	})
	page = strings.ReplaceAll(page, own.Epoch, epoch)
	page = regexp.MustCompile(`("(?:reported|submitted)_at":)"[^"]*"`).ReplaceAllString(page, `$1"2026-11-24T15:04:05Z"`)
	page = regexp.MustCompile(`("due_at":)"[^"]*"`).ReplaceAllString(page, `$1"2026-11-24T16:04:05Z"`)
	return waits.ReplaceAllString(page, `"retry_after":750`)
}
