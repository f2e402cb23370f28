package live

// arena cuts many small slices out of few large ones while a picture is loaded: one allocation for some thousand
// features, and neighbours in the table are neighbours in memory, which is what drawing them wants. A large slice
// stays as long as any of its pieces is used.
type arena[T any] struct{ free []T }

// arenaChunk is how many values are allocated at once.
const arenaChunk = 1 << 14

// take gives n zero values that nobody else has.
func (a *arena[T]) take(n int) []T {
	if n > arenaChunk/8 {
		return make([]T, n)
	}
	if n > len(a.free) {
		a.free = make([]T, arenaChunk)
	}
	taken := a.free[:n:n]
	a.free = a.free[n:]
	return taken
}

// keep gives a copy that nobody else has.
func (a *arena[T]) keep(values []T) []T {
	if len(values) == 0 {
		return nil
	}
	own := a.take(len(values))
	copy(own, values)
	return own
}
