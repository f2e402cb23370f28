package tilesets_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/tiles"
)

// stormLasts names how long the storm lasts, as Go writes durations ("1m"); a moment where it is not set.
const stormLasts = "GRIDWEAVE_TEST_STORM"

// A storm's writers together make stormRate statements a second where the machine lets them, stormBatch to a transaction;
// about half of them meet a row, so that some thousand rows change a second.
const (
	stormRate    = 2000
	stormWriters = 4
	stormBatch   = 5
)

// A thousand random changes a second, PostgreSQL killed in the middle of them: afterwards the picture is what SQL says,
// tiles from the cache are what PostGIS draws, and aggregates are SQL's counts.
func TestTilesSurviveAStorm(t *testing.T) {
	lasts := 3 * time.Second
	if text := os.Getenv(stormLasts); text != "" {
		var err error
		if lasts, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	cluster := pgtest.Cluster(t)
	db, err := postgis.Open(t.Context(), cluster.URL(), postgis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	f := newFollowed(t, districtIn(t, db))
	f.catchUp(t)
	s := storm{url: cluster.URL(), readers: f}
	end, stop := context.WithTimeout(t.Context(), lasts)
	defer stop()
	for i := range stormWriters {
		s.wg.Go(func() { s.write(end, rand.New(rand.NewPCG(uint64(i), 7))) })
	}
	s.wg.Go(func() { s.read(end) })
	half := time.NewTimer(lasts / 2)
	defer half.Stop()
	<-half.C
	if err := syscall.Kill(cluster.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.wg.Wait()
	t.Logf("%d changes in %s, %d connections lost, %d tiles read meanwhile", s.changes.Load(), lasts, s.lost.Load(), s.tiles.Load())
	if s.changes.Load() == 0 || s.lost.Load() == 0 {
		t.Error("there was no storm, or nobody noticed that PostgreSQL was killed")
	}
	f.agree(t)
}

// agree compares everything, once the picture has caught up.
func (f followed) agree(t *testing.T) {
	t.Helper()
	f.settle(t)
	f.catchUp(t)
	f.compareRows(t)
	for z := maptile.Zoom(14); z <= 17; z++ {
		f.compareTiles(t, "after the storm", z, 8)
	}
	r := tiles.NewRenderer(f.picture)
	f.compareIncidents(t, r, []maptile.Zoom{8, 12, 13, 15})
	for _, scope := range f.scopes(t) {
		f.compareCells(t, r, scope)
	}
}

// settle waits until the database answers again, on connections that outlived its end.
func (f followed) settle(t *testing.T) {
	t.Helper()
	patience, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		f.db.Admin.Reset()
		if err := f.db.Read(patience, "4403", func(pgx.Tx) error { return nil }); err == nil {
			return
		}
		select {
		case <-patience.Done():
			t.Fatal("the database does not answer")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

type storm struct {
	url     string
	readers followed
	wg      sync.WaitGroup
	changes atomic.Int64
	lost    atomic.Int64
	tiles   atomic.Int64
}

// write makes transactions at its part of the rate, and connects anew where the database has gone.
func (s *storm) write(ctx context.Context, r *rand.Rand) {
	tick := time.NewTicker(time.Second * stormWriters * stormBatch / stormRate)
	defer tick.Stop()
	for ctx.Err() == nil {
		conn, err := pgx.Connect(ctx, s.url)
		for err == nil {
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
			if ctx.Err() != nil {
				break
			}
			var changed int64
			if changed, err = gust(ctx, conn, r); err == nil {
				s.changes.Add(changed)
			}
		}
		if gone := conn == nil || conn.IsClosed(); gone && ctx.Err() == nil {
			s.lost.Add(1) // otherwise it was a deadlock with another writer
		}
		if conn != nil {
			_ = conn.Close(context.WithoutCancel(ctx))
		}
		if err != nil && ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
}

// gust is one transaction of a few single changes; some are rolled back.
func gust(ctx context.Context, conn *pgx.Conn, r *rand.Rand) (changed int64, err error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	for range stormBatch {
		c := change(r)
		done, err := tx.Exec(ctx, c.sql, c.args...)
		if err != nil {
			return 0, err
		}
		changed += done.RowsAffected()
	}
	if r.IntN(20) == 0 {
		return 0, tx.Rollback(ctx)
	}
	return changed, tx.Commit(ctx)
}

// change is a statement about one row, that no other transaction's order can make fail.
func change(r *rand.Rand) statement {
	id := 1 + r.IntN(600)
	all := []statement{
		{`update building_state set grade = $2, rooms = rooms + 1 where building_id = $1`, []any{id, []string{"green", "yellow", "orange", "red", "grey"}[r.IntN(5)]}},
		{`update building_state set residents = residents + 1, open_incidents = $2 where building_id = $1`, []any{id, r.IntN(5)}},
		{`update building_state set grade = null, use = 'vacant' where building_id = $1`, []any{id}},
		{`update building set geom = st_translate(geom, $2, $3) where id = $1`, []any{id, (r.Float64() - .5) / 2000, (r.Float64() - .5) / 2000}},
		{`update building set name_zh = $2 where id = $1`, []any{id, fmt.Sprint("楼", r.IntN(1000))}},
		{`insert into building (code, geom) select left(code, 14) || $2, st_translate(geom, 0.001, 0) from building where id = $1
		  on conflict (code) do nothing`, []any{id, fmt.Sprintf("%05d", 50000+r.IntN(50000))}},
		{`delete from building where id = $1 and not exists (select from building_state s where s.building_id = id)`, []any{100_000 + r.IntN(100)}},
		{`insert into incident (code, building_id, geom, type, source, due_at) select code, id, st_centroid(geom), $2, 'sensor',
		  now() + $3 * interval '1 minute' from building where id = $1`, []any{id, []string{"0101", "0201", "0505"}[r.IntN(3)], r.IntN(600) - 300}},
		{`update incident set status = 'closed', due_at = null where id = $1`, []any{r.IntN(2000)}},
		{`update incident set status = 'filed', due_at = now(), escalation = escalation + 1 where id = $1`, []any{r.IntN(2000)}},
		{`update incident set geom = st_translate(geom, 0.0001, 0.0001) where id = $1`, []any{r.IntN(2000)}},
		{`delete from incident where id = $1 and not exists (select from task where incident_id = $1)`, []any{r.IntN(2000)}},
		{`update area set name_en = $2 where id = $1`, []any{1 + r.IntN(30), fmt.Sprint("Area ", r.IntN(99))}},
		{`update area set geom = st_translate(geom, $2, 0) where id = $1 and level = 'grid'`, []any{1 + r.IntN(30), (r.Float64() - .5) / 5000}},
	}
	return all[r.IntN(len(all))]
}

// readEvery leaves the writers their part of the machine.
const readEvery = 2 * time.Millisecond

// read asks for tiles all the time, so that the cache has something to get wrong.
func (s *storm) read(ctx context.Context) {
	r := rand.New(rand.NewPCG(5, 5))
	sets := tilesets.All()
	tick := time.NewTicker(readEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
		z := maptile.Zoom(8 + r.IntN(9))
		around := s.readers.tilesAround(z, 30)
		scope := []geo.Code{"4403", "440304", "440305"}[r.IntN(3)]
		if _, _, err := s.readers.cache.Tile(ctx, sets, scope, around[r.IntN(len(around))], tiles.Gzip); err == nil {
			s.tiles.Add(1)
		}
	}
}
