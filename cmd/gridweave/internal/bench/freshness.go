package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/paulmach/orb/maptile"
	"golang.org/x/sync/errgroup"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/httpload"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
	"github.com/gridweave/gridweave/realtime/position"
)

const freshnessBench = "freshness"

// What goes on while freshness is measured: so many changes a second, each a transaction of its own, of which every
// tenth is followed to the client.
const (
	changesPerSecond = 500
	probeEvery       = 10
	freshnessWriters = 16
)

// grades a building may have; each change gives it another one.
func grades() []string { return []string{"green", "yellow", "orange", "red"} }

// probe is a building that nobody but the measurement changes, and what is asked for after each change of it.
type probe struct {
	id    int
	grade int // 1 to 4, as the tiles number it
	tile  maptile.Tile
	name  string
	shows bool // the tile shows the building; else the answer only tells that the picture has come so far
}

// lag is how long after its commit a change was there.
type lag struct {
	mu    sync.Mutex
	found map[string][]time.Duration // by probe
	wrong int                        // answers that did not have the change they claimed
}

// Freshness measures from the moment in which a commit is acknowledged until its change is in the picture and until a
// client has the changed tile whole, drawn and compressed anew, while 500 transactions a second change the district.
func Freshness(ctx context.Context, o Options, scale city.Scale) (rows []Row, about string, err error) {
	l, err := openLab(ctx, o, scale)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, l.close(ctx)) }()
	s, err := l.serve(ctx, "cached")
	if err != nil {
		return nil, "", err
	}
	probes, others, err := l.chooseBuildings(ctx)
	if err != nil {
		return nil, "", err
	}
	measured, rate, err := l.followChanges(ctx, s, probes, others)
	if err != nil {
		return nil, "", err
	}
	for _, name := range []string{"picture", "tile z16", "tile z14"} {
		took := measured.found[name]
		slices.Sort(took)
		name = fmt.Sprintf("commit to %s, %d changes a second", name, changesPerSecond)
		rows = append(rows,
			ours(freshnessBench, name, p50(), milliseconds(httpload.Quantile(took, 0.5))),
			ours(freshnessBench, name, p99(), milliseconds(httpload.Quantile(took, 0.99))),
			ours(freshnessBench, name, metric{name: "samples", unit: "1"}, float64(len(took))))
	}
	rows = append(rows, ours(freshnessBench, "load", metric{name: "changes_per_second", unit: "1/s"}, rate))
	about, err = machine(ctx, l.db.Admin)
	return rows, about, err
}

// chooseBuildings picks the probes from the dense tiles and leaves the rest of the district to be changed around them.
func (l *lab) chooseBuildings(ctx context.Context) (probes []*probe, others []int, err error) {
	dense, err := l.dense(ctx)
	if err != nil {
		return nil, nil, err
	}
	rows, err := l.db.Admin.Query(ctx, `
		select id, st_x(st_pointonsurface(geom)), st_y(st_pointonsurface(geom)) from building order by id`)
	if err != nil {
		return nil, nil, fmt.Errorf("buildings choose: %w", err)
	}
	defer rows.Close()
	empty := maptile.New(0, 0, 18) // in the ocean, so that the answer costs nothing
	kinds := []probe{{name: "picture"}, {name: "tile z16", shows: true}, {name: "tile z14", shows: true}}
	for rows.Next() {
		var id int
		var p [2]float64
		if err := rows.Scan(&id, &p[0], &p[1]); err != nil {
			return nil, nil, fmt.Errorf("buildings choose: %w", err)
		}
		in := maptile.At(p, denseZoom)
		if len(probes) == 3*freshnessWriters || !slices.Contains(dense, in) || id%50 != 0 {
			others = append(others, id)
			continue
		}
		b := kinds[len(probes)%len(kinds)]
		b.id, b.tile = id, empty
		switch b.name {
		case "tile z16":
			b.tile = maptile.At(p, 16)
		case "tile z14":
			b.tile = in
		}
		probes = append(probes, &b)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, fmt.Errorf("buildings choose: %w", err)
	}
	if len(probes) < len(kinds) || len(others) == 0 {
		return nil, nil, errors.New("buildings choose: the district has too few")
	}
	return probes, others, nil
}

