package database

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestMoreQueriesThanAreKeptAllRun(t *testing.T) {
	db := Test(t)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for n := 1; n <= 100; n++ {
				args := make([]any, n)
				for i := range args {
					args[i] = fmt.Sprint(i)
				}
				rows, err := db.Query(context.Background(), fmt.Sprintf("SELECT %d FROM settings WHERE name IN (%s)", worker, In(1, n)), args...)
				if err != nil {
					t.Errorf("%d values: %v", n, err)
					return
				}
				rows.Close()
			}
		})
	}
	all.Wait()
	if db.reading != nil && len(db.reading.of) > mostStatements {
		t.Errorf("%d statements are kept, at most %d should be", len(db.reading.of), mostStatements)
	}
}

func TestAQueryThatIsWrongSaysSoEachTime(t *testing.T) {
	db := Test(t)
	for range 2 {
		if _, err := db.Query(context.Background(), "SELECT name FROM nowhere"); err == nil || !strings.Contains(err.Error(), "nowhere") {
			t.Errorf("got %v", err)
		}
		err := db.InTx(context.Background(), func(tx *Tx) error {
			_, err := tx.Exec("INSERT INTO nowhere VALUES (1)")
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "nowhere") {
			t.Errorf("got %v", err)
		}
	}
}

func TestRowsStayReadableWhileOthersAreCompiled(t *testing.T) {
	db := Test(t)
	if db.Postgres() {
		t.Skip("its driver keeps its statements itself")
	}
	rows, err := db.Query(context.Background(), "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT i FROM n")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for n := range 2 * mostStatements {
		var one int
		if err := db.QueryRow(context.Background(), fmt.Sprintf("SELECT %d", n)).Scan(&one); err != nil || one != n {
			t.Fatalf("got %d, %v", one, err)
		}
	}
	count := 0
	for rows.Next() {
		count++
	}
	if rows.Err() != nil || count != 100 {
		t.Errorf("%d rows, %v", count, rows.Err())
	}
}

func TestStatementsSurviveAChangeOfTheSchema(t *testing.T) {
	db := Test(t)
	ask := func() (n int, err error) {
		err = db.QueryRow(context.Background(), "SELECT count(*) FROM settings").Scan(&n)
		return n, err
	}
	put := func(name string) error {
		return db.InTx(context.Background(), func(tx *Tx) error {
			_, err := tx.Exec("INSERT INTO settings (name, value) VALUES ($1, 'x')", name)
			return err
		})
	}
	if err := put("a"); err != nil {
		t.Fatal(err)
	}
	if n, err := ask(); err != nil || n != 1 {
		t.Fatalf("got %d, %v", n, err)
	}
	if err := db.InTx(context.Background(), func(tx *Tx) error {
		_, err := tx.Exec("ALTER TABLE settings ADD COLUMN more TEXT NOT NULL DEFAULT ''")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := put("b"); err != nil {
		t.Fatal(err)
	}
	if n, err := ask(); err != nil || n != 2 {
		t.Errorf("got %d, %v", n, err)
	}
}

func TestListsOfManyLengthsShareFewStatements(t *testing.T) {
	db := Test(t)
	var want []string
	for n := range 40 {
		want = append(want, fmt.Sprint("name", n))
		err := db.InTx(t.Context(), func(tx *Tx) error {
			_, err := tx.Exec("INSERT INTO settings (name, value) VALUES ($1, '')", want[n])
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		list, args := Among(want)
		var found int
		if err := db.QueryRow(t.Context(), "SELECT count(*) FROM settings WHERE name IN ("+list+")", args...).Scan(&found); err != nil || found != n+1 {
			t.Errorf("%d names: found %d, %v", n+1, found, err)
		}
	}
	if db.reading != nil && len(db.reading.of) != len(lengths) {
		t.Errorf("%d statements are kept, want one for each of the lengths %v", len(db.reading.of), lengths)
	}
}
