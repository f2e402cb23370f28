package main

import (
	"crypto/tls"
	"net"
	"path/filepath"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/api"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/certs"
)

// tlsFlags say how the server is reached.
type tlsFlags struct {
	TLS     string   `default:"off" env:"GRIDWEAVE_TLS" help:"off (plain; also behind a proxy that speaks HTTPS), auto (a certificate by an authority of its own, made in the data folder) or CERT,KEY (two PEM files, read again when they change)." placeholder:"HOW"`
	TLSHost []string `name:"tls-host" env:"GRIDWEAVE_TLS_HOST" help:"With --tls auto: further names or addresses that browsers reach the server by." placeholder:"NAME"`
}

// encryption is what the flags came to; the zero value is none.
type encryption struct{ source *certs.Source }

func (f tlsFlags) certificate(data string, o *opened) (encryption, error) {
	source, err := certs.Open(f.TLS, filepath.Join(data, "tls"), f.TLSHost, time.Now, o.log)
	return encryption{source}, err
}

// wrap encrypts what the listener accepts.
func (e encryption) wrap(l net.Listener) net.Listener {
	if e.source == nil {
		return l
	}
	return tls.NewListener(l, e.source.Config())
}

func (e encryption) on() bool { return e.source != nil }

// authority is the server's own certificate authority, nil where there is none.
func (e encryption) authority() *certs.Authority {
	if e.source == nil {
		return nil
	}
	return e.source.Authority()
}

// forBrowsers is what the HTTP surface has to know. Without TLS of its own a proxy may always speak HTTPS.
func (e encryption) forBrowsers(behindHTTPS bool) api.Encryption {
	out := api.Encryption{On: e.on() || behindHTTPS}
	if a := e.authority(); a != nil {
		out.CA = a.PEM()
	}
	out.Strict = e.on() && out.CA == nil
	return out
}

// scheme is that of the server's address.
func (e encryption) scheme() string {
	if e.on() {
		return "https"
	}
	return "http"
}

// trust is how to make browsers believe the own authority, for a person and for a script.
func (e encryption) trust(c *console, address string) {
	a := e.authority()
	if a == nil {
		return
	}
	c.printLine("\n  Tell each device once to trust this server's certificate authority:")
	c.printLine("    %s/ca.crt, or the file %s", address, a.Path)
	c.printLine("    SHA-256 %s", a.Fingerprint())
}
