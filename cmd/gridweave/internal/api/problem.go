package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gridweave/gridweave/geo/civic/evidence"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Problem is the body of every error (RFC 9457), with the kind and code that a program decides by.
type Problem struct {
	Type      string        `json:"type" default:"about:blank" doc:"Always about:blank: kind and code tell problems apart."`
	Title     string        `json:"title" doc:"The HTTP status in words."`
	Status    int           `json:"status"`
	Detail    string        `json:"detail" doc:"What is wrong, and what was probably meant, for a person."`
	Kind      fault.Kind    `json:"kind,omitempty"`
	Code      string        `json:"code,omitempty" doc:"Stable name of this refusal."`
	Errors    []fault.Field `json:"errors,omitempty" doc:"Each input that is wrong."`
	RequestID string        `json:"request_id,omitempty"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statusOf is the one place where kinds become HTTP.
func statusOf(k fault.Kind) int {
	switch k {
	case fault.KindInvalid:
		return http.StatusUnprocessableEntity
	case fault.KindUnauthenticated:
		return http.StatusUnauthorized
	case fault.KindForbidden:
		return http.StatusForbidden
	case fault.KindNotFound:
		return http.StatusNotFound
	case fault.KindConflict:
		return http.StatusConflict
	case fault.KindLimited:
		return http.StatusTooManyRequests
	case fault.KindUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// problemOf turns any error into what the client may read. What is no fault is logged whole and answered without
// a word of its cause.
func problemOf(ctx context.Context, log *slog.Logger, err error) *Problem {
	id := evidence.RequestID(ctx)
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		if ctx.Err() == nil {
			log.ErrorContext(ctx, "request failed", "request_id", id, "error", err)
		}
		return &Problem{
			Type: "about:blank", Title: http.StatusText(http.StatusInternalServerError),
			Status: http.StatusInternalServerError, Detail: "the server failed; its log tells more under this request id",
			RequestID: id,
		}
	}
	if f.Err != nil {
		log.WarnContext(ctx, "request refused", "request_id", id, "code", f.Code, "error", f.Err)
	}
	return &Problem{
		Type: "about:blank", Title: http.StatusText(statusOf(f.Kind)), Status: statusOf(f.Kind), Detail: f.Message,
		Kind: f.Kind, Code: f.Code, Errors: f.Fields, RequestID: id,
	}
}

// kindOfStatus names huma's own refusals, which are about the request's form.
func kindOfStatus(status int) fault.Kind {
	switch status {
	case http.StatusUnauthorized:
		return fault.KindUnauthenticated
	case http.StatusNotFound:
		return fault.KindNotFound
	default:
		return fault.KindInvalid
	}
}

//nolint:gochecknoglobals // guards huma's own package variable, its only way to set the form of errors
var problemsOnce sync.Once

// useProblems makes huma answer errors as Problem, its own and ours, and say of lists that they are never null.
func useProblems(log *slog.Logger) {
	problemsOnce.Do(func() {
		huma.DefaultArrayNullable = false
		huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
			return formProblem(context.Background(), status, message, errs)
		}
		huma.NewErrorWithContext = func(c huma.Context, status int, message string, errs ...error) huma.StatusError {
			if status == http.StatusInternalServerError && len(errs) == 1 {
				return problemOf(c.Context(), log, errs[0])
			}
			return formProblem(c.Context(), status, message, errs)
		}
	})
}

func formProblem(ctx context.Context, status int, message string, errs []error) *Problem {
	p := &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: message,
		Kind: kindOfStatus(status), Code: "request.invalid", RequestID: evidence.RequestID(ctx),
	}
	for _, err := range errs {
		if d, ok := err.(huma.ErrorDetailer); ok {
			p.Errors = append(p.Errors, fault.Field{Path: d.ErrorDetail().Location, Message: d.ErrorDetail().Message})
			continue
		}
		if err != nil {
			p.Errors = append(p.Errors, fault.Field{Message: err.Error()})
		}
	}
	return p
}

// writeProblem answers an error outside huma: tiles, sessions, the edge.
func writeProblem(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	p := problemOf(r.Context(), log, err)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone; there is nobody left to tell
}
