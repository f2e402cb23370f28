package declare_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// Numbers of nobody: the division 440399 does not exist.
const (
	anne  = "440399199001011238"
	bela  = "440399198505054312"
	child = "440399201501010012"
)

type stage struct {
	civictest.District
	service                      *declare.Service
	clock                        *civictest.Clock
	resident, station, neighbour account.Actor
}

func newStage(t *testing.T) *stage {
	t.Helper()
	d := civictest.New(t)
	s := &stage{District: d, clock: &civictest.Clock{At: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}}
	s.service = declare.NewService(d.DB, d.Sealer, s.clock.Now)
	s.resident = d.Actor("resident", account.Resident, civictest.StreetA)
	s.station = d.Actor("station", account.Station, civictest.StreetA)
	s.neighbour = d.Actor("neighbour", account.Station, civictest.StreetB)
	return s
}

// checked completes seventeen digits by the check character of ISO 7064 MOD 11-2, so that no real number is needed.
func checked(t *testing.T, number string) string {
	t.Helper()
	for _, c := range "0123456789X" {
		if id, err := geo.ParseResidentID(number[:17] + string(c)); err == nil {
			return string(id)
		}
	}
	t.Fatalf("%s cannot be completed", number)
	return ""
}

func (s *stage) submit(t *testing.T, number string, room geo.Code) (declare.Declaration, error) {
	t.Helper()
	day := s.clock.At
	d, _, err := s.service.Submit(t.Context(), s.resident, declare.Form{
		Room: string(room), Name: "张小明", Number: checked(t, number), Phone: "10012345678", MovedIn: &day,
	})
	return d, err
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if kind, _ := fault.KindOf(err); kind != want {
		t.Errorf("%v is %q, want %q", err, kind, want)
	}
}

func (s *stage) residents(room geo.Code) (inRoom, inBuilding int) {
	building, _ := room.At(geo.Building)
	return s.Int(`select residents from room where code = $1`, room), s.Int(`select residents from building_state where code = $1`, building)
}

