package database

import (
	"slices"
	"testing"
	"time"
)

func TestNumbersOfIDsAreInTheirOrderAndFitAProgramInJavaScript(t *testing.T) {
	ids := make([]string, 500)
	for n := range ids {
		ids[n] = NewID()
	}
	if age := time.Since(NumberTime(Number(ids[0]))); age < 0 || age > time.Minute {
		t.Errorf("the first was made %v ago by its number", age)
	}
	slices.Sort(ids)
	for n, id := range ids {
		number := Number(id)
		if number <= 0 || number > 1<<53-1 || n > 0 && number < Number(ids[n-1]) {
			t.Fatalf("%s has the number %d after %d", id, number, Number(ids[max(n-1, 0)]))
		}
		if after := AfterNumber(number); id >= after {
			t.Errorf("%s stands after itself", id)
		}
		if before := AfterNumber(number - 1); id < before {
			t.Errorf("%s does not stand after the number before its own", id)
		}
	}
}

func TestWhatIsNoIDHasNoNumber(t *testing.T) {
	for _, id := range []string{"", "m", "NOT AN ID", "0123"} {
		if got := Number(id); got != 0 {
			t.Errorf("%q has the number %d", id, got)
		}
	}
	if id := NewID(); id < AfterNumber(-1) || id >= AfterNumber(1<<62) {
		t.Error("the ends are wrong")
	}
}
