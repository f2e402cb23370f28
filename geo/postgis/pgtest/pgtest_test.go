package pgtest_test

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

// victimVar makes this test program say where its database is, and wait to be killed.
const victimVar = "GRIDWEAVE_TEST_VICTIM"

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestDatabasesAreApart(t *testing.T) {
	t.Parallel()
	a, b := pgtest.DB(t), pgtest.DB(t)
	if _, err := a.Admin.Exec(t.Context(), `insert into setting values ('here', 'true')`); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := b.Admin.QueryRow(t.Context(), `select count(*) from setting`).Scan(&n); err != nil || n != 0 {
		t.Fatalf("the other database sees %d rows, %v", n, err)
	}
}

// TestVictim is the body of the process that TestNothingOutlivesAKilledProcess kills.
func TestVictim(t *testing.T) {
	if os.Getenv(victimVar) == "" {
		return
	}
	cluster := pgtest.Cluster(t)
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", cluster.PID()))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("victim", cluster.PID(), cwd)
	select {}
}

func TestNothingOutlivesAKilledProcess(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestVictim$")
	cmd.Env = append(os.Environ(), victimVar+"=yes")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var fields []string
	for lines := bufio.NewScanner(stdout); len(fields) != 3 && lines.Scan(); {
		if after, ok := strings.CutPrefix(lines.Text(), "victim "); ok {
			fields = strings.Fields("victim " + after)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	if len(fields) != 3 {
		t.Fatal("the victim did not say where it is")
	}
	pid, err := strconv.Atoi(fields[1])
	if err != nil {
		t.Fatal(err)
	}
	await(t, "its PostgreSQL has ended", func() bool { return !runs(pid) })
	await(t, "its folder is gone", func() bool {
		_, err := os.Stat(filepath.Dir(fields[2]))
		return errors.Is(err, fs.ErrNotExist)
	})
}

// runs tells whether a process works somewhere; one that only waits to be reaped does not.
func runs(pid int) bool {
	_, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	return err == nil || (!errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ESRCH))
}

func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick, patience := time.NewTicker(10*time.Millisecond), time.NewTimer(time.Minute)
	defer tick.Stop()
	defer patience.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-patience.C:
			t.Fatalf("never: %s", what)
		}
	}
}

func BenchmarkDB(b *testing.B) {
	for b.Loop() {
		pgtest.URL(b)
	}
}
