package api

import (
	"net/http"

	"github.com/alexedwards/scs/v2"
)

// Encryption is how browsers reach the server.
type Encryption struct {
	// On says that the server itself speaks HTTPS, or that a proxy in front of it always does. Without it, a proxy may
	// still say of single requests that they came by HTTPS (X-Forwarded-Proto).
	On bool
	// CA is the certificate of the server's own authority, PEM, to be fetched at /ca.crt; nil where there is none.
	CA []byte
	// Strict tells browsers never to come by HTTP again. Not with an own authority: who loses it would be locked out.
	Strict bool
}

// strictFor is how long browsers remember to come by HTTPS: a year.
const strictFor = "max-age=31536000"

func (e Encryption) headers(next http.Handler) http.Handler {
	if !e.Strict {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", strictFor)
		next.ServeHTTP(w, r)
	})
}

// registerCA lets devices fetch what they have to trust. It is public, as certificates are; whether it is the right one
// tells its fingerprint, which the server prints.
func (e Encryption) registerCA(mux *http.ServeMux) {
	if e.CA == nil {
		return
	}
	mux.HandleFunc("GET /ca.crt", func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "application/x-x509-ca-cert")
		h.Set("Content-Disposition", `attachment; filename="gridweave-ca.crt"`)
		h.Set("Cache-Control", "no-cache")
		_, _ = w.Write(e.CA) // the client may be gone; there is nobody left to tell
	})
}

// withSession loads and saves sessions with a cookie that is marked Secure wherever the browser speaks HTTPS. Who claims
// so falsely gets a cookie that their own browser will not send.
func (e Encryption) withSession(sessions *scs.SessionManager, next http.Handler) http.Handler {
	marked := *sessions
	marked.Cookie.Secure = true
	secure, plain := marked.LoadAndSave(next), sessions.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.On || r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
			secure.ServeHTTP(w, r)
			return
		}
		plain.ServeHTTP(w, r)
	})
}
