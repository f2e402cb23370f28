package plain

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/area"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/civic/incident"
)

//go:embed pages/*.html
var pages embed.FS

//go:embed pages/style.css
var style []byte

// Root is the path that everything here lies below.
const Root = "/plain"

// Place is an area as a breadcrumb names it.
type Place struct {
	Code   geo.Code
	NameZh string
	NameEn string
}

// Deps is what the pages ask, and what is the surface's to decide.
type Deps struct {
	Log       *slog.Logger
	Areas     *area.Service
	Houses    *house.Service
	Incidents *incident.Service
	Caller    func(context.Context) (account.Actor, error) // who asks; an error where nobody is signed in
	SignIn    func(ctx context.Context, name, password string) error
	SignOut   func(ctx context.Context) error
	Above     func(geo.Code) []Place                    // the areas above a code, from the widest down
	Refusal   func(context.Context, error) (status int) // what an error is in HTTP; logs what is no refusal
}

type site struct {
	Deps
	templates map[string]*template.Template
	words     map[string]words
}

// Handler serves everything below Root. Signing in and out want the request's session loaded.
func Handler(d Deps) http.Handler {
	s := &site{Deps: d, templates: map[string]*template.Template{}, words: map[string]words{"zh": mustWords("zh"), "en": mustWords("en")}}
	for _, name := range []string{"signin", "area", "incidents", "buildings", "building", "refused"} {
		s.templates[name] = template.Must(template.ParseFS(pages, "pages/frame.html", "pages/"+name+".html"))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Root, s.start)
	mux.HandleFunc("GET "+Root+"/{$}", s.start)
	mux.HandleFunc("GET "+Root+"/style.css", serveStyle)
	mux.HandleFunc("POST "+Root+"/session", s.signIn)
	mux.HandleFunc("POST "+Root+"/session/end", s.signOut)
	mux.HandleFunc("GET "+Root+"/area/{code}", s.page(s.area))
	mux.HandleFunc("GET "+Root+"/area/{code}/incidents", s.page(s.incidents))
	mux.HandleFunc("GET "+Root+"/area/{code}/buildings", s.page(s.buildings))
	mux.HandleFunc("GET "+Root+"/b/{code}", s.page(s.building))
	mux.HandleFunc("GET "+Root+"/", s.nothing)
	return headers(mux)
}

// headers keeps answers out of caches. A form sent under the surface's "no-referrer" would carry "Origin: null" and look
// as if it came from elsewhere, wherever the browser does not send Sec-Fetch-Site.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Referrer-Policy", "same-origin")
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func serveStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(style) // the client may be gone; there is nobody left to tell
}

// start leads to one's own area, or asks who one is.
func (s *site) start(w http.ResponseWriter, r *http.Request) {
	by, err := s.Caller(r.Context())
	if err != nil {
		s.askWho(w, r, http.StatusOK, Root, "")
		return
	}
	http.Redirect(w, r, s.words[languageOf(r)].link(ownPage(by.Scope)), http.StatusSeeOther)
}

// ownPage is where an account begins: its area, or a landlord's building.
func ownPage(scope geo.Code) string {
	if building, ok := scope.At(geo.Building); ok {
		return Root + "/b/" + string(building)
	}
	return Root + "/area/" + string(scope)
}

// page makes a handler of what a signed-in account sees under a path; show fills the view and names its template.
func (s *site) page(show func(r *http.Request, v *view) (name string, err error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		by, err := s.Caller(r.Context())
		if err != nil {
			s.askWho(w, r, http.StatusUnauthorized, r.URL.RequestURI(), "")
			return
		}
		v := s.view(r)
		v.By = &by
		name, err := show(r, v)
		if err != nil {
			s.refuse(w, r, v, err)
			return
		}
		s.write(w, r, http.StatusOK, name, v)
	}
}

func (s *site) nothing(w http.ResponseWriter, r *http.Request) {
	s.write(w, r, http.StatusNotFound, "refused", s.view(r).titled("missing"))
}

func (s *site) refuse(w http.ResponseWriter, r *http.Request, v *view, err error) {
	status := s.Refusal(r.Context(), err)
	what := "failed"
	switch status {
	case http.StatusNotFound, http.StatusUnprocessableEntity: // no code, or none that is theirs: the two look alike
		status, what = http.StatusNotFound, "missing"
	case http.StatusForbidden:
		what = "forbidden"
	}
	s.write(w, r, status, "refused", v.titled(what))
}

// write draws a page whole before anything of it is sent, so that one that fails is not half a page under 200.
func (s *site) write(w http.ResponseWriter, r *http.Request, status int, name string, v *view) {
	var b bytes.Buffer
	if err := s.templates[name].ExecuteTemplate(&b, "frame.html", v); err != nil {
		s.Log.ErrorContext(r.Context(), "plain page", "page", name, "error", err)
		http.Error(w, "the page failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client may be gone; there is nobody left to tell
}

// askWho shows the form; next is where it leads to.
func (s *site) askWho(w http.ResponseWriter, r *http.Request, status int, next, problem string) {
	v := s.view(r).titled("signin")
	v.Next, v.Problem = next, problem
	s.write(w, r, status, "signin", v)
}

func (s *site) signIn(w http.ResponseWriter, r *http.Request) {
	next := ownPath(r.FormValue("next"))
	err := s.SignIn(r.Context(), r.PostFormValue("account"), r.PostFormValue("password"))
	if err == nil {
		http.Redirect(w, r, s.words[languageOf(r)].link(next), http.StatusSeeOther)
		return
	}
	switch status := s.Refusal(r.Context(), err); status {
	case http.StatusTooManyRequests:
		s.askWho(w, r, status, next, "limited")
	case http.StatusUnauthorized, http.StatusUnprocessableEntity:
		s.askWho(w, r, http.StatusUnauthorized, next, "wrong")
	default:
		s.refuse(w, r, s.view(r), err)
	}
}

func (s *site) signOut(w http.ResponseWriter, r *http.Request) {
	if err := s.SignOut(r.Context()); err != nil {
		s.refuse(w, r, s.view(r), err)
		return
	}
	http.Redirect(w, r, s.words[languageOf(r)].link(Root), http.StatusSeeOther)
}

// ownPath is a path below Root, or Root where somebody wants to lead elsewhere.
func ownPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, Root+"/") || strings.Contains(path, `\`) {
		return Root
	}
	return u.RequestURI()
}
