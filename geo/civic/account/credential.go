package account

import (
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Credential is what a caller shows to say who it is, by its hash: a bearer token or a session's cookie. It can be
// compared and used as a map's key. The zero Credential stands for nobody.
type Credential struct {
	kind credentialKind
	hash [sha256.Size]byte
}

type credentialKind byte

const (
	bearer credentialKind = iota + 1
	cookie
)

// BearerCredential is the credential of a bearer token in clear.
func BearerCredential(token string) Credential {
	return Credential{kind: bearer, hash: sha256.Sum256([]byte(token))}
}

// CookieCredential is the credential of a session's cookie in clear.
func CookieCredential(value string) Credential {
	return Credential{kind: cookie, hash: sha256.Sum256([]byte(value))}
}

// IsZero tells whether nothing was shown.
func (c Credential) IsZero() bool { return c.kind == 0 }

// refused is the answer to a credential that stands for nobody, or no longer.
func (c Credential) refused() error {
	switch c.kind {
	case bearer:
		return fault.Unauthenticated("the bearer token is unknown, expired or revoked")
	case cookie:
		return fault.Unauthenticated("your session has ended; sign in again")
	default:
		return fault.Unauthenticated("sign in, or send a bearer token")
	}
}

// sessionKey is how scs names the session in its store (HashTokenInStore).
func (c Credential) sessionKey() string { return base64.RawURLEncoding.EncodeToString(c.hash[:]) }

// Standing is what a credential stands for now.
type Standing struct {
	Actor
	Credential Credential
	Until      time.Time // when the credential ends by itself; zero means never
}
