package database

import (
	"context"
	"errors"
	"testing"
)

func TestWhatIsRememberedIsReadOnceForEachChange(t *testing.T) {
	db := Test(t)
	var kept Remembered[int]
	readings := 0
	read := func(context.Context) (int, error) { readings++; return readings, nil }
	for range 3 {
		if got, err := kept.Read(t.Context(), db, "lists", read); err != nil || got != 1 {
			t.Errorf("got %d, %v, want the first reading", got, err)
		}
	}
	touch := func(name string) {
		if err := db.InTx(t.Context(), func(tx *Tx) error { tx.Touch(name); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	touch("settings")
	if got, err := kept.Read(t.Context(), db, "lists", read); err != nil || got != 1 {
		t.Errorf("after another change: got %d, %v", got, err)
	}
	touch("lists")
	if got, err := kept.Read(t.Context(), db, "lists", read); err != nil || got != 2 {
		t.Errorf("after a change: got %d, %v, want the second reading", got, err)
	}
	touch("lists")
	broken := errors.New("broken")
	if _, err := kept.Read(t.Context(), db, "lists", func(context.Context) (int, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("a reading that fails: %v", err)
	}
	if got, err := kept.Read(t.Context(), db, "lists", read); err != nil || got != 3 {
		t.Errorf("after one that failed: got %d, %v", got, err)
	}
}

// TestAChangeDuringTheReadingIsSeenNext has the number move while something older is
// being read.
func TestAChangeDuringTheReadingIsSeenNext(t *testing.T) {
	db := Test(t)
	var kept Remembered[string]
	got, err := kept.Read(t.Context(), db, "lists", func(ctx context.Context) (string, error) {
		return "old", db.InTx(ctx, func(tx *Tx) error { tx.Touch("lists"); return nil })
	})
	if err != nil || got != "old" {
		t.Errorf("got %q, %v", got, err)
	}
	got, err = kept.Read(t.Context(), db, "lists", func(context.Context) (string, error) { return "new", nil })
	if err != nil || got != "new" {
		t.Errorf("after the change: got %q, %v", got, err)
	}
}
