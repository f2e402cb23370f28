package session

import (
	"sync"
	"time"
)

// load is how much the flushers of a pace have to do together. A write costs nearly the same for one event as for
// sixteen. Where transactions come faster than one can be written to everybody, flushers that go round without a pause
// meet half of what is under way, and write twice as often as they need. So while their passes usually find more than one
// transaction, all of them rest after each for a part of the time that it took: more is committed meanwhile, and goes
// out in one write per connection. While transactions come alone, nobody rests, and each goes out at once.
type load struct {
	mu     sync.Mutex
	usual  float64   // transactions that a pass finds, of late
	resume time.Time // when the next pass may begin
}

const (
	// restAbove is how many transactions a pass usually finds where it pays to rest.
	restAbove = 1.5
	// notice is how much one pass moves what is usual.
	notice = 0.1
	// restShare is how long a rest is, of the pass before it. A longer one leaves the machine idle where senders wait
	// for what they have sent to arrive.
	restShare = 0.3
	// restMost bounds what a rest adds to an event's way.
	restMost = 10 * time.Millisecond
)

// rest is how long to wait still.
func (l *load) rest(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, l.resume.Sub(now))
}

// passed takes note of a pass. Flushers go on together, after the rest of the one that ended last: what one has told half
// of the clients and another has not told the rest is under way twice as long.
func (l *load) passed(transactions int, began, ended time.Time) {
	if transactions == 0 {
		return // connections' own frames
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.usual += notice * (float64(transactions) - l.usual)
	if l.usual <= restAbove {
		return
	}
	rest := min(time.Duration(restShare*float64(ended.Sub(began))), restMost)
	if until := ended.Add(rest); until.After(l.resume) {
		l.resume = until
	}
}
