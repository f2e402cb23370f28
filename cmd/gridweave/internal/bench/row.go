package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Row is one measured figure.
type Row struct {
	Bench  string  `json:"bench"`
	Case   string  `json:"case"`
	Metric string  `json:"metric"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Peer   string  `json:"peer,omitempty"`  // whose figure it is; ours where empty
	Ratio  float64 `json:"ratio,omitempty"` // a peer's: how many times better ours is
}

// metrics lists every metric with its unit and whether more is better.
type metric struct {
	name, unit string
	more       bool
}

func perSecond() metric   { return metric{"requests_per_second", "1/s", true} }
func cpuPerTile() metric  { return metric{"cpu_per_tile", "ms", false} }
func serverCPU() metric   { return metric{"server_cpu_per_tile", "ms", false} }
func databaseCPU() metric { return metric{"database_cpu_per_tile", "ms", false} }
func tileBytes() metric   { return metric{"bytes_per_tile", "B", false} }
func p50() metric         { return metric{"latency_p50", "ms", false} }
func p99() metric         { return metric{"latency_p99", "ms", false} }

// ours makes a row of our own.
func ours(bench, name string, m metric, value float64) Row {
	return Row{Bench: bench, Case: name, Metric: m.name, Value: value, Unit: m.unit}
}

// theirs makes a row of a peer's beside ours.
func theirs(bench, name, peer string, m metric, value, our float64) Row {
	r := Row{Bench: bench, Case: name, Metric: m.name, Value: value, Unit: m.unit, Peer: peer}
	switch {
	case value == 0 || our == 0: // too small to be measured: no ratio
	case m.more:
		r.Ratio = our / value
	default:
		r.Ratio = value / our
	}
	return r
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// WriteJSON writes the rows as one array.
func WriteJSON(w io.Writer, rows []Row) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(rows)
}

// WriteTable writes the rows as Markdown tables, one for each bench: a line for each case and metric, with ours and each
// peer's figure and how many times better ours is. It reads well on a terminal too.
func WriteTable(w io.Writer, rows []Row) error {
	var b strings.Builder
	for _, bench := range distinct(rows, func(r Row) string { return r.Bench }) {
		of := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Bench != bench })
		fmt.Fprintf(&b, "\n### %s\n\n", bench)
		writeLines(&b, table(of))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// table lays the rows of one bench out, head first.
func table(rows []Row) [][]string {
	peers := slices.DeleteFunc(distinct(rows, func(r Row) string { return r.Peer }), func(p string) bool { return p == "" })
	lines := [][]string{append([]string{"case", "metric", "unit", "gridweave"}, peers...)}
	at := map[string]int{}
	for _, r := range rows {
		key := r.Case + "\x00" + r.Metric
		i, ok := at[key]
		if !ok {
			i = len(lines)
			at[key] = i
			lines = append(lines, append([]string{r.Case, r.Metric, r.Unit, ""}, make([]string, len(peers))...))
		}
		lines[i][4+slices.Index(peers, r.Peer)] = r.cell() // ours stands before the first peer
	}
	return lines
}

func (r Row) cell() string {
	if r.Ratio == 0 {
		return figure(r.Value)
	}
	return fmt.Sprintf("%s (%s×)", figure(r.Value), figure(r.Ratio))
}

// figure shows three digits, and all of those before the point.
func figure(v float64) string {
	for digits, least := range []float64{100, 10, 1} {
		if v >= least || v <= -least {
			return strconv.FormatFloat(v, 'f', digits, 64)
		}
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func distinct(rows []Row, of func(Row) string) []string {
	var all []string
	for _, r := range rows {
		if v := of(r); !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

func writeLines(b *strings.Builder, lines [][]string) {
	width := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	for n, line := range lines {
		for i, cell := range line {
			fmt.Fprintf(b, "| %s%s ", cell, strings.Repeat(" ", width[i]-len([]rune(cell))))
		}
		b.WriteString("|\n")
		if n == 0 {
			for i := range line {
				fmt.Fprintf(b, "| %s ", strings.Repeat("-", width[i]))
			}
			b.WriteString("|\n")
		}
	}
}

// WriteResults writes the tables as the page that the repository keeps.
func WriteResults(w io.Writer, rows []Row, about, version string) error {
	_, err := fmt.Fprintf(w, `# Measured

By `+"`gridweave bench`"+`, version %s, on %s

In brackets how many times better ours is. A peer's line in a case of ours, such as "cached", is what it needs to ask the
database; "peer-cache" is its own cache of tiles, which goes stale. "4326" has the rows stored in degrees. tegola compresses
every tile, also where the client wants it plain. "cpu" is processor time of server and database together.
`, version, about)
	if err != nil {
		return err
	}
	return WriteTable(w, rows)
}
