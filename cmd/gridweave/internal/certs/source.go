package certs

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Source is where a server's certificate comes from.
type Source struct {
	pick      func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	authority *Authority
}

// Open reads the spec: "off" gives nil, "auto" a Source with its own authority in dir, "CERT,KEY" one that reads those
// two PEM files. Extra names go into certificates of the own authority besides those that the machine is known by.
func Open(spec, dir string, extra []string, now func() time.Time, log *slog.Logger) (*Source, error) {
	switch spec {
	case "off", "":
		return nil, nil //nolint:nilnil // no encryption is no source
	case "auto":
		return openOwn(dir, extra, now, log)
	}
	cert, key, ok := strings.Cut(spec, ",")
	if !ok || cert == "" || key == "" {
		return nil, fmt.Errorf("certificate open: %q is none of off, auto and CERT,KEY (two PEM files)", spec)
	}
	f := &files{cert: cert, key: key, log: log}
	if _, err := f.pick(nil); err != nil {
		return nil, err
	}
	return &Source{pick: f.pick}, nil
}

// Authority is the server's own certificate authority; nil where the operator's certificate is used.
func (s *Source) Authority() *Authority { return s.authority }

// Config is the server's side of TLS. It offers HTTP/2 and HTTP/1.1; browsers open WebSockets over the latter.
func (s *Source) Config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: s.pick,
	}
}
