package session

import (
	"testing"
	"time"
)

const took = 10 * time.Millisecond

// clock is a time that goes on as the test says.
type clock struct{ time.Time }

// pass is a pass of so long that found so many transactions, and the rest behind it.
func (c *clock) pass(l *load, transactions int, took time.Duration) (rest time.Duration) {
	began := c.Time
	c.Time = began.Add(took)
	l.passed(transactions, began, c.Time)
	rest = l.rest(c.Time)
	c.Time = c.Add(rest)
	return rest
}

// rests counts those of a hundred passes.
func (c *clock) rests(t *testing.T, l *load, transactions int) (n int) {
	t.Helper()
	for range 100 {
		switch rest := c.pass(l, transactions, took); rest {
		case 0:
		case 3 * time.Millisecond:
			n++
		default:
			t.Errorf("a rest of %v behind a pass of %v", rest, took)
		}
	}
	return n
}

func TestLoad(t *testing.T) {
	l, c := &load{}, &clock{time.Unix(0, 0)}
	if n := c.rests(t, l, 1); n != 0 {
		t.Errorf("%d rests where each transaction came alone", n)
	}
	if n := c.rests(t, l, 8); n < 95 {
		t.Errorf("%d rests behind 100 passes that found eight transactions each", n)
	}
	if rest := c.pass(l, 8, time.Second); rest != restMost {
		t.Errorf("a rest of %v behind a long pass, not %v", rest, restMost)
	}
	if rest := c.pass(l, 0, took); rest != 0 {
		t.Errorf("a rest of %v where there was nothing but a connection's own frames", rest)
	}
	if n := c.rests(t, l, 1); n == 0 || n > 30 {
		t.Errorf("%d rests until it was noticed that transactions come alone again", n)
	}
}

// Of two flushers the first to end does not go on before the second.
func TestLoadIsShared(t *testing.T) {
	began := time.Unix(0, 0)
	first, second := began.Add(took), began.Add(2*took)
	l := &load{usual: 8}
	l.passed(8, began, first)
	l.passed(8, began, second)
	if rest := l.rest(second); rest != 6*time.Millisecond {
		t.Errorf("a rest of %v behind the second", rest)
	}
	l.passed(8, began, first)
	if rest := l.rest(second); rest != 6*time.Millisecond {
		t.Errorf("a rest of %v when the first is told of late", rest)
	}
}
