package tilesets_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/tiles"
)

// stormLasts names how long the storm lasts, as Go writes durations ("1m"); a moment where it is not set.
const stormLasts = "GRIDWEAVE_TEST_STORM"

// A storm's writers together make stormRate changes a second, stormBatch to a transaction. That is more than the
// thousand rows a second that a storm of a minute has to have changed in the end: some change nothing, some
// transactions are rolled back or lose a deadlock, and for a while there is no database.
const (
	stormRate    = 1600
	stormWriters = 8
	stormBatch   = 5
	stormChanges = 1000
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
	s := newStorm(t, cluster.URL(), f)
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
	changes := s.changes.Load()
	t.Logf("%d rows changed in %s, %.0f a second; %d connections lost, %d deadlocks, %d tiles read meanwhile", changes, lasts,
		float64(changes)/lasts.Seconds(), s.lost.Load(), s.deadlocks.Load(), s.tiles.Load())
	if changes == 0 || s.lost.Load() == 0 {
		t.Error("there was no storm, or nobody noticed that PostgreSQL was killed")
	}
	if refused := s.refused.Load(); refused != nil {
		t.Error(*refused)
	}
	if enough := int64(stormChanges * lasts.Seconds()); lasts >= time.Minute && changes < enough {
		t.Errorf("%d rows changed, and a storm of %s has %d", changes, lasts, enough)
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
	config    *pgx.ConnConfig
	readers   followed
	known     known
	wg        sync.WaitGroup
	changes   atomic.Int64
	lost      atomic.Int64
	deadlocks atomic.Int64
	tiles     atomic.Int64
	refused   atomic.Pointer[error]
}

func newStorm(t *testing.T, url string, f followed) *storm {
	t.Helper()
	s := &storm{readers: f}
	var err error
	if s.config, err = pgx.ParseConfig(url); err != nil {
		t.Fatal(err)
	}
	// Transactions about random rows lock each other out now and then; a second each time, as is usual, would be most
	// of what writers do.
	s.config.RuntimeParams["deadlock_timeout"] = "10ms"
	s.known.look(t, f.db.Admin)
	return s
}

// write makes transactions at its part of the rate, and connects anew where the database has gone.
func (s *storm) write(ctx context.Context, r *rand.Rand) {
	tick := time.NewTicker(time.Second * stormWriters * stormBatch / stormRate)
	defer tick.Stop()
	for ctx.Err() == nil {
		conn, err := pgx.ConnectConfig(ctx, s.config)
		for err == nil {
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
			if ctx.Err() != nil {
				break
			}
			err = s.gust(ctx, conn, r)
			if err != nil && !conn.IsClosed() && ctx.Err() == nil {
				s.refuse(err)
				err = nil
			}
		}
		if conn != nil {
			_ = conn.Close(context.WithoutCancel(ctx))
		}
		if ctx.Err() == nil {
			s.lost.Add(1)
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
}

// refuse counts a transaction that the database did not take: a deadlock's loser, or a mistake of this test's.
func (s *storm) refuse(err error) {
	if refusal := (*pgconn.PgError)(nil); errors.As(err, &refusal) && refusal.Code == "40P01" {
		s.deadlocks.Add(1)
		return
	}
	s.refused.CompareAndSwap(nil, &err)
}

// gust is one transaction of a few single changes; some are rolled back.
func (s *storm) gust(ctx context.Context, conn *pgx.Conn, r *rand.Rand) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	changed := int64(0)
	batch := &pgx.Batch{}
	for range stormBatch {
		c := s.known.change(r)
		batch.Queue(c.sql, c.args...).Exec(func(done pgconn.CommandTag) error {
			changed += done.RowsAffected()
			return nil
		})
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	if r.IntN(20) == 0 {
		return tx.Rollback(ctx)
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	s.changes.Add(changed)
	return nil
}

// known is which rows there are, so that most changes meet one.
type known struct {
	areas, grids []int
	houses       int          // from 1 on, those of the demo
	added        atomic.Int64 // houses that were added since
	incidents    atomic.Int64 // from 1 on
}

func (k *known) look(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	var incidents int64
	err := db.QueryRow(t.Context(), `select (select array_agg(id) from area), (select array_agg(id) from area where level = 'grid'),
		(select max(id) from building), (select max(id) from incident)`).Scan(&k.areas, &k.grids, &k.houses, &incidents)
	if err != nil {
		t.Fatal(err)
	}
	k.incidents.Store(incidents)
}

// change is a statement about one row, that no other transaction's order can make fail.
func (k *known) change(r *rand.Rand) statement {
	house, grown := 1+r.IntN(k.houses), k.houses+1+r.IntN(int(k.added.Load())+1)
	incident := 1 + r.Int64N(k.incidents.Load())
	switch n := r.IntN(16); n {
	case 0, 1:
		k.incidents.Add(1)
		return statement{`insert into incident (code, building_id, geom, type, source, due_at) select code, id, st_centroid(geom), $2, 'sensor',
		  now() + $3 * interval '1 minute' from building where id = $1`, []any{house, []string{"0101", "0201", "0505"}[r.IntN(3)], r.IntN(600) - 300}}
	case 2:
		k.added.Add(1)
		return statement{`insert into building (code, geom) select left(code, 14) || $2, st_translate(geom, 0.001, 0) from building where id = $1
		  on conflict (code) do nothing`, []any{house, fmt.Sprintf("%05d", 50000+r.IntN(50000))}}
	default:
		all := []statement{
			{`update building_state set grade = $2, rooms = rooms + 1 where building_id = $1`, []any{house, []string{"green", "yellow", "orange", "red", "grey"}[r.IntN(5)]}},
			{`update building_state set residents = residents + 1, open_incidents = $2 where building_id = $1`, []any{house, r.IntN(5)}},
			{`update building_state set grade = null, use = 'vacant' where building_id = $1`, []any{house}},
			{`update building set geom = st_translate(geom, $2, $3) where id = $1`, []any{house, (r.Float64() - .5) / 2000, (r.Float64() - .5) / 2000}},
			{`update building set name_zh = $2 where id = $1`, []any{house, fmt.Sprint("楼", r.IntN(1000))}},
			{`update building set geom = st_translate(geom, 0.0001, 0) where id = $1`, []any{grown}},
			{`delete from building where id = $1 and not exists (select from building_state s where s.building_id = id)`, []any{grown}},
			{`update incident set status = 'closed', due_at = null where id = $1`, []any{incident}},
			{`update incident set status = 'filed', due_at = now(), escalation = escalation + 1 where id = $1`, []any{incident}},
			{`update incident set geom = st_translate(geom, 0.0001, 0.0001) where id = $1`, []any{incident}},
			{`delete from incident where id = $1 and not exists (select from task where incident_id = $1)`, []any{incident}},
			{`update area set name_en = $2 where id = $1`, []any{k.areas[r.IntN(len(k.areas))], fmt.Sprint("Area ", r.IntN(99))}},
			{`update area set geom = st_translate(geom, $2, 0) where id = $1`, []any{k.grids[r.IntN(len(k.grids))], (r.Float64() - .5) / 5000}},
		}
		return all[n-3]
	}
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
