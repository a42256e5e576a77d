package database

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func put(db *DB, name, value string) error {
	return db.InTx(context.Background(), func(tx *Tx) error {
		_, err := tx.Exec("INSERT INTO settings (name, value) VALUES ($1, $2)", name, value)
		return err
	})
}

func count(t *testing.T, db *DB) (n int) {
	t.Helper()
	if err := db.QueryRow(context.Background(), "SELECT count(*) FROM settings").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAChangeHappensWholeOrNotAtAll(t *testing.T) {
	db := Test(t)
	failed := errors.New("no")
	err := db.InTx(context.Background(), func(tx *Tx) error {
		if _, err := tx.Exec("INSERT INTO settings (name, value) VALUES ('a', 'b')"); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) || count(t, db) != 0 {
		t.Errorf("got %v and %d rows, want the error and none", err, count(t, db))
	}
}

func TestChangesThatComeTogetherFailAlone(t *testing.T) {
	db := Test(t)
	var wg sync.WaitGroup
	errs := make([]error, 200)
	for i := range errs {
		wg.Go(func() { errs[i] = put(db, fmt.Sprint(i/2), "each name is put twice") })
	}
	wg.Wait()
	failed := 0
	for _, err := range errs {
		if err != nil {
			failed++
		}
	}
	if failed != 100 || count(t, db) != 100 {
		t.Errorf("%d failed and %d are there, want 100 and 100", failed, count(t, db))
	}
}

func TestATextThatIsNoneIsNoError(t *testing.T) {
	db := Test(t)
	for _, odd := range []string{"a\x00", "b\xff", "\x00"} {
		var n int
		if err := db.QueryRow(context.Background(), "SELECT count(*) FROM settings WHERE name = $1", odd).Scan(&n); err != nil || n != 0 {
			t.Errorf("%q finds %d (%v), want nothing", odd, n, err)
		}
		rows, err := db.Query(context.Background(), "SELECT value FROM settings WHERE name = $1", odd)
		if err != nil {
			t.Fatalf("%q: %v", odd, err)
		}
		rows.Close()
		if err := put(db, odd, odd); err != nil {
			t.Errorf("%q cannot be kept: %v", odd, err)
		}
	}
	if n := count(t, db); n != 3 {
		t.Errorf("%d are kept, want 3", n)
	}
}

func TestChangesThatWaitForEachOtherAreMadeAnyway(t *testing.T) {
	db := Test(t)
	for _, name := range []string{"a", "b"} {
		if err := put(db, name, ""); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		names := []string{"a", "b"}
		wg.Go(func() {
			errs[i] = db.InTx(context.Background(), func(tx *Tx) error {
				for n := range names {
					if _, err := tx.Exec("UPDATE settings SET value = value || 'x' WHERE name = $1", names[(n+i)%2]); err != nil {
						return err
					}
					time.Sleep(10 * time.Millisecond)
				}
				return nil
			})
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	var n int
	if err := db.QueryRow(context.Background(), "SELECT min(length(value)) FROM settings").Scan(&n); err != nil || n != len(errs) {
		t.Errorf("%d of %d changes are there (%v)", n, len(errs), err)
	}
}

func TestListsOfEveryLengthTakeNoStatementsPlace(t *testing.T) {
	db := Test(t)
	if db.Postgres() {
		t.Skip("its driver keeps statements itself")
	}
	for n := range 600 {
		args := make([]any, n+2)
		for i := range args {
			args[i] = "a"
		}
		rows, err := db.Query(context.Background(), "SELECT value FROM settings WHERE name IN ("+In(1, len(args))+")", args...)
		if err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	count(t, db)
	for query := range db.reading.of {
		if strings.Contains(query, "$2") {
			t.Fatalf("%d are kept, and among them %s", len(db.reading.of), query)
		}
	}
	if len(db.reading.of) == 0 {
		t.Error("none is kept")
	}
}

func TestAPanicInOneChangeLeavesTheOthers(t *testing.T) {
	db := Test(t)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic did not reach its caller")
			}
		}()
		db.InTx(context.Background(), func(*Tx) error { panic("mistake") })
	}()
	if err := put(db, "a", "b"); err != nil {
		t.Error(err)
	}
}

func TestACancelledCallerChangesNothing(t *testing.T) {
	db := Test(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := db.InTx(ctx, func(*Tx) error { t.Error("ran"); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestGenerationsMoveOnlyWithACommittedTouch(t *testing.T) {
	db, ctx := Test(t), context.Background()
	numbers := func() [3]uint64 {
		n, err := db.Generations(ctx, "post:1", "lists")
		if err != nil {
			t.Fatal(err)
		}
		all, err := db.Touches(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return [3]uint64{n[0], n[1], all}
	}
	before := numbers()
	db.InTx(ctx, func(tx *Tx) error { tx.Touch("post:1", "lists"); return errors.New("undone") })
	if numbers() != before {
		t.Error("a change that was undone moved a number")
	}
	if err := db.InTx(ctx, func(tx *Tx) error { tx.Touch("post:1"); return nil }); err != nil {
		t.Fatal(err)
	}
	if n := numbers(); n[0] == before[0] || n[1] != before[1] || n[2] == before[2] {
		t.Errorf("got %v after %v, want the first moved, and the sum of all", n, before)
	}
}

func TestWhatIsToldAfterACommitIsNotToldAfterAFailure(t *testing.T) {
	db, told := Test(t), 0
	for _, result := range []error{nil, errors.New("undone")} {
		db.InTx(context.Background(), func(tx *Tx) error {
			tx.OnCommit(func() { told++ })
			return result
		})
	}
	if told != 1 {
		t.Errorf("told %d times, want once", told)
	}
}

func TestKeysSortByTime(t *testing.T) {
	a := NewID()
	if len(a) != 26 || a != strings.ToLower(a) {
		t.Errorf("got %q", a)
	}
	if b := NewID(); a[:9] > b[:9] {
		t.Errorf("%q was made before %q", a, b)
	}
}

// The rest is about the file, so only SQLite has it.

func TestAFileThatCannotBeUsedSaysWhy(t *testing.T) {
	tests := []struct {
		name string
		make func(t *testing.T, file string)
		want string
	}{
		{"empty", func(t *testing.T, file string) { write1(t, file, nil) }, "empty"},
		{"no database", func(t *testing.T, file string) { write1(t, file, []byte(strings.Repeat("not a database ", 400))) }, "damaged"},
		{"newer", func(t *testing.T, file string) {
			alter(t, file, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)")
		}, "newer hark"},
		{"damaged inside", func(t *testing.T, file string) {
			alter(t, file, "INSERT INTO settings (name, value) VALUES ('a', 'b')")
			whole, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for i := 4096; i < len(whole); i++ {
				whole[i] = 0x5a
			}
			write1(t, file, whole)
		}, "damaged"},
		{"damaged where the search looks", func(t *testing.T, file string) {
			alter(t, file, "INSERT INTO search (rowid, words) VALUES (1, 'rain')")
			spoil(t, file, func(db *sql.DB) (page int, err error) {
				return page, db.QueryRow("SELECT rootpage FROM sqlite_schema WHERE name = 'search_data'").Scan(&page)
			})
		}, "damaged"},
		{"damaged in an index", func(t *testing.T, file string) {
			alter(t, file, "DELETE FROM tags")
			spoil(t, file, func(db *sql.DB) (page int, err error) {
				return page, db.QueryRow("SELECT rootpage FROM sqlite_schema WHERE name = 'tags_tag'").Scan(&page)
			})
		}, "damaged"},
		{"damaged in what is free", func(t *testing.T, file string) {
			alter(t, file, "INSERT INTO settings (name, value) VALUES ('a', hex(zeroblob(50000)))")
			alter(t, file, "DELETE FROM settings WHERE name = 'a'")
			spoil(t, file, func(*sql.DB) (page int, err error) {
				head, err := os.ReadFile(file)
				return int(binary.BigEndian.Uint32(head[32:])), err // the first page of the list (sqlite.org/fileformat2.html, section 1.3)
			})
		}, "damaged"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			test.make(t, filepath.Join(dir, "hark.db"))
			db, err := Open(context.Background(), Options{Dir: dir})
			if err == nil {
				db.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want it to say %q", err, test.want)
			}
		})
	}
}

// spoil overwrites a page of a database with nonsense.
func spoil(t *testing.T, file string, find func(*sql.DB) (page int, err error)) {
	t.Helper()
	db, err := connect(file, 1, "")
	if err != nil {
		t.Fatal(err)
	}
	page, err := find(db)
	if err := errors.Join(err, db.Close()); err != nil || page < 2 {
		t.Fatalf("page %d: %v", page, err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4096 {
		whole[(page-1)*4096+i] = 0x5a
	}
	write1(t, file, whole)
}

func write1(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// alter makes a good database and runs one statement on it.
func alter(t *testing.T, file, statement string) {
	t.Helper()
	db, err := Open(context.Background(), Options{Dir: filepath.Dir(file)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.write.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func TestAStartThatWasCutOffBeginsAnew(t *testing.T) {
	dir := t.TempDir()
	write1(t, filepath.Join(dir, "hark.db.new"), []byte("half of a"))
	db, err := Open(context.Background(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
}

func TestBeforeAMigrationACopyIsKept(t *testing.T) {
	dir := t.TempDir()
	alter(t, filepath.Join(dir, "hark.db"), "INSERT INTO settings (name, value) VALUES ('a', 'b')")
	file := filepath.Join(dir, "hark.db")
	raw, err := connect(file, 1, "")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	copied := filepath.Join(dir, "copy.db")
	for range 2 { // the second attempt replaces what the first one left
		if err := snapshot(context.Background(), raw, copied); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := sql.Open("sqlite", copied)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	var value string
	if err := kept.QueryRow("SELECT value FROM settings WHERE name = 'a'").Scan(&value); err != nil || value != "b" {
		t.Errorf("got %q, %v", value, err)
	}
}

func BenchmarkChangesTogether(b *testing.B) {
	db := Test(b)
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := put(db, NewID(), "value"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestADatabaseThatAnotherProgramKeepsSaysSo(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(context.Background(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	other, err := connect(filepath.Join(dir, "hark.db"), 1, "_txlock=exclusive")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.write.Exec("PRAGMA busy_timeout = 1"); err != nil {
		t.Fatal(err)
	}
	if err := put(db, "a", "b"); !errors.Is(err, ErrLocked) {
		t.Errorf("while it is kept a change ends in %v", err)
	}
	if err := held.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := put(db, "a", "b"); err != nil {
		t.Errorf("once it is free a change ends in %v", err)
	}
}

func TestAShortReadingIsNotBegunForWhoHasGone(t *testing.T) {
	db := Test(t)
	if err := put(db, "a", "b"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	rows, err := db.Short(ctx, "SELECT value FROM settings")
	if err != nil {
		t.Fatal(err)
	}
	rows.Close()
	cancel()
	if _, err := db.Short(ctx, "SELECT value FROM settings"); !errors.Is(err, context.Canceled) {
		t.Errorf("rows: %v", err)
	}
	var value string
	if err := db.ShortRow(ctx, "SELECT value FROM settings").Scan(&value); !errors.Is(err, context.Canceled) {
		t.Errorf("a row: %q, %v", value, err)
	}
}
