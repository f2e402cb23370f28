// Package fault holds the few kinds of refusal that a use case can answer with. Each kind is mapped once to HTTP
// and once to an exit of the command line; the message is for a person and never carries personal data or SQL.
//
// Values are immutable and safe to share.
package fault

import (
	"errors"
	"fmt"
)

// Kind is what a machine may decide by.
type Kind string

// The kinds, with the HTTP status each becomes.
const (
	KindInvalid         Kind = "invalid"         // 422: what was sent cannot be right
	KindUnauthenticated Kind = "unauthenticated" // 401: nobody is signed in
	KindForbidden       Kind = "forbidden"       // 403: this role may not do this
	KindNotFound        Kind = "not_found"       // 404: not there, or outside the account's area
	KindConflict        Kind = "conflict"        // 409: right in itself, but not in the present state
	KindLimited         Kind = "limited"         // 429: too often
	KindUnavailable     Kind = "unavailable"     // 503: try again later
)

// Field names one input that is wrong, as a path ("room", "box.0"), and what is wrong with it.
type Field struct {
	Path    string `json:"location"`
	Message string `json:"message"`
}

// Error is a refusal: its kind, a stable code for machines ("incident.not_open"), a sentence for a person.
type Error struct {
	Kind    Kind
	Code    string
	Message string
	Fields  []Field
	Err     error // the cause, for the log only
}

// Error gives the sentence and, for the log, the cause.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Message, e.Err)
	}
	return e.Message
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Because returns a copy that carries the cause for the log.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// Invalid refuses input.
func Invalid(code, message string, fields ...Field) *Error {
	return &Error{Kind: KindInvalid, Code: code, Message: message, Fields: fields}
}

// InvalidField refuses one input; the message is the sentence as well.
func InvalidField(code, path string, err error) *Error {
	return Invalid(code, path+": "+err.Error(), Field{Path: path, Message: err.Error()})
}

// NotFound says that there is no such thing, or none that the account may see: the two look the same.
func NotFound(noun string, id any) *Error {
	return &Error{Kind: KindNotFound, Code: noun + ".not_found", Message: fmt.Sprintf("no %s %v in your area", noun, id)}
}

// Forbidden refuses a role or a person.
func Forbidden(code, message string) *Error {
	return &Error{Kind: KindForbidden, Code: code, Message: message}
}

// Conflict refuses what the present state does not allow.
func Conflict(code, message string) *Error {
	return &Error{Kind: KindConflict, Code: code, Message: message}
}

// Unauthenticated says that nobody is signed in, or no longer.
func Unauthenticated(message string) *Error {
	return &Error{Kind: KindUnauthenticated, Code: "unauthenticated", Message: message}
}

// Limited says that something was asked too often.
func Limited(message string) *Error {
	return &Error{Kind: KindLimited, Code: "limited", Message: message}
}

// Unavailable says that a part is not there at the moment.
func Unavailable(message string, err error) *Error {
	return &Error{Kind: KindUnavailable, Code: "unavailable", Message: message, Err: err}
}

// KindOf tells the kind of the first *Error in the chain; false where there is none and the error is our own fault.
func KindOf(err error) (Kind, bool) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind, true
	}
	return "", false
}
