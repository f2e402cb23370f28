package tilesets_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb/maptile"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/incident"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/follow"
	"github.com/gridweave/gridweave/tiles"
)

// followed is a district whose picture follows its log.
type followed struct {
	district
	url   string
	cache *tiles.Cache
	feed  *feed.Feed
}

func newFollowed(t *testing.T, d district) followed {
	t.Helper()
	f := followed{district: d}
	var err error
	if f.cache, err = tiles.NewCache(f.picture, 32<<20); err != nil {
		t.Fatal(err)
	}
	f.url = f.db.Admin.Config().ConnString()
	// Whatever a database writes dates like, the picture reads them.
	for _, setting := range []string{"datestyle to 'SQL, DMY'", "timezone to 'Asia/Kolkata'"} {
		if _, err := f.db.Admin.Exec(t.Context(), "alter database "+pgx.Identifier{f.db.Admin.Config().ConnConfig.Database}.Sanitize()+" set "+setting); err != nil {
			t.Fatal(err)
		}
	}
	f.feed = feed.New(feed.Config{
		URL: f.url, Publication: "gridweave", Slot: fmt.Sprintf("history_%d", time.Now().UnixNano()),
		Log: slog.New(slog.DiscardHandler), Metrics: feed.NewMetrics(prometheus.NewRegistry()),
	}, follow.New(f.picture, tilesets.Projections(), f.cache))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.feed.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return f
}

// catchUp waits until the tiles include everything that is committed now.
func (f followed) catchUp(t *testing.T) {
	t.Helper()
	want, err := f.db.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	patience := time.After(30 * time.Second)
	for {
		at, reached := f.cache.Position()
		if order, same := at.Compare(want); same && order >= 0 {
			return
		}
		f.feed.Nudge()
		select {
		case <-reached:
		case <-time.After(50 * time.Millisecond): // not live yet: ask again
		case <-patience:
			state, _, reason := f.feed.Status()
			t.Fatalf("at %v, want %v; the feed is %s: %s", at, want, state, reason)
		}
	}
}

type statement struct {
	sql  string
	args []any
}

// cases are statements about incidents and declarations, some old, some over, some that come back.
func cases(r *rand.Rand, id int) []statement {
	return []statement{
		{`insert into incident (code, building_id, geom, type, source, due_at, reported_at)
		  select code, id, st_pointonsurface(geom), $2, 'sensor', now() + $3 * interval '1 hour', now() - interval '1 day'
		  from building where id = $1`, []any{id, []string{"0101", "0201", "0505"}[r.IntN(3)], r.IntN(60) - 20}},
		{`update incident set status = $2, due_at = null, rejected_because = 'none' where id % 40 = $1::int % 40`, []any{id, []string{"closed", "rejected"}[r.IntN(2)]}},
		{`update incident set status = 'filed', due_at = now() + interval '1 hour', escalation = escalation + 1
		  where status in ('closed', 'rejected') and id % 90 = $1::int % 90`, []any{id}},
		{`update incident set geom = st_translate(geom, 0.0001, 0), type = '0303' where id % 50 = $1::int % 50`, []any{id}},
		{`update incident_type set severity = severity % 4 + 1 where code = '0303' and $1::int > 0`, []any{id}},
		{`delete from incident where id % 200 = $1::int % 200`, []any{id}},
		{`insert into declaration (code, status, source, id_sealed, id_hash, name_sealed, moved_in_on, submitted_at)
		  select r.code, 'accepted', 'qr', '', sha256(convert_to(random()::text, 'UTF8')), '', '2026-01-01', now() - ($2 + 0.5) * interval '1 hour'
		  from building b join room r on left(r.code, 19) = b.code where b.id = $1 limit 1`, []any{id, r.IntN(300)}},
		{`update declaration set submitted_at = submitted_at - interval '4 days' where id % 30 = $1::int % 30`, []any{id}},
		{`delete from declaration where id % 100 = $1::int % 100`, []any{id}},
	}
}

