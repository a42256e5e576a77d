// Package database opens hark's one database and keeps its schema current.
//
// It is SQLite in the data directory, or PostgreSQL for those who outgrow one
// machine. One set of queries serves both: placeholders are $1, $2, keys are
// text made by NewID, times are whole seconds since 1970.
package database

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ErrFull says that the disk has no room for a change. Nothing was written, and
// nothing needs a restart once there is room again.
var ErrFull = errors.New("the disk is full")

// ErrLocked says that another program has kept the database for itself longer
// than a change may wait.
var ErrLocked = errors.New("another program keeps the database locked. End that program")

// Options say which database to open.
type Options struct {
	Dir string // holds hark.db, made when missing; unused with a URL
	URL string // a postgres:// address; empty means SQLite in Dir
}

// DB is the database. Reading goes through Query and QueryRow, every change
// through InTx.
type DB struct {
	write, read *sql.DB
	reading     *statements // nil with PostgreSQL, whose driver keeps them itself
	writes      chan *write
	stopped     chan struct{}
	numbers     numbers
	postgres    bool
	closing     sync.Once
	closed      error // what Close returned
}

// Open opens the database, making it when there is none, and brings its schema
// up to date. Its errors are sentences for the administrator.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.URL != "" {
		return openPostgres(ctx, o.URL)
	}
	return openSQLite(ctx, o.Dir)
}

// Close waits for the change under way and closes the database. No change may
// begin after it. Closing again changes nothing.
func (db *DB) Close() error {
	db.closing.Do(func() {
		if db.writes != nil {
			close(db.writes)
			<-db.stopped
		}
		db.closed = errors.Join(db.reading.close(), db.read.Close())
		if db.write != db.read {
			db.closed = errors.Join(db.closed, db.write.Close())
		}
	})
	return db.closed
}

// Postgres reports whether the database is PostgreSQL, for the few queries that
// the two engines spell differently.
func (db *DB) Postgres() bool { return db.postgres }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return db.QueryRow(ctx, "SELECT 1").Scan(&one)
}

// Query reads rows.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if db.postgres {
		return db.read.QueryContext(ctx, query, texts(args)...)
	}
	if s := db.reading.find(ctx, query); s != nil {
		return s.QueryContext(ctx, args...)
	}
	return db.read.QueryContext(ctx, query, args...)
}

// QueryRow reads one row.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if db.postgres {
		return db.read.QueryRowContext(ctx, query, texts(args)...)
	}
	if s := db.reading.find(ctx, query); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return db.read.QueryRowContext(ctx, query, args...)
}

// Short reads rows as Query does, for a query that an index keeps short. With SQLite
// it does not end when ctx does, once it has begun: to be on the watch for that takes
// two goroutines and as long as the query itself.
func (db *DB) Short(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return db.Query(db.unwatched(ctx), query, args...)
}

// ShortRow reads one row as Short does.
func (db *DB) ShortRow(ctx context.Context, query string, args ...any) *sql.Row {
	return db.QueryRow(db.unwatched(ctx), query, args...)
}

func (db *DB) unwatched(ctx context.Context) context.Context {
	if db.postgres || ctx.Err() != nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// In returns "$n, $n+1, …" for an IN list of count values that begins at $from.
func In(from, count int) string {
	var b strings.Builder
	for i := range count {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	return b.String()
}

// lengths are those of the lists of Among. There are few of them, since each makes
// another statement of a query.
var lengths = [...]int{1, 8, 32}

// Among returns "$1, $2, …" for an IN list of values, of which there is at least one,
// and the values as arguments. The last is said again until the list has one of a few
// lengths, and a mark tells that its statement is worth keeping. A longer list has
// the length it has.
func Among(values []string) (list string, args []any) {
	length := len(values)
	if n := slices.IndexFunc(lengths[:], func(l int) bool { return l >= length }); n >= 0 {
		length, list = lengths[n], fewLengths
	}
	args = make([]any, length)
	for n := range args {
		args[n] = values[min(n, len(values)-1)]
	}
	return list + In(1, length), args
}

// Unix is t as the database keeps it: whole seconds, 0 for the zero time.
func Unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// Time is the time that the database keeps as s, in UTC; 0 is the zero time.
func Time(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// NewID makes a key of 26 lower-case letters and digits: 48 bits of time in
// milliseconds, then 80 random bits, so that keys sort by when they were made.
func NewID() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(time.Now().UnixMilli())<<16)
	rand.Read(b[6:])
	return encoding.EncodeToString(b[:])
}

// IsID tells whether s is a key as NewID makes them.
func IsID(s string) bool {
	b, err := encoding.DecodeString(s)
	return err == nil && len(b) == 16 && encoding.EncodeToString(b) == s
}

// encoding is Crockford's alphabet, without the letters that look like digits.
var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// SkipLocked ends a SELECT of rows that are to be changed: those that another
// transaction holds are left to it. SQLite, where one changes at a time, has no
// such words and needs none.
func (db *DB) SkipLocked() string {
	if db.postgres {
		return "FOR UPDATE SKIP LOCKED"
	}
	return ""
}
