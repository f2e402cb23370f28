package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/process"
)

// floor measures what no server and no client can do without: for each connection one write of as many events as are in
// flight, and one read of them at its other end, by bare system calls. What the processors could deliver if they did
// nothing else is the bound of every fan-out with that many in flight here.
func (l *lab) floor(ctx context.Context, clients int, inFlight ...int) (rows []Row, err error) {
	lines, err := openLines(ctx, clients)
	if err != nil {
		return nil, err
	}
	defer lines.close()
	for _, n := range inFlight {
		events, used, err := lines.pass(ctx, n, len(l.sampleEvent()), l.span())
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("floor %d connections %d events a write", clients, n)
		each := float64(used) / float64(time.Microsecond) / float64(events)
		rows = append(rows, ours(streamBench, name, metric{name: "kernel_cpu_per_delivery", unit: "us"}, each),
			ours(streamBench, name, metric{name: "deliveries_per_second_at_most", unit: "1/s"}, 1e6*float64(runtime.NumCPU())/each))
	}
	return rows, nil
}

// lines are both ends of connections over loopback, by descriptor.
type lines struct{ from, to []int }

func openLines(ctx context.Context, n int) (l lines, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return l, fmt.Errorf("floor: %w", err)
	}
	defer listener.Close()
	for range n {
		to, err := (&net.Dialer{}).DialContext(ctx, "tcp", listener.Addr().String())
		if err == nil {
			l.to, err = takeDescriptor(l.to, to)
		}
		if err == nil {
			var from net.Conn
			if from, err = listener.Accept(); err == nil {
				l.from, err = takeDescriptor(l.from, from)
			}
		}
		if err != nil {
			l.close()
			return l, fmt.Errorf("floor: %w", err)
		}
	}
	return l, nil
}

// takeDescriptor has the runtime's poller see nothing of the connection any more.
func takeDescriptor(all []int, c net.Conn) ([]int, error) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return all, errors.Join(errors.New("not TCP"), c.Close())
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return all, errors.Join(err, c.Close())
	}
	fd, copied := -1, error(nil)
	failed := raw.Control(func(own uintptr) { fd, copied = unix.FcntlInt(own, unix.F_DUPFD_CLOEXEC, 0) })
	if err := errors.Join(failed, copied, c.Close()); err != nil {
		return all, err
	}
	return append(all, fd), nil
}

func (l lines) close() {
	for _, fds := range [][]int{l.from, l.to} {
		for _, fd := range fds {
			_ = unix.Close(fd)
		}
	}
}

// pass writes and reads for a time, and tells how many events that was and what processor time it took.
func (l lines) pass(ctx context.Context, together, size int, span time.Duration) (events int64, used time.Duration, err error) {
	written, read := make([]byte, together*size), make([]byte, 2*together*size)
	before, err := process.CPU(os.Getpid())
	if err != nil {
		return 0, 0, err
	}
	for began := time.Now(); time.Since(began) < span && ctx.Err() == nil; {
		for _, fd := range l.from {
			if n, err := unix.Write(fd, written); err != nil || n < len(written) {
				return 0, 0, fmt.Errorf("floor: %d of %d bytes: %w", n, len(written), err)
			}
		}
		for _, fd := range l.to {
			if _, err := unix.Read(fd, read); err != nil {
				return 0, 0, fmt.Errorf("floor: %w", err)
			}
		}
		events += int64(together * len(l.from))
	}
	after, err := process.CPU(os.Getpid())
	return events, after - before, errors.Join(err, ctx.Err())
}
