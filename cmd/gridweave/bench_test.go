package main

import (
	"encoding/json"
	"testing"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench"
)

// benchRows runs a bench on a small district, without others' servers, and gives what it printed.
func benchRows(t *testing.T, name string) []bench.Row {
	t.Helper()
	t.Setenv(programVar, "yes")
	code, out, errs := program(t, "", "bench", name, "--quick", "--scale", "tiny", "--peers", "none", "--json", "--data", folder(t))
	var rows []bench.Row
	if err := json.Unmarshal([]byte(out), &rows); code != 0 || err != nil {
		t.Fatalf("bench %s: exit %d, %v, %s", name, code, err, errs)
	}
	return rows
}

// value finds a figure of ours.
func value(t *testing.T, rows []bench.Row, name, metric string) float64 {
	t.Helper()
	for _, r := range rows {
		if r.Case == name && r.Metric == metric && r.Peer == "" {
			return r.Value
		}
	}
	t.Fatalf("no row %s, %s", name, metric)
	return 0
}

func TestBenchTiles(t *testing.T) {
	rows := benchRows(t, "tiles")
	for _, name := range []string{"cold z14 c1", "cold z14 c8", "encode z14", "cached z14 c8"} {
		if n := value(t, rows, name, "requests_per_second"); n <= 0 {
			t.Errorf("%s: %v requests a second", name, n)
		}
		if n := value(t, rows, name, "bytes_per_tile"); n < 1000 {
			t.Errorf("%s: %v bytes a tile", name, n)
		}
	}
}