func TestTrustedAtOnce(t *testing.T) {
	s := newStage(t)
	d, err := s.submit(t, anne, civictest.RoomA)
	if err != nil || d.Status != declare.Accepted || d.DueAt != nil {
		t.Fatalf("%s, due %v, %v; checks %+v", d.Status, d.DueAt, err, d.Checks)
	}
	if room, building := s.residents(civictest.RoomA); room != 1 || building != 1 {
		t.Errorf("%d in the room, %d in the house, want 1 and 1", room, building)
	}
	read, err := s.service.Get(t.Context(), s.station, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if read.Name != "张**" || !strings.Contains(read.Number, "********") || strings.Contains(read.Phone, "1234567") {
		t.Errorf("not masked: %s %s %s", read.Name, read.Number, read.Phone)
	}
	if n := s.Int(`select count(*) from evidence where coalesce(before::text, '') || coalesce(after::text, '') ~ '小明|19900101|12345678'`); n != 0 {
		t.Error("the ledger holds personal data")
	}
	after, pos, err := s.service.Act(t.Context(), s.resident, d.ID, declare.MoveOut, "")
	if err != nil || after.Status != declare.MovedOut || pos.IsZero() {
		t.Fatalf("%s, %v", after.Status, err)
	}
	if room, building := s.residents(civictest.RoomA); room != 0 || building != 0 {
		t.Errorf("%d in the room, %d in the house after moving out", room, building)
	}
}

func TestDoubtfulIsVisited(t *testing.T) {
	s := newStage(t)
	d, err := s.submit(t, child, civictest.RoomA)
	if err != nil || d.Status != declare.Doubtful || d.DueAt == nil {
		t.Fatalf("%s, %v", d.Status, err)
	}
	visits := func() int {
		return s.Int(`select count(*) from task where declaration_id = $1 and status = 'open'`, d.ID)
	}
	if visits() != 1 {
		t.Errorf("%d visits open, want 1", visits())
	}
	s.clock.At = s.clock.At.Add(48 * time.Hour)
	absent, _, err := s.service.Act(t.Context(), s.station, d.ID, declare.Absent, "")
	if err != nil || absent.Status != declare.Doubtful || absent.Visits != 1 || !absent.DueAt.After(*d.DueAt) || visits() != 1 {
		t.Errorf("%+v, %v, %d visits open", absent, err, visits())
	}
	_, _, err = s.service.Act(t.Context(), s.station, d.ID, declare.Refute, "")
	wantKind(t, err, fault.KindInvalid)
	_, _, err = s.service.Act(t.Context(), s.resident, d.ID, declare.Verify, "")
	wantKind(t, err, fault.KindForbidden)
	_, _, err = s.service.Act(t.Context(), s.neighbour, d.ID, declare.Verify, "")
	wantKind(t, err, fault.KindNotFound)
	verified, _, err := s.service.Act(t.Context(), s.station, d.ID, declare.Verify, "")
	if err != nil || verified.Status != declare.Accepted || visits() != 0 {
		t.Errorf("%s, %v, %d visits open", verified.Status, err, visits())
	}
	if room, _ := s.residents(civictest.RoomA); room != 1 {
		t.Errorf("%d in the room, want 1", room)
	}
	_, _, err = s.service.Act(t.Context(), s.station, d.ID, declare.Verify, "")
	wantKind(t, err, fault.KindConflict)
	if n := s.Int(`select count(*) from evidence where noun = 'declaration'`); n != 3 {
		t.Errorf("%d entries for 3 steps", n)
	}
}

func TestChecksDoubt(t *testing.T) {
	s := newStage(t)
	if _, err := s.submit(t, anne, civictest.RoomA); err != nil {
		t.Fatal(err)
	}
	failed := func(d declare.Declaration) string {
		var names []string
		for _, c := range d.Checks {
			if !c.OK {
				names = append(names, c.Check)
			}
		}
		return strings.Join(names, " ")
	}
	second := civictest.BuildingA + "000201"
	if d, err := s.submit(t, anne, second); err != nil || failed(d) != "elsewhere" {
		t.Errorf("declared elsewhere: fails %q, %v", failed(d), err)
	}
	s.exec(t, `update room set use = 'non_residential' where code = $1`, civictest.BuildingA+"000301")
	if d, err := s.submit(t, bela, civictest.BuildingA+"000301"); err != nil || failed(d) != "lettable" {
		t.Errorf("a shop: fails %q, %v", failed(d), err)
	}
	s.exec(t, `update room set residents = capacity where code = $1`, civictest.BuildingA+"000401")
	if d, err := s.submit(t, bela, civictest.BuildingA+"000401"); err != nil || failed(d) != "capacity" {
		t.Errorf("a full room: fails %q, %v", failed(d), err)
	}
}

func (s *stage) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := s.Admin.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func TestRefused(t *testing.T) {
	s := newStage(t)
	day := s.clock.At
	good := declare.Form{Room: string(civictest.RoomA), Name: "张小明", Number: checked(t, anne), MovedIn: &day}
	future := day.AddDate(0, 1, 0)
	for name, change := range map[string]func(*declare.Form){
		"a building's code":   func(f *declare.Form) { f.Room = string(civictest.BuildingA) },
		"a wrong check digit": func(f *declare.Form) { f.Number = f.Number[:17] + "?" },
		"no name":             func(f *declare.Form) { f.Name = " " },
		"a short phone":       func(f *declare.Form) { f.Phone = "123" },
		"the future":          func(f *declare.Form) { f.MovedIn = &future },
	} {
		form := good
		change(&form)
		_, _, err := s.service.Submit(t.Context(), s.resident, form)
		t.Run(name, func(t *testing.T) { wantKind(t, err, fault.KindInvalid) })
	}
	_, err := s.submit(t, anne, civictest.RoomB)
	wantKind(t, err, fault.KindNotFound)
	if _, err := s.submit(t, anne, civictest.RoomA); err != nil {
		t.Fatal(err)
	}
	_, err = s.submit(t, anne, civictest.RoomA)
	wantKind(t, err, fault.KindConflict)
	if n := s.Int(`select count(*) from declaration`); n != 1 {
		t.Errorf("%d declarations, want 1", n)
	}
}

// Of two who declare for the last place at once, one is trusted and the other doubted.
func TestLastPlace(t *testing.T) {
	s := newStage(t)
	s.exec(t, `update room set capacity = 1 where code = $1`, civictest.RoomA)
	var wg sync.WaitGroup
	made := make([]declare.Declaration, 2)
	for i, number := range []string{anne, bela} {
		full := checked(t, number)
		wg.Go(func() {
			day := s.clock.At
			var err error
			made[i], _, err = s.service.Submit(t.Context(), s.resident, declare.Form{Room: string(civictest.RoomA), Name: "张小明", Number: full, MovedIn: &day})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if (made[0].Status == declare.Accepted) == (made[1].Status == declare.Accepted) {
		t.Errorf("%s and %s, want one accepted", made[0].Status, made[1].Status)
	}
	if room, _ := s.residents(civictest.RoomA); room != 1 {
		t.Errorf("%d in a room for one", room)
	}
}
