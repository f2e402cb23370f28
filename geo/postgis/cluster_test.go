package postgis_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

func TestClusterIsMadeStoppedAndStartedAgain(t *testing.T) {
	t.Parallel()
	// A deep folder with a hard name: the socket must still be short, and no setting may break.
	dir := filepath.Join(dataDir(t), strings.Repeat("很深的 'folder', ", 8), strings.Repeat("x", 100))
	first := startCluster(t, dir)
	for setting, want := range map[string]string{
		"wal_level": "logical", "listen_addresses": "", "server_encoding": "UTF8", "lc_ctype": "C.UTF-8",
		"jit": "off", "TimeZone": "UTC", "data_checksums": "on", "max_slot_wal_keep_size": "4GB",
	} {
		if got := one(t, first.URL(), `select current_setting($1)`, setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	run(t, first.URL(), `create extension pg_trgm`)
	if got := one(t, first.URL(), `select array_to_string(show_trgm('深圳市福田区'), '')`); got == "" {
		t.Error("no trigrams of Chinese text")
	}
	if got := one(t, first.URL(), `select string_agg(proleakproof::text, '') from pg_proc where proname = 'geometry_overlaps'
		and pronargs = 2 and proargtypes[0] = 'geometry'::regtype and proargtypes[1] = 'geometry'::regtype`); got != "true" {
		t.Errorf("overlap test leakproof: %s", got)
	}
	run(t, first.URL(), `create table kept as select 'kept' as word`)
	pid := first.PID()
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if alive(pid) {
		t.Errorf("postmaster %d still runs", pid)
	}
	second := startCluster(t, dir)
	if got := one(t, second.URL(), `select word from kept`); got != "kept" {
		t.Errorf("found %q", got)
	}
}

func TestClusterRunsWithoutRoot(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Cluster(t)
	info, err := os.Stat("/proc/" + strconv.Itoa(cluster.PID()))
	if err != nil {
		t.Fatal(err)
	}
	uid := int(info.Sys().(*syscall.Stat_t).Uid)
	if uid == 0 || (os.Getuid() != 0 && uid != os.Getuid()) {
		t.Errorf("PostgreSQL runs as user id %d under %d", uid, os.Getuid())
	}
}

func TestPsqlConnectsByURL(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Cluster(t)
	cmd := exec.CommandContext(t.Context(), "psql", "-XAtc", "select current_user, postgis_lib_version() <> ''", cluster.URL())
	out, err := cmd.CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != "gridweave_admin|t" {
		t.Errorf("psql says %q, %v", got, err)
	}
}

func TestKilledPostmasterIsReplaced(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Cluster(t)
	run(t, cluster.URL(), `create table kept as select 'kept' as word`)
	// A process deep in a computation does not notice that its postmaster is gone; the next one must wait for it.
	busy, err := pgx.Connect(t.Context(), cluster.URL())
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := busy.Exec(context.WithoutCancel(t.Context()), `select count(*) from generate_series(1, 1e12::bigint)`)
		ended <- err
	}()
	await(t, "the computation runs", func() bool {
		return one(t, cluster.URL(), `select count(*)::text from pg_stat_activity where state = 'active' and query like '%1e12%'
			and pid <> pg_backend_pid()`) == "1"
	})
	before := cluster.PID()
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await(t, "another postmaster", func() bool { pid := cluster.PID(); return pid != 0 && pid != before })
	if got := one(t, cluster.URL(), `select word from kept`); got != "kept" {
		t.Errorf("found %q", got)
	}
	if err := <-ended; err == nil {
		t.Error("the computation survived")
	}
}

// Cleaners of temporary folders take sockets from under servers.
func TestRemovedSocketIsMadeAgain(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Cluster(t)
	run(t, cluster.URL(), `create table kept as select 'kept' as word`)
	config, err := pgx.ParseConfig(cluster.URL())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(config.Host); err != nil {
		t.Fatal(err)
	}
	await(t, "an answer at the same address", func() bool {
		got, err := ask(t.Context(), cluster.URL(), `select word from kept`)
		return err == nil && got == "kept"
	})
}

func TestOrphanOfKilledOwnerIsAdopted(t *testing.T) {
	t.Parallel()
	dir := pgtest.Folder(t)
	o := startOwner(t, thisProgram(t), dir, nil)
	url, err := postgis.RunningURL(t.Context(), dir)
	if err != nil {
		t.Fatalf("%s: %v", o.first, err)
	}
	run(t, url, `create table kept as select 'kept' as word`)
	o.kill(t)
	cluster := startCluster(t, dir)
	if got := fmt.Sprint("started ", cluster.PID()); got != o.first {
		t.Errorf("%s, but the orphan was %s", got, o.first)
	}
	if got := one(t, cluster.URL(), `select word from kept`); got != "kept" {
		t.Errorf("found %q", got)
	}
	pid := cluster.PID()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await(t, "an adopted postmaster is replaced too", func() bool { now := cluster.PID(); return now != 0 && now != pid })
	if err := cluster.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t.Context(), url, `select 1::text`); err == nil {
		t.Error("PostgreSQL still answers")
	}
}

