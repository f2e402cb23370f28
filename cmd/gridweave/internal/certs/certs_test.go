package certs

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clock is a clock that a test sets.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newClock() *clock { return &clock{time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)} }

func open(t *testing.T, dir string, c *clock, extra ...string) *Source {
	t.Helper()
	s, err := Open("auto", dir, extra, c.now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func leaf(t *testing.T, s *Source, hello *tls.ClientHelloInfo) *x509.Certificate {
	t.Helper()
	got, err := s.pick(hello)
	if err != nil {
		t.Fatal(err)
	}
	return got.Leaf
}

// verify is what a client does that trusts nothing but the authority.
func verify(s *Source, cert *x509.Certificate, host string, at time.Time) error {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(s.Authority().PEM()) {
		return errors.New("the authority's PEM is unreadable")
	}
	_, err := cert.Verify(x509.VerifyOptions{DNSName: host, Roots: roots, CurrentTime: at})
	return err
}

func TestOwnCertificateIsTrusted(t *testing.T) {
	c := newClock()
	s := open(t, t.TempDir(), c, "map.district.example", "10.9.8.7")
	cert := leaf(t, s, nil)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1", strings.ToLower(host), "map.district.example", "10.9.8.7"} {
		if err := verify(s, cert, name, c.at); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := verify(s, cert, "elsewhere.example", c.at); err == nil {
		t.Error("good for a name that is not the machine's")
	}
	if life := cert.NotAfter.Sub(cert.NotBefore); life > 398*24*time.Hour {
		t.Errorf("lives %s, longer than browsers accept", life)
	}
	if f := s.Authority().Fingerprint(); len(f) != 32*3-1 {
		t.Errorf("fingerprint %q", f)
	}
	a := s.Authority().cert
	if !a.IsCA || !a.MaxPathLenZero || a.KeyUsage&x509.KeyUsageCertSign == 0 {
		t.Errorf("the authority is none: %+v", a)
	}
}

func TestKeysArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	open(t, dir, newClock())
	for name, want := range map[string]os.FileMode{"": 0o700, "ca.key": 0o600, "server.key": 0o600, "ca.crt": 0o644, "server.crt": 0o644} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: %v, %v; want %v", name, info.Mode().Perm(), err, want)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 4 {
		t.Errorf("%v, %v; want four files", entries, err)
	}
}

// A restart keeps both certificates, so that nobody is asked again; only what has to be is made anew.
func TestRestart(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	first := open(t, dir, c)
	again := open(t, dir, c)
	if first.Authority().Fingerprint() != again.Authority().Fingerprint() || !leaf(t, first, nil).Equal(leaf(t, again, nil)) {
		t.Error("a restart made new certificates")
	}
	more := open(t, dir, c, "new.example")
	if leaf(t, more, nil).Equal(leaf(t, first, nil)) || more.Authority().Fingerprint() != first.Authority().Fingerprint() {
		t.Error("a new name needs a new certificate by the same authority")
	}
	if err := os.WriteFile(filepath.Join(dir, "ca.key"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open("auto", dir, nil, c.now, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("an authority whose key is broken was replaced in silence")
	}
}

func TestRenewedBeforeItEnds(t *testing.T) {
	c := newClock()
	s := open(t, t.TempDir(), c)
	first := leaf(t, s, nil)
	c.at = first.NotAfter.Add(-renewBefore - time.Hour)
	if !leaf(t, s, nil).Equal(first) {
		t.Error("renewed too early")
	}
	c.at = first.NotAfter.Add(-renewBefore + time.Hour)
	second := leaf(t, s, nil)
	if second.Equal(first) || !second.NotAfter.After(first.NotAfter) {
		t.Errorf("not renewed: ends %s", second.NotAfter)
	}
	if err := verify(s, second, "localhost", c.at); err != nil {
		t.Error(err)
	}
	// Years later the authority's own end bounds what it signs.
	c.at = s.Authority().cert.NotAfter.Add(-24 * time.Hour)
	if last := leaf(t, s, nil); last.NotAfter.After(s.Authority().cert.NotAfter) {
		t.Errorf("ends %s, after its authority", last.NotAfter)
	}
}

// conn is a connection as far as a handshake asks for it.
type conn struct {
	net.Conn
	local net.Addr
}

func (c conn) LocalAddr() net.Addr { return c.local }

// A machine that was given another address gets a certificate for it when the first client comes that way; what a client
// merely calls the machine changes nothing.
func TestNewAddress(t *testing.T) {
	s := open(t, t.TempDir(), newClock())
	first := leaf(t, s, nil)
	at := func(ip string) *tls.ClientHelloInfo {
		return &tls.ClientHelloInfo{ServerName: "evil.example", Conn: conn{local: &net.TCPAddr{IP: net.ParseIP(ip)}}}
	}
	if !leaf(t, s, at("127.0.0.1")).Equal(first) {
		t.Error("renewed for an address that it has, or for a client's name")
	}
	second := leaf(t, s, at("192.0.2.77"))
	if second.Equal(first) || second.VerifyHostname("192.0.2.77") != nil || second.VerifyHostname("evil.example") == nil {
		t.Errorf("good for %v %v", second.DNSNames, second.IPAddresses)
	}
}

func TestFilesAreReadAgain(t *testing.T) {
	c, dir := newClock(), t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	a, b := open(t, one, c), open(t, two, c)
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	step := 0
	put := func(from, name, to string) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(to, text, 0o600)
		}
		step++
		if err == nil { // filesystems may not tell two writes of one moment apart
			err = os.Chtimes(to, time.Time{}, c.at.Add(time.Duration(step)*time.Minute))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put(one, "server.crt", cert)
	put(one, "server.key", key)
	s, err := Open(cert+","+key, "", nil, c.now, slog.New(slog.DiscardHandler))
	if err != nil || s.Authority() != nil {
		t.Fatal(s, err)
	}
	if !leaf(t, s, nil).Equal(leaf(t, a, nil)) {
		t.Error("another certificate than the file's")
	}
	put(two, "server.crt", cert)
	if !leaf(t, s, nil).Equal(leaf(t, a, nil)) {
		t.Error("half a renewal took the server down or let it serve what does not fit")
	}
	put(two, "server.key", key)
	if !leaf(t, s, nil).Equal(leaf(t, b, nil)) {
		t.Error("the renewal was not read")
	}
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	if !leaf(t, s, nil).Equal(leaf(t, b, nil)) {
		t.Error("a missing file took the server down")
	}
}

func TestOpenSpecs(t *testing.T) {
	for _, spec := range []string{"off", ""} {
		if s, err := Open(spec, "", nil, time.Now, slog.New(slog.DiscardHandler)); s != nil || err != nil {
			t.Errorf("%q: %v, %v", spec, s, err)
		}
	}
	for _, spec := range []string{"on", "a.pem", ",", "a.pem,", "/none/a.pem,/none/b.pem"} {
		if _, err := Open(spec, t.TempDir(), nil, time.Now, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%q is accepted", spec)
		}
	}
}
