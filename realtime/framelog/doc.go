// Package framelog keeps the frames of one audience, each encoded once and complete with its WebSocket header, as
// bytes in the order in which they are sent. Whoever is sent them is a cursor, an offset into those bytes: all that
// lies behind it goes out in one write, and resuming is finding the offset that belongs to a position.
//
// A Log is bounded: its oldest chunk goes when it is full, and nobody waits for a cursor that is still there. A chunk's
// bytes never change once they are published, so that a write may go on from a chunk that has left the log.
//
// Append and Prepend are called by one goroutine at a time; every other method may be called by any at any time.
package framelog
