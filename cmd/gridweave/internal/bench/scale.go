package bench

import (
	"context"
	"errors"
	"time"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/process"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
)

const scaleBench = "scale"

// Scale measures what more buildings cost: a district and a city of twenty times as many, their loading, memory, largest
// tiles, and the same tile at both.
func Scale(ctx context.Context, o Options, small, large city.Scale) (rows []Row, about string, err error) {
	var cold [2]float64
	var tile maptile.Tile
	for i, scale := range []city.Scale{small, large} {
		found, machine, err := scaleOf(ctx, o, scale, &tile)
		if err != nil {
			return nil, "", err
		}
		for _, r := range found {
			if r.Case == coldCase(scale) && r.Metric == p50().name {
				cold[i] = r.Value
			}
		}
		rows, about = append(rows, found...), machine
	}
	if cold[0] > 0 {
		rows = append(rows, ours(scaleBench, "cold z14 c1 "+string(large)+" to "+string(small), metric{name: "time_ratio", unit: "1"}, cold[1]/cold[0]))
	}
	return rows, about, nil
}

func coldCase(scale city.Scale) string { return "cold z14 c1 " + string(scale) }

// scaleOf measures one scale. The first of them chooses the tile, its fullest.
func scaleOf(ctx context.Context, o Options, scale city.Scale, tile *maptile.Tile) (rows []Row, about string, err error) {
	l, err := openLab(ctx, o, scale)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, l.close(ctx)) }()
	if err := l.chooseTile(ctx, tile); err != nil {
		return nil, "", err
	}
	if rows, err = l.counts(ctx); err != nil {
		return nil, "", err
	}
	began := time.Now()
	cached, err := l.serve(ctx, "cached")
	if err != nil {
		return nil, "", err
	}
	loaded := time.Since(began)
	memory, err := l.memoryRows(ctx, cached, scale, *tile)
	if err != nil {
		return nil, "", err
	}
	rows = append(rows, ours(scaleBench, string(scale), metric{name: "load_seconds", unit: "s"}, loaded.Seconds()))
	rows = append(rows, memory...)
	for _, measure := range []func(context.Context, *server) ([]Row, error){l.largestTiles, l.documents, l.reload} {
		more, err := measure(ctx, cached)
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, more...)
	}
	kept, err := l.compare(ctx, scaleBench, load{"cached z14 c1 " + string(scale), 1, []maptile.Tile{*tile}, "gzip"}, cached)
	if err != nil {
		return nil, "", err
	}
	l.stopAll()
	cold, err := l.serve(ctx, "cold", "--tile-cache", "0")
	if err != nil {
		return nil, "", err
	}
	inside, err := cold.features(ctx, *tile)
	if err != nil {
		return nil, "", err
	}
	drawn, err := l.compare(ctx, scaleBench, load{coldCase(scale), 1, []maptile.Tile{*tile}, "gzip"}, cold)
	if err != nil {
		return nil, "", err
	}
	drawn = append(drawn, ours(scaleBench, coldCase(scale), metric{name: "buildings", unit: "1"}, float64(len(inside))))
	about, err = machine(ctx, l.db.Admin)
	return append(append(rows, kept...), drawn...), about, err
}

// chooseTile takes the fullest tile where none is chosen yet. At a larger scale the same place may hold fewer houses,
// and is filled up.
func (l *lab) chooseTile(ctx context.Context, tile *maptile.Tile) error {
	if tile.Z != 0 {
		_, err := l.fill(ctx, *tile)
		return err
	}
	dense, err := l.dense(ctx)
	if err != nil {
		return err
	}
	*tile = dense[0]
	return nil
}

// counts says how much there is at the scale.
func (l *lab) counts(ctx context.Context) ([]Row, error) {
	var rows []Row
	for _, table := range []string{"area", "building", "room"} {
		var n int
		if err := l.db.Admin.QueryRow(ctx, "select count(*) from "+table).Scan(&n); err != nil {
			return nil, err
		}
		rows = append(rows, ours(scaleBench, string(l.scale), metric{name: table + "s", unit: "1"}, float64(n)))
	}
	return rows, nil
}

// memoryRows reads the server's memory when it has loaded and answered for tiles of every zoom around the place.
func (l *lab) memoryRows(ctx context.Context, s *server, scale city.Scale, around maptile.Tile) ([]Row, error) {
	for t := around; t.Z > 0; t = t.Parent() {
		if _, _, err := s.get(ctx, s.path(t)); err != nil {
			return nil, err
		}
	}
	now, peak, err := process.Memory(s.child.PID())
	if err != nil {
		return nil, err
	}
	return []Row{
		ours(scaleBench, string(scale), metric{name: "resident_memory", unit: "MB"}, float64(now)/1e6),
		ours(scaleBench, string(scale), metric{name: "resident_memory_peak", unit: "MB"}, float64(peak)/1e6),
	}, nil
}
