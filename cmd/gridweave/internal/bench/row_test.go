package bench_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench"
)

func sample() []bench.Row {
	return []bench.Row{
		{Bench: "tiles", Case: "cold z14 c8", Metric: "cpu_per_tile", Value: 3.251, Unit: "ms"},
		{Bench: "tiles", Case: "cold z14 c8", Metric: "cpu_per_tile", Value: 29.9, Unit: "ms", Peer: "asmvt", Ratio: 9.197},
		{Bench: "tiles", Case: "cold z14 c8", Metric: "cpu_per_tile", Value: 31, Unit: "ms", Peer: "tegola", Ratio: 9.54},
		{Bench: "scale", Case: "city", Metric: "load_seconds", Value: 7.5, Unit: "s"},
	}
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	if err := bench.WriteTable(&b, sample()); err != nil {
		t.Fatal(err)
	}
	want := `
### tiles

| case        | metric       | unit | gridweave | asmvt        | tegola       |
| ----------- | ------------ | ---- | --------- | ------------ | ------------ |
| cold z14 c8 | cpu_per_tile | ms   | 3.25      | 29.9 (9.20×) | 31.0 (9.54×) |

### scale

| case | metric       | unit | gridweave |
| ---- | ------------ | ---- | --------- |
| city | load_seconds | s    | 7.50      |
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := bench.WriteJSON(&b, sample()); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(b.Bytes(), &rows); err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if _, named := rows[0]["peer"]; named {
		t.Error("a row of ours names a peer")
	}
	if rows[1]["peer"] != "asmvt" || rows[1]["ratio"] != 9.197 || rows[1]["unit"] != "ms" {
		t.Errorf("%v", rows[1])
	}
}
