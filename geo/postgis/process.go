package postgis

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// process is a postmaster, our child or an orphan that we adopted. It is watched by a pidfd, which no later process
// with the same id can be mistaken for.
type process struct {
	pid    int
	exited chan struct{} // closed when it is gone, and reaped where it was our child
	fd     int
	wake   [2]int // a pipe whose end stops the watching
	once   sync.Once
	done   chan struct{} // closed when watching has ended
}

// watchProcess begins to watch; reap, if not nil, collects our child's exit status. unwatch ends it.
func watchProcess(pid int, reap func()) (*process, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return nil, fmt.Errorf("process watch: %w", err)
	}
	p := &process{pid: pid, fd: fd, exited: make(chan struct{}), done: make(chan struct{})}
	if err := unix.Pipe2(p.wake[:], unix.O_CLOEXEC); err != nil {
		return nil, errors.Join(fmt.Errorf("process watch: %w", err), unix.Close(fd))
	}
	go p.watch(reap)
	return p, nil
}

func (p *process) watch(reap func()) {
	defer close(p.done)
	fds := []unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}, {Fd: int32(p.wake[0]), Events: unix.POLLIN}}
	for {
		if _, err := unix.Poll(fds, -1); err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
		if fds[0].Revents != 0 {
			if reap != nil {
				reap()
			}
			close(p.exited)
			return
		}
		if fds[1].Revents != 0 {
			return
		}
	}
}

// unwatch ends the watching and leaves the process as it is.
func (p *process) unwatch() {
	p.once.Do(func() {
		_ = unix.Close(p.wake[1])
		<-p.done
		_ = unix.Close(p.wake[0])
		_ = unix.Close(p.fd)
	})
}

func (p *process) signal(s syscall.Signal) error {
	err := unix.PidfdSendSignal(p.fd, s, nil, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("process signal: %w", err)
	}
	return nil
}

// waitExit reports whether the process went within the time.
func (p *process) waitExit(ctx context.Context, within time.Duration) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-p.exited:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// Bounds of a stop. A fast shutdown writes a checkpoint, which may take its time on a slow disk; after an immediate
// one the next start recovers from the WAL.
const (
	fastStopTimeout      = 60 * time.Second
	immediateStopTimeout = 10 * time.Second
)

// stop asks with growing insistence; a context that ends skips to the immediate shutdown.
func (p *process) stop(ctx context.Context) error {
	if err := p.signal(syscall.SIGINT); err != nil {
		return err
	}
	if p.waitExit(ctx, fastStopTimeout) {
		return nil
	}
	return p.stopNow(ctx)
}

func (p *process) stopNow(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	for _, s := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGKILL} {
		if err := p.signal(s); err != nil {
			return err
		}
		if p.waitExit(ctx, immediateStopTimeout) {
			return nil
		}
	}
	return fmt.Errorf("postgresql stop: process %d does not end", p.pid)
}

// pidFile is what a postmaster writes into postmaster.pid.
type pidFile struct {
	pid, port int
	socketDir string
}

func (f folder) pidPath() string { return filepath.Join(f.cluster(), "postmaster.pid") }

// readPidFile is not ok where there is none or it is not yet complete.
func readPidFile(f folder) (pidFile, bool) {
	text, err := os.ReadFile(f.pidPath())
	if err != nil {
		return pidFile{}, false
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) < 5 {
		return pidFile{}, false
	}
	pid, err := strconv.Atoi(lines[0])
	if err != nil {
		return pidFile{}, false
	}
	port, err := strconv.Atoi(lines[3])
	if err != nil {
		return pidFile{}, false
	}
	return pidFile{pid: pid, port: port, socketDir: lines[4]}, lines[4] != ""
}

// clusterProcesses are the ids of all of PostgreSQL's processes that work in the cluster's folder: the postmaster and
// what it left behind alike, but no shell that stands there, and nobody who was given an old id.
func clusterProcesses(f folder) []int {
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		return nil
	}
	var pids []int
	for _, link := range links {
		if cwd, err := os.Readlink(link); err != nil || cwd != f.cluster() {
			continue
		}
		exe, err := os.Readlink(filepath.Join(filepath.Dir(link), "exe"))
		if err != nil || !strings.HasPrefix(filepath.Base(exe), "postgres") { // or "postgres (deleted)" by an upgrade
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
