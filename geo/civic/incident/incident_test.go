package incident_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/incident"
)

func wantKind(t testing.TB, err error, want fault.Kind) {
	t.Helper()
	if kind, _ := fault.KindOf(err); kind != want {
		t.Errorf("%v is %q, want %q", err, kind, want)
	}
}

func TestClassification(t *testing.T) {
	s := newStage(t)
	classes, err := s.service.Classes(t.Context(), s.cast["desk"])
	if err != nil {
		t.Fatal(err)
	}
	types := 0
	for _, c := range classes {
		types += len(c.Types)
	}
	if len(classes) != 14 || types != 245 {
		t.Errorf("%d major and %d minor classes, want 14 and 245", len(classes), types)
	}
}

func TestReportFindsItsPlace(t *testing.T) {
	s := newStage(t)
	in := orb.Point{114.0015, 22.5085} // in the grid, far from its houses
	for name, c := range map[string]struct {
		report incident.Report
		want   geo.Code
	}{
		"in a house":      {incident.Report{Place: &civictest.PlaceA}, civictest.BuildingA},
		"beside a house":  {incident.Report{Place: &orb.Point{114.0005, 22.50078}}, civictest.BuildingA},
		"in the open":     {incident.Report{Place: &in}, civictest.GridA},
		"by the building": {incident.Report{Building: civictest.BuildingA}, civictest.BuildingA},
		"by the room":     {incident.Report{Building: civictest.RoomA}, civictest.RoomA},
	} {
		c.report.Type = "0101"
		i, _, err := s.service.Report(t.Context(), s.cast["resident"], c.report)
		if err != nil || i.Code != c.want {
			t.Errorf("%s: in %s, %v; want %s", name, i.Code, err, c.want)
		}
	}
	for name, r := range map[string]incident.Report{
		"nowhere":            {},
		"outside the area":   {Place: &civictest.PlaceB},
		"no such place":      {Place: &orb.Point{400, 22}},
		"a grid's code":      {Building: civictest.GridA},
		"an unknown type":    {Place: &civictest.PlaceA, Type: "9999"},
		"an unknown source":  {Place: &civictest.PlaceA, Source: "dream"},
		"a far too long one": {Place: &civictest.PlaceA, Description: string(make([]rune, 4001))},
	} {
		if r.Type == "" {
			r.Type = "0101"
		}
		_, _, err := s.service.Report(t.Context(), s.cast["resident"], r)
		t.Run(name, func(t *testing.T) { wantKind(t, err, fault.KindInvalid) })
	}
	for _, elsewhere := range []geo.Code{civictest.BuildingB, civictest.RoomB, civictest.BuildingA + "099099"} {
		_, _, err := s.service.Report(t.Context(), s.cast["resident"], incident.Report{Type: "0101", Building: elsewhere})
		wantKind(t, err, fault.KindNotFound)
	}
}

