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
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
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

func newFollowed(t *testing.T) followed {
	t.Helper()
	f := followed{district: newDistrict(t)}
	var err error
	if f.cache, err = tiles.NewCache(f.picture, 32<<20); err != nil {
		t.Fatal(err)
	}
	f.url = f.db.Admin.Config().ConnString()
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

// happen is one random transaction; some are rolled back.
func (f followed) happen(t *testing.T, r *rand.Rand) {
	t.Helper()
	id := 1 + r.IntN(600)
	statements := []struct {
		sql  string
		args []any
	}{
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

// After random histories the picture is what SQL says, and tiles from the cache what PostGIS draws, also where the
// connection was cut in between.
func TestPictureFollowsRandomHistories(t *testing.T) {
	f := newFollowed(t)
	f.catchUp(t)
	sets, err := tilesets.All().Named("buildings")
	if err != nil {
		t.Fatal(err)
	}
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
		f.catchUp(t)
		f.compareRows(t)
		for _, tile := range f.tilesAround(15, 4) {
			body, _, err := f.cache.Tile(sets, "440304", tile, tiles.Identity)
			if err != nil {
				t.Fatal(err)
			}
			want := features(f.oracle(t, "440304", "buildings", tile), "building")
			compareLayers(t, fmt.Sprintf("round %d, %v", round, tile), want, features(decode(t, body.Bytes), "building"))
		}
	}
}

// compareRows compares every building and area with the database.
func (f followed) compareRows(t *testing.T) {
	t.Helper()
	want := f.rows(t, `
		select format('building %s %s %s %s %s', b.id, b.code, b.name_zh,
		  coalesce(array_position(array['green', 'yellow', 'orange', 'red', 'grey'], s.grade), 0), coalesce(s.residents, 0))
		from building b left join building_state s on s.building_id = b.id
		union all select format('area %s %s %s', id, code, name_zh) from area`)
	got := map[string]bool{}
	f.picture.Read(func(layer func(string) *live.Layer) {
		layer("building").All(func(b *live.Feature) {
			got[fmt.Sprintf("building %d %s %s %d %d", b.ID, b.Code, b.Texts[0], b.Nums[0], b.Nums[5])] = true
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
