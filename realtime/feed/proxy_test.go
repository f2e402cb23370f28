package feed_test

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// proxy stands between the feed and a cluster: it can cut, fall silent, and lead to another cluster.
type proxy struct {
	mu     sync.Mutex
	target string // socket
	conns  map[net.Conn]struct{}
	silent chan struct{} // closed while bytes pass; nil stands for closed
	wg     sync.WaitGroup
}

const socketName = ".s.PGSQL.5432"

// newProxy leads to the URL's cluster, and gives the URL that leads through it.
func newProxy(t *testing.T, target string) (*proxy, string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "gw-proxy-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	listener, err := net.Listen("unix", filepath.Join(dir, socketName))
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{conns: map[net.Conn]struct{}{}}
	p.lead(t, target)
	p.wg.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.wg.Go(func() { p.serve(client) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		p.speak()
		p.cut()
		p.wg.Wait()
	})
	return p, through(t, target, dir)
}

// through is the URL with another folder of the socket.
func through(t *testing.T, target, dir string) string {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	return u.String()
}

// lead leads new connections to the URL's cluster.
func (p *proxy) lead(t *testing.T, target string) {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = filepath.Join(u.Query().Get("host"), socketName)
}

func (p *proxy) serve(client net.Conn) {
	p.mu.Lock()
	server, err := net.Dial("unix", p.target)
	if err != nil {
		p.mu.Unlock()
		_ = client.Close()
		return
	}
	p.conns[client], p.conns[server] = struct{}{}, struct{}{}
	p.mu.Unlock()
	p.wg.Go(func() { p.pass(client, server) })
	p.pass(server, client)
}

// pass carries bytes until one side ends, and waits while the network is silent.
func (p *proxy) pass(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		silent := p.silent
		p.mu.Unlock()
		if silent != nil {
			<-silent
		}
		if _, werr := to.Write(buffer[:n]); err != nil || werr != nil {
			return
		}
	}
}

// cut ends every connection.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
	clear(p.conns)
}

// hush lets no byte pass from now on, without a word to either side; speak ends it.
func (p *proxy) hush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = make(chan struct{})
}

func (p *proxy) speak() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.silent != nil {
		close(p.silent)
		p.silent = nil
	}
}
