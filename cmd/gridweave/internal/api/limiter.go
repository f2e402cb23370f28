package api

import (
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Limits bound what one account may ask, all its screens together; 0 stands for the default. A burst of three times
// the number a second is free: a wall of screens that is opened at once.
type Limits struct {
	Tiles    float64 // tiles a second
	Requests float64 // REST requests a second
}

// The defaults: a wall of twenty screens that follows five hundred changes a second stays below, a program in a loop
// does not.
const (
	DefaultTiles    = 1000
	DefaultRequests = 100
)

// What one address may ask with credentials that nobody has heard of: each costs a question to the database.
const (
	strangersEvery = 50 * time.Millisecond
	strangersBurst = 100
)

// limiterKeys bounds the memory of a limiter to some megabytes.
const limiterKeys = 10_000

// limiter keeps one token bucket for each key. It is safe for concurrent use.
type limiter[K comparable] struct {
	mu      sync.Mutex
	every   rate.Limit
	burst   int
	most    int
	buckets map[K]*rate.Limiter
}

func newLimiter[K comparable](every rate.Limit, burst int) *limiter[K] {
	return &limiter[K]{every: every, burst: burst, most: limiterKeys, buckets: map[K]*rate.Limiter{}}
}

// perSecond allows so many a second, or the default where it is 0.
func perSecond(n, otherwise float64) *limiter[int64] {
	if n == 0 {
		n = otherwise
	}
	return newLimiter[int64](rate.Limit(n), int(3*n)+1)
}

// allow takes one token of the key's bucket, or tells how long to wait for one.
func (l *limiter[K]) allow(key K) (wait time.Duration, ok bool) {
	now := time.Now()
	b := l.bucket(key, now)
	if b.AllowN(now, 1) {
		return 0, true
	}
	r := b.ReserveN(now, 1)
	defer r.CancelAt(now)
	return r.DelayFrom(now), false
}

func (l *limiter[K]) bucket(key K, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[key]
	if b == nil {
		if len(l.buckets) >= l.most {
			l.sweep(now)
		}
		b = rate.NewLimiter(l.every, l.burst)
		l.buckets[key] = b
	}
	return b
}

// sweep forgets full buckets, which say no more than a new one would. Where a flood of invented keys leaves none full,
// everything is forgotten: that shortens waits and never lets the memory grow.
func (l *limiter[K]) sweep(now time.Time) {
	for key, b := range l.buckets {
		if b.TokensAt(now) >= float64(l.burst) {
			delete(l.buckets, key)
		}
	}
	if len(l.buckets) >= l.most {
		clear(l.buckets)
	}
}

// forget gives the key a full bucket again: whoever signed in has not been guessing.
func (l *limiter[K]) forget(key K) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.buckets, key)
}

// retryAfter is the header's value: whole seconds, rounded up.
func retryAfter(wait time.Duration) string {
	return strconv.Itoa(int((wait + time.Second - 1) / time.Second))
}

func tooOften(message string, wait time.Duration) error {
	h := http.Header{}
	h.Set("Retry-After", retryAfter(wait))
	return huma.ErrorWithHeaders(fault.Limited(message), h)
}

// limit refuses an account that asks more than it may. It stands behind identify; strangers are refused further on.
func (g guard) limit(accounts *limiter[int64], next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if by, err := callerOf(r.Context()); err == nil {
			if wait, ok := accounts.allow(by.ID); !ok {
				w.Header().Set("Retry-After", retryAfter(wait))
				writeProblem(w, r, g.log, fault.Limited("this account asks too much at a time; wait a little"))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// check finds out where the caller stands. Credentials that are not in memory are looked up in the database, and no
// address may have that done without end.
func (g guard) check(w http.ResponseWriter, r *http.Request) (account.Standing, error) {
	c := credentialOf(r)
	if !c.IsZero() && !g.authority.Remembers(c) {
		if wait, ok := g.strangers.allow(addressOf(r)); !ok {
			w.Header().Set("Retry-After", retryAfter(wait))
			return account.Standing{}, fault.Limited("too many unknown credentials from this address; wait a little")
		}
	}
	return g.authority.Check(r.Context(), c)
}

func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
