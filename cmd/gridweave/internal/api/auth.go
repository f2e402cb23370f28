package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// cookieName is the session's cookie.
const cookieName = "gridweave_session"

type identityKey struct{}

// identity is what was found out about the caller: where it stands, or why nowhere.
type identity struct {
	account.Standing
	err error
}

// guard finds out who is asking; what they may do is not its business.
type guard struct {
	authority *account.Authority
	strangers *limiter[string] // by address
	log       *slog.Logger
}

func newGuard(d Deps) guard {
	return guard{d.Authority, newLimiter[string](rate.Every(strangersEvery), strangersBurst), d.Log}
}

// identify puts the caller's identity into the request's context.
func (g guard) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Cookie")
		standing, err := g.check(w, r)
		ctx := context.WithValue(r.Context(), identityKey{}, identity{standing, err})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// credentialOf is what the request shows. A bearer token wins over a session.
func credentialOf(r *http.Request) account.Credential {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return account.BearerCredential(token)
	}
	if c, err := r.Cookie(cookieName); err == nil && c.Value != "" {
		return account.CookieCredential(c.Value)
	}
	return account.Credential{}
}

// callerOf is who asks, and where it stood when it asked.
func callerOf(ctx context.Context) (account.Standing, error) {
	who, ok := ctx.Value(identityKey{}).(identity)
	if !ok {
		return account.Standing{}, fault.Unauthenticated("sign in, or send a bearer token")
	}
	return who.Standing, who.err
}

// actorOf is the caller at work; operations behind requireActor always have one.
func actorOf(ctx context.Context) account.Actor {
	s, _ := callerOf(ctx)
	return s.Actor
}

// needsAccount is the security of every operation but signing in.
func needsAccount() []map[string][]string {
	return []map[string][]string{{"session": {}}, {"bearer": {}}}
}

// requireActor refuses operations with a security requirement where nobody is signed in.
func requireActor(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		if len(c.Operation().Security) > 0 {
			if _, err := callerOf(c.Context()); err != nil {
				// The status is only a carrier: the error's kind decides.
				_ = huma.WriteErr(api, c, http.StatusInternalServerError, "", err)
				return
			}
		}
		next(c)
	}
}
