package certs

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// own keeps a certificate of the own authority valid: for the names and addresses of the machine, which may change.
type own struct {
	authority *Authority
	dir       string
	extra     []string
	now       func() time.Time
	log       *slog.Logger

	mu   sync.Mutex
	held *tls.Certificate
}

func openOwn(dir string, extra []string, now func() time.Time, log *slog.Logger) (*Source, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("certificate folder: %w", err)
	}
	a, err := openAuthority(dir, now())
	if err != nil {
		return nil, err
	}
	o := &own{authority: a, dir: dir, extra: extra, now: now, log: log}
	if err := o.start(); err != nil {
		return nil, err
	}
	return &Source{pick: o.pick, authority: a}, nil
}

// start takes the certificate of the last run, if it still does.
func (o *own) start() error {
	p, err := readPair(o.path("server.crt"), o.path("server.key"))
	if err == nil && p.cert.CheckSignatureFrom(o.authority.cert) == nil {
		o.held = o.chain(p)
		if o.good(namesOf(o.extra)) {
			return nil
		}
	}
	return o.renew(namesOf(o.extra))
}

func (o *own) path(name string) string { return filepath.Join(o.dir, name) }

func (o *own) chain(p pair) *tls.Certificate {
	return &tls.Certificate{Certificate: [][]byte{p.cert.Raw, o.authority.cert.Raw}, PrivateKey: p.key, Leaf: p.cert}
}

// good tells whether the certificate held is good for the names and for long enough.
func (o *own) good(n names) bool {
	leaf := o.held.Leaf
	return o.now().Before(leaf.NotAfter.Add(-renewBefore)) && n.within(leaf)
}

func (o *own) renew(n names) error {
	p, err := o.authority.sign(n, o.now())
	if err != nil {
		return err
	}
	o.held = o.chain(p)
	return writePair(o.path("server.crt"), o.path("server.key"), p.cert.Raw, p.key)
}

// pick answers a client. A certificate that ends soon is replaced, and so is one that lacks the address by which the
// client came: the machine has been given it since. A name that a client asks for is never a reason.
func (o *own) pick(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := arrivedAt(hello); !o.good(n) {
		all := namesOf(o.extra)
		all.ips = append(all.ips, n.ips...)
		if err := o.renew(all.tidy()); err != nil {
			o.log.Error("certificate renew", "error", err) // the one held may still do
		} else {
			o.log.Info("certificate renewed", "until", o.held.Leaf.NotAfter, "names", all.dns, "addresses", all.ips)
		}
	}
	return o.held, nil
}

// arrivedAt is the machine's own address on the connection.
func arrivedAt(hello *tls.ClientHelloInfo) names {
	if hello == nil || hello.Conn == nil {
		return names{}
	}
	if at, ok := hello.Conn.LocalAddr().(*net.TCPAddr); ok {
		return names{ips: []net.IP{at.IP}}
	}
	return names{}
}

// names are what a server is reached by.
type names struct {
	dns []string
	ips []net.IP
}

// namesOf lists what this machine is reached by, as far as it knows: localhost, its host name, its addresses, and what
// the operator adds.
func namesOf(extra []string) names {
	n := names{dns: []string{"localhost"}, ips: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}}
	if host, err := os.Hostname(); err == nil && host != "" {
		n.dns = append(n.dns, strings.ToLower(host))
		if !strings.Contains(host, ".") {
			n.dns = append(n.dns, strings.ToLower(host)+".local") // how it is called without a name server
		}
	}
	addresses, _ := net.InterfaceAddrs() // without them the loopback ones remain, and pick adds what clients come by
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok && !network.IP.IsLinkLocalUnicast() {
			n.ips = append(n.ips, network.IP)
		}
	}
	for _, e := range extra {
		if ip := net.ParseIP(e); ip != nil {
			n.ips = append(n.ips, ip)
		} else {
			n.dns = append(n.dns, strings.ToLower(e))
		}
	}
	return n.tidy()
}

// tidy leaves each name once.
func (n names) tidy() names {
	seen := map[string]bool{}
	first := func(s string) bool { was := seen[s]; seen[s] = true; return !was }
	n.dns = slices.DeleteFunc(n.dns, func(s string) bool { return !first(s) })
	n.ips = slices.DeleteFunc(n.ips, func(ip net.IP) bool { return !first(ip.String()) })
	return n
}

// within tells whether a certificate is good for all of the names.
func (n names) within(leaf *x509.Certificate) bool {
	for _, name := range n.dns {
		if !slices.Contains(leaf.DNSNames, name) {
			return false
		}
	}
	for _, ip := range n.ips {
		if !slices.ContainsFunc(leaf.IPAddresses, ip.Equal) {
			return false
		}
	}
	return true
}
