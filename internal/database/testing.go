package database

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Test opens a fresh database for a test: SQLite in a directory of its own, or,
// where HARK_TEST_POSTGRES names a server, a schema of its own there.
func Test(t testing.TB) *DB {
	t.Helper()
	o := Options{}
	if server := os.Getenv("HARK_TEST_POSTGRES"); server != "" {
		o.URL = testSchema(t, server)
	} else {
		o.Dir = testDir(t)
	}
	db, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// empty is the file of a database that was just made. A process makes it once: to
// run all migrations takes longer than most tests.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "hark")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "hark.db")
	if err := create(context.Background(), file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

func testDir(t testing.TB) (dir string) {
	t.Helper()
	dir = t.TempDir()
	file, err := empty()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "hark.db"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func testSchema(t testing.TB, server string) string {
	t.Helper()
	address, err := url.Parse(server)
	if err != nil {
		t.Fatalf("HARK_TEST_POSTGRES: %v", err)
	}
	pool, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	schema := "test_" + NewID()
	if _, err := pool.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := pool.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Error(err)
		}
		pool.Close()
	})
	query := address.Query()
	query.Set("search_path", schema)
	address.RawQuery = query.Encode()
	return address.String()
}
