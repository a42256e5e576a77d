package database

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"testing"
)

// Test opens a fresh database for a test: SQLite in a directory of its own, or,
// where HARK_TEST_POSTGRES names a server, a schema of its own there.
func Test(t testing.TB) *DB {
	t.Helper()
	o := Options{Dir: t.TempDir()}
	if server := os.Getenv("HARK_TEST_POSTGRES"); server != "" {
		o = Options{URL: testSchema(t, server)}
	}
	db, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
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
