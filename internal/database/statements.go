package database

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
)

// mostStatements is how many statements are kept compiled. Queries are written
// out in the code, so there are about as many.
const mostStatements = 512

// fewLengths begins a list that comes in few lengths, so that keeps does not take it
// for one that comes in every.
const fewLengths = "/* few lengths */ "

// keeps tells whether a query is worth a place. One with a list of values comes
// in every length, and one may be asked for each by whoever wants to: they would
// take all places, and a megabyte for ten of them.
func keeps(query string) bool {
	for _, list := range strings.Split(query, " IN ($")[1:] {
		if values, _, _ := strings.Cut(list, ")"); strings.Contains(values, ",") {
			return false
		}
	}
	return true
}

// statements keeps SQLite's compiled statements: compiling one takes about as
// long as running it.
type statements struct {
	prepare func(ctx context.Context, query string) (*sql.Stmt, error)
	mu      sync.RWMutex
	of      map[string]*sql.Stmt
}

func newStatements(prepare func(context.Context, string) (*sql.Stmt, error)) *statements {
	return &statements{prepare: prepare, of: map[string]*sql.Stmt{}}
}

// find compiles a query, or finds it compiled. What cannot be compiled, or kept,
// is left to whoever runs it, and so is everything with no statements.
func (s *statements) find(ctx context.Context, query string) *sql.Stmt {
	if s == nil {
		return nil
	}
	s.mu.RLock()
	known, full := s.of[query], len(s.of) >= mostStatements
	s.mu.RUnlock()
	if known != nil || full || !keeps(query) {
		return known
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[query] == nil {
		fresh, err := s.prepare(context.WithoutCancel(ctx), query)
		if err != nil {
			return nil // running the query says what is wrong with it
		}
		s.of[query] = fresh
	}
	return s.of[query]
}

// close lets all of them go.
func (s *statements) close() (err error) {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.of {
		err = errors.Join(err, one.Close())
	}
	s.of = map[string]*sql.Stmt{}
	return err
}

// pen is the one connection that writes to SQLite, with its statements. Only the
// writer uses it.
type pen struct {
	pool *sql.DB
	conn *sql.Conn
	kept *statements
}

// begin begins a change that no other program can be in the way of. A connection
// that has broken is replaced.
func (p *pen) begin(ctx context.Context) error {
	if p.conn == nil {
		conn, err := p.pool.Conn(ctx)
		if err != nil {
			return err
		}
		p.conn, p.kept = conn, newStatements(conn.PrepareContext)
	}
	_, err := p.ExecContext(ctx, "BEGIN IMMEDIATE")
	if err != nil && code(err) == 0 {
		p.close() // not SQLite's own error: the connection
	}
	return err
}

// end commits what was begun, or takes it back.
func (p *pen) end(ctx context.Context, err error) error {
	if err == nil {
		if _, err = p.ExecContext(ctx, "COMMIT"); err == nil {
			return nil
		}
	}
	if p.conn != nil {
		// SQLite may have taken it back itself; then this does nothing.
		_, _ = p.ExecContext(ctx, "ROLLBACK")
	}
	return err
}

func (p *pen) close() {
	if p.conn != nil {
		_ = p.kept.close()
		_ = p.conn.Close() // it goes back to the pool, which is closed next
		p.conn, p.kept = nil, nil
	}
}

// ExecContext runs a statement.
func (p *pen) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if s := p.kept.find(ctx, query); s != nil {
		return s.ExecContext(ctx, args...)
	}
	return p.conn.ExecContext(ctx, query, args...)
}

// QueryContext reads rows.
func (p *pen) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s := p.kept.find(ctx, query); s != nil {
		return s.QueryContext(ctx, args...)
	}
	return p.conn.QueryContext(ctx, query, args...)
}

// QueryRowContext reads one row.
func (p *pen) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if s := p.kept.find(ctx, query); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return p.conn.QueryRowContext(ctx, query, args...)
}
