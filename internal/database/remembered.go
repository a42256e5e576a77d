package database

import (
	"context"
	"sync/atomic"
)

// Remembered is what was read from the database last, and is good as long as the
// generation number of a name stands. It is for what every page asks and few changes
// change; nobody may alter it.
type Remembered[T any] struct{ last atomic.Pointer[memory[T]] }

type memory[T any] struct {
	number uint64
	value  T
}

// Read gives what read would read, and reads only if the number of name has moved. A
// change that is made meanwhile is seen by the next who asks.
func (r *Remembered[T]) Read(ctx context.Context, db *DB, name string, read func(context.Context) (T, error)) (T, error) {
	numbers, err := db.Generations(ctx, name)
	if err != nil {
		var none T
		return none, err
	}
	if last := r.last.Load(); last != nil && last.number == numbers[0] {
		return last.value, nil
	}
	value, err := read(ctx)
	if err == nil {
		r.last.Store(&memory[T]{numbers[0], value})
	}
	return value, err
}