func TestOrphanWithOtherSettingsIsReplaced(t *testing.T) {
	t.Parallel()
	dir := pgtest.Folder(t)
	o := startOwner(t, thisProgram(t), dir, nil)
	o.kill(t)
	other := map[string]string{"fsync": "off", "max_connections": "57"}
	cluster, err := postgis.StartCluster(t.Context(), dir, postgis.ClusterOptions{Settings: other})
	if err != nil {
		t.Fatal(err)
	}
	if got := one(t, cluster.URL(), `select current_setting('max_connections')`); got != "57" {
		t.Errorf("max_connections is %s", got)
	}
	if err := cluster.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestBothKilled(t *testing.T) {
	t.Parallel()
	dir := pgtest.Folder(t)
	o := startOwner(t, thisProgram(t), dir, nil)
	var pid int
	if _, err := fmt.Sscanf(o.first, "started %d", &pid); err != nil {
		t.Fatalf("%q: %v", o.first, err)
	}
	o.kill(t)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	cluster := startCluster(t, dir)
	if got := one(t, cluster.URL(), `select 'up'`); got != "up" {
		t.Error(got)
	}
}

func TestSecondOwnerIsRefused(t *testing.T) {
	t.Parallel()
	dir := pgtest.Folder(t)
	o := startOwner(t, thisProgram(t), dir, nil)
	defer o.end()
	_, _, err := postgis.AcquireAlone(t.Context(), dir, "", nil)
	var inUse *postgis.InUseError
	want := fmt.Sprintf("data folder %s is in use by gridweave process %d", dir, o.cmd.Process.Pid)
	if !errors.As(err, &inUse) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A process id in postmaster.pid may belong to anybody after a restart of the machine.
func TestStalePidFileIsNotBelieved(t *testing.T) {
	t.Parallel()
	dir := pgtest.Folder(t)
	first := startCluster(t, dir)
	path := filepath.Join(dir, "postgres", "postmaster.pid")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n")
	stale := strconv.Itoa(os.Getpid()) + "\n" + rest
	if err := os.WriteFile(path, []byte(stale), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := postgis.RunningURL(t.Context(), dir); err == nil {
		t.Error("a stopped cluster has a URL")
	}
	second := startCluster(t, dir)
	if got := one(t, second.URL(), `select 'up'`); got != "up" {
		t.Error(got)
	}
}

func TestFolderThatCannotBePassed(t *testing.T) {
	t.Parallel()
	shut := filepath.Join(dataDir(t), "shut")
	if err := os.MkdirAll(shut, 0o700); err != nil {
		t.Fatal(err)
	}
	cluster, err := postgis.StartCluster(t.Context(), filepath.Join(shut, "data"), postgis.ClusterOptions{Settings: quick()})
	if os.Getuid() != 0 {
		if err != nil {
			t.Fatalf("one's own folder: %v", err)
		}
		if err := cluster.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err == nil {
		t.Fatal("started behind a folder that is shut")
	}
	if !strings.Contains(err.Error(), "cannot pass through "+shut+":") || !strings.Contains(err.Error(), "chmod o+x "+shut) {
		t.Errorf("error: %v", err)
	}
}

// What an ordinary user's server makes, root must be able to use and to run.
func TestOrdinaryUsersFolder(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	if os.Getuid() != 0 {
		cluster := startCluster(t, dir)
		if got := one(t, cluster.URL(), `select current_user::text`); got != "gridweave_admin" {
			t.Errorf("user %q", got)
		}
		return
	}
	const nobody = 65534
	program := filepath.Join(filepath.Dir(dir), "program")
	if out, err := exec.CommandContext(t.Context(), "cp", thisProgram(t), program).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := errors.Join(os.Mkdir(dir, 0o755), os.Chown(dir, nobody, nobody), os.Chmod(program, 0o755)); err != nil {
		t.Fatal(err)
	}
	attr := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	o := startOwner(t, program, dir, attr)
	if !strings.HasPrefix(o.first, "started ") {
		t.Fatalf("the owner: %s", o.first)
	}
	url, err := postgis.RunningURL(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := one(t, url, `select current_user::text`); got != "gridweave_admin" {
		t.Errorf("user %q", got)
	}
	o.end()
	cluster := startCluster(t, dir)
	if err := cluster.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := startOwner(t, program, dir, attr)
	defer again.end()
	if !strings.HasPrefix(again.first, "started ") {
		t.Errorf("after root: %s", again.first)
	}
}
