package simulate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/incident"
	"github.com/gridweave/gridweave/geo/postgis"
)

// Past is what the demo's written history tells: how much happens when, what and where. A simulation goes on as the
// history did.
type Past struct {
	Reports, Declarations, Grades Rhythm
	scenes                        [24][]scene // by the hour of the district's day
}

// scene is something that happened once: what, and where.
type scene struct {
	kind   string
	code   geo.Code // of a room, a building, or the grid that it happened in, in the open
	place  orb.Point
	source incident.Source
}

// remembered is how far back the history is asked. Whole weeks, so that each day counts alike.
const remembered = 14 * 24 * time.Hour

// mostScenes is how many are kept: enough not to repeat itself within days.
const mostScenes = 5000

// Recall reads the history of the demo in a database, as somebody who sees the area does. What a simulation added since
// does not count, so that its pace does not drift.
func Recall(ctx context.Context, db *postgis.DB, within geo.Code) (*Past, error) {
	var p Past
	err := db.Read(ctx, within, func(tx pgx.Tx) error {
		var end time.Time
		err := tx.QueryRow(ctx, `select (value ->> 'generated_at')::timestamptz from setting where key = 'demo'`).Scan(&end)
		if errors.Is(err, pgx.ErrNoRows) {
			return errors.New("this district is no demo")
		}
		if err != nil {
			return err
		}
		end = end.Truncate(time.Hour)
		from := end.Add(-remembered)
		for _, r := range []struct {
			to  *Rhythm
			sql string
		}{
			{&p.Reports, `select at from evidence where noun = 'incident' and action = 'report'`},
			{&p.Declarations, `select at from evidence where noun = 'declaration' and action = 'submit'`},
			{&p.Grades, `select at from grade_event where true`},
		} {
			counts, err := count(ctx, tx, r.sql, from, end)
			if err != nil {
				return err
			}
			*r.to = rhythmOf(counts, from, end)
		}
		return p.gather(ctx, tx, from, end)
	})
	if err != nil {
		return nil, fmt.Errorf("recall the demo's history: %w", err)
	}
	return &p, nil
}

func count(ctx context.Context, tx pgx.Tx, happened string, from, to time.Time) (map[hourOf]int, error) {
	rows, err := tx.Query(ctx, `
		select extract(isodow from at at time zone 'Asia/Shanghai') = 7, extract(hour from at at time zone 'Asia/Shanghai')::int, count(*)
		from (`+happened+` and at >= $1 and at < $2) h group by 1, 2`, from, to)
	if err != nil {
		return nil, err
	}
	found := map[hourOf]int{}
	var h hourOf
	var n int
	_, err = pgx.ForEachRow(rows, []any{&h.sunday, &h.hour, &n}, func() error {
		found[h] = n
		return nil
	})
	return found, err
}

func (p *Past) gather(ctx context.Context, tx pgx.Tx, from, to time.Time) error {
	rows, err := tx.Query(ctx, `
		select extract(hour from reported_at at time zone 'Asia/Shanghai')::int, type, code, st_x(geom), st_y(geom), source
		from incident where reported_at >= $1 and reported_at < $2 order by md5(id::text) limit $3`, from, to, mostScenes)
	if err != nil {
		return err
	}
	var hour int
	var s scene
	_, err = pgx.ForEachRow(rows, []any{&hour, &s.kind, &s.code, &s.place[0], &s.place[1], &s.source}, func() error {
		p.scenes[hour] = append(p.scenes[hour], s)
		return nil
	})
	return err
}

// scene draws something that happened about this time of day.
func (s *Simulation) scene() (scene, bool) {
	hour := s.options.Clock.Now().In(china()).Hour()
	for range 24 {
		if all := s.past.scenes[hour]; len(all) > 0 {
			return all[s.random.IntN(len(all))], true
		}
		hour = (hour + 1) % 24
	}
	return scene{}, false
}
