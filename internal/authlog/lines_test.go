package authlog

import (
	"bytes"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var (
	attacker = netip.MustParseAddr("203.0.113.66")
	victim   = netip.MustParseAddr("198.51.100.1")
)

// written gives the lines of a file log after the events.
func written(t *testing.T, events func(*Log)) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "auth.log")
	l, err := Open("file:"+path, "hark")
	if err != nil {
		t.Fatal(err)
	}
	events(l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func message(t *testing.T, logged string) string {
	t.Helper()
	_, text, found := strings.Cut(logged, "]: ")
	if !found {
		t.Fatalf("no ident in %q", logged)
	}
	return text
}

func TestTheWordsAreTheContract(t *testing.T) {
	v6 := netip.MustParseAddr("2001:db8::5")
	mapped := netip.MustParseAddr("::ffff:203.0.113.66")
	zoned := netip.MustParseAddr("fe80::1%eth0")
	for _, c := range []struct {
		event func(*Log)
		want  string
	}{
		{func(l *Log) { l.Accepted("alice", Password, attacker) }, "Accepted login for alice from 203.0.113.66"},
		{func(l *Log) { l.Accepted("alice", Passkey, v6) }, "Accepted login for alice (passkey) from 2001:db8::5"},
		{func(l *Log) { l.Accepted("alice", Token, mapped) }, "Accepted login for alice (token) from 203.0.113.66"},
		{func(l *Log) { l.Accepted("alice", RecoveryCode, zoned) }, "Accepted login for alice (recovery-code) from fe80::1"},
		{func(l *Log) { l.Accepted("alice", Reset, attacker) }, "Accepted login for alice (reset) from 203.0.113.66"},
		{func(l *Log) { l.Failure("alice", Password, attacker) }, "Authentication failure for alice from 203.0.113.66"},
		{func(l *Log) { l.Failure("alice", SecondFactor, attacker) }, "Authentication failure for alice (second-factor) from 203.0.113.66"},
		{func(l *Log) { l.Failure("", Passkey, attacker) }, "Authentication failure for - (passkey) from 203.0.113.66"},
		{func(l *Log) { l.Failure("https://alice.example/", IndieAuth, attacker) }, "Authentication failure for https://alice.example/ (indieauth) from 203.0.113.66"},
		{func(l *Log) { l.UnknownToken(attacker) }, "Authentication failure for API User from 203.0.113.66"},
		{func(l *Log) { l.Invalid("bob", Password, attacker) }, "Invalid user bob from 203.0.113.66"},
		{func(l *Log) { l.Throttled("alice", attacker) }, "Too many authentication failures for alice from 203.0.113.66"},
		{func(l *Log) { l.LoggedOut("alice", attacker) }, "User logged out alice from 203.0.113.66"},
		{func(l *Log) { l.Rejected(Pingback, Malformed, attacker) }, "Pingback rejected (malformed) from 203.0.113.66"},
		{func(l *Log) { l.Rejected(Webmention, NoLink, netip.Addr{}) }, "Webmention rejected (no-link) from unknown"},
	} {
		got := written(t, c.event)
		if len(got) != 1 || message(t, got[0]) != c.want {
			t.Errorf("got %q, want one line %q", got, c.want)
		}
	}
}

func TestEveryFailureIsCountedAndNoSuccessIs(t *testing.T) {
	auth, mention := loadFilter(t, "hark-auth", ""), loadFilter(t, "hark-mention", "")
	for _, kind := range Kinds() {
		logged := withoutTime(t, written(t, func(l *Log) { kind.Write(l, attacker) })[0])
		if got := message(t, logged); got != kind.Name+" from "+attacker.String() {
			t.Errorf("the kind %q writes %q", kind.Name, got)
		}
		if got, ok := auth.banned(logged); ok != (kind.Counted && !kind.Ping) || ok && got != attacker {
			t.Errorf("%q: banned %v %v as one who signs in", logged, got, ok)
		}
		if got, ok := mention.banned(logged); ok != (kind.Counted && kind.Ping) || ok && got != attacker {
			t.Errorf("%q: banned %v %v as a sender of pings", logged, got, ok)
		}
		unknown := withoutTime(t, written(t, func(l *Log) { kind.Write(l, netip.Addr{}) })[0])
		if got, ok := auth.banned(unknown); ok {
			t.Errorf("%q bans %v", unknown, got)
		}
	}
}

func TestEveryReasonIsHeldAgainstTheFilters(t *testing.T) {
	normal := loadFilter(t, "hark-mention", "")
	aggressive := loadFilter(t, "hark-mention", "aggressive")
	onlyAggressive := []Reason{RateLimited, NoTarget}
	for _, p := range []Protocol{Pingback, Webmention} {
		for _, why := range Reasons() {
			logged := withoutTime(t, written(t, func(l *Log) { l.Rejected(p, why, attacker) })[0])
			if got, ok := normal.banned(logged); ok != why.Counted() || ok && got != attacker {
				t.Errorf("%q: banned %v %v, want %v", logged, got, ok, why.Counted())
			}
			want := why.Counted() || slices.Contains(onlyAggressive, why)
			if got, ok := aggressive.banned(logged); ok != want || ok && got != attacker {
				t.Errorf("aggressive, %q: banned %v %v, want %v", logged, got, ok, want)
			}
		}
	}
}

func TestT11NewlineInUserNameForgesNothing(t *testing.T) {
	auth := loadFilter(t, "hark-auth", "")
	mention := loadFilter(t, "hark-mention", "aggressive")
	failures := []func(*Log, string){
		func(l *Log, name string) { l.Failure(name, Password, attacker) },
		func(l *Log, name string) { l.Failure(name, IndieAuth, attacker) },
		func(l *Log, name string) { l.Invalid(name, Password, attacker) },
		func(l *Log, name string) { l.Throttled(name, attacker) },
	}
	harmless := []func(*Log, string){
		func(l *Log, name string) { l.Accepted(name, Password, attacker) },
		func(l *Log, name string) { l.LoggedOut(name, attacker) },
	}
	for _, name := range HostileNames(victim) {
		for i, event := range slices.Concat(failures, harmless) {
			logged := written(t, func(l *Log) { event(l, name) })
			if len(logged) != 1 {
				t.Fatalf("%q made %d lines: %q", name, len(logged), logged)
			}
			if len(logged[0]) > 200 {
				t.Errorf("%q made a line of %d bytes", name, len(logged[0]))
			}
			got, ok := auth.banned(withoutTime(t, logged[0]))
			if fails := i < len(failures); ok != fails || ok && got != attacker {
				t.Errorf("%q: %q bans %v %v", name, logged[0], got, ok)
			}
			if got, ok := mention.banned(withoutTime(t, logged[0])); ok {
				t.Errorf("%q: %q bans %v as a sender of mentions", name, logged[0], got)
			}
		}
	}
}

func TestUserIsOneToken(t *testing.T) {
	for _, c := range []struct{ user, want string }{
		{"alice", "alice"},
		{"https://alice.example/~al", "https://alice.example/%7Eal"},
		{"a.b_c@d+e:f/g-h", "a.b_c@d+e:f/g-h"},
		{"100%", "100%25"},
		{"a b", "a%20b"},
		{"ä", "%C3%A4"},
		{"", "-"},
		{strings.Repeat("a", 64), strings.Repeat("a", 64)},
		{strings.Repeat("a", 65), strings.Repeat("a", 64) + "~"},
		{strings.Repeat("a", 62) + "\n", strings.Repeat("a", 62) + "~"},
	} {
		if got := token(c.user); got != c.want {
			t.Errorf("token(%q) = %q, want %q", c.user, got, c.want)
		}
	}
}

func FuzzUser(f *testing.F) {
	for _, name := range HostileNames(victim) {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := token(name)
		if got == "" || len(got) > tokenLength+1 {
			t.Fatalf("token(%q) is %d bytes long", name, len(got))
		}
		body := strings.TrimSuffix(got, "~")
		if strings.Trim(body, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@+:/%-") != "" {
			t.Fatalf("token(%q) = %q", name, got)
		}
	})
}

// It swaps the program's logger, so it cannot run beside tests that log.
func TestUnknownAddressWarnsOnce(t *testing.T) {
	var told bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&told, nil)))
	defer slog.SetDefault(before)
	written(t, func(l *Log) {
		l.Failure("alice", Password, netip.Addr{})
		l.Failure("alice", Password, netip.Addr{})
	})
	if got := strings.Count(told.String(), "HARK_TRUSTED_PROXIES"); got != 1 {
		t.Errorf("warned %d times, want once: %s", got, told.String())
	}
}
