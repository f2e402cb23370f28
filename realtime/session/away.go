package session

import (
	"math/rand/v2"
	"time"

	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/wire"
)

// A client that is further back than this server's memory is sent away while another server reaches back so far: what
// spreads clients over servers brings it there sooner or later. It is not sent away for longer than awayMost from the
// first time on, since whatever spreads them may always choose this one: then it begins anew after all.
const (
	awayMost  = 15 * time.Second
	awayWait  = 250 * time.Millisecond // and as much again at the most, at random
	awayKnown = 10_000                 // who is remembered at a time
)

// sentAway remembers who was sent away first when, by where they are: until they are served somewhere, they come back
// from the same place.
type sentAway map[away]time.Time

type away struct {
	account int64
	since   position.Position
}

// again tells whether to send somebody away at this time.
func (s sentAway) again(who away, now time.Time) bool {
	first, known := s[who]
	if known {
		return now.Sub(first) < awayMost
	}
	if len(s) >= awayKnown {
		for other, at := range s {
			if now.Sub(at) >= awayMost {
				delete(s, other)
			}
		}
	}
	if len(s) >= awayKnown {
		return false
	}
	s[who] = now
	return true
}

// sendAway says goodbye to a client that another server can serve better, and tells whether it did.
func (c *Conn) sendAway(since position.Position, why wire.Reason) bool {
	s := c.server
	if why != wire.TooOld || s.cfg.Elsewhere == nil || !s.cfg.Elsewhere(since) {
		return false
	}
	s.mu.Lock()
	if s.sent == nil {
		s.sent = sentAway{}
	}
	leaves := s.sent.again(away{c.account, since}, time.Now())
	s.mu.Unlock()
	if leaves {
		c.bye(awayWait+rand.N(awayWait), wire.CloseAway)
	}
	return leaves
}

// bye tells a client when to come back, and closes.
func (c *Conn) bye(wait time.Duration, code wire.CloseCode) {
	c.say(wire.Bye{RetryAfter: int(wait.Milliseconds())})
	c.close(code)
}

// tell remembers up to where every client has been told that nothing is missing.
func (s *Server) tell(to position.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = to
}

// Told is up to where every client has been told everything, unless it lags; it moves on with each mark.
func (s *Server) Told() position.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told
}
