package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/migrations"
)

// home is the data folder of a throw-away cluster, with the watchdog that clears it away when this process ends.
type home struct {
	dir      string
	watchdog *exec.Cmd
	leash    io.Closer // the watchdog's input: its end tells that we are gone
}

// newHome copies the migrated cluster into a data folder of its own.
func newHome(ctx context.Context) (*home, error) {
	dir, err := os.MkdirTemp(homesFolder(), "gw-test-")
	if err != nil {
		return nil, err
	}
	h := &home{dir: dir}
	if err := h.fill(ctx); err != nil {
		return nil, errors.Join(err, h.remove())
	}
	return h, nil
}

// homesFolder is where data folders are made: in memory where there is plenty, since a copy of some 1,400 files takes
// 0.1 s there and 0.6 s on a disk, else among the temporary files.
func homesFolder() string {
	const shm, tmpfs, plenty = "/dev/shm", 0x01021994, 4 << 30
	var stat syscall.Statfs_t
	if err := syscall.Statfs(shm, &stat); err != nil || stat.Type != tmpfs {
		return ""
	}
	if stat.Bavail*uint64(stat.Bsize) < plenty {
		return ""
	}
	return shm
}

func (h *home) fill(ctx context.Context) error {
	// As root we step down to another user, who must be able to pass.
	if err := os.Chmod(h.dir, 0o711); err != nil {
		return err
	}
	if err := h.watch(); err != nil {
		return err
	}
	cache, err := openCache()
	if err != nil {
		return err
	}
	defer cache.lock.Close()
	found, err := cache.find(ctx)
	if err != nil {
		return err
	}
	if found {
		return copyCluster(ctx, cache.template, h.dir)
	}
	if err := h.build(ctx); err != nil {
		return fmt.Errorf("template build: %w", err)
	}
	return cache.keep(ctx, h.dir)
}

// build makes a migrated cluster in the folder, under the watchdog's eyes, and stops it.
func (h *home) build(ctx context.Context) error {
	cluster, err := postgis.StartCluster(ctx, h.dir, postgis.ClusterOptions{Settings: settings()})
	if err != nil {
		return err
	}
	err = postgis.Migrate(ctx, cluster.URL(), slog.New(slog.DiscardHandler))
	return errors.Join(err, cluster.Stop(context.WithoutCancel(ctx)))
}

func copyCluster(ctx context.Context, from, to string) error {
	from, to = filepath.Join(from, "postgres"), filepath.Join(to, "postgres")
	if out, err := exec.CommandContext(ctx, "cp", "-a", "--reflink=auto", from, to).CombinedOutput(); err != nil {
		return fmt.Errorf("template copy: %w: %s", err, out)
	}
	return nil
}

// watchScript waits for the end of its input, ends what runs in the folder and removes it with its socket's folder.
const watchScript = `
read -r _
pidfile=$1/postgres/postmaster.pid
if [ -e "$pidfile" ]; then
  socket=$(sed -n 5p "$pidfile")
  kill -QUIT "$(sed -n 1p "$pidfile")"
  tries=0
  while [ -e "$pidfile" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
  case $socket in */gw-*) rm -rf "$socket" ;; esac
fi
rm -rf "$1"
`

// watch starts the watchdog in a session of its own, where neither a terminal nor a killed process group reaches it.
func (h *home) watch() error {
	input, leash, err := os.Pipe()
	if err != nil {
		return err
	}
	defer input.Close()
	cmd := exec.Command("/bin/sh", "-c", watchScript, "watchdog", h.dir) //nolint:noctx // it outlives whoever starts it
	cmd.Stdin = input
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return errors.Join(err, leash.Close())
	}
	h.watchdog, h.leash = cmd, leash
	return nil
}

// remove clears the folder away; nothing runs in it any more.
func (h *home) remove() error {
	if h.watchdog == nil {
		return os.RemoveAll(h.dir)
	}
	return errors.Join(h.leash.Close(), h.watchdog.Wait())
}

// cache holds migrated clusters, by hash, for all test processes of this user. Its lock is held shared by those who
// copy and alone by the one who builds.
type cache struct {
	dir      string
	template string // the folder, in dir, that holds what the migrations make now
	lock     *os.File
}

func openCache() (*cache, error) {
	dir := filepath.Join(os.TempDir(), "gw-pgtest-"+strconv.Itoa(os.Getuid()))
	if err := os.Mkdir(dir, 0o711); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(stat.Uid) != os.Getuid() {
		return nil, fmt.Errorf("template cache: %s belongs to somebody else: remove it", dir)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	return &cache{dir: dir, lock: lock}, nil
}

// find looks for the template and holds the lock when it returns: shared where it is there, alone where not.
func (c *cache) find(ctx context.Context) (bool, error) {
	key, err := templateKey(ctx)
	if err != nil {
		return false, err
	}
	c.template = filepath.Join(c.dir, key)
	for _, how := range []int{syscall.LOCK_SH, syscall.LOCK_EX} {
		if err := syscall.Flock(int(c.lock.Fd()), how); err != nil {
			return false, fmt.Errorf("template lock: %w", err)
		}
		if _, err := os.Stat(c.template); err == nil {
			return true, nil
		}
	}
	return false, nil
}

// templateKey names what a template is made of.
func templateKey(ctx context.Context) (string, error) {
	major, err := postgis.ServerMajor(ctx)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "form 2, PostgreSQL %d\n", major)
	err = fs.WalkDir(migrations.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.FS, path)
		fmt.Fprintf(hash, "%s %d\n%s", path, len(text), text)
		return err
	})
	return hex.EncodeToString(hash.Sum(nil)[:8]), err
}

// keep puts a copy into its place when it is whole.
func (c *cache) keep(ctx context.Context, built string) error {
	c.forgetOld()
	fresh := c.template + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := os.Mkdir(fresh, 0o711); err != nil {
		return err
	}
	if err := copyCluster(ctx, built, fresh); err != nil {
		return err
	}
	return os.Rename(fresh, c.template)
}

// forgetOld removes templates of earlier migrations.
func (c *cache) forgetOld() {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && entry.IsDir() && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(filepath.Join(c.dir, entry.Name())) // another day then
		}
	}
}
