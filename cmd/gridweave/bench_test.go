package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench"
	"github.com/gridweave/gridweave/tiles"
)

// benchRows runs a bench on a small district, without others' servers, and gives what it printed.
func benchRows(t *testing.T, data, name string, more ...string) []bench.Row {
	t.Helper()
	t.Setenv(programVar, "yes")
	args := append([]string{"bench", name, "--quick", "--peers", "none", "--json", "--data", data}, more...)
	code, out, errs := program(t, "", args...)
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

// The benches that need nobody else run, one after the other on one district, and give the rows that they promise.
func TestBench(t *testing.T) {
	data := folder(t)
	rows := benchRows(t, data, "tiles", "--scale", "tiny")
	for _, name := range []string{"cold z14 c1", "cold z14 c8", "encode z14", "cached z14 c8"} {
		if n := value(t, rows, name, "requests_per_second"); n <= 0 {
			t.Errorf("%s: %v requests a second", name, n)
		}
		if n := value(t, rows, name, "bytes_per_tile"); n < 1000 {
			t.Errorf("%s: %v bytes a tile", name, n)
		}
	}
	rows = benchRows(t, data, "freshness", "--scale", "tiny")
	for _, name := range []string{"picture", "tile z16", "tile z14"} {
		name = "commit to " + name + ", 500 changes a second"
		if value(t, rows, name, "samples") == 0 || value(t, rows, name, "latency_p50") <= 0 {
			t.Errorf("%s: %v", name, rows)
		}
	}
	rows = benchRows(t, data, "stream", "--scale", "tiny")
	for name, metric := range map[string]string{
		"fanout 100 clients 16 in flight": "deliveries_per_second", "idle 100 clients": "idle_bytes_per_connection",
		"latency 100 clients, 50 events a second": "latency_p99", "slow consumers, 3 of 100 never read": "latency_p99_ratio",
		"reconnect 300 clients to another node": "complete_seconds", "lookup 10000 viewports": "time_per_event_without_viewports",
	} {
		if n := value(t, rows, name, metric); n <= 0 {
			t.Errorf("%s, %s: %v", name, metric, n)
		}
	}
	if n := value(t, rows, "reconnect 300 clients to another node", "not_resumed"); n != 0 {
		t.Errorf("%v clients did not resume", n)
	}
	rows = benchRows(t, data, "scale", "--small", "tiny", "--large", "tiny")
	if value(t, rows, "tiny", "load_seconds") <= 0 || value(t, rows, "tiny", "resident_memory") < 10 {
		t.Errorf("scale: %v", rows)
	}
	if n := value(t, rows, "tiny", "largest_tile_bytes"); n < 10_000 || n > tiles.Budget || n < value(t, rows, "largest tile z16 tiny", "largest_tile_bytes") {
		t.Errorf("the largest tile has %v bytes", n)
	}
	if value(t, rows, "tiny", "reload_seconds") <= 0 || value(t, rows, "tiny", "resident_memory_reload_peak") < 10 {
		t.Errorf("reload: %v", rows)
	}
	rows = benchRows(t, data, "insight", "--scale", "tiny")
	for _, name := range []string{"incidents by grid", "undeclared by hexagons of 400 m", "grades risky as density within 400 m", "export of hexes as geojson"} {
		if value(t, rows, "tiny "+name, "latency_p50") <= 0 {
			t.Errorf("%s: no time", name)
		}
	}
}

// A bench that is ended, by its terminal, or by the death of a server that it measures, says so and fails.
func TestBenchSaysWhyItEnds(t *testing.T) {
	data := folder(t)
	for name, c := range map[string]struct {
		end  func(*testing.T, *exec.Cmd)
		says string
	}{
		"its terminal goes": {func(t *testing.T, bench *exec.Cmd) {
			if err := bench.Process.Signal(syscall.SIGHUP); err != nil {
				t.Error(err)
			}
		}, "hangup"},
		"a server is killed": {func(t *testing.T, bench *exec.Cmd) {
			for pid := 0; pid == 0 && pause(t.Context(), 5*time.Millisecond); {
				if pid = servedBy(bench.Process.Pid); pid != 0 {
					_ = syscall.Kill(pid, syscall.SIGKILL)
				}
			}
		}, "signal: killed"},
	} {
		t.Run(name, func(t *testing.T) {
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			bench := exec.Command(self, "bench", "stream", "--part", "fanout", "--scale", "tiny", "--quick", "--peers", "none", "--data", data)
			bench.Env = append(os.Environ(), programVar+"=1")
			read, err := bench.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := bench.Start(); err != nil {
				t.Fatal(err)
			}
			log := bufio.NewReader(read)
			first, err := log.ReadString('\n') // it has begun
			if err != nil {
				t.Fatal(err)
			}
			c.end(t, bench)
			rest, err := io.ReadAll(log)
			if err != nil {
				t.Fatal(err)
			}
			if err := bench.Wait(); bench.ProcessState.ExitCode() != 1 || !strings.Contains(string(rest), c.says) {
				t.Errorf("%v: %s%s", err, first, rest)
			}
		})
	}
}

// servedBy finds the server that a bench has started; 0 while there is none.
func servedBy(bench int) int {
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range all {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		if len(fields) > 1 && fields[1] == strconv.Itoa(bench) && bytes.Contains(line, []byte("\x00serve\x00")) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			return pid
		}
	}
	return 0
}
