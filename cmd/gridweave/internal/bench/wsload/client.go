package wsload

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Script is how a client gets from a connection to events.
type Script struct {
	Host    string // host:port
	Path    string
	Headers []string // pairs of name and value
	// Say is what the client sends after the handshake, each a text message.
	Say []string
	// Greeted tells from a message whether the client gets everything from here on. Without it the handshake is enough.
	Greeted func(text []byte) bool
	// Answer gives what a client answers to a text message, for servers that ping by messages; nil is nothing.
	Answer func(text []byte) []byte
	// Inflates offers permessage-deflate in the handshake.
	Inflates bool
	// Marker stands once in each event.
	Marker string
	// Local is the address to connect from; a server that bounds connections from one address, and the kernel that
	// bounds ports, see several.
	Local string
	// Deaf clients shake hands and then never read; the kernel is told to keep little for them.
	Deaf bool
}

// client is one connection. Once it has been greeted, its descriptor is its reader's alone.
type client struct {
	parser parser
	events atomic.Int64
	bytes  atomic.Int64 // since it was greeted

	mu sync.Mutex // of writing and closing
	fd int        // -1 once it is closed
}

// handshakeTimeout is generous: ten thousand connect at once to a server on the same cores.
const handshakeTimeout = time.Minute

// deafBuffer is what the kernel keeps for a client that never reads.
const deafBuffer = 4096

func dial(ctx context.Context, s Script) (*client, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	d := net.Dialer{KeepAlive: -1}
	if s.Local != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(s.Local)}
	}
	if s.Deaf {
		d.Control = func(_, _ string, c syscall.RawConn) (err error) {
			failed := c.Control(func(fd uintptr) {
				err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, deafBuffer)
			})
			return errors.Join(failed, err)
		}
	}
	conn, err := d.DialContext(ctx, "tcp", s.Host)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil, errors.Join(errors.New("client: not TCP"), conn.Close())
	}
	c := &client{parser: parser{marker: []byte(s.Marker)}, fd: -1}
	if err = c.greet(tcp, s); err == nil {
		err = c.take(tcp)
	}
	if err = errors.Join(err, tcp.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("client: %w", err), c.close())
	}
	return c, nil
}

// take makes the descriptor ours, away from the runtime's poller, which would look at each event too.
func (c *client) take(conn *net.TCPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var copied error
	failed := raw.Control(func(fd uintptr) { c.fd, copied = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) })
	return errors.Join(failed, copied)
}

// greet shakes hands and plays the script until the client gets everything.
func (c *client) greet(conn *net.TCPConn, s Script) error {
	if err := conn.SetDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return err
	}
	hello := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", s.Path, s.Host)
	if s.Inflates {
		hello = append(hello, "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"...)
	}
	for i := 0; i+1 < len(s.Headers); i += 2 {
		hello = fmt.Appendf(hello, "%s: %s\r\n", s.Headers[i], s.Headers[i+1])
	}
	if _, err := conn.Write(append(hello, "\r\n"...)); err != nil {
		return err
	}
	r := bufio.NewReaderSize(conn, 4096)
	if err := readUpgrade(r); err != nil {
		return err
	}
	for _, text := range s.Say {
		if _, err := conn.Write(appendFrame(nil, opText, []byte(text))); err != nil {
			return err
		}
	}
	if err := c.hearGreeting(r, s.Greeted); err != nil {
		return err
	}
	c.parser.text = nil
	if s.Answer != nil {
		c.parser.text = func(text []byte) { c.answer(opText, s.Answer(text)) }
	}
	c.parser.control = func(op byte, payload []byte) {
		if op == opPing {
			c.answer(opPing+1, payload)
		}
	}
	return nil
}

func readUpgrade(r *bufio.Reader) error {
	status := ""
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return fmt.Errorf("handshake: %w", err)
		}
		line = strings.TrimSpace(line)
		if status == "" {
			status = line
		}
		if line != "" {
			continue
		}
		if !strings.Contains(status, " 101 ") {
			return fmt.Errorf("handshake: %s", status)
		}
		return nil
	}
}

// hearGreeting reads whole messages until one is the greeting, and takes what came behind it for events.
func (c *client) hearGreeting(r *bufio.Reader, greeted func([]byte) bool) error {
	done, closed := greeted == nil, ""
	c.parser.text = func(text []byte) { done = done || greeted(text) }
	c.parser.control = func(op byte, payload []byte) {
		if op == opClose {
			closed = fmt.Sprintf("%x", payload)
		}
	}
	for !done || r.Buffered() > 0 {
		if _, err := r.Peek(1); err != nil {
			return fmt.Errorf("greeting: %w", err)
		}
		piece, _ := r.Peek(r.Buffered())
		c.events.Add(int64(c.parser.feed(piece)))
		_, _ = r.Discard(len(piece)) // it was buffered
		if closed != "" {
			return fmt.Errorf("greeting: closed with %s", closed)
		}
	}
	return nil
}

// answer writes a frame. What a client says is short: a line that does not take it at once has ended or is about to,
// and its reader hears of that.
func (c *client) answer(op byte, payload []byte) {
	if payload == nil && op == opText {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fd >= 0 {
		_, _ = unix.Write(c.fd, appendFrame(nil, op, payload))
	}
}

// drain hands over what the kernel has; came is told how many events each piece ended. A read that did not fill the
// buffer was the last, unless the kernel said that there is an end to be read behind it.
func (c *client) drain(buffer []byte, ending bool, came func(int)) error {
	for {
		n, err := unix.Read(c.fd, buffer)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return nil
		case err != nil:
			return err
		case n == 0:
			return io.EOF
		}
		c.bytes.Add(int64(n))
		if events := c.parser.feed(buffer[:n]); events > 0 {
			c.events.Add(int64(events))
			came(events)
		}
		if n < len(buffer) && !ending {
			return nil
		}
	}
}

func (c *client) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fd < 0 {
		return nil
	}
	fd := c.fd
	c.fd = -1
	return unix.Close(fd)
}
