package certs

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// pair is a certificate with its key.
type pair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// readPair reads what writePair wrote.
func readPair(certPath, keyPath string) (pair, error) {
	loaded, err := tls.LoadX509KeyPair(certPath, keyPath)
	if err != nil {
		return pair{}, err
	}
	key, ok := loaded.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return pair{}, fmt.Errorf("%s holds no elliptic key", keyPath)
	}
	return pair{loaded.Leaf, key}, nil
}

// writePair writes the key first: a certificate without its key would be read and fail, a key alone is made anew.
func writePair(certPath, keyPath string, cert []byte, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("certificate write: %w", err)
	}
	err = errors.Join(
		replace(keyPath, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600),
		replace(certPath, encodeCert(cert), 0o644),
	)
	if err != nil {
		return fmt.Errorf("certificate write: %w", err)
	}
	return nil
}

// replace puts a file in place whole, or not at all.
func replace(path string, content []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // what is left over harms nobody
	}
	return err
}
