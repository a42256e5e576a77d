package database

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"hark/migrations"
)

// Test opens a fresh database for a test: SQLite in a directory of its own, or,
// where HARK_TEST_POSTGRES names a server, one on that.
func Test(t testing.TB) *DB {
	t.Helper()
	o := Options{}
	if server := os.Getenv("HARK_TEST_POSTGRES"); server != "" {
		o.URL = testAddress(t, server)
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

// testAddress makes a database of its own for a test on a PostgreSQL server, and
// gives its address.
func testAddress(t testing.TB, server string) string {
	t.Helper()
	pool, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	model, err := emptyOn(server)
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + NewID()
	if _, err := pool.Exec("CREATE DATABASE " + name + " TEMPLATE " + model); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := pool.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		pool.Close()
	})
	return named(server, name)
}

// emptyOn is the name of a database on the server that was just made. All tests of
// one schema share it, those of other processes too, and it stays there.
func emptyOn(server string) (name string, err error) {
	if name, err = schemaName(); err != nil {
		return "", err
	}
	pool, err := sql.Open("pgx", server)
	if err != nil {
		return "", err
	}
	defer pool.Close()
	var there bool
	if err := pool.QueryRow("SELECT count(*) > 0 FROM pg_database WHERE datname = $1", name).Scan(&there); err != nil || there {
		return name, err
	}
	fresh := "fresh_" + NewID()
	if _, err := pool.Exec("CREATE DATABASE " + fresh); err != nil {
		return "", err
	}
	db, err := Open(context.Background(), Options{URL: named(server, fresh)})
	if err != nil {
		return "", err
	}
	if err := db.Close(); err != nil {
		return "", err
	}
	if _, err := pool.Exec("ALTER DATABASE " + fresh + " RENAME TO " + name); err == nil {
		return name, nil
	}
	// Another process was quicker.
	_, err = pool.Exec("DROP DATABASE " + fresh)
	return name, err
}

// schemaName is a name that changes with the steps of the schema.
func schemaName() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(migrations.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.Files, name)
		sum.Write(text)
		return err
	})
	return fmt.Sprintf("hark_%x", sum.Sum(nil)[:8]), err
}

// named is a server's address with another database.
func named(server, name string) string {
	address, err := url.Parse(server)
	if err != nil {
		return server
	}
	address.Path = "/" + name
	return address.String()
}
