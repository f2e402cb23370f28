package house_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/house"
)

func TestDeclaring(t *testing.T) {
	for want, r := range map[house.Declaring]house.Room{
		house.NotLet:     {Use: "self_occupied", Residents: 3},
		house.Empty:      {Use: "whole_let"},
		house.Undeclared: {Use: "shared_let", Residents: 3},
		house.Partial:    {Use: "dormitory", Residents: 3, Declared: 1},
		house.Declared:   {Use: "daily_let", Residents: 2, Declared: 2},
		house.Waiting:    {Use: "whole_let", Residents: 2, Declared: 2, Submitted: 1},
		house.InDoubt:    {Use: "whole_let", Residents: 2, Declared: 2, Submitted: 1, Doubtful: 1},
	} {
		if got := r.Declaring(); got != want {
			t.Errorf("%+v is %s, want %s", r, got, want)
		}
	}
}

func TestFindings(t *testing.T) {
	r := house.Room{Use: "shared_let", Capacity: 2, Residents: 3, OpenIncidents: 1}
	want := []house.Finding{house.OverCapacity, house.NotDeclared, house.OpenIncident}
	if diff := cmp.Diff(want, r.Findings()); diff != "" {
		t.Error(diff)
	}
	if got := (house.Room{Use: "vacant", Capacity: 2}).Findings(); got == nil || len(got) != 0 {
		t.Errorf("an empty room has findings: %v", got)
	}
}

// One request tells of each room who declared, who waits, and what happened in it: neither what ended nor what happened
// in another room or in the open counts.
func TestRoomsTellWhatIsGoingOn(t *testing.T) {
	d := civictest.New(t)
	s := house.NewService(d.DB)
	person := 0
	declared := func(room geo.Code, status, due string) {
		person++
		if _, err := d.Admin.Exec(t.Context(), `insert into declaration (code, status, source, id_sealed, id_hash, name_sealed, moved_in_on, due_at, moved_out_on)
			values ($1, $2::text, 'qr', '', $3, '', now(), nullif($4, '')::timestamptz, case $2::text when 'moved_out' then now()::date end)`,
			room, status, fmt.Append(nil, person), due); err != nil {
			t.Fatal(err)
		}
	}
	second := civictest.BuildingA + "000201"
	declared(civictest.RoomA, "accepted", "")
	declared(civictest.RoomA, "accepted", "")
	declared(civictest.RoomA, "moved_out", "")
	declared(civictest.RoomA, "rejected", "")
	declared(second, "doubtful", "2027-01-01")
	declared(civictest.RoomB, "accepted", "")
	for _, i := range []struct{ code, status, due string }{
		{string(civictest.RoomA), "reported", "2027-01-01"},
		{string(civictest.RoomA), "suspended", ""},
		{string(civictest.RoomA), "closed", ""},
		{string(civictest.BuildingA), "reported", "2027-01-01"},
		{string(civictest.GridA), "reported", "2027-01-01"},
	} {
		if _, err := d.Admin.Exec(t.Context(), `insert into incident (code, geom, type, status, source, due_at)
			values ($1, st_setsrid(st_point(114, 22.5), 4326), '0101', $2, 'sensor', nullif($3, '')::timestamptz)`, i.code, i.status, i.due); err != nil {
			t.Fatal(err)
		}
	}
	street := d.Actor("street", account.Dispatcher, civictest.StreetA)
	rooms, err := s.Rooms(t.Context(), street, house.Ref{Code: civictest.BuildingA})
	if err != nil {
		t.Fatal(err)
	}
	want := []house.Room{
		{Code: civictest.RoomA, Floor: 1, Unit: "101", Use: "whole_let", Capacity: 2, Declared: 2, OpenIncidents: 2},
		{Code: second, Floor: 2, Unit: "201", Use: "whole_let", Capacity: 2, Doubtful: 1},
		{Code: civictest.BuildingA + "000301", Floor: 3, Unit: "301", Use: "whole_let", Capacity: 2},
		{Code: civictest.BuildingA + "000401", Floor: 4, Unit: "401", Use: "whole_let", Capacity: 2},
	}
	if diff := cmp.Diff(want, rooms); diff != "" {
		t.Errorf("rooms (-want +got): %s", diff)
	}
	room, _, err := s.Room(t.Context(), street, civictest.RoomA)
	if diff := cmp.Diff(want[0], room); diff != "" || err != nil {
		t.Errorf("one room: %s %v", diff, err)
	}
	_, _, err = s.Room(t.Context(), street, civictest.BuildingA+"099099")
	wantKind(t, err, fault.KindNotFound)
	_, _, err = s.Room(t.Context(), street, civictest.BuildingA)
	wantKind(t, err, fault.KindInvalid)
}