// Whoever is offered can be assigned, and nobody else.
func TestHandlersAreThoseWhoCanBeAssigned(t *testing.T) {
	s := newStage(t)
	i, _, err := s.service.Report(t.Context(), s.cast["resident"], incident.Report{Type: "0101", Place: &civictest.PlaceA})
	if err != nil {
		t.Fatal(err)
	}
	offered := map[string]bool{}
	all, err := s.service.Handlers(t.Context(), s.cast["desk"], i.ID)
	if err != nil {
		t.Fatal(err)
	}
	for n, c := range all {
		offered[c.Name] = true
		if c.Fits != (c.Role == "department") || n > 0 && c.Fits && !all[n-1].Fits {
			t.Errorf("%d: %+v", n, c)
		}
	}
	if len(offered) == 0 {
		t.Error("nobody is offered")
	}
	filed, _, err := s.service.Act(t.Context(), s.cast["desk"], i.ID, incident.Order{Action: incident.File})
	if err != nil {
		t.Fatal(err)
	}
	for name, actor := range s.cast {
		_, _, err := s.service.Act(t.Context(), s.cast["desk"], filed.ID, incident.Order{Action: incident.Assign, Handler: actor.Name})
		if (err == nil) != offered[actor.Name] {
			t.Errorf("%s: offered %v, assigned with %v", name, offered[actor.Name], err)
		}
		if err == nil {
			_, err := s.AsAdmin(t.Context(), func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), `with gone as (delete from task where incident_id = $1)
					update incident set status = 'filed', handler_id = null where id = $1`, filed.ID)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	elsewhere := s.Actor("elsewhere", account.Dispatcher, civictest.StreetB)
	_, err = s.service.Handlers(t.Context(), elsewhere, i.ID)
	wantKind(t, err, fault.KindNotFound)
}

func TestPhoneIsSealed(t *testing.T) {
	s := newStage(t)
	i, _, err := s.service.Report(t.Context(), s.cast["desk"], incident.Report{Type: "0101", Place: &civictest.PlaceA, Phone: "100 1234-5678"})
	if err != nil {
		t.Fatal(err)
	}
	if n := s.Int(`select count(*) from incident where id = $1 and reporter_phone is not null and position('12345678' in encode(reporter_phone, 'escape')) = 0`, i.ID); n != 1 {
		t.Error("the phone is not stored, or stored in clear")
	}
	if n := s.Int(`select count(*) from evidence where after::text like '%5678%'`); n != 0 {
		t.Error("the ledger holds the phone")
	}
	read, err := s.service.Get(t.Context(), s.cast["desk"], i.ID)
	if err != nil {
		t.Fatal(err)
	}
	if phone, err := s.service.Phone(read); err != nil || phone != geo.MaskPhone("10012345678") {
		t.Errorf("phone %q, %v", phone, err)
	}
}

func TestOthersSeeNothing(t *testing.T) {
	s := newStage(t)
	i, _, err := s.service.Report(t.Context(), s.cast["resident"], incident.Report{Type: "0101", Place: &civictest.PlaceA})
	if err != nil {
		t.Fatal(err)
	}
	neighbour := s.cast["neighbour"]
	_, err = s.service.Get(t.Context(), neighbour, i.ID)
	wantKind(t, err, fault.KindNotFound)
	_, err = s.service.Evidence(t.Context(), neighbour, i.ID)
	wantKind(t, err, fault.KindNotFound)
	_, _, err = s.service.Act(t.Context(), neighbour, i.ID, incident.Order{Action: incident.File})
	wantKind(t, err, fault.KindNotFound)
	if all, err := s.service.List(t.Context(), neighbour, incident.Filter{Limit: 10}); err != nil || len(all) != 0 {
		t.Errorf("the neighbour lists %d, %v", len(all), err)
	}
}

// Of two who assign at once one wins and the other is told; the ledger has one entry.
func TestTwoAtOnce(t *testing.T) {
	s := newStage(t)
	i, _, err := s.service.Report(t.Context(), s.cast["resident"], incident.Report{Type: "0101", Place: &civictest.PlaceA})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for n := range errs {
		wg.Go(func() {
			_, _, errs[n] = s.service.Act(t.Context(), s.cast["desk"], i.ID, incident.Order{Action: incident.File})
		})
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("%v and %v, want one of them", errs[0], errs[1])
	}
	for _, err := range errs {
		if err != nil {
			wantKind(t, err, fault.KindConflict)
		}
	}
	if n := s.Int(`select count(*) from evidence where action = 'file'`); n != 1 {
		t.Errorf("%d entries, want 1", n)
	}
}

// Whatever people try in whatever order: an accepted step leaves one entry and a consistent clock, a refused one leaves
// nothing, and the house's count is what SQL counts.
func TestRandomCourses(t *testing.T) {
	s := newStage(t)
	rapid.Check(t, func(rt *rapid.T) {
		i, _, err := s.service.Report(t.Context(), s.cast["resident"], incident.Report{Type: "0502", Place: &civictest.PlaceA})
		if err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			s.randomStep(t, rt, i.ID)
			s.clock.At = s.clock.At.Add(time.Minute)
		}
		open := s.Int(`select count(*) from incident where building_id is not null and status not in ('closed', 'rejected', 'merged') and code = $1`, civictest.BuildingA)
		if held := s.Int(`select open_incidents from building_state where code = $1`, civictest.BuildingA); held != open {
			rt.Fatalf("the house counts %d open incidents, SQL %d", held, open)
		}
	})
}

