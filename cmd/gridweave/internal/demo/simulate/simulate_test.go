package simulate_test

import (
	"bytes"
	"context"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/roster"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/simulate"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/civic/incident"
	"github.com/gridweave/gridweave/geo/civic/person"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// district is a demo of 600 houses whose history ends at midnight, with a clock that goes as fast as things are done.
type district struct {
	t     *testing.T
	db    *postgis.DB
	clock *fastClock
	past  *simulate.Past
	as    map[string]account.Actor
	simulate.Services
	simulate.Cast
}

// fastClock is at a time as soon as somebody waits for it, until its end. Each midnight it passes is noted.
type fastClock struct {
	now, end time.Time
	midnight func(time.Time)
}

func (c *fastClock) Now() time.Time { return c.now }

func (c *fastClock) Until(ctx context.Context, t time.Time) bool {
	for next := c.now.Truncate(24 * time.Hour).Add(24 * time.Hour); !next.After(t) && !next.After(c.end); next = next.Add(24 * time.Hour) {
		c.now = next
		if c.midnight != nil {
			c.midnight(next)
		}
	}
	if t.After(c.now) {
		c.now = t
	}
	return ctx.Err() == nil && !t.After(c.end)
}

func newDistrict(t *testing.T) *district {
	t.Helper()
	db := pgtest.DB(t)
	sealer, err := person.NewSealer(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32))
	if err != nil {
		t.Fatal(err)
	}
	clock := &fastClock{now: time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)}
	if _, err := demo.Write(t.Context(), db, demo.Options{Scale: city.Tiny, Seed: 5, Now: clock.now, Sealer: sealer}); err != nil {
		t.Fatal(err)
	}
	d := &district{t: t, db: db, clock: clock, as: map[string]account.Actor{}}
	posts := roster.Posts{}
	err = db.Admin.QueryRow(t.Context(), `select left(code, 6), left(code, 9), left(code, 12), left(code, 14) from building limit 1`).
		Scan(&posts.Root, &posts.Street, &posts.Community, &posts.Grid)
	if err != nil {
		t.Fatal(err)
	}
	posts.Departments = d.departments()
	members, err := roster.Ensure(t.Context(), account.NewService(db, account.NewHasher(1)), t.TempDir(), posts)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range members {
		d.as[m.Name] = m.Actor()
		if m.Role == account.Department || m.Role == account.GridWorker {
			d.Handlers = append(d.Handlers, m.Actor())
		}
	}
	d.Desk, d.Verifier, d.Worker, d.Resident = d.as["duty"], d.as["verifier"], d.as["mobile"], d.as["resident"]
	d.Services = simulate.Services{
		DB: db, Houses: house.NewService(db), Incidents: incident.NewService(db, sealer, clock.Now),
		Declarations: declare.NewService(db, sealer, clock.Now),
	}
	if d.past, err = simulate.Recall(t.Context(), db, posts.Root); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *district) departments() (all []roster.Department) {
	rows, err := d.db.Admin.Query(d.t.Context(), `select code, name_zh, name_en from department`)
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var one roster.Department
		if err := rows.Scan(&one.Code, &one.NameZh, &one.NameEn); err != nil {
			d.t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

func (d *district) number(sql string, args ...any) (n float64) {
	d.t.Helper()
	if err := d.db.Admin.QueryRow(d.t.Context(), sql, args...).Scan(&n); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func (d *district) run(days int, speed float64) simulate.Counts {
	d.t.Helper()
	d.clock.end = d.clock.now.AddDate(0, 0, days)
	counts, err := simulate.New(d.Services, d.Cast, simulate.Options{
		Speed: speed, Seed: 3, Clock: d.clock, Log: slog.New(slog.DiscardHandler),
	}).Run(d.t.Context())
	if err != nil || counts.Failed > 0 {
		d.t.Fatalf("%+v, %v", counts, err)
	}
	return counts
}

// expected is how much a rhythm has happen in so many days from the clock's time on.
func (d *district) expected(r *simulate.Rhythm, days int) (n float64) {
	for h := range 24 * days {
		n += r.At(d.clock.now.Add(time.Duration(h) * time.Hour))
	}
	return n
}

// close fails where a count is farther from what is expected than chance takes it, once in some ten thousand times, or
// than the share of it that may be a matter of taste.
func (d *district) close(what string, got, want, taste float64) {
	d.t.Helper()
	if math.Abs(got-want) > 4*math.Sqrt(want)+taste*want {
		d.t.Errorf("%s: %.0f, want about %.0f", what, got, want)
	}
	d.t.Logf("%s: %.0f, expected %.0f", what, got, want)
}

const (
	open     = `select count(*) from incident where due_at is not null`
	overdue  = `select count(*) from incident where due_at < $1`
	doubtful = `select count(*) from declaration where status = 'doubtful'`
	risky    = `select count(*) from building_state where grade in ('orange', 'red')`
)

// TestDistrict goes through one district's days, one part after the other.
func TestDistrict(t *testing.T) {
	d := newDistrict(t)
	for _, part := range []struct {
		name string
		test func(*testing.T, *district)
	}{
		{"goes on as the history did", goesOn}, {"four times as fast", faster}, {"takes up what people begin", takesUp},
	} {
		t.Run(part.name, func(t *testing.T) {
			d.t, d.clock.midnight = t, nil
			part.test(t, d)
		})
	}
}

// goesOn holds some days against the days before them: as much happens, as much of it is done, and what is open, overdue
// or doubtful is neither more nor less in the end.
func goesOn(t *testing.T, d *district) {
	const days = 5
	history := func(sql string) float64 { // in the last days of the history
		return d.number(sql, d.clock.now.AddDate(0, 0, -days))
	}
	reports, declarations, grades := d.expected(&d.past.Reports, days), d.expected(&d.past.Declarations, days), d.expected(&d.past.Grades, days)
	steps := history(`select count(*) from evidence where noun = 'incident' and action <> 'report' and at >= $1`)
	ended := history(`select count(*) from evidence where noun = 'incident' and action in ('close', 'reject') and at >= $1`)
	before := map[string]float64{"open": d.number(open), "doubtful": d.number(doubtful), "at risk": d.number(risky)}
	lateAtFirst := d.number(overdue, d.clock.now)
	over := `select count(*) from incident where status in ('closed', 'rejected')`
	overBefore := d.number(over)
	var opens, lates float64
	d.clock.midnight = func(at time.Time) {
		opens += d.number(open) / days
		lates += d.number(overdue, at) / days
	}

	got := d.run(days, 1)

	d.close("reported", float64(got.Reported), reports, 0)
	d.close("declared", float64(got.Declarations), declarations, .05) // a few are refused, as it happens to people
	d.close("graded", float64(got.Grades), grades, .05)
	d.close("steps of cases", float64(got.Advanced), steps, .1)
	d.close("cases ended", d.number(over)-overBefore, ended, .1)
	d.close("open, on average", opens, before["open"], .1)
	d.close("open in the end", d.number(open), before["open"], .1)
	d.close("doubtful in the end", d.number(doubtful), before["doubtful"], .3)
	d.close("houses at risk", d.number(risky), before["at risk"], .1)
	if most := 4 + 3*max(lateAtFirst, .03*opens); lates > most {
		t.Errorf("%.1f overdue on average, %.0f at the beginning", lates, lateAtFirst)
	}
	t.Logf("%+v; overdue on average %.1f, at first %.0f", got, lates, lateAtFirst)
}

// faster has a day four times as full as the history's, and no more open for that.
func faster(_ *testing.T, d *district) {
	reports, before := 4*d.expected(&d.past.Reports, 1), d.number(open)
	got := d.run(1, 4)
	d.close("reported", float64(got.Reported), reports, 0)
	d.close("open in the end", d.number(open), before, .15)
}

// takesUp has a case that somebody reports beside the simulation worked on, and those that were left lying for months.
func takesUp(t *testing.T, d *district) {
	t.Helper()
	d.number(`with old as (update incident set updated_at = updated_at - interval '60 days', due_at = due_at - interval '60 days'
		where status = 'acknowledged' returning 1) select count(*) from old`)
	lying := d.number(overdue, d.clock.now)
	if lying < 10 {
		t.Fatalf("only %.0f cases lie about", lying)
	}
	var at geo.Code
	if err := d.db.Admin.QueryRow(t.Context(), `select code from building limit 1`).Scan(&at); err != nil {
		t.Fatal(err)
	}
	var fire incident.Incident
	d.clock.midnight = func(time.Time) {
		if fire.ID == 0 {
			var err error
			if fire, _, err = d.Incidents.Report(t.Context(), d.as["grid"], incident.Report{Type: "0519", Building: at}); err != nil {
				t.Fatal(err)
			}
		}
	}
	d.run(2, 1)
	after, err := d.Incidents.Get(t.Context(), d.Desk, fire.ID)
	if err != nil || after.DueAt != nil {
		t.Errorf("the fire is %s after two days, %v", after.Status, err)
	}
	if late := d.number(overdue, d.clock.now); late > lying/3 {
		t.Errorf("%.0f of %.0f cases still lie about", late, lying)
	}
}
