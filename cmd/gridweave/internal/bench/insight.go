package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
	"github.com/gridweave/gridweave/geo"
)

const insightBench = "insight"

// insightBudget is how soon a heatmap's question is answered.
const insightBudget = 200 * time.Millisecond

// Insight measures what the heatmap's page and the live wall ask at each scale, of the whole area that is loaded, over REST
// and as the browser gets it. A case is a form of one measure, asked of every preset, alone and beside the time before.
func Insight(ctx context.Context, o Options, scales ...city.Scale) (rows []Row, about string, err error) {
	for _, scale := range scales {
		found, machine, err := insightOf(ctx, o, scale)
		if err != nil {
			return nil, "", err
		}
		rows, about = append(rows, found...), machine
	}
	return rows, about, nil
}

func insightOf(ctx context.Context, o Options, scale city.Scale) (rows []Row, about string, err error) {
	l, err := openLab(ctx, o, scale)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, l.close(ctx)) }()
	s, err := l.serve(ctx, "cached", "--request-rate", manyTiles)
	if err != nil {
		return nil, "", err
	}
	late := 0
	for _, c := range append(insightCases(l.root), wallCases(l.root)...) {
		took, over, err := l.askInTurns(ctx, s, c)
		if err != nil {
			return nil, "", err
		}
		name := string(scale) + " " + c.name
		rows = append(rows,
			ours(insightBench, name, p50(), milliseconds(took[len(took)/2])),
			ours(insightBench, name, p99(), milliseconds(took[len(took)*99/100])))
		late += over
	}
	rows = append(rows, ours(insightBench, string(scale)+" all", metric{name: "questions_over_200_ms", unit: "1"}, float64(late)))
	about, err = machine(ctx, l.db.Admin)
	return rows, about, err
}

// insightCase is a form of the page, asked in several ways.
type insightCase struct {
	name  string
	paths []string
}

// askInTurns asks each question as often as the others, in turns. over is how many had more than half of their answers
// beyond the budget; they are named in the log.
func (l *lab) askInTurns(ctx context.Context, s *server, c insightCase) (all []time.Duration, over int, err error) {
	runs := 12
	if l.Quick {
		runs = 1
	}
	took := make([][]time.Duration, len(c.paths))
	for range runs {
		for i, path := range c.paths {
			began := time.Now()
			body, status, err := s.ask(ctx, path, "gzip")
			if err != nil || status != http.StatusOK {
				return nil, 0, errors.Join(err, fmt.Errorf("bench insight: %s: status %d, %s", path, status, body))
			}
			took[i] = append(took[i], time.Since(began))
		}
	}
	for i, path := range c.paths {
		slices.Sort(took[i])
		if median := took[i][len(took[i])/2]; median > insightBudget {
			over++
			l.Log.WarnContext(ctx, "over budget", "question", path, "median", median, "budget", insightBudget)
		}
		all = append(all, took[i]...)
	}
	slices.Sort(all)
	return all, over, nil
}

// presets of the page, with the slices that its film takes, in hours.
func insightPresets() []struct{ last, step int } {
	return []struct{ last, step int }{{1, 1}, {6, 1}, {24, 1}, {7 * 24, 4}, {30 * 24, 24}}
}

// insightCases are all that the page can ask of an area.
func insightCases(root geo.Code) []insightCase {
	end := time.Now().UTC().Truncate(time.Hour).Add(time.Hour)
	// ask makes the questions of a form: every preset, beside the time before where the form compares.
	ask := func(form string, compares bool, parameters url.Values) (paths []string) {
		for _, p := range insightPresets() {
			q := url.Values{
				"area": {string(root)}, "from": {end.Add(-time.Duration(p.last) * time.Hour).Format(time.RFC3339)}, "to": {end.Format(time.RFC3339)},
			}
			if form == "film" || form == "series" {
				q.Set("step", strconv.Itoa(p.step))
			}
			for key, values := range parameters {
				q[key] = values
			}
			paths = append(paths, "/api/v1/insight/"+form+"?"+q.Encode())
			if compares {
				q.Set("compare", "true")
				paths = append(paths, "/api/v1/insight/"+form+"?"+q.Encode())
			}
		}
		return paths
	}
	var all []insightCase
	for _, m := range []struct{ measure, class string }{
		{"incidents", ""}, {"incidents", "05"}, {"declarations", "accepted"}, {"undeclared", ""}, {"grades", "risky"},
	} {
		name := m.measure
		of := url.Values{"measure": {m.measure}}
		if m.class != "" {
			name += " " + m.class
			of.Set("class", m.class)
		}
		with := func(more ...string) url.Values {
			v := url.Values{}
			for key, values := range of {
				v[key] = values
			}
			for i := 0; i+1 < len(more); i += 2 {
				v.Set(more[i], more[i+1])
			}
			return v
		}
		for _, level := range []string{"street", "community", "grid"} {
			all = append(all, insightCase{name + " by " + level, ask("areas", true, with("level", level))})
		}
		all = append(all,
			insightCase{name + " by community, smoothed rates", ask("areas", true, with("level", "community", "value", "per_1000_residents", "smooth", "true"))},
			insightCase{name + " by hexagons of 400 m", ask("hexes", true, with("width", "400"))},
			insightCase{name + " as density within 400 m", ask("density", true, with("bandwidth", "400"))},
			insightCase{name + " as density within 2000 m", ask("density", true, with("bandwidth", "2000"))},
			insightCase{name + " over time", ask("series", false, of)},
			insightCase{name + ", film by community", ask("film", false, with("level", "community"))},
			insightCase{name + ", film by grid", ask("film", false, with("level", "grid"))},
			insightCase{name + ", top 20", ask("top", false, of)},
		)
	}
	for _, format := range []string{"csv", "xlsx", "geojson"} {
		for _, form := range []string{"areas", "hexes", "density"} {
			v := url.Values{"form": {form}, "format": {format}, "level": {"community"}}
			all = append(all, insightCase{"export of " + form + " as " + format, ask("export", false, v)})
		}
	}
	for _, level := range []string{"street", "community", "grid"} {
		path := "/api/v1/insight/outlines?area=" + string(root) + "&level=" + level
		all = append(all, insightCase{"outlines by " + level, []string{path}})
	}
	return all
}
