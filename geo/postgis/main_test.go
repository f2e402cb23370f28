package postgis_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

// ownerVar makes this test program the owner of a cluster, to be killed: its value is the data folder.
const ownerVar = "GRIDWEAVE_TEST_OWNER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(ownerVar); dir != "" {
		own(dir)
		return
	}
	pgtest.Main(m)
}

// own starts a cluster, says so and stays until its input ends.
func own(dir string) {
	cluster, err := postgis.StartCluster(context.Background(), dir, postgis.ClusterOptions{Settings: quick()})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	fmt.Println("started", cluster.PID())
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	fmt.Println("stopped", cluster.Stop(context.Background()))
}

func quick() map[string]string { return map[string]string{"fsync": "off", "autovacuum": "off"} }

// owner is another process that owns a cluster.
type owner struct {
	cmd   *exec.Cmd
	first string // what it said first
	end   func() // lets it stop in order
}

// startOwner re-executes the test program, as another user where attr says so.
func startOwner(t *testing.T, program, dir string, attr *syscall.SysProcAttr) owner {
	t.Helper()
	cmd := exec.Command(program)
	cmd.Env = []string{ownerVar + "=" + dir, "PATH=" + os.Getenv("PATH")}
	cmd.Dir = "/"
	cmd.SysProcAttr = attr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("owner said %q: %v", first, err)
	}
	return owner{cmd, strings.TrimSpace(first), func() { _ = stdin.Close(); _ = cmd.Wait() }}
}

func (o owner) kill(t *testing.T) {
	t.Helper()
	if err := o.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = o.cmd.Wait() // killed
}

func thisProgram(t *testing.T) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// dataDir is a folder that PostgreSQL's lesser user can reach, which t.TempDir is not for root.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gw-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "data")
}

func startCluster(t *testing.T, dir string) *postgis.Cluster {
	t.Helper()
	cluster, err := postgis.StartCluster(t.Context(), dir, postgis.ClusterOptions{Settings: quick()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return cluster
}

// one asks for a single text.
func one(t *testing.T, url, query string, args ...any) string {
	t.Helper()
	got, err := ask(t.Context(), url, query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return got
}

func ask(ctx context.Context, url, query string, args ...any) (string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	var got string
	err = conn.QueryRow(ctx, query, args...).Scan(&got)
	return got, err
}

func run(t *testing.T, url, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// await looks at something outside of this process until it holds.
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

// alive tells whether a process runs.
func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }
