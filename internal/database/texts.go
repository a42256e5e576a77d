package database

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"unicode/utf8"
)

// readable gives a transaction of PostgreSQL values that it can take.
type readable struct{ tx *sql.Tx }

func (r readable) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return r.tx.ExecContext(ctx, query, texts(args)...)
}

func (r readable) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return r.tx.QueryContext(ctx, query, texts(args)...)
}

func (r readable) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return r.tx.QueryRowContext(ctx, query, texts(args)...)
}

// texts replaces what no text of PostgreSQL may hold: bytes that are no UTF-8,
// and NUL. SQLite takes both, and what strangers ask for may hold either; it
// finds nothing then, and is no error.
func texts(args []any) []any {
	copied := false
	for n, arg := range args {
		s, ok := arg.(string)
		if !ok || utf8.ValidString(s) && !strings.Contains(s, "\x00") {
			continue
		}
		if !copied {
			args, copied = slices.Clone(args), true
		}
		args[n] = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
	}
	return args
}
