// Package api is the HTTP surface: REST by huma with its OpenAPI document, sign-in, vector tiles, the front end,
// health and metrics. It is thin: decode, call a use case, encode. Rights are decided by the use cases and the
// database's policies, never here; what is here only finds out who is asking.
//
// A handler may run on any number of goroutines; everything in Deps is safe for that.
package api
