package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// most is how many changes share one commit. A commit waits for the disk, so
// changes that come while it does are written together after it.
const most = 128

// Tx is a change under way. It is not cancelled half way: changes are short,
// and an interrupted one would undo those that share its commit.
type Tx struct {
	ctx     context.Context
	tx      runner
	after   []func()
	touched []string
}

// runner runs statements: the writer's pen with SQLite, a transaction of the
// driver's with PostgreSQL.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Exec runs a statement and returns how many rows it changed.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	result, err := tx.tx.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Query reads rows as the change sees them. The rows must be closed before the
// next statement.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	return tx.tx.QueryContext(tx.ctx, query, args...)
}

// QueryRow reads one row as the change sees it.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	return tx.tx.QueryRowContext(tx.ctx, query, args...)
}

// OnCommit has f called once the change is safe on disk, before InTx returns.
func (tx *Tx) OnCommit(f func()) { tx.after = append(tx.after, f) }

// Touch moves the generation numbers of these names once the change is safe, so
// that what was made from them is made anew.
func (tx *Tx) Touch(names ...string) { tx.touched = append(tx.touched, names...) }

// InTx makes a change: all that f does happens, or nothing. On SQLite changes
// run one after another, and those that come together share a commit, so f must
// be short and must not call InTx itself. On PostgreSQL two changes may come to
// wait for each other; then one is taken back and f runs again from its start.
func (db *DB) InTx(ctx context.Context, f func(tx *Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if db.postgres {
		return retry(ctx, func() error { return db.inPostgresTx(ctx, f) })
	}
	w := &write{do: f, tx: Tx{ctx: context.WithoutCancel(ctx)}, done: make(chan struct{})}
	db.writes <- w
	<-w.done
	if w.panicked != nil {
		panic(w.panicked)
	}
	if w.err != nil {
		return explain(w.err)
	}
	db.numbers.move(w.tx.touched)
	for _, f := range w.tx.after {
		f()
	}
	return nil
}

// write is one caller's change on its way through the writer.
type write struct {
	do       func(*Tx) error
	tx       Tx
	err      error
	panicked any
	done     chan struct{}
}

// writer runs the changes of everybody, those that wait together in one commit.
func (db *DB) writer() {
	defer close(db.stopped)
	ctx, pen := context.Background(), &pen{pool: db.write}
	defer pen.close()
	for w := range db.writes {
		group := []*write{w}
		err := pen.begin(ctx)
		if err == nil {
			err = w.in(pen)
			for err == nil && len(group) < most {
				next, ok := db.waiting()
				if !ok {
					break
				}
				group = append(group, next)
				err = next.in(pen)
			}
			err = pen.end(ctx, err)
		}
		for _, w := range group {
			w.err = errors.Join(w.err, err)
			close(w.done)
		}
	}
}

func (db *DB) waiting() (*write, bool) {
	select {
	case w, ok := <-db.writes:
		return w, ok
	default:
		return nil, false
	}
}

// in runs the change within a savepoint, so that its failure undoes only
// itself. What it returns is fatal to all that share the commit.
func (w *write) in(tx runner) error {
	if _, err := tx.ExecContext(w.tx.ctx, "SAVEPOINT one"); err != nil {
		return err
	}
	w.tx.tx = tx
	if w.err = w.run(); w.err != nil {
		if _, err := tx.ExecContext(w.tx.ctx, "ROLLBACK TO one"); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(w.tx.ctx, "RELEASE one")
	return err
}

func (w *write) run() (err error) {
	defer func() {
		if w.panicked = recover(); w.panicked != nil {
			err = fmt.Errorf("panic: %v", w.panicked)
		}
	}()
	return w.do(&w.tx)
}

func (db *DB) inPostgresTx(ctx context.Context, f func(tx *Tx) error) error {
	inner, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer inner.Rollback()
	tx := &Tx{ctx: ctx, tx: readable{inner}}
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.touch(); err != nil {
		return err
	}
	if err := inner.Commit(); err != nil {
		return err
	}
	for _, f := range tx.after {
		f()
	}
	return nil
}

// explain gives a full disk and a locked file their names.
func explain(err error) error {
	switch code(err) {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w (%w)", ErrFull, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w (%w)", ErrLocked, err)
	}
	return err
}

// code is SQLite's primary result code, 0 for other errors.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}
