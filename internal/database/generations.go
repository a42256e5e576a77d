package database

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// everything is the name whose number moves with every other.
const everything = ""

// numbers are the generation numbers of a database that only this process
// serves. A name that never changed has number 0.
type numbers struct {
	all atomic.Uint64
	mu  sync.RWMutex
	of  map[string]uint64
}

func (n *numbers) move(names []string) {
	if len(names) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, name := range names {
		n.of[name]++
	}
	n.all.Add(1)
}

// Touches is a number that moves with every change that touched any name.
func (db *DB) Touches(ctx context.Context) (uint64, error) {
	if !db.postgres {
		return db.numbers.all.Load(), nil
	}
	numbers, err := db.sharedGenerations(ctx, []string{everything})
	if err != nil {
		return 0, err
	}
	return numbers[0], nil
}

// Generations are the generation numbers of the names, in their order. A number
// moves with each change that touched its name, so what was made from a name is
// good as long as its number stands. With SQLite this is a look into memory,
// with PostgreSQL one query.
func (db *DB) Generations(ctx context.Context, names ...string) ([]uint64, error) {
	if db.postgres {
		return db.sharedGenerations(ctx, names)
	}
	numbers := make([]uint64, len(names))
	db.numbers.mu.RLock()
	defer db.numbers.mu.RUnlock()
	for i, name := range names {
		numbers[i] = db.numbers.of[name]
	}
	return numbers, nil
}

func (db *DB) sharedGenerations(ctx context.Context, names []string) ([]uint64, error) {
	rows, err := db.Query(ctx, "SELECT name, number FROM generations WHERE name = ANY($1)", names)
	if err != nil {
		return nil, fmt.Errorf("read generations: %w", err)
	}
	defer rows.Close()
	numbers := make([]uint64, len(names))
	for rows.Next() {
		var name string
		var number uint64
		if err := rows.Scan(&name, &number); err != nil {
			return nil, err
		}
		for i := range names {
			if names[i] == name {
				numbers[i] = number
			}
		}
	}
	return numbers, rows.Err()
}

// touch writes the moved numbers where every process sees them. They are taken
// in one order everywhere, so that two changes cannot wait for each other.
func (tx *Tx) touch() error {
	if len(tx.touched) == 0 {
		return nil
	}
	names := append(tx.touched, everything)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if _, err := tx.Exec(`
			INSERT INTO generations (name, number) VALUES ($1, 1)
			ON CONFLICT (name) DO UPDATE SET number = generations.number + 1`, name); err != nil {
			return fmt.Errorf("touch %s: %w", name, err)
		}
	}
	return nil
}
