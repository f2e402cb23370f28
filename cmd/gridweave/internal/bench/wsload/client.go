package wsload

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
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
	// Marker stands once in each event.
	Marker string
	// Local is the address to connect from; a server that bounds connections from one address, and the kernel that
	// bounds ports, see several.
	Local string
	// Deaf clients shake hands and then never read; the kernel is told to keep little for them.
	Deaf bool
}

type client struct {
	conn   *net.TCPConn
	raw    syscall.RawConn
	parser parser
	events atomic.Int64
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
	c := &client{conn: tcp, parser: parser{marker: []byte(s.Marker)}}
	if c.raw, err = tcp.SyscallConn(); err == nil {
		err = c.greet(s)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("client: %w", err), tcp.Close())
	}
	return c, nil
}

// greet shakes hands and plays the script until the client gets everything.
func (c *client) greet(s Script) error {
	if err := c.conn.SetDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return err
	}
	hello := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", s.Path, s.Host)
	for i := 0; i+1 < len(s.Headers); i += 2 {
		hello = fmt.Appendf(hello, "%s: %s\r\n", s.Headers[i], s.Headers[i+1])
	}
	if _, err := c.conn.Write(append(hello, "\r\n"...)); err != nil {
		return err
	}
	r := bufio.NewReaderSize(c.conn, 4096)
	if err := readUpgrade(r); err != nil {
		return err
	}
	for _, text := range s.Say {
		if _, err := c.conn.Write(appendFrame(nil, opText, []byte(text))); err != nil {
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
	return c.conn.SetDeadline(time.Time{})
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

// answer writes a frame; a connection that takes none has ended for its reader too.
func (c *client) answer(op byte, payload []byte) {
	if payload == nil && op == opText {
		return
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(handshakeTimeout))
	_, _ = c.conn.Write(appendFrame(nil, op, payload))
}

// read hands over what the kernel has until the connection ends. came is told how many events each piece ended.
func (c *client) read(buffers *buffers, came func(int)) error {
	var ended error
	failed := c.raw.Read(func(fd uintptr) bool {
		ended = c.drain(int(fd), buffers, came)
		return ended != nil
	})
	return errors.Join(failed, ended)
}

// drain reads what there is now, into a shared buffer. The runtime remembers what came since, so that what is not there
// yet needs no question: a read that did not fill the buffer was the last.
func (c *client) drain(fd int, buffers *buffers, came func(int)) error {
	b := buffers.get()
	defer buffers.put(b)
	for {
		n, err := syscall.Read(fd, *b)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			return nil
		case err != nil:
			return err
		case n == 0:
			return net.ErrClosed
		}
		if events := c.parser.feed((*b)[:n]); events > 0 {
			c.events.Add(int64(events))
			came(events)
		}
		if n < len(*b) {
			return nil
		}
	}
}