func TestNeighboursByDistance(t *testing.T) {
	d := civictest.New(t)
	if _, err := d.Admin.Exec(t.Context(), `update building set geom = st_translate(geom, case right(code, 1) when '2' then -0.0015 when '3' then -0.0032 else 0 end, 0)`); err != nil {
		t.Fatal(err)
	}
	s := house.NewService(d.DB)
	all, err := s.Neighbours(t.Context(), account.Actor{Scope: civictest.StreetA}, house.Ref{Code: civictest.BuildingA}, 5)
	if err != nil || len(all) != 2 || all[0].Code != civictest.GridA+"00002" || all[1].Code != civictest.GridA+"00003" {
		t.Fatalf("neighbours %+v, %v", all, err)
	}
	if all[0].Metres < 29 || all[0].Metres > 32 { // 0.0003 degrees of longitude
		t.Errorf("the nearest is %.1f m away", all[0].Metres)
	}
}

func TestRoomOf(t *testing.T) {
	for _, text := range []string{"000101", string(civictest.RoomA)} {
		if got, err := house.RoomOf(civictest.BuildingA, text); err != nil || got != civictest.RoomA {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "101", string(civictest.RoomB), string(civictest.BuildingA), "00010a"} {
		if got, err := house.RoomOf(civictest.BuildingA, text); err == nil {
			t.Errorf("%q gives %s", text, got)
		}
	}
}

// dormitories gives every house 900 rooms more, each with a declaration.
const dormitories = `
		insert into room (code, floor, unit, use, capacity, residents)
		select b.code || to_char(f, 'FM000') || to_char(50 + n, 'FM000'), f, f || to_char(50 + n, 'FM00'), 'dormitory', 8, 6
		from building b, generate_series(1, 30) f, generate_series(1, 30) n;
		insert into declaration (code, status, source, id_sealed, id_hash, name_sealed, moved_in_on)
		select code, 'accepted', 'batch', '', code::bytea, '', now() from room;
		analyze room; analyze declaration; analyze incident`

// A dormitory of 900 rooms is read by ranges of the indexes on the code, whatever else the tables hold.
func TestRoomsOfADormitoryUseIndexes(t *testing.T) {
	d := civictest.New(t)
	if _, err := d.Admin.Exec(t.Context(), dormitories); err != nil {
		t.Fatal(err)
	}
	var lines []string
	err := d.Read(t.Context(), civictest.Root, func(tx pgx.Tx) error {
		lo, hi := civictest.BuildingA.Range()
		rows, err := tx.Query(t.Context(), `explain `+house.RoomsSQL, lo, hi)
		if err != nil {
			return err
		}
		lines, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	plan := strings.Join(lines, "\n")
	for _, index := range []string{"room_pkey", "declaration_code_idx"} {
		if !strings.Contains(plan, index) {
			t.Errorf("%s is not used:\n%s", index, plan)
		}
	}
	rooms, err := house.NewService(d.DB).Rooms(t.Context(), account.Actor{Scope: civictest.Root}, house.Ref{Code: civictest.BuildingA})
	if err != nil || len(rooms) != 904 || slices.ContainsFunc(rooms[31:60], func(r house.Room) bool { return r.Declared != 1 }) {
		t.Errorf("%d rooms, %v", len(rooms), err)
	}
}

// BenchmarkRooms reads a dormitory of 900 rooms, each with a declaration, as its page does.
func BenchmarkRooms(b *testing.B) {
	d := civictest.New(b)
	if _, err := d.Admin.Exec(b.Context(), dormitories); err != nil {
		b.Fatal(err)
	}
	s := house.NewService(d.DB)
	for b.Loop() {
		if all, err := s.Rooms(b.Context(), account.Actor{Scope: civictest.Root}, house.Ref{Code: civictest.BuildingA}); err != nil || len(all) != 904 {
			b.Fatal(len(all), err)
		}
	}
}