// followChanges keeps the rate for the bench's time. A writer that falls behind takes what is due at once, so that a
// stall shows as lag and not as less load.
func (l *lab) followChanges(ctx context.Context, s *server, probes []*probe, others []int) (*lag, float64, error) {
	span := 12 * l.span()
	jobs := make(chan int, changesPerSecond)
	free := make(chan *probe, len(probes))
	for _, p := range probes {
		free <- p
	}
	measured := &lag{found: map[string][]time.Duration{}}
	began := time.Now()
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(jobs)
		return pace(gctx, changesPerSecond, int(span.Seconds()*changesPerSecond), jobs)
	})
	done := make([]int, freshnessWriters)
	for w := range freshnessWriters {
		random := rand.New(rand.NewPCG(1, uint64(w)))
		g.Go(func() error {
			for n := range jobs {
				if err := l.change(gctx, s, n, free, others, random, measured); err != nil {
					return err
				}
				done[w]++
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, 0, err
	}
	if measured.wrong > 0 {
		return nil, 0, fmt.Errorf("%d tiles did not show the change that they claimed to include", measured.wrong)
	}
	total := 0
	for _, n := range done {
		total += n
	}
	return measured, float64(total) / time.Since(began).Seconds(), nil
}

// pace sends the numbers from 0 to total at an even rate.
func pace(ctx context.Context, perSecond, total int, into chan<- int) error {
	began := time.Now()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for sent := 0; sent < total; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		for due := min(total, int(time.Since(began).Seconds()*float64(perSecond))); sent < due; sent++ {
			select {
			case into <- sent:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// change makes one change; one of the probes is followed.
func (l *lab) change(ctx context.Context, s *server, n int, free chan *probe, others []int, random *rand.Rand, measured *lag) error {
	if n%probeEvery == 0 {
		select {
		case p := <-free:
			err := l.follow(ctx, s, p, measured)
			free <- p
			return err
		default: // all are under way: an ordinary change instead
		}
	}
	return l.regrade(ctx, others[random.IntN(len(others))], 1+random.IntN(len(grades())))
}

func (l *lab) regrade(ctx context.Context, id, grade int) error {
	_, err := l.db.Admin.Exec(ctx, `update building_state set grade = $2, updated_at = now() where building_id = $1`, id, grades()[grade-1])
	if err != nil {
		return fmt.Errorf("building change: %w", err)
	}
	return nil
}

// follow changes a probe and asks for its tile as of the commit. The clock starts when the commit is acknowledged; that
// the position then has to be asked for counts too.
func (l *lab) follow(ctx context.Context, s *server, p *probe, measured *lag) error {
	p.grade = p.grade%len(grades()) + 1
	if err := l.regrade(ctx, p.id, p.grade); err != nil {
		return err
	}
	committed := time.Now()
	at, err := l.db.Position(ctx)
	if err != nil {
		return err
	}
	body, err := s.asOf(ctx, p.tile, at)
	took := time.Since(committed)
	if err != nil {
		return err
	}
	right := true
	if p.shows {
		found, err := unpackFeatures(body)
		if err != nil {
			return err
		}
		right = found[uint64(p.id)]["g"] == float64(p.grade)
	}
	measured.mu.Lock()
	defer measured.mu.Unlock()
	measured.found[p.name] = append(measured.found[p.name], took)
	if !right {
		measured.wrong++
	}
	return nil
}

// asOf asks for a tile that includes a position, compressed as for a browser.
func (s *server) asOf(ctx context.Context, t maptile.Tile, at position.Position) ([]byte, error) {
	body, status, err := s.ask(ctx, s.path(t)+"?at="+at.String(), "gzip")
	if err == nil && status != http.StatusOK && status != http.StatusNoContent {
		err = fmt.Errorf("status %d: %.200s", status, body)
	}
	if err != nil {
		return nil, fmt.Errorf("tile %d/%d/%d as of %s: %w", t.Z, t.X, t.Y, at, err)
	}
	return body, nil
}
