package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver named "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// readers is how many connections read at the same time.
const readers = 4

// cached is how many KiB of the file the connection that writes keeps for itself, and
// cachedReading each of the others. The system keeps the file as well, so what is not
// among them is read without the disk: pages of 100,000 posts cost no less with twice
// as much.
const (
	cached        = 1000
	cachedReading = 500
)

// checkedBelow is the size in bytes up to which a database is read through for
// damage at every start; a larger one would keep the site waiting.
const checkedBelow = 32 << 20

func openSQLite(ctx context.Context, dir string) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	file := filepath.Join(dir, "hark.db")
	if err := create(ctx, file); err != nil {
		return nil, fmt.Errorf("make %s: %w", file, err)
	}
	db := &DB{
		writes: make(chan *write), stopped: make(chan struct{}),
		numbers: numbers{of: map[string]uint64{}},
	}
	var err error
	if db.write, err = connect(file, 1, "_txlock=immediate"); err != nil {
		return nil, err
	}
	if db.read, err = connect(file, readers, fmt.Sprintf("_pragma=query_only(1)&_pragma=cache_size(-%d)", cachedReading)); err != nil {
		return nil, errors.Join(err, db.write.Close())
	}
	if err := db.ready(ctx, file); err != nil {
		return nil, errors.Join(state(file, err), db.read.Close(), db.write.Close())
	}
	db.reading = newStatements(db.read.PrepareContext)
	go db.writer()
	return db, nil
}

// ready checks what is there and brings the schema up to date.
func (db *DB) ready(ctx context.Context, file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if info.Size() < checkedBelow {
		if err := check(ctx, db.write); err != nil {
			return err
		}
	}
	return migrateSQLite(ctx, db.write, file)
}

// create makes the database aside and moves it into place whole, so that a
// start that is cut off leaves none rather than half of one.
func create(ctx context.Context, file string) error {
	switch info, err := os.Stat(file); {
	case err == nil && info.Size() == 0:
		return errors.New("it is there, but empty: something has emptied it. Put back a copy of it; or, to begin anew, delete it")
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	fresh := file + ".new"
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(fresh + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	db, err := connect(fresh, 1, "_txlock=immediate")
	if err != nil {
		return err
	}
	err = migrateSQLite(ctx, db, fresh)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := entrust(fresh); err != nil {
		return err
	}
	return os.Rename(fresh, file)
}

func connect(file string, connections int, options string) (*sql.DB, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	address := url.URL{Scheme: "file", Path: abs, RawQuery: fmt.Sprintf(
		"_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-%d)&%s", cached, options)}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// check reads all tables, their indexes, the schema and the list of free pages. It
// does so one by one: all at once SQLite would also compare each word of the search
// with where it stands, which takes four times as long as the rest.
func check(ctx context.Context, db *sql.DB) error {
	var found string
	err := db.QueryRowContext(ctx, `
		SELECT found.quick_check
		FROM (
			SELECT 'sqlite_schema' AS name
			UNION ALL SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL %') AS t,
			pragma_quick_check(t.name) AS found
		WHERE found.quick_check <> 'ok'
		LIMIT 1`).Scan(&found)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%w (%s)", errDamaged, found)
}

var errDamaged = errors.New("it is damaged. Stop hark, keep the file aside, and put a copy of it from your backup in its place")

// state turns what SQLite says of a file into a sentence.
func state(file string, err error) error {
	switch code(err) {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		err = fmt.Errorf("%w (%w)", errDamaged, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		err = fmt.Errorf("it cannot be written. Make the file and its directory belong to the user hark runs as (%w)", err)
	}
	return fmt.Errorf("open %s: %w", file, explain(err))
}
