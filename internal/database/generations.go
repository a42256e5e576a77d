package database

import (
	"context"
	"fmt"
	"sync"
)

// numbers are the generation numbers of a database that only this process
// serves. A name that never changed has number 0.
type numbers struct {
	sync.RWMutex
	of map[string]uint64
}

func (n *numbers) move(names []string) {
	if len(names) == 0 {
		return
	}
	n.Lock()
	defer n.Unlock()
	for _, name := range names {
		n.of[name]++
	}
}

// Generations writes the generation number of each name into the slice of the
// same length. A number moves with each change that touched its name, so what
// was made from a name is good as long as its number stands. With SQLite this
// is a look into memory, with PostgreSQL one query.
func (db *DB) Generations(ctx context.Context, names []string, into []uint64) error {
	if db.postgres {
		return db.sharedGenerations(ctx, names, into)
	}
	db.numbers.RLock()
	defer db.numbers.RUnlock()
	for i, name := range names {
		into[i] = db.numbers.of[name]
	}
	return nil
}

func (db *DB) sharedGenerations(ctx context.Context, names []string, into []uint64) error {
	rows, err := db.Query(ctx, "SELECT name, number FROM generations WHERE name = ANY($1)", names)
	if err != nil {
		return fmt.Errorf("read generations: %w", err)
	}
	defer rows.Close()
	clear(into)
	for rows.Next() {
		var name string
		var number uint64
		if err := rows.Scan(&name, &number); err != nil {
			return err
		}
		for i := range names {
			if names[i] == name {
				into[i] = number
			}
		}
	}
	return rows.Err()
}
