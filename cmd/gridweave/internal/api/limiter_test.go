package api

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

func TestLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter[string](rate.Every(10*time.Second), 3)
		for n := range 3 {
			if _, ok := l.allow("a"); !ok {
				t.Fatalf("refused at %d of 3", n+1)
			}
		}
		for range 5 { // being refused costs nothing
			if wait, ok := l.allow("a"); ok || retryAfter(wait) != "10" {
				t.Fatalf("allowed %t, wait %v", ok, wait)
			}
		}
		if _, ok := l.allow("b"); !ok {
			t.Error("one key's bucket emptied another's")
		}
		<-time.After(10 * time.Second)
		if _, ok := l.allow("a"); !ok {
			t.Error("refused after the time that it told to wait")
		}
		l.forget("a")
		if _, ok := l.allow("a"); !ok {
			t.Error("refused after being forgotten")
		}
	})
}

// Full buckets make room for new keys; where none is full, all do: memory never grows beyond the bound.
func TestLimiterIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter[string](rate.Every(time.Second), 2)
		l.most = 10
		for n := range 9 {
			l.allow(fmt.Sprint("early", n))
		}
		<-time.After(time.Minute)
		l.allow("late")
		l.allow("late")
		l.allow("one more")
		if _, ok := l.allow("late"); ok || len(l.buckets) != 2 {
			t.Errorf("late allowed %t, %d buckets; want it refused still, and the full ones gone", ok, len(l.buckets))
		}
		for n := range 100 {
			l.allow(fmt.Sprint("flood", n))
			if len(l.buckets) > l.most {
				t.Fatalf("%d buckets, want at most %d", len(l.buckets), l.most)
			}
		}
	})
}
