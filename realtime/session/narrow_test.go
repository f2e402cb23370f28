package session_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"

	"github.com/gorilla/websocket"
)

// narrowBytes is what the kernel keeps on each side of a narrow line. By itself it would keep megabytes, and as it pleases:
// a test would have to send for so long until nothing goes any more that a busy machine takes it for a dead line.
const narrowBytes = 64 << 10

// narrowing keeps the server's side narrow.
type narrowing struct{ net.Listener }

func (n narrowing) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		err = tcp.SetWriteBuffer(narrowBytes)
	}
	return c, err
}

// narrow serves the node's streams on lines that soon take no more.
func (n *node) narrow(mux http.Handler) {
	n.narrowed = httptest.NewUnstartedServer(mux)
	n.narrowed.Listener = narrowing{n.narrowed.Listener}
	n.narrowed.Start()
}

// narrowDialer keeps the client's side narrow: the kernel is told before it connects, since that is when it says how much
// it takes.
func narrowDialer() websocket.Dialer {
	narrow := func(_, _ string, c syscall.RawConn) (err error) {
		failed := c.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, narrowBytes)
		})
		return errors.Join(failed, err)
	}
	return websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		return (&net.Dialer{Control: narrow}).DialContext(ctx, network, address)
	}}
}
