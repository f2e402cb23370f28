package api

import (
	"context"
	"net/http"

	pages "github.com/gridweave/gridweave/cmd/gridweave/internal/plain"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
)

// registerPlain serves the pages for browsers that the front end does not run in, by the same use cases, sessions, rights
// and limits as everything else. Only signing in and out work on the session itself.
func registerPlain(mux *http.ServeMux, d Deps, signing sessionAPI, identified func(http.Handler) http.Handler) {
	served := identified(pages.Handler(pages.Deps{
		Log: d.Log, Areas: d.Areas, Houses: d.Houses, Incidents: d.Incidents,
		Caller: func(ctx context.Context) (account.Actor, error) {
			standing, err := callerOf(ctx)
			return standing.Actor, err
		},
		SignIn: func(ctx context.Context, name, password string) error {
			_, err := signing.begin(ctx, name, password)
			return err
		},
		SignOut: func(ctx context.Context) error {
			_, err := signing.signOut(ctx, nil)
			return err
		},
		Above: func(code geo.Code) []pages.Place {
			own, above := standing(d.Tiles.Picture, code)
			if own != nil {
				above = append(above, *own)
			}
			places := make([]pages.Place, 0, len(above))
			for _, p := range above {
				places = append(places, pages.Place{Code: p.Code, NameZh: p.NameZh, NameEn: p.NameEn})
			}
			return places
		},
		Refusal: func(ctx context.Context, err error) int { return problemOf(ctx, d.Log, err).Status },
	}))
	mux.Handle("GET "+pages.Root, served)
	mux.Handle("GET "+pages.Root+"/", served)
	mux.Handle("POST "+pages.Root+"/", d.Encryption.withSession(signing.sessions, served))
}
