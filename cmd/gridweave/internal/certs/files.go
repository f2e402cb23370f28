package certs

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// files is the operator's certificate in two files that some other program renews.
type files struct {
	cert, key string
	log       *slog.Logger

	mu   sync.Mutex
	held *tls.Certificate
	seen stamp
}

// stamp tells one state of the two files from another.
type stamp struct {
	certAt, keyAt     time.Time
	certSize, keySize int64
}

// pick answers with the files as they are now. While they do not fit each other, since a renewal is half way, the
// certificate read before goes on serving.
func (f *files) pick(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, err := f.stamp()
	if err == nil && f.held != nil && now == f.seen {
		return f.held, nil
	}
	var loaded tls.Certificate
	if err == nil {
		loaded, err = tls.LoadX509KeyPair(f.cert, f.key)
	}
	switch {
	case err == nil:
		if f.held != nil {
			f.log.Info("certificate read again", "file", f.cert, "until", loaded.Leaf.NotAfter)
		}
		f.held, f.seen = &loaded, now
	case f.held == nil:
		return nil, fmt.Errorf("certificate read: %w", err)
	default:
		f.log.Warn("certificate read again", "file", f.cert, "error", err)
	}
	return f.held, nil
}

func (f *files) stamp() (s stamp, err error) {
	cert, err := os.Stat(f.cert)
	if err != nil {
		return s, err
	}
	key, err := os.Stat(f.key)
	if err != nil {
		return s, err
	}
	return stamp{cert.ModTime(), key.ModTime(), cert.Size(), key.Size()}, nil
}
