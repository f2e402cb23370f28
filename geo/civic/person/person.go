// Package person seals what identifies people: identity numbers, names and phones exist in the database only as
// ciphertext, to be shown to those who may, and as a keyed hash, to be found by. The keys lie in a file beside the
// database, never in it. Who may unseal is not decided here.
//
// A Sealer is safe for concurrent use.
package person

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keyFile holds two keys of 32 bytes in hexadecimal, one line each: for sealing and for hashing.
const keyFile = "person.key"

const keySize = 32

// sealVersion begins every ciphertext, so that a later scheme can tell its own.
const sealVersion = 1

// ErrUnreadable says that a ciphertext was not made with these keys, or was changed.
var ErrUnreadable = errors.New("sealed data was not sealed with these keys, or was changed")

// Sealer seals, opens and hashes.
type Sealer struct {
	aead    cipher.AEAD
	hashKey []byte
}

// NewSealer uses two independent keys of 32 bytes.
func NewSealer(sealKey, hashKey []byte) (*Sealer, error) {
	if len(sealKey) != keySize || len(hashKey) != keySize {
		return nil, fmt.Errorf("sealer: keys of %d and %d bytes, want %d each", len(sealKey), len(hashKey), keySize)
	}
	block, err := aes.NewCipher(sealKey)
	if err != nil {
		return nil, fmt.Errorf("sealer: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("sealer: %w", err)
	}
	return &Sealer{aead: aead, hashKey: hashKey}, nil
}

// LoadKeys reads the keys in dir and makes them where there are none. A file that others may read is refused: its keys
// are no secret any more.
func LoadKeys(dir string) (*Sealer, error) {
	path := filepath.Join(dir, keyFile)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createKeys(dir, path); err != nil {
			return nil, err
		}
		info, err = os.Stat(path)
	}
	if err != nil {
		return nil, fmt.Errorf("person keys: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("person keys: %s may be read by others (mode %o): chmod 600 it, and think about who has read it",
			path, info.Mode().Perm())
	}
	return readKeys(path)
}

// createKeys writes the file under another name first, and links it: of two who start at once one wins, whole.
func createKeys(dir, path string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("person keys: %w", err)
	}
	keys := make([]byte, 2*keySize)
	if _, err := rand.Read(keys); err != nil {
		return fmt.Errorf("person keys: %w", err)
	}
	temporary, err := os.CreateTemp(dir, keyFile+".*")
	if err != nil {
		return fmt.Errorf("person keys: %w", err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	text := hex.EncodeToString(keys[:keySize]) + "\n" + hex.EncodeToString(keys[keySize:]) + "\n"
	_, err = temporary.WriteString(text)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return fmt.Errorf("person keys: %w", err)
	}
	if err := os.Link(temporary.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("person keys: %w", err)
	}
	return nil
}

func readKeys(path string) (*Sealer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("person keys: %w", err)
	}
	lines := strings.Fields(string(text))
	if len(lines) != 2 {
		return nil, fmt.Errorf("person keys: %s has %d lines, want 2", path, len(lines))
	}
	sealKey, errSeal := hex.DecodeString(lines[0])
	hashKey, errHash := hex.DecodeString(lines[1])
	if errors.Join(errSeal, errHash) != nil {
		return nil, fmt.Errorf("person keys: %s is not hexadecimal", path)
	}
	return NewSealer(sealKey, hashKey)
}

// Seal encrypts with AES-256-GCM under a random nonce: the same text gives other bytes each time.
func (s *Sealer) Seal(plain []byte) []byte {
	out := make([]byte, 1+s.aead.NonceSize(), 1+s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	out[0] = sealVersion
	_, _ = rand.Read(out[1:]) // never fails
	return s.aead.Seal(out, out[1:], plain, out[:1])
}

// Open decrypts what Seal made, or gives ErrUnreadable.
func (s *Sealer) Open(sealed []byte) ([]byte, error) {
	n := 1 + s.aead.NonceSize()
	if len(sealed) < n || sealed[0] != sealVersion {
		return nil, ErrUnreadable
	}
	plain, err := s.aead.Open(nil, sealed[1:n], sealed[n:], sealed[:1])
	if err != nil {
		return nil, ErrUnreadable
	}
	return plain, nil
}

// Hash is HMAC-SHA-256 of the text: the same text gives the same bytes, and without the key nobody can try all of them.
func (s *Sealer) Hash(plain []byte) []byte {
	mac := hmac.New(sha256.New, s.hashKey)
	mac.Write(plain)
	return mac.Sum(nil)
}
