package city

import (
	"context"
	"iter"
	"runtime"
	"sync"
)

// inOrder applies fn to each item on all processors and yields the results in the items' order. No more than two
// items a processor are under way or waiting, so memory stays bounded; every goroutine has ended when it returns.
func inOrder[T, R any](ctx context.Context, items []T, fn func(T) R) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		slots := make([]chan R, len(items))
		for i := range slots {
			slots[i] = make(chan R, 1)
		}
		workers := max(1, min(runtime.GOMAXPROCS(0), len(items)))
		next := make(chan int)
		room := make(chan struct{}, 2*workers)
		var group sync.WaitGroup
		defer group.Wait()
		defer stop()
		group.Go(func() { deal(ctx, len(items), room, next) })
		for range workers {
			group.Go(func() {
				for i := range next {
					slots[i] <- fn(items[i])
				}
			})
		}
		for i := range slots {
			select {
			case r := <-slots[i]:
				<-room
				if !yield(r, nil) {
					return
				}
			case <-ctx.Done():
				var none R
				yield(none, ctx.Err())
				return
			}
		}
	}
}

// deal hands out indices as long as there is room.
func deal(ctx context.Context, n int, room chan<- struct{}, next chan<- int) {
	defer close(next)
	for i := range n {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		select {
		case next <- i:
		case <-ctx.Done():
			return
		}
	}
}
