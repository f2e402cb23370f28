package city

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"go.uber.org/goleak"

	"github.com/gridweave/gridweave/geo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func at() time.Time { return time.Date(2026, 3, 4, 2, 30, 0, 0, time.UTC) }

func testTypes() []IncidentType {
	h := time.Hour
	return []IncidentType{
		{"0101", "积水", "Flooding", 2, h / 2, h / 2, h, 24 * h, 12 * h},
		{"0203", "占道经营", "Street vending", 4, h, h, 4 * h, 72 * h, 24 * h},
	}
}

func draw(t testing.TB, s Scale, seed uint64) *City {
	t.Helper()
	c, err := New(t.Context(), Options{Scale: s, Seed: seed, Now: at(), Types: testTypes()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func each(t testing.TB, c *City) func(func(*Community) bool) {
	return func(yield func(*Community) bool) {
		for m, err := range c.Communities(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if !yield(m) {
				return
			}
		}
	}
}

// fingerprint is a hash of all a city yields.
func fingerprint(t testing.TB, c *City) string {
	h := sha256.New()
	put := func(v any) {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		h.Write(b)
	}
	shape := func(g orb.Geometry) { h.Write(wkb.MustMarshal(g)) }
	for _, a := range c.Areas() {
		put([]string{a.Code, a.ZH, a.EN})
		shape(a.Geom)
	}
	for _, f := range c.Base() {
		put([]string{f.Kind, f.Class, f.ZH, f.EN})
		shape(f.Geom)
	}
	for m := range each(t, c) {
		for _, b := range m.Buildings {
			shape(b.Geom)
		}
		put(m)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestSameSeedSameCity(t *testing.T) {
	for _, s := range []Scale{Tiny, Futian} {
		t.Run(string(s), func(t *testing.T) {
			first := fingerprint(t, draw(t, s, 7))
			procs := runtime.GOMAXPROCS(1)
			second := fingerprint(t, draw(t, s, 7))
			runtime.GOMAXPROCS(procs)
			if first != second {
				t.Errorf("two runs differ: %s and %s", first, second)
			}
			if other := fingerprint(t, draw(t, s, 8)); other == first {
				t.Error("another seed gave the same city")
			}
		})
	}
}

func TestCounts(t *testing.T) {
	for _, s := range []Scale{Tiny, Futian} {
		for seed := uint64(1); seed <= 3; seed++ {
			t.Run(fmt.Sprint(s, seed), func(t *testing.T) {
				c := draw(t, s, seed)
				if got, want := tally(t, c), s.Counts(); got != want {
					t.Errorf("counts %+v, want %+v", got, want)
				}
			})
		}
	}
}

// tally counts what a city yields and looks at each code on the way.
func tally(t testing.TB, c *City) Counts {
	var n Counts
	grids := map[string]bool{}
	for _, a := range c.Areas() {
		code, err := geo.ParseCode(a.Code)
		if err != nil {
			t.Fatal(err)
		}
		switch code.Level() {
		case geo.District:
			n.Districts++
		case geo.Street:
			n.Streets++
		case geo.Community:
			n.Communities++
		case geo.Grid:
			n.Grids++
			grids[a.Code] = true
		default:
		}
	}
	last := ""
	for m := range each(t, c) {
		for _, b := range m.Buildings {
			if b.Code <= last || len(b.Code) != 19 || !grids[b.Code[:14]] {
				t.Fatalf("building code %s after %s", b.Code, last)
			}
			last = b.Code
			n.Buildings++
			n.Rooms += len(b.Rooms)
			checkRooms(t, &b)
		}
	}
	return n
}

func checkRooms(t testing.TB, b *Building) {
	if b.State.Rooms != len(b.Rooms) || b.State.RentalRooms > len(b.Rooms) || len(b.Rooms) == 0 {
		t.Fatalf("building %s: %+v with %d rooms", b.Code, b.State, len(b.Rooms))
	}
	last, people := "", 0
	for _, r := range b.Rooms {
		if s := r.Suffix(); s <= last || len(s) != 6 {
			t.Fatalf("building %s: room %s after %s", b.Code, s, last)
		}
		last = r.Suffix()
		people += int(r.Residents)
		if int(r.Floor) > b.Levels {
			t.Fatalf("building %s of %d levels has a room on floor %d", b.Code, b.Levels, r.Floor)
		}
	}
	if people != b.State.Residents {
		t.Fatalf("building %s: %d residents in rooms, %d in its state", b.Code, people, b.State.Residents)
	}
}

func TestGradesAreSpread(t *testing.T) {
	c := draw(t, Futian, 1)
	n, all := map[Grade]float64{}, 0.0
	for m := range each(t, c) {
		for _, b := range m.Buildings {
			if (b.State.Grade == "") != (b.State.RentalRooms == 0) {
				t.Fatalf("building %s lets %d rooms and is graded %q", b.Code, b.State.RentalRooms, b.State.Grade)
			}
			if b.State.Grade != "" {
				n[b.State.Grade]++
				all++
			}
		}
	}
	for g, want := range map[Grade]float64{Green: .6, Yellow: .22, Orange: .09, Red: .03, Grey: .06} {
		if got := n[g] / all; math.Abs(got-want) > .025 {
			t.Errorf("%s: %.3f of the rated houses, want about %.2f", g, got, want)
		}
	}
}

func TestPeopleAreInvented(t *testing.T) {
	c := draw(t, Tiny, 1)
	n := 0
	for m := range each(t, c) {
		for _, d := range m.Declarations {
			n++
			id, err := geo.ParseResidentID(d.Person.ResidentID)
			if err != nil {
				t.Fatal(err)
			}
			if string(id)[:6] != "440399" || d.Person.Phone[:3] != "100" {
				t.Fatalf("%s might be somebody's", d.Person)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d declarations", n)
	}
}

func TestCommunitiesStopWithTheirContext(t *testing.T) {
	c := draw(t, Futian, 1)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	n := 0
	for _, err := range c.Communities(ctx) {
		if err != nil {
			return
		}
		if n++; n == 3 {
			stop()
		}
		if n > 20 {
			t.Fatal("goes on after its context ended")
		}
	}
	t.Fatal("ended without the context's error")
}

// TestCityScale streams all 640,000 buildings past; it takes a while, and nothing else would notice a total that is off.
func TestCityScale(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole city takes half a minute")
	}
	c := draw(t, Everything, 1)
	checkTiling(t, c.Areas())
	checkFeatures(t, c.Base())
	if got, want := tally(t, c), Everything.Counts(); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
}

// Every scale has a building of 900 rooms and one of 60 floors, with people in them who declared and incidents in rooms.
func TestShowpieces(t *testing.T) {
	for _, s := range []Scale{Tiny, Futian} {
		t.Run(string(s), func(t *testing.T) {
			c := draw(t, s, 1)
			found := 0
			for m := range each(t, c) {
				for i := range m.Buildings {
					b := &m.Buildings[i]
					if !b.showpiece {
						continue
					}
					found++
					declared, incidents := 0, 0
					for _, d := range m.Declarations {
						if d.Code[:19] == b.Code {
							declared++
						}
					}
					for _, n := range m.Incidents {
						if len(n.Code) == 25 && n.Code[:19] == b.Code {
							incidents++
						}
					}
					if b.Kind == Dormitory && len(b.Rooms) != 900 || b.Kind == Apartment && b.Levels != 60 {
						t.Errorf("%s: %d floors, %d rooms", b.ZH, b.Levels, len(b.Rooms))
					}
					if declared < len(b.Rooms)/2 || incidents < len(b.Rooms)/40 {
						t.Errorf("%s: %d declarations, %d incidents in %d rooms", b.ZH, declared, incidents, len(b.Rooms))
					}
				}
			}
			if found != len(showpieces()) {
				t.Errorf("%d showpieces", found)
			}
		})
	}
}
