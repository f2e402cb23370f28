package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/alexedwards/scs/v2"
	"github.com/danielgtaylor/huma/v2"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

type identityKey struct{}

// identity is what was found out about the caller: an account, or why there is none.
type identity struct {
	account account.Account
	err     error
}

// guard finds out who is asking; what they may do is not its business.
type guard struct {
	accounts *account.Service
	sessions *scs.SessionManager
}

func newGuard(a *account.Service, s *scs.SessionManager) *guard {
	return &guard{accounts: a, sessions: s}
}

// identify puts the caller's identity into the request's context. A bearer token wins over a session.
func (g *guard) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := g.caller(r)
		ctx := context.WithValue(r.Context(), identityKey{}, identity{account: a, err: err})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func (g *guard) caller(r *http.Request) (account.Account, error) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return g.accounts.ByToken(r.Context(), token)
	}
	id := g.sessions.GetInt64(r.Context(), account.SessionKey())
	if id == 0 {
		return account.Account{}, fault.Unauthenticated("sign in, or send a bearer token")
	}
	return g.accounts.ByID(r.Context(), id)
}

// callerOf is the account that asks.
func callerOf(ctx context.Context) (account.Account, error) {
	who, ok := ctx.Value(identityKey{}).(identity)
	if !ok {
		return account.Account{}, fault.Unauthenticated("sign in, or send a bearer token")
	}
	return who.account, who.err
}

// actorOf is the caller at work; operations behind requireActor always have one.
func actorOf(ctx context.Context) account.Actor {
	a, _ := callerOf(ctx)
	return a.Actor()
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
