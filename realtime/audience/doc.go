// Package audience turns changes of the live picture into what listeners hear. An audience is an area and a set of
// topics; whoever listens to the same reads the same log of frames (framelog), in which each event is encoded once. A
// View is a listener with a box of its own, and gets frames of its own.
//
// Beside the logs, which exist only while somebody listens and a while longer, a Hub keeps the recent events of the
// whole district, bounded in bytes: from them any audience's log can be rebuilt, also where nobody listened before, so
// that a client that lost another node resumes here.
//
// It knows topics, layers and bytes, never a business noun: nouns declare their topics, and package session sends the
// frames. A Hub hears of changes from one goroutine; every other method may be called from any.
package audience
