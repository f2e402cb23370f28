package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// authorityLife is long, since every device has to be told of a new one.
	authorityLife = 10 * 365 * 24 * time.Hour
	// leafLife is what browsers accept at the most from an authority that somebody installed, less some days.
	leafLife = 390 * 24 * time.Hour
	// renewBefore leaves a third of the life for a server that is seldom started and for clocks that are wrong.
	renewBefore = leafLife / 3
	// backdate is how far clocks of a closed network may be behind.
	backdate = 24 * time.Hour
)

// Authority is a certificate authority (CA) for one installation. Its key never leaves the data folder, and it can sign
// nothing but servers.
type Authority struct {
	Path string // of its certificate, PEM
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

// PEM is the certificate, to be trusted by browsers.
func (a *Authority) PEM() []byte { return a.pem }

// Fingerprint is the certificate's SHA-256 in the form that browsers and systems show, to compare by eye.
func (a *Authority) Fingerprint() string {
	sum := sha256.Sum256(a.cert.Raw)
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}

// openAuthority reads the authority in dir, or makes one where there is none or where it has expired.
func openAuthority(dir string, now time.Time) (*Authority, error) {
	a := &Authority{Path: filepath.Join(dir, "ca.crt")}
	pair, err := readPair(a.Path, filepath.Join(dir, "ca.key"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return a, a.make(dir, now)
	case err != nil:
		return nil, fmt.Errorf("certificate authority read: %w", err)
	case now.After(pair.cert.NotAfter):
		return a, a.make(dir, now)
	}
	a.cert, a.key, a.pem = pair.cert, pair.key, encodeCert(pair.cert.Raw)
	return a, nil
}

func (a *Authority) make(dir string, now time.Time) error {
	key, serial, err := fresh()
	if err != nil {
		return fmt.Errorf("certificate authority make: %w", err)
	}
	host, _ := os.Hostname() // only for the name that people see in a list
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: fmt.Sprintf("Gridweave CA of %s (%x)", host, serial.Bytes()[:3]), Organization: []string{"Gridweave"}},
		NotBefore:    now.Add(-backdate), NotAfter: now.Add(authorityLife), IsCA: true, BasicConstraintsValid: true,
		MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return fmt.Errorf("certificate authority make: %w", err)
	}
	if a.cert, err = x509.ParseCertificate(raw); err != nil {
		return fmt.Errorf("certificate authority make: %w", err)
	}
	a.key, a.pem = key, encodeCert(raw)
	return writePair(a.Path, filepath.Join(dir, "ca.key"), raw, key)
}

// sign makes a server's certificate for the names.
func (a *Authority) sign(n names, now time.Time) (pair, error) {
	key, serial, err := fresh()
	if err != nil {
		return pair{}, fmt.Errorf("certificate sign: %w", err)
	}
	end := now.Add(leafLife)
	if end.After(a.cert.NotAfter) {
		end = a.cert.NotAfter
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: n.dns[0], Organization: []string{"Gridweave"}},
		NotBefore: now.Add(-backdate), NotAfter: end, DNSNames: n.dns, IPAddresses: n.ips,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return pair{}, fmt.Errorf("certificate sign: %w", err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		return pair{}, fmt.Errorf("certificate sign: %w", err)
	}
	return pair{cert, key}, nil
}

func fresh() (*ecdsa.PrivateKey, *big.Int, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, err
	}
	return key, serial.SetBit(serial, 126, 1), nil // never so small that its first bytes could not name it
}

func encodeCert(raw []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
}
