// Package session owns connections: it shakes hands, reads what clients say, and writes what their audiences' logs and
// their own queues hold.
//
// A connection is a cursor in each log it listens to. A few flushers, not a goroutine for each connection, take all that
// is pending for a connection in one system call that never waits; where the line takes no more, a goroutine of the
// connection's own goes on, and nobody else is delayed. At rest that means the least latency, under load larger writes.
// gorilla/websocket does handshake and reading only: frames are complete bytes, and nothing else ever writes to the
// connection, so that a frame that was begun is finished before another one.
//
// A connection that lags goes down a ladder: within the log everything is sent; then states are told by their newest
// only; then it is told to start anew, with a snapshot; then it is closed, with a code.
//
// Locks are taken in the order hub, connection, flusher. A Server's methods may be called from any goroutine.
package session
