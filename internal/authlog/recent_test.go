package authlog

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
)

func TestTheLastLinesAreRemembered(t *testing.T) {
	l, err := Open("file:"+filepath.Join(t.TempDir(), "auth.log"), "hark")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got := l.Recent(); len(got) != 0 {
		t.Errorf("at first there are %v", got)
	}
	for i := range 450 {
		l.Failure(fmt.Sprintf("user%d", i), Password, attacker)
	}
	got := l.Recent()
	if len(got) != recentLines || got[0].Text != "Authentication failure for user449 from 203.0.113.66" || got[199].Text != "Authentication failure for user250 from 203.0.113.66" || got[0].At.IsZero() {
		t.Errorf("%d are remembered, from %v to %v", len(got), got[0], got[len(got)-1])
	}
}

func TestWhoObservesHearsOfEachAttemptOnce(t *testing.T) {
	l, err := Open("file:"+filepath.Join(t.TempDir(), "auth.log"), "hark")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.Accepted("alice", Password, attacker) // nobody observes
	var heard []string
	l.Observe(func(a Attempt) {
		heard = append(heard, fmt.Sprintf("%s by %s from %s", a.Result, a.Method.Name(), a.From))
	})
	l.Accepted("alice", Passkey, attacker)
	l.Failure("alice", Password, attacker)
	l.Invalid("bob", Password, attacker)
	l.UnknownToken(attacker)
	l.Throttled("alice", attacker)
	l.LoggedOut("alice", attacker)
	l.Rejected(Pingback, NoLink, attacker)
	want := []string{"accepted by passkey from 203.0.113.66", "failed by password from 203.0.113.66", "failed by password from 203.0.113.66",
		"failed by token from 203.0.113.66", "throttled by password from 203.0.113.66"}
	if !slices.Equal(heard, want) {
		t.Errorf("heard %q, want %q", heard, want)
	}
}
