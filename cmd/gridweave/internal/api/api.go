package api

import (
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/area"
	"github.com/gridweave/gridweave/geo/civic/declare"
	"github.com/gridweave/gridweave/geo/civic/heat"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/civic/incident"
	"github.com/gridweave/gridweave/geo/civic/search"
	"github.com/gridweave/gridweave/geo/civic/situation"
	"github.com/gridweave/gridweave/geo/civic/webhook"
	"github.com/gridweave/gridweave/geo/postgis"
)

// Deps is what the surface calls.
type Deps struct {
	Log          *slog.Logger
	DB           *postgis.DB
	Accounts     *account.Service
	Authority    *account.Authority
	Areas        *area.Service
	Houses       *house.Service
	Incidents    *incident.Service
	Declarations *declare.Service
	Search       *search.Service
	Situation    *situation.Service
	Heat         *heat.Service
	Webhooks     *webhook.Service
	Tiles        Tiles
	Stream       Stream
	Welcome      func() bool // whether clients of other servers may come here
	Frontend     fs.FS       // built front end; index.html at its root
	Metrics      *prometheus.Registry
	Version      string
	Node         string // this server's name among those on the database
	Limits       Limits
	Encryption   Encryption
	Demo         bool // the district is a generated one, with made-up accounts
}

// maxBody bounds a request's body: the largest is a redrawn outline, some hundred kilobytes.
const maxBody = 2 << 20

// sessionLifetime is one shift and a half, so that nobody is signed out in the middle of one.
const sessionLifetime = 12 * time.Hour

// Handler serves everything below "/".
func Handler(d Deps) http.Handler {
	sessions := newSessions(d)
	guard := newGuard(d)
	mux := http.NewServeMux()
	rest := http.NewServeMux()
	signing := newSessionAPI(d, sessions)
	registerREST(rest, d, signing)
	registerDocs(rest)
	registerAsyncAPI(rest, d)

	// Only signing in and out work on the session itself; everything else needs to know no more than whose it is.
	identified := guard.identify(guard.limit(perSecond(d.Limits.Requests, DefaultRequests), rest))
	edge := func(h http.Handler) http.Handler {
		return http.NewCrossOriginProtection().Handler(gzhttp.GzipHandler(h))
	}
	mux.Handle("/api/", edge(identified))
	mux.Handle("POST /api/v1/session", edge(d.Encryption.withSession(sessions, identified)))
	mux.Handle("DELETE /api/v1/session", edge(d.Encryption.withSession(sessions, identified)))
	mux.Handle("/styles/", styleHandler(readStyles(d.Frontend), string(d.Tiles.ground()), d.Log))
	drawn := tileAPI{Tiles: d.Tiles, guard: guard, log: d.Log}
	asked := perSecond(d.Limits.Tiles, DefaultTiles)
	mux.Handle("/tiles/", guard.identify(guard.limit(asked, tileHandler(drawn))))
	standard := guard.identify(guard.limit(asked, ogcHandler(drawn, d.Version)))
	mux.Handle("/ogc", standard)
	mux.Handle("/ogc/", standard)
	mux.Handle("GET /stream", guard.identify(streamHandler(d.Stream)))
	mux.Handle("GET /events", guard.identify(eventsHandler(d.Stream, d.Log)))
	registerPlain(mux, d, signing, func(h http.Handler) http.Handler {
		return edge(guard.identify(guard.limit(perSecond(d.Limits.Requests, DefaultRequests), h)))
	})
	registerHealth(mux, d)
	d.Encryption.registerCA(mux)
	mux.Handle("/", frontendHandler(d.Frontend))
	return outermost(d, mux)
}

func newSessions(d Deps) *scs.SessionManager {
	store := account.NewSessionStore(d.DB)
	// Not scs.New, which begins with a store in memory and a goroutine that tends it for ever.
	m := &scs.SessionManager{
		Store: store, Codec: store, HashTokenInStore: true, Lifetime: sessionLifetime,
		Cookie: scs.SessionCookie{
			Name: cookieName, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
			Persist: true,
		},
	}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { writeProblem(w, r, d.Log, err) }
	return m
}

func registerREST(mux *http.ServeMux, d Deps, signing sessionAPI) {
	useProblems(d.Log)
	config := huma.DefaultConfig("Gridweave", d.Version)
	config.Info.Description = "Geospatial operations-center server for grid-governed city districts."
	config.OpenAPIPath = "/api/openapi"
	config.DocsPath = "" // huma's own page loads from elsewhere; ours is /api/docs
	config.SchemasPath = ""
	config.CreateHooks = nil // no $schema links in answers
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: signing.sessions.Cookie.Name},
		"bearer":  {Type: "http", Scheme: "bearer"},
	}
	api := humago.New(mux, config)
	api.UseMiddleware(requireActor(api))
	registerSessions(api, signing)
	registerStatus(api, d)
	registerAreas(api, d)
	registerBuildings(api, d)
	registerIncidents(api, d)
	registerDeclarations(api, d)
	registerInsight(api, d)
	registerSearch(api, d)
	registerSituation(api, d)
	registerWebhooks(api, d)
}
