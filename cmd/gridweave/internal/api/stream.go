package api

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/realtime/session"
	"github.com/gridweave/gridweave/realtime/wire"
)

// Stream is what serves live changes, and how it knows who is asking.
type Stream struct {
	Server   *session.Server
	Identity func(account.Standing) session.Identity
}

// IdentityBy tells the stream who a caller is, and what became of the credential since, as the directory knows it.
func IdentityBy(d *account.Directory) func(account.Standing) session.Identity {
	return func(s account.Standing) session.Identity {
		credential := s.Credential
		return session.Identity{
			Account: s.ID, Scope: s.Scope, Until: s.Until,
			Again: func() (session.Identity, session.Verdict) {
				now, verdict := d.Standing(credential, time.Now())
				switch verdict {
				case account.Valid:
					return session.Identity{Account: now.ID, Scope: now.Scope, Until: now.Until}, session.Valid
				case account.Ended:
					return session.Identity{}, session.Ended
				default:
					return session.Identity{}, session.Unknown
				}
			},
		}
	}
}

// streamHandler makes a WebSocket of the request. gorilla refuses another site's page by its Origin.
func streamHandler(s Stream) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.Server.Ready() {
			w.Header().Set("Retry-After", "1")
			answer(w, http.StatusServiceUnavailable, "the picture is being loaded")
			return
		}
		standing, err := callerOf(r.Context())
		s.Server.ServeWebSocket(w, r, s.Identity(standing), err != nil) //nolint:contextcheck // the connection outlives its request
	})
}

// eventsHandler answers with Server-Sent Events.
func eventsHandler(s Stream, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		standing, err := callerOf(r.Context())
		switch {
		case err != nil:
		case !s.Server.Ready():
			err = fault.Unavailable("the picture is being loaded; try again in a moment", nil)
		default:
			err = s.Server.ServeEvents(w, r, s.Identity(standing))
		}
		if err != nil {
			writeProblem(w, r, log, eventsError(err))
		}
	})
}

// eventsError gives a refusal its kind.
func eventsError(err error) error {
	if busy, ok := errors.AsType[session.BusyError](err); ok {
		if busy.Code == wire.CloseTooMany {
			return fault.Limited("the account or the address has too many streams")
		}
		return fault.Unavailable("the server stops", err)
	}
	switch code, ok := session.RefusedError(err); {
	case !ok:
		return err
	case code == "forbidden":
		return fault.NotFound("area", "asked for")
	default:
		return fault.Invalid("stream."+code, err.Error())
	}
}
