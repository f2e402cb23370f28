// Package httpload asks one server for the same things again and again over kept connections and measures the answers. It
// speaks just as much HTTP/1.1 as it takes to tell where an answer ends: a full client costs as much as a server that
// answers from memory, and both share this machine.
//
// A Load is used by one goroutine; each of its connections has one of its own during Run, which waits for them.
package httpload

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// Request is one question, ready to be sent, for a connection of its own.
type Request []byte

// Get makes a request; headers are pairs of name and value.
func Get(host, path string, headers ...string) Request {
	var b bytes.Buffer
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\n", path, host)
	for i := 0; i+1 < len(headers); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", headers[i], headers[i+1])
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// Result is what came back.
type Result struct {
	Requests int
	Bytes    int64 // of bodies
	Elapsed  time.Duration
	Took     []time.Duration // of each request, ascending
}

// Add joins the results of two runs, one after the other.
func (r *Result) Add(other Result) {
	r.Requests += other.Requests
	r.Bytes += other.Bytes
	r.Elapsed += other.Elapsed
	r.Took = append(r.Took, other.Took...)
	slices.Sort(r.Took)
}

// PerSecond is requests a second.
func (r *Result) PerSecond() float64 { return float64(r.Requests) / r.Elapsed.Seconds() }

// Quantile of the time a request took; q is between 0 and 1.
func (r *Result) Quantile(q float64) time.Duration { return Quantile(r.Took, q) }

// Quantile of ascending values; 0 where there are none.
func Quantile(ascending []time.Duration, q float64) time.Duration {
	if len(ascending) == 0 {
		return 0
	}
	return ascending[min(len(ascending)-1, int(q*float64(len(ascending))))]
}

// Load is open connections, each with the request that it repeats.
type Load struct {
	conns []*conn
	want  int
}

// Open connects once for each request and asks each once, which warms what servers keep for a connection. want is the
// status that every answer has to have.
func Open(ctx context.Context, addr string, requests []Request, want int) (*Load, error) {
	l := &Load{want: want}
	for _, request := range requests {
		c, err := dial(ctx, addr, request)
		if err != nil {
			l.Close()
			return nil, err
		}
		l.conns = append(l.conns, c)
		if _, err := c.ask(want); err != nil {
			l.Close()
			return nil, err
		}
	}
	return l, nil
}

// Close ends the connections; everything that was asked has been answered.
func (l *Load) Close() {
	for _, c := range l.conns {
		_ = c.net.Close() // everything was read
	}
}

// Run repeats the requests for so long, and waits for the answers to the last of them.
func (l *Load) Run(ctx context.Context, d time.Duration) (Result, error) {
	results := make([]Result, len(l.conns))
	began := time.Now()
	var g errgroup.Group
	for i, c := range l.conns {
		g.Go(func() (err error) {
			results[i], err = c.repeat(ctx, l.want, began.Add(d))
			return err
		})
	}
	err := g.Wait()
	var all Result
	for _, r := range results {
		all.Add(r)
	}
	all.Elapsed = time.Since(began)
	return all, err
}

type conn struct {
	net     net.Conn
	raw     syscall.RawConn
	read    *bufio.Reader
	request Request
}

// readBuffer takes an answer's head. Bodies go past it.
const readBuffer = 4 << 10

// patience is what one answer may take; a server that takes longer has failed.
const patience = 30 * time.Second

func dial(ctx context.Context, addr string, request Request) (*conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil, errors.Join(errors.New("load: not TCP"), c.Close())
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("load: %w", err), c.Close())
	}
	return &conn{net: c, raw: raw, read: bufio.NewReaderSize(c, readBuffer), request: request}, nil
}

func (c *conn) repeat(ctx context.Context, want int, until time.Time) (Result, error) {
	var r Result
	began := time.Now()
	for began.Before(until) && ctx.Err() == nil {
		n, err := c.ask(want)
		if err != nil {
			return r, err
		}
		now := time.Now()
		r.Requests++
		r.Bytes += n
		r.Took = append(r.Took, now.Sub(began))
		began = now
	}
	return r, ctx.Err()
}

// ask sends the request and reads the answer to its end, whose body it only counts.
func (c *conn) ask(want int) (body int64, err error) {
	if err := c.net.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, fmt.Errorf("load: %w", err)
	}
	if _, err := c.net.Write(c.request); err != nil {
		return 0, fmt.Errorf("load: %w", err)
	}
	status, length, err := readHead(c.read)
	if err != nil {
		return 0, err
	}
	body, err = c.skipBody(status, length)
	if err != nil {
		return 0, err
	}
	if status != want {
		return 0, fmt.Errorf("load: the server answered %d, want %d", status, want)
	}
	return body, nil
}

// chunked stands for a length that is told piece by piece.
const chunked = -1

func readHead(r *bufio.Reader) (status int, length int64, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, 0, fmt.Errorf("load: answer: %w", err)
	}
	if len(line) < 12 {
		return 0, 0, errors.New("load: the answer is no HTTP")
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, fmt.Errorf("load: status: %w", err)
	}
	for {
		if line, err = r.ReadSlice('\n'); err != nil {
			return 0, 0, fmt.Errorf("load: answer: %w", err)
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return status, length, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return 0, 0, fmt.Errorf("load: length: %w", err)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")) && bytes.EqualFold(value, []byte("chunked")):
			length = chunked
		}
	}
}

func (c *conn) skipBody(status int, length int64) (int64, error) {
	switch {
	case status == 204 || status == 304:
		return 0, nil
	case length != chunked:
		return length, c.skip(length)
	}
	total := int64(0)
	for {
		line, err := c.read.ReadSlice('\n')
		if err != nil {
			return total, fmt.Errorf("load: chunk: %w", err)
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
		if err != nil {
			return total, fmt.Errorf("load: chunk: %w", err)
		}
		if err := c.skip(n + 2); err != nil { // with the line's end behind it
			return total, err
		}
		if n == 0 {
			return total, nil
		}
		total += n
	}
}

// skip has the kernel throw away what is not buffered yet, without a copy of it.
func (c *conn) skip(n int64) error {
	buffered, err := c.read.Discard(int(min(n, int64(c.read.Buffered()))))
	if err != nil {
		return fmt.Errorf("load: body: %w", err)
	}
	for n -= int64(buffered); n > 0 && err == nil; {
		var got int
		failed := c.raw.Read(func(fd uintptr) bool {
			got, err = discard(fd, n)
			return !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR)
		})
		if err = errors.Join(failed, err); err == nil && got == 0 {
			err = io.ErrUnexpectedEOF
		}
		n -= int64(got)
	}
	if err != nil {
		return fmt.Errorf("load: body: %w", err)
	}
	return nil
}

// discard takes up to n bytes off a TCP socket. With MSG_TRUNC Linux copies nothing and asks for no buffer.
func discard(fd uintptr, n int64) (int, error) {
	got, _, errno := unix.Syscall6(unix.SYS_RECVFROM, fd, 0, uintptr(n), unix.MSG_TRUNC|unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(got), nil
}
