package wsload

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// readBuffer takes many frames at once, atOnce is how many clients one question to the kernel can name.
const (
	readBuffer = 256 << 10
	atOnce     = 256
)

// reader reads for its share of a crowd's clients. A goroutine for each, woken by the runtime's poller, costs more than
// the reading.
type reader struct {
	crowd *Crowd
	epoll int
	bell  int // an eventfd that says: enough
	open  int // clients that have not ended
}

// bellRings is what the bell is called among the clients' numbers.
const bellRings = -1

func newReader(c *Crowd) (*reader, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("reader: %w", err)
	}
	r := &reader{crowd: c, epoll: epoll, bell: -1}
	if r.bell, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err == nil {
		err = unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, r.bell, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: bellRings})
	}
	if err != nil {
		r.close()
		return nil, fmt.Errorf("reader: %w", err)
	}
	return r, nil
}

// add has the reader told of each change at a client once; what lies there already is a change.
func (r *reader) add(at int, c *client) error {
	r.open++
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLET, Fd: int32(at)}
	if err := unix.EpollCtl(r.epoll, unix.EPOLL_CTL_ADD, c.fd, &event); err != nil {
		return fmt.Errorf("reader: %w", err)
	}
	return nil
}

// run reads until the bell rings or all clients have ended.
func (r *reader) run() {
	buffer, events := make([]byte, readBuffer), make([]unix.EpollEvent, atOnce)
	for r.open > 0 {
		n, err := unix.EpollWait(r.epoll, events, -1)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return // the epoll is ours and open: never
		}
		for _, event := range events[:n] {
			if event.Fd == bellRings {
				return
			}
			r.read(int(event.Fd), event.Events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0, buffer)
		}
		r.crowd.ring()
	}
}

// read takes what one client has; why a connection ended does not matter, only whether it was to.
func (r *reader) read(at int, ending bool, buffer []byte) {
	client := r.crowd.clients[at]
	if err := client.drain(buffer, ending, func(n int) { r.crowd.tell(at, client, n) }); err == nil {
		return
	}
	r.open--
	_ = client.close()
	if !r.crowd.closed.Load() {
		r.crowd.lost.Add(1)
	}
}

func (r *reader) stop() {
	_, _ = unix.Write(r.bell, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // a counter, which has room
}

func (r *reader) close() {
	_ = unix.Close(r.epoll)
	if r.bell >= 0 {
		_ = unix.Close(r.bell)
	}
}
