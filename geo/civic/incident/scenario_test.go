package incident_test

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/incident"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

var update = flag.Bool("update", false, "write what happened into the scenarios")

func TestMain(m *testing.M) { pgtest.Main(m) }

// stage is a district with somebody in every post, and a clock.
type stage struct {
	civictest.District
	service *incident.Service
	clock   *civictest.Clock
	cast    map[string]account.Actor
}

func newStage(t testing.TB) *stage {
	t.Helper()
	d := civictest.New(t)
	s := &stage{District: d, clock: &civictest.Clock{At: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}}
	s.service = incident.NewService(d.DB, d.Sealer, s.clock.Now)
	s.cast = map[string]account.Actor{}
	for name, role := range map[string]account.Role{
		"desk": account.Dispatcher, "department": account.Department, "verifier": account.Verifier,
		"resident": account.Resident, "worker": account.GridWorker, "leader": account.Leader, "auditor": account.Auditor,
		"station": account.Station,
	} {
		s.cast[name] = d.Actor(name, role, civictest.StreetA)
	}
	s.cast["neighbour"] = d.Actor("neighbour", account.Dispatcher, civictest.StreetB)
	return s
}

// The scenarios are lines of "who does what [words]" with what came of it after "=>". An official can read them; a
// change of the rules shows in their review. -update writes what happens now.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-written +happened):\n%s", diff)
			}
		})
	}
}

func play(t *testing.T, script string) string {
	t.Helper()
	s := newStage(t)
	var out strings.Builder
	id := int64(0)
	lines := bufio.NewScanner(strings.NewReader(script))
	for lines.Scan() {
		line := lines.Text()
		told, _, _ := strings.Cut(line, "=>")
		words := strings.Fields(told)
		switch {
		case len(words) == 0 || words[0] == "#":
			fmt.Fprintln(&out, line)
		case words[0] == "after":
			d, err := time.ParseDuration(words[1])
			if err != nil {
				t.Fatal(err)
			}
			s.clock.At = s.clock.At.Add(d)
			fmt.Fprintln(&out, line)
		default:
			fmt.Fprintf(&out, "%s => %s\n", strings.TrimSpace(told), s.do(t, words, &id))
		}
	}
	return out.String()
}

// do takes one line's step and tells what came of it.
func (s *stage) do(t *testing.T, words []string, id *int64) string {
	t.Helper()
	who, ok := s.cast[words[0]]
	if !ok {
		t.Fatalf("nobody is called %q", words[0])
	}
	rest := strings.Join(words[2:], " ")
	var i incident.Incident
	var err error
	if words[1] == "report" {
		i, _, err = s.service.Report(t.Context(), who, incident.Report{Type: "0101", Place: &civictest.PlaceA, Description: rest})
		if err == nil {
			*id = i.ID
		}
	} else {
		i, _, err = s.service.Act(t.Context(), who, *id, incident.Order{
			Action: incident.Action(words[1]), Reason: rest, Handler: rest, Resolution: rest,
		})
	}
	if err != nil {
		kind, _ := fault.KindOf(err)
		return fmt.Sprintf("%s: %s", kind, strings.ReplaceAll(err.Error(), fmt.Sprintf("incident %d ", *id), "incident N "))
	}
	due := "no clock"
	if i.DueAt != nil {
		due = "due in " + i.DueAt.Sub(s.clock.At).String()
	}
	n := s.Int(`select count(*) from evidence where noun = 'incident' and subject = $1`, strconv.FormatInt(*id, 10))
	open := s.Int(`select open_incidents from building_state where code = $1`, civictest.BuildingA)
	tasks := s.Int(`select count(*) from task where incident_id = $1 and status = 'open'`, *id)
	return fmt.Sprintf("%s, %s; %d in the ledger, %d open at the house, %d tasks", i.Status, due, n, open, tasks)
}
