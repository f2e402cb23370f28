package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/area"
	"github.com/gridweave/gridweave/geo/live"
)

// Account is the signed-in account with the place it works for.
type Account struct {
	ID         int64    `json:"id"`
	Name       string   `json:"name"`
	Role       string   `json:"role"`
	Code       geo.Code `json:"code"`
	Level      string   `json:"level"`
	Department string   `json:"department,omitempty"`
	DisplayZh  string   `json:"display_zh"`
	DisplayEn  string   `json:"display_en"`
	Area       *Place   `json:"area" doc:"The account's own area; null while it is not loaded."`
	Ancestors  []Place  `json:"ancestors" doc:"The areas above, from the city down."`
	Demo       bool     `json:"demo" doc:"The server shows a generated district: the pages may explain themselves."`
}

// Place is an area as a breadcrumb shows it.
type Place struct {
	Code   geo.Code    `json:"code"`
	Level  string      `json:"level"`
	NameZh string      `json:"name_zh"`
	NameEn string      `json:"name_en"`
	Bounds *[4]float64 `json:"bounds,omitempty" doc:"West, south, east, north; of one's own area only."`
}

type credentials struct {
	Body struct {
		Account  string `json:"account" minLength:"1" maxLength:"64"`
		Password string `json:"password" minLength:"1" maxLength:"256"`
	}
}

type accountOutput struct{ Body Account }

// Five tries at once and then one every ten seconds, for each account name: enough for a person who errs, nothing
// for a program that guesses.
const (
	signInBurst = 5
	signInEvery = 10 * time.Second
)

type sessionAPI struct {
	d        Deps
	sessions *scs.SessionManager
	limits   *limiter[string] // by name
}

func newSessionAPI(d Deps, sessions *scs.SessionManager) sessionAPI {
	return sessionAPI{d: d, sessions: sessions, limits: newLimiter[string](rate.Every(signInEvery), signInBurst)}
}

func registerSessions(api huma.API, s sessionAPI) {
	huma.Register(api, huma.Operation{
		OperationID: "signIn", Method: http.MethodPost, Path: "/api/v1/session", DefaultStatus: http.StatusCreated,
		Summary: "Sign in", Tags: []string{"session"},
	}, s.signIn)
	huma.Register(api, huma.Operation{
		OperationID: "whoAmI", Method: http.MethodGet, Path: "/api/v1/session",
		Summary: "The signed-in account", Tags: []string{"session"}, Security: needsAccount(),
	}, s.whoAmI)
	huma.Register(api, huma.Operation{
		OperationID: "signOut", Method: http.MethodDelete, Path: "/api/v1/session", DefaultStatus: http.StatusNoContent,
		Summary: "Sign out", Tags: []string{"session"},
	}, s.signOut)
}

func (s sessionAPI) signIn(ctx context.Context, in *credentials) (*accountOutput, error) {
	a, err := s.begin(ctx, in.Body.Account, in.Body.Password)
	if err != nil {
		return nil, err
	}
	return s.describe(a)
}

// begin is signing in, whatever the form of the question: it makes the request's session that account's.
func (s sessionAPI) begin(ctx context.Context, name, password string) (account.Account, error) {
	if wait, ok := s.limits.allow(name); !ok {
		return account.Account{}, tooOften("too many tries; wait a little", wait)
	}
	a, err := s.d.Accounts.SignIn(ctx, name, password)
	if err != nil {
		return account.Account{}, err
	}
	s.limits.forget(name)
	// A new token for a new identity: a cookie planted before sign-in is worth nothing after it.
	if err := s.sessions.RenewToken(ctx); err != nil {
		return account.Account{}, err
	}
	s.sessions.Put(ctx, account.SessionKey(), a.ID)
	return a, nil
}

func (s sessionAPI) whoAmI(ctx context.Context, _ *struct{}) (*accountOutput, error) {
	a, err := s.d.Accounts.ByID(ctx, actorOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	return s.describe(a)
}

// signOut answers when the session's end has come into effect on this server, in tiles too.
func (s sessionAPI) signOut(ctx context.Context, _ *struct{}) (*struct{}, error) {
	if err := s.sessions.Destroy(ctx); err != nil {
		return nil, err
	}
	ended, err := s.d.DB.Position(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, signOutTimeout)
	defer cancel()
	_ = s.d.Tiles.reach(ctx, ended) // a server that does not follow asks the database about each session
	return nil, nil                 //nolint:nilnil // there is nothing to say
}

// signOutTimeout bounds the wait for the log to tell that the session is gone, which it does within milliseconds.
const signOutTimeout = 2 * time.Second

func (s sessionAPI) describe(a account.Account) (*accountOutput, error) {
	out := Account{
		ID: a.ID, Name: a.Name, Role: string(a.Role), Code: a.Code, Level: a.Code.Level().String(),
		Department: a.Department, DisplayZh: a.DisplayZh, DisplayEn: a.DisplayEn, Demo: s.d.Demo,
	}
	out.Area, out.Ancestors = standing(s.d.Tiles.Picture, a.Code)
	return &accountOutput{Body: out}, nil
}

// standing finds an account's own area and those above it in the picture.
func standing(p *live.Picture, code geo.Code) (own *Place, above []Place) {
	above = []Place{}
	p.Read(func(layer func(string) *live.Layer) {
		layer(area.Layer().Name).All(func(f *live.Feature) {
			if !f.Code.Covers(code) {
				return
			}
			place := Place{
				Code: f.Code, Level: f.Code.Level().String(), NameZh: f.Texts[area.TextNameZh], NameEn: f.Texts[area.TextNameEn],
			}
			if f.Code != code {
				above = append(above, place)
				return
			}
			place.Bounds = boundsOf(f)
			own = &place
		})
	})
	slices.SortFunc(above, func(a, b Place) int { return cmp.Compare(len(a.Code), len(b.Code)) })
	return own, above
}

// boundsOf is west, south, east, north in degrees.
func boundsOf(f *live.Feature) *[4]float64 {
	b := f.Shape.Bounds()
	w, n := live.LonLat(b.MinX, b.MinY)
	e, s := live.LonLat(b.MaxX, b.MaxY)
	return &[4]float64{w, s, e, n}
}
