package importer_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/fixture"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

// childEnv tells this test binary to be the process that is killed: "database URL|file".
const childEnv = "GRIDWEAVE_TEST_IMPORT_CHILD"

func TestMain(m *testing.M) {
	if task := os.Getenv(childEnv); task != "" {
		url, file, _ := strings.Cut(task, "|")
		if err := importAsChild(url, file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	pgtest.Main(m)
}

const killBatch = 10

func importAsChild(url, file string) error {
	db, err := postgis.Open(context.Background(), url, postgis.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = importer.Import(context.Background(), db, importer.Options{
		Kind: importer.Buildings, File: file, CRS: "wgs84", Batch: killBatch, Progress: stepwise{os.Stdin, os.Stdout},
	})
	return err
}

// stepwise prints how many rows are in and waits for a line before the next batch.
type stepwise struct {
	in  io.Reader
	out io.Writer
}

func (s stepwise) Update(st importer.State) {
	_, _ = fmt.Fprintln(s.out, st.Rows)
	_, _ = io.ReadFull(s.in, make([]byte, 1))
}

func (s stepwise) End() {}

// child is the process to be killed.
type child struct {
	cmd *exec.Cmd
	in  io.Writer
	out *bufio.Scanner
}

func startChild(t *testing.T, url, file string) *child {
	t.Helper()
	c := &child{cmd: exec.CommandContext(t.Context(), os.Args[0])}
	c.cmd.Env = append(os.Environ(), childEnv+"="+url+"|"+file)
	c.cmd.Stderr = os.Stderr
	in, err := c.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.in, c.out = in, bufio.NewScanner(out)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// upTo lets the child go on until so many rows are committed.
func (c *child) upTo(t *testing.T, rows string) {
	t.Helper()
	for c.out.Scan() {
		if c.out.Text() == rows {
			return
		}
		c.next(t)
	}
	t.Fatalf("the import ended before row %s", rows)
}

func (c *child) next(t *testing.T) {
	t.Helper()
	if _, err := c.in.Write([]byte{'\n'}); err != nil {
		t.Fatal(err)
	}
}

func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait() // "signal: killed"
}

// The process is killed while a batch is written but not committed: resumed, the import goes on after the last batch
// that was, and every building is there once.
func TestKilledInTheMiddleOfABatch(t *testing.T) {
	url := pgtest.URL(t)
	db, err := postgis.Open(t.Context(), url, postgis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	settle(t, db, 0)
	file := houses(10).GeoJSON(t)
	c := startChild(t, url, file)
	c.upTo(t, "30")
	blockMark(t, db, func() {
		c.next(t)
		for query[int](t, db, "select count(*) from pg_locks where not granted and pid <> pg_backend_pid()") == 0 {
			if t.Context().Err() != nil {
				t.Fatal("the import never came to its mark")
			}
		}
		c.kill(t)
	})
	r := bring(t, db, importer.Options{Kind: importer.Buildings, File: file, CRS: "wgs84", Batch: killBatch})
	want(t, r, tally{Rows: 80, Inserted: 80})
	if r.ResumedAt != 30 {
		t.Errorf("went on after row %d, want 30", r.ResumedAt)
	}
	checkAllOnce(t, db)
}

// blockMark holds the job's row, so that a batch in work cannot commit while fn runs.
func blockMark(t *testing.T, db *postgis.DB, fn func()) {
	t.Helper()
	tx, err := db.Admin.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	if _, err := tx.Exec(t.Context(), "select from importing.job where finished_at is null for update"); err != nil {
		t.Fatal(err)
	}
	fn()
}

func checkAllOnce(t *testing.T, db *postgis.DB) {
	t.Helper()
	for sql, n := range map[string]int{
		"select count(*) from building":             80,
		"select count(distinct code) from building": 80,
		"select count(*) from building_state s join building b on b.id = s.building_id and b.code = s.code": 80,
		"select count(*) from evidence where action = 'import buildings'":                                   1,
		"select count(*) from importing.job where finished_at is null":                                      0,
		"select count(*) from pg_class where relname ~ '^seen_'":                                            0,
	} {
		if got := query[int](t, db, sql); got != n {
			t.Errorf("%s: %d, want %d", sql, got, n)
		}
	}
}

// crash kills PostgreSQL itself once so many rows are in.
type crash struct {
	t    *testing.T
	rows int64
	pid  int
}

func (c *crash) Update(s importer.State) {
	if s.Rows == c.rows {
		if err := syscall.Kill(c.pid, syscall.SIGKILL); err != nil {
			c.t.Error(err)
		}
	}
}

func (c *crash) End() {}

// PostgreSQL is killed in the middle: the import fails, the cluster comes back by itself, and the second run brings
// the rest. The list of the codes seen so far is not logged and gone, so that it starts from the top, and changes
// nothing that is there.
func TestDatabaseKilledInTheMiddle(t *testing.T) {
	cluster := pgtest.Cluster(t)
	db, err := postgis.Open(t.Context(), cluster.URL(), postgis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	settle(t, db, 0)
	tab := houses(10)
	tab.Features[79].Values[0] = tab.Features[0].Values[0] // the same code in the first and the last row
	o := importer.Options{Kind: importer.Buildings, File: tab.GeoJSON(t), CRS: "wgs84", Batch: killBatch}
	killed := o
	killed.Progress = &crash{t: t, rows: 40, pid: cluster.PID()}
	if _, err := importer.Import(t.Context(), db, killed); err == nil {
		t.Fatal("the import survived its database")
	}
	for db.Admin.Ping(t.Context()) != nil {
		if t.Context().Err() != nil {
			t.Fatal("the database did not come back")
		}
	}
	there := query[int64](t, db, "select count(*) from building")
	if there < 40 || there > 79 {
		t.Errorf("%d buildings survived, want the 40 that were committed and less than all", there)
	}
	o.Rejects = t.TempDir() + "/rejects.csv"
	r := bring(t, db, o)
	want(t, r, tally{Rows: 80, Inserted: 79 - there, Unchanged: there, Rejected: 1})
	if !strings.Contains(r.Rejects[0].Reason, "stands in row 1 already") {
		t.Errorf("reason %q", r.Rejects[0].Reason)
	}
	if n := query[int64](t, db, "select count(*) from building"); n != 79 {
		t.Errorf("%d buildings, want 79", n)
	}
}

// A file that was cut off is replaced by a whole one: the job of the first is closed, with what it had brought in the
// ledger, and the second finds it there.
func TestReplacedFile(t *testing.T) {
	db := pgtest.DB(t)
	settle(t, db, 0)
	whole := houses(10).GeoJSON(t)
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	cut := fixture.File(t, "file.geojson", content[:len(content)*3/4])
	o := importer.Options{Kind: importer.Buildings, File: cut, CRS: "wgs84", Batch: killBatch}
	if _, err := importer.Import(t.Context(), db, o); err == nil || !strings.Contains(err.Error(), "the file ends") {
		t.Errorf("got %v", err)
	}
	there := query[int64](t, db, "select count(*) from building")
	o.File = whole
	want(t, bring(t, db, o), tally{Rows: 80, Inserted: 80 - there, Unchanged: there})
	for sql, n := range map[string]int{
		"select count(*) from evidence where action = 'import buildings'": 2,
		"select count(*) from importing.job where finished_at is null":    0,
		"select count(*) from pg_class where relname ~ '^seen_'":          0,
	} {
		if got := query[int](t, db, sql); got != n {
			t.Errorf("%s: %d, want %d", sql, got, n)
		}
	}
}
