package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"
)

// Cost of one hash: OWASP's first choice for argon2id (19 MiB, 2 passes, 1 lane).
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
	argonSalt   = 16
	argonKey    = 32
)

// Hasher hashes passwords, as many at a time as there are places, so that a storm of sign-ins takes neither the
// memory nor both cores from those who are at work.
type Hasher struct{ places *semaphore.Weighted }

// NewHasher allows so many hashes at a time.
func NewHasher(places int64) *Hasher { return &Hasher{places: semaphore.NewWeighted(places)} }

// Hash gives the argon2id hash in PHC string format.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	key, err := h.key(ctx, password, salt, argonTime, argonMemory, argonLanes)
	if err != nil {
		return "", err
	}
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
		enc.EncodeToString(salt), enc.EncodeToString(key)), nil
}

// Matches compares in constant time. An empty hash costs as much as a real one and matches nothing, so that an
// unknown account cannot be told from a wrong password by the clock.
func (h *Hasher) Matches(ctx context.Context, password, hash string) (bool, error) {
	p, err := parsePHC(hash)
	if hash != "" && err != nil {
		return false, err
	}
	key, err := h.key(ctx, password, p.salt, p.time, p.memory, p.lanes)
	if err != nil {
		return false, err
	}
	return hash != "" && subtle.ConstantTimeCompare(key, p.key) == 1, nil
}

func (h *Hasher) key(ctx context.Context, password string, salt []byte, time, memory uint32, lanes uint8) ([]byte, error) {
	if err := h.places.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("hash password: %w", err)
	}
	defer h.places.Release(1)
	return argon2.IDKey([]byte(password), salt, time, memory, lanes, argonKey), nil
}

type phc struct {
	memory, time uint32
	lanes        uint8
	salt, key    []byte
}

// parsePHC reads "$argon2id$v=19$m=…,t=…,p=…$salt$key"; on error it still gives usable costs.
func parsePHC(s string) (phc, error) {
	fallback := phc{memory: argonMemory, time: argonTime, lanes: argonLanes, salt: make([]byte, argonSalt)}
	var p phc
	var version int
	var rest string
	if _, err := fmt.Sscanf(s, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s", &version, &p.memory, &p.time, &p.lanes, &rest); err != nil {
		return fallback, fmt.Errorf("password hash: not argon2id in PHC format: %w", err)
	}
	if version != argon2.Version {
		return fallback, fmt.Errorf("password hash: argon2 version %d, want %d", version, argon2.Version)
	}
	salt, key, err := splitPHC(rest)
	if err != nil {
		return fallback, err
	}
	p.salt, p.key = salt, key
	return p, nil
}

func splitPHC(rest string) (salt, key []byte, err error) {
	for i := range rest {
		if rest[i] != '$' {
			continue
		}
		enc := base64.RawStdEncoding
		if salt, err = enc.DecodeString(rest[:i]); err != nil {
			return nil, nil, fmt.Errorf("password hash: salt: %w", err)
		}
		if key, err = enc.DecodeString(rest[i+1:]); err != nil {
			return nil, nil, fmt.Errorf("password hash: key: %w", err)
		}
		return salt, key, nil
	}
	return nil, nil, errors.New("password hash: no key")
}
