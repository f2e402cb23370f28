package bench

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// documents measures what is told about tiles, and features one by one, which must not take longer the more there is.
func (l *lab) documents(ctx context.Context, s *server) ([]Row, error) {
	var rows []Row
	for _, d := range []struct{ name, path string }{
		{"TileJSON", "/tiles/areas,buildings,incidents,base.json"},
		{"OGC collections", "/ogc/collections"},
		{"OGC items, 1000 of the first", "/ogc/collections/building/items?limit=1000"},
		{"OGC items, 1000 behind the 20000th", "/ogc/collections/building/items?limit=1000&after=20000"},
		{"OGC items, 10 of areas", "/ogc/collections/area/items?limit=10"},
		{"OGC items, 10 of roads", "/ogc/collections/road/items?limit=10"},
	} {
		took, err := s.times(ctx, d.path, l.asks())
		if err != nil {
			return nil, err
		}
		rows = append(rows, ours(scaleBench, d.name+" "+string(l.scale), p50(), milliseconds(took)))
	}
	return rows, nil
}

// asks is how often a document is asked for.
func (o Options) asks() int {
	if o.Quick {
		return 5
	}
	return 101
}

// times gives the median time of an answer, one at a time.
func (s *server) times(ctx context.Context, path string, n int) (time.Duration, error) {
	took := make([]time.Duration, n)
	for i := range took {
		began := time.Now()
		_, status, err := s.get(ctx, path)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("%s: status %d", path, status)
		}
		if err != nil {
			return 0, err
		}
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took[n/2], nil
}
