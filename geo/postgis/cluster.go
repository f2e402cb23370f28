package postgis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"sync"

	"golang.org/x/sys/unix"
)

// ClusterOptions of a private cluster. The zero value logs nowhere.
type ClusterOptions struct {
	Log *slog.Logger
	// Settings of PostgreSQL beside, or instead of, those chosen for the machine.
	Settings map[string]string
}

// Cluster is a private PostgreSQL with PostGIS in a data folder, owned by this process from StartCluster to Stop.
// Where PostgreSQL ends without being asked, it is started again.
type Cluster struct {
	folder   folder
	user     osUser
	bin      binaries
	settings map[string]string
	log      *slog.Logger
	socket   string // folder

	owner, users *fileLock

	mu   sync.Mutex
	proc *process // nil while PostgreSQL is down

	cancel   context.CancelFunc // ends supervision
	done     chan struct{}      // closed when supervision has ended
	stopOnce sync.Once
	stopErr  error
}

// InUseError says that another process owns the data folder.
type InUseError struct{ Dir, PID string }

func (e *InUseError) Error() string {
	return fmt.Sprintf("data folder %s is in use by gridweave process %s", e.Dir, e.PID)
}

// StartCluster makes the cluster in dataDir where there is none, starts it, or adopts the one that a killed process
// left running, and makes sure of the database and its extensions. The context bounds the start only.
// Errors: *InUseError, or one line saying what to install or change.
func StartCluster(ctx context.Context, dataDir string, o ClusterOptions) (*Cluster, error) {
	f, err := openFolder(dataDir)
	if err != nil {
		return nil, err
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Cluster{folder: f, log: log, done: make(chan struct{})}
	if err := c.takeLocks(ctx); err != nil {
		return nil, err
	}
	if err := c.begin(ctx, o.Settings); err != nil {
		return nil, errors.Join(err, c.finish(context.WithoutCancel(ctx)))
	}
	supervision, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.cancel = cancel
	go c.supervise(supervision)
	return c, nil
}

// URL connects as the administrator; psql, libpq and pgx understand it.
func (c *Cluster) URL() string { return clusterURL(c.socket, clusterPort) }

// PID is the postmaster's process id; 0 while it is down.
func (c *Cluster) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proc == nil {
		return 0
	}
	return c.proc.pid
}

// Stop shuts PostgreSQL down in order and gives the data folder back. Where another process still works in the
// cluster it stays up, and the last of them stops it. A context that ends hastens the shutdown.
func (c *Cluster) Stop(ctx context.Context) error {
	c.stopOnce.Do(func() { c.stopErr = c.stop(ctx) })
	return c.stopErr
}

func (c *Cluster) stop(ctx context.Context) error {
	c.cancel()
	<-c.done
	return c.finish(ctx)
}

// finish stops PostgreSQL, unless another process uses it, and gives the folder back.
func (c *Cluster) finish(ctx context.Context) error {
	err := c.users.upgrade()
	if errors.Is(err, errLocked) {
		c.log.InfoContext(ctx, "postgresql stays up for another process", "folder", string(c.folder))
		c.leave()
		return c.releaseLocks()
	}
	return errors.Join(err, c.halt(ctx), c.releaseLocks())
}

// leave forgets PostgreSQL without touching it.
func (c *Cluster) leave() {
	if proc := c.setProcess(nil); proc != nil {
		proc.unwatch()
	}
}

// halt stops PostgreSQL where it runs.
func (c *Cluster) halt(ctx context.Context) error {
	proc := c.setProcess(nil)
	if proc == nil {
		_ = os.Remove(c.socket) // goes if it is empty: nothing was started
		return nil
	}
	defer proc.unwatch()
	if err := proc.stop(ctx); err != nil {
		return err
	}
	if _, err := c.awaitRemains(context.WithoutCancel(ctx), 0); err != nil { // the logger goes last
		return err
	}
	c.log.InfoContext(ctx, "postgresql stopped", "pid", proc.pid)
	return os.RemoveAll(c.socket)
}