// happen is one random transaction; some are rolled back.
func (f followed) happen(t *testing.T, r *rand.Rand) {
	t.Helper()
	id := 1 + r.IntN(600)
	statements := []statement{
		{`update building_state set grade = $2, residents = residents + 1 where building_id = $1`, []any{id, []string{"green", "yellow", "orange", "red", "grey"}[r.IntN(5)]}},
		{`update building_state set grade = null, use = 'vacant' where building_id = $1`, []any{id}},
		{`update building set geom = st_translate(geom, $2, $3) where id = $1`, []any{id, (r.Float64() - .5) / 1000, (r.Float64() - .5) / 1000}},
		{`update building set name_zh = name_zh || '改' where id = $1`, []any{id}},
		{`with gone as (delete from room where left(code, 19) = (select code from building where id = $1) returning 1)
		  select count(*) from gone`, []any{id}},
		{`delete from building where id = $1 and not exists (select from room r where left(r.code, 19) = building.code)`, []any{id}},
		{`insert into building (code, geom) select left(code, 14) || $2, st_translate(geom, 0.002, 0) from building where id = $1
		  on conflict (code) do nothing`, []any{id, fmt.Sprintf("%05d", 90000+r.IntN(9000))}},
		{`insert into building_state (building_id, code) select id, code from building b
		  where not exists (select from building_state s where s.building_id = b.id) and $1::int > 0`, []any{id}},
		{`update area set geom = st_multi(st_buffer(geom, -0.00002)) where level = 'grid' and id % 12 = $1::int % 12`, []any{id}},
		{`update building set id = id + 100000 where id = $1 and not exists (select from building_state where building_id = $1)`, []any{id}},
	}
	statements = append(statements, cases(r, id)...)
	tx, err := f.db.Admin.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 1 + r.IntN(4) {
		s := statements[r.IntN(len(statements))]
		if _, err := tx.Exec(t.Context(), s.sql, s.args...); err != nil {
			t.Fatalf("%s: %v", s.sql, err)
		}
	}
	if r.IntN(6) == 0 {
		err = tx.Rollback(t.Context())
	} else {
		err = tx.Commit(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// loseSlot takes the feed's slot away, as soon as nobody reads from it: everything is loaded anew, beside what is shown.
func (f followed) loseSlot(t *testing.T) {
	t.Helper()
	for {
		if _, err := f.db.Admin.Exec(t.Context(), `select pg_terminate_backend(active_pid) from pg_replication_slots
			where active_pid is not null and database = current_database()`); err != nil {
			t.Fatal(err)
		}
		dropped, err := f.db.Admin.Exec(t.Context(), `select pg_drop_replication_slot(slot_name) from pg_replication_slots
			where not active and database = current_database()`)
		if err == nil && dropped.RowsAffected() > 0 {
			return
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
}

// After random histories the picture is what SQL says, and tiles from the cache what PostGIS draws, also where the
// connection was cut in between, or the slot lost and what happened meanwhile only loaded.
func TestPictureFollowsRandomHistories(t *testing.T) {
	f := newFollowed(t, newDistrict(t))
	f.catchUp(t)
	r := rand.New(rand.NewPCG(3, 9))
	for round := range 12 {
		for range 30 {
			f.happen(t, r)
		}
		if round%4 == 2 {
			if _, err := f.db.Admin.Exec(t.Context(), `select pg_terminate_backend(active_pid) from pg_replication_slots
				where active_pid is not null and database = current_database()`); err != nil {
				t.Fatal(err)
			}
		}
		if round%4 == 3 {
			f.loseSlot(t)
			f.happen(t, r)
		}
		f.catchUp(t)
		f.compareRows(t)
		f.compareTiles(t, fmt.Sprintf("round %d", round), 15, 4)
		f.compareIncidents(t, tiles.NewRenderer(f.picture), []maptile.Zoom{12, 15})
	}
}

// compareTiles compares what the cache serves with what PostGIS draws, for some tiles of a zoom.
func (f followed) compareTiles(t *testing.T, when string, z maptile.Zoom, most int) {
	t.Helper()
	sets, err := tilesets.All().Named("buildings")
	if err != nil {
		t.Fatal(err)
	}
	for _, tile := range f.tilesAround(z, most) {
		body, _, err := f.cache.Tile(t.Context(), sets, "440304", tile, tiles.Identity)
		if err != nil {
			t.Fatal(err)
		}
		want := features(f.oracle(t, "440304", "buildings", tile), "building")
		compareLayers(t, fmt.Sprintf("%s, %v", when, tile), 1.01, want, features(decode(t, body.Bytes), "building"))
	}
}

// compareRows compares every building and area with the database.
func (f followed) compareRows(t *testing.T) {
	t.Helper()
	want := f.rows(t, `
		select format('building %s %s %s %s %s', b.id, b.code, b.name_zh,
		  coalesce(array_position(array['green', 'yellow', 'orange', 'red', 'grey'], s.grade), 0), coalesce(s.residents, 0))
		from building b left join building_state s on s.building_id = b.id
		union all select format('area %s %s %s', id, code, name_zh) from area
		union all select format('incident %s %s %s %s %s %s %s', id, code, type, status, severity, escalation,
		  floor(extract(epoch from due_at))) from incident where status not in ('closed', 'rejected', 'merged')
		union all select format('declaration %s %s %s %s', id, code, status, floor(extract(epoch from submitted_at)))
		  from declaration where submitted_at >= now() - interval '7 days'`)
	got := map[string]bool{}
	f.picture.Read(func(layer func(string) *live.Layer) {
		layer("building").All(func(b *live.Feature) {
			got[fmt.Sprintf("building %d %s %s %d %d", b.ID, b.Code, b.Texts[0], b.Nums[0], b.Nums[5])] = true
		})
		layer("incident").All(func(i *live.Feature) {
			due := fmt.Sprint(i.Nums[incident.NumDueAt])
			if due == "0" {
				due = ""
			}
			got[fmt.Sprintf("incident %d %s %s %s %d %d %s", i.ID, i.Code, i.Texts[incident.TextType], i.Texts[incident.TextStatus],
				i.Nums[incident.NumSeverity], i.Nums[incident.NumEscalation], due)] = true
		})
		layer("declaration").All(func(d *live.Feature) {
			got[fmt.Sprintf("declaration %d %s %s %d", d.ID, d.Code, d.Texts[declare.TextStatus], d.Nums[declare.NumSubmittedAt])] = true
		})
		layer("area").All(func(a *live.Feature) { got[fmt.Sprintf("area %d %s %s", a.ID, a.Code, a.Texts[0])] = true })
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("the picture differs from the database (-SQL +picture):\n%s", diff)
	}
}

func (f followed) rows(t *testing.T, sql string) map[string]bool {
	t.Helper()
	rows, err := f.db.Admin.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	var line string
	if _, err := pgx.ForEachRow(rows, []any{&line}, func() error { found[line] = true; return nil }); err != nil {
		t.Fatal(err)
	}
	return found
}
