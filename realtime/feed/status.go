package feed

import (
	"time"

	"github.com/gridweave/gridweave/realtime/position"
)

// State is how the feed is doing.
type State string

// The states of a feed.
const (
	Starting State = "starting" // nothing is loaded yet
	Live     State = "live"
	Stale    State = "stale" // what was loaded is served while the log is not followed
)

// Cause is why a feed is not live, for a program; the reason beside it is for the operator and may name processes.
type Cause string

// The causes.
const (
	Disconnected Cause = "disconnected" // the database does not answer, or the connection broke
	Waiting      Cause = "waiting"      // a new slot waits until every running transaction has ended
	Loading      Cause = "loading"      // everything is being loaded anew
	Unreadable   Cause = "unreadable"   // the log or the schema is not what this server can read
)

// Report is how the feed is doing, and how far it has come.
type Report struct {
	State    State
	Since    time.Time // when it became live, or when what is served was last known to be true
	Cause    Cause     // "" where it is live
	Reason   string    // "" where it is live
	Position position.Position
	// LagBytes is what the database had written at the last look and the feed has not applied.
	LagBytes uint64
	// Lag is for how long the feed has been behind; 0 where it was not at the last look.
	Lag time.Duration
}

// Report tells how the feed is doing.
func (f *Feed) Report() Report {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Report{
		State: f.state, Since: f.since, Cause: f.cause, Reason: f.reason, Position: f.at,
		LagBytes: f.lagBytes(), Lag: f.lag(time.Now()),
	}
}

// Status tells the state, since when, and why where it is not live.
func (f *Feed) Status() (s State, since time.Time, reason string) {
	r := f.Report()
	return r.State, r.Since, r.Reason
}

// Following tells whether what the consumer holds is as new as the log.
func (f *Feed) Following() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state == Live
}

// Position is what the consumer has been told up to.
func (f *Feed) Position() position.Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

func (f *Feed) goLive() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state, f.since, f.cause, f.reason = Live, time.Now(), "", ""
	f.heard = f.since
	f.loadOnce.Do(func() { close(f.loadedCh) })
}

// Loaded is closed when the consumer holds something for the first time.
func (f *Feed) Loaded() <-chan struct{} { return f.loadedCh }

// interrupt says that the log is not followed any more. What is served was true when the database was last heard.
func (f *Feed) interrupt(c Cause, reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state == Live {
		f.state, f.since = Stale, f.heard
	}
	f.cause, f.reason = c, reason
}

// looked remembers where the log ended when the database was last asked.
func (f *Feed) looked(end uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known <= f.at.LSN {
		f.behindFrom = time.Now() // the first look that may find it behind
	}
	f.known = end
}

func (f *Feed) lagBytes() uint64 { return f.known - min(f.known, f.at.LSN) }

func (f *Feed) lag(now time.Time) time.Duration {
	switch {
	case f.state != Live:
		return now.Sub(f.since)
	case f.lagBytes() > 0:
		return now.Sub(f.behindFrom)
	default:
		return 0
	}
}