func (c *Cluster) setProcess(p *process) (before *process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, c.proc = c.proc, p
	return before
}

func (c *Cluster) takeLocks(ctx context.Context) error {
	owner, err := tryLock(c.folder.lock(), unix.LOCK_EX)
	if errors.Is(err, errLocked) {
		return &InUseError{string(c.folder), holder(c.folder.lock())}
	}
	if err != nil {
		return err
	}
	c.owner = owner
	err = errors.Join(owner.write(), c.folder.shareOwner(c.folder.lock()))
	if err == nil {
		// A process that is just stopping the cluster holds this one alone.
		c.users, err = waitLock(ctx, c.folder.users(), unix.LOCK_SH)
	}
	if err == nil {
		err = c.folder.shareOwner(c.folder.users())
	}
	if err != nil {
		return errors.Join(err, c.releaseLocks())
	}
	return nil
}

func (c *Cluster) releaseLocks() error {
	var errs []error
	for _, lock := range []*fileLock{c.users, c.owner} {
		if lock != nil {
			errs = append(errs, lock.release())
		}
	}
	return errors.Join(errs...)
}

// begin brings the cluster up, with the locks held.
func (c *Cluster) begin(ctx context.Context, extra map[string]string) error {
	if err := c.findParts(ctx); err != nil {
		return err
	}
	if err := c.makeCluster(ctx); err != nil {
		return err
	}
	c.settings = clusterSettings(machineMemory())
	c.settings["unix_socket_directories"] = "'" + c.socket + "'"
	maps.Copy(c.settings, extra)
	changed, err := writeSettings(c.folder, c.user, c.settings)
	if err != nil {
		return err
	}
	adopted, err := c.adopt(ctx, changed)
	if err != nil {
		return err
	}
	if !adopted {
		if err := c.launch(ctx); err != nil {
			return err
		}
	}
	return prepare(ctx, c.URL(), c.log)
}

func (c *Cluster) findParts(ctx context.Context) (err error) {
	major, err := c.folder.clusterMajor()
	if err != nil {
		return err
	}
	if c.bin, err = findBinaries(ctx, major); err != nil {
		return err
	}
	if c.user, err = clusterUser(c.folder.cluster()); err != nil {
		return err
	}
	if err := c.user.requireTraversable(string(c.folder)); err != nil {
		return err
	}
	c.socket, err = c.folder.socketFolder(c.user)
	return err
}

// makeCluster runs initdb where there is no cluster, beside its later place: half of one is never taken for a whole.
func (c *Cluster) makeCluster(ctx context.Context) error {
	if major, err := c.folder.clusterMajor(); err != nil || major != 0 {
		return err
	}
	fresh := c.folder.cluster() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("cluster make: %w", err)
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return fmt.Errorf("cluster make: %w", err)
	}
	if err := c.user.own(fresh); err != nil {
		return fmt.Errorf("cluster make: %w", err)
	}
	c.log.InfoContext(ctx, "making a PostgreSQL cluster", "folder", c.folder.cluster(), "version", c.bin.major)
	cmd := c.command(ctx, "initdb", "--pgdata="+fresh, "--username="+adminRole, "--encoding=UTF8", "--locale=C.UTF-8",
		"--auth-local=peer", "--auth-host=reject", "--data-checksums", "--no-instructions")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cluster make: initdb: %w: %s", err, tail(out))
	}
	if err := os.Rename(fresh, c.folder.cluster()); err != nil {
		return fmt.Errorf("cluster make: %w", err)
	}
	return nil
}

// command prepares one of the server's programs, as PostgreSQL's user and without our environment, whose PG variables
// would reach into the cluster.
func (c *Cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.bin.path(name), args...) //nolint:gosec // a server program that findBinaries chose
	cmd.Dir = string(c.folder)
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	cmd.SysProcAttr = c.user.attributes()
	return cmd
}
