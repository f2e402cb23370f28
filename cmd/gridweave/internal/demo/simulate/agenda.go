package simulate

import (
	"container/heap"
	"time"
)

// duty is what an errand is about.
type duty int

const (
	toReport  duty = iota // something happens
	toDeclare             // somebody declares
	toGrade               // a house is graded
	toLook                // see what others have begun
	toAdvance             // the next step of a case
	toDecide              // look at a declaration that waits
)

// errand is something that is to be done at a time.
type errand struct {
	at   time.Time
	duty duty
	id   int64   // of the case or the declaration
	pace float64 // the case's own, see city.Pace
}

// agenda gives what is to be done in the order of time.
type agenda []errand

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].at.Before(a[j].at) }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)        { *a = append(*a, x.(errand)) } //nolint:errcheck,forcetypeassert // only add pushes
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

func (a *agenda) add(e errand) { heap.Push(a, e) }

func (a *agenda) next() errand { return heap.Pop(a).(errand) } //nolint:errcheck,forcetypeassert // only add pushes
