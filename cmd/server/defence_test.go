package main

import (
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/guard"
	choices "hark/internal/settings"
)

func TestTheDefaultsOfTheDeskAreThoseOfTheGuard(t *testing.T) {
	got, err := budgets(choices.New(database.Test(t)))(t.Context())
	if err != nil || got != guard.DefaultBudgets() {
		t.Errorf("got %+v, %v, want %+v", got, err, guard.DefaultBudgets())
	}
}

func TestAShortTokenForTheFiguresIsRefused(t *testing.T) {
	for token, ok := range map[string]bool{"": true, "  ": true, "secret": false, "0123456789abcdefghij": true} {
		c := config{Addr: "127.0.0.1:0", URL: "http://blog.example", MetricsToken: token, MetricsAllow: []string{"10.1.2.3"}}
		s, err := c.check()
		if (err == nil) != ok || ok && len(s.measurers) != 1 {
			t.Errorf("%q: %+v, %v", token, s.measurers, err)
		}
	}
}

func TestABansLengthIsReadAsPeopleAndFail2banWriteIt(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "-1s": 0, "90m": 90 * time.Minute, "3600s": time.Hour, "1d": 24 * time.Hour, "2w": 14 * 24 * time.Hour, "-3d": 0, "1h30m": 90 * time.Minute,
	} {
		if got, err := duration(text); err != nil || got != want {
			t.Errorf("%q: %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"d", "soon", "1y", "1 d", "99999999999d", "9223372037s", "5"} {
		if got, err := duration(text); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}