func (s *stage) randomStep(t *testing.T, rt *rapid.T, id int64) {
	names := []string{"desk", "department", "verifier", "resident", "worker", "leader", "station"}
	who := s.cast[rapid.SampledFrom(names).Draw(rt, "who")]
	var actions []incident.Action
	for _, tr := range incident.Transitions() {
		actions = append(actions, tr.Action)
	}
	order := incident.Order{
		Action: rapid.SampledFrom(actions).Draw(rt, "action"), Reason: "reason", Resolution: "done",
		Handler: rapid.SampledFrom([]string{"department", "worker", "resident"}).Draw(rt, "handler"),
	}
	before, err := s.service.Get(t.Context(), who, id)
	if err != nil {
		rt.Fatal(err)
	}
	entries := s.entries(id)
	after, pos, err := s.service.Act(t.Context(), who, id, order)
	if err != nil {
		if _, refused := fault.KindOf(err); !refused {
			rt.Fatalf("%s %s: %v", who.Name, order.Action, err)
		}
		still, _ := s.service.Get(t.Context(), who, id)
		if s.entries(id) != entries || still.Status != before.Status {
			rt.Fatalf("%s %s was refused and left something", who.Name, order.Action)
		}
		return
	}
	if s.entries(id) != entries+1 {
		rt.Fatalf("%s left %d entries", order.Action, s.entries(id)-entries)
	}
	if pos.IsZero() || (after.DueAt == nil) != (after.Status == incident.Closed || after.Status == incident.Rejected) {
		rt.Fatalf("%s: position %v, %s due %v", order.Action, pos, after.Status, after.DueAt)
	}
	if after.Handler != nil && after.ReporterID != nil && after.Handler.ID == *after.ReporterID {
		rt.Fatal("who reported handles")
	}
	if after.Handler != nil && after.Verifier != nil && after.Handler.ID == after.Verifier.ID {
		rt.Fatal("who handled verified")
	}
}

func (s *stage) entries(id int64) int {
	return s.Int(`select count(*) from evidence where noun = 'incident' and subject = $1`, strconv.FormatInt(id, 10))
}

// What the list of actions offers is what may be done, and nothing else.
func TestActionsAreThosePermitted(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	reporter := int64(7)
	for _, status := range []incident.Status{
		incident.Reported, incident.Filed, incident.Assigned, incident.Returned, incident.Acknowledged, incident.Resolved,
		incident.Rework, incident.Verified, incident.Closed, incident.Rejected,
	} {
		i := incident.Incident{Status: status, ReporterID: &reporter, Handler: &incident.Person{ID: 8}, ClosedAt: &now}
		for _, role := range account.Roles() {
			for _, id := range []int64{7, 8, 9} {
				by := account.Actor{ID: id, Role: role, Department: "none"}
				offered := map[incident.Action]bool{}
				for _, a := range incident.Actions(i, by, now) {
					offered[a] = true
				}
				for _, tr := range incident.Transitions() {
					_, err := incident.Next(i, by, incident.Order{Action: tr.Action, Reason: "r", Handler: "h", Resolution: "d"}, now)
					if (err == nil) != offered[tr.Action] {
						t.Errorf("%s, %s %d, %s: offered %v, %v", status, role, id, tr.Action, offered[tr.Action], err)
					}
				}
			}
		}
	}
}
