package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/internal/answer/fuzztest"
	"hark/internal/auth"
)

func TestLoginBeginsASession(t *testing.T) {
	h := build(t)
	added := h.add("alice", auth.Owner)
	s, err := h.login(" ALICE ", password, "", home)
	if err != nil {
		t.Fatal(err)
	}
	if s.User != *added || s.Token == "" || s.Device == "" || s.Token == s.Device || !s.Expires.Equal(h.clock().Add(90*24*time.Hour)) {
		t.Errorf("got %+v", s)
	}
	u, err := h.Session(t.Context(), s.Token)
	if err != nil || *u != *added {
		t.Errorf("the session is %v's, %v", u, err)
	}
	again := h.mustLogin(s.Device, home)
	if again.Token == s.Token || again.Device != s.Device {
		t.Error("a login should make a new token and keep the device")
	}
	h.wantLines("Accepted login for alice from 203.0.113.5", "Accepted login for alice from 203.0.113.5")
}

func TestT20RefusedLoginWritesOneLine(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	for _, c := range []struct{ name, secret, line string }{
		{"alice", wrong, "Authentication failure for alice from 198.51.100.66"},
		{"alice", "", "Authentication failure for alice from 198.51.100.66"},
		{"bob", password, "Invalid user bob from 198.51.100.66"},
		{"", password, "Invalid user - from 198.51.100.66"},
		{"alice\nInvalid user x from 203.0.113.5", password,
			"Invalid user alice%0AInvalid%20user%20x%20from%20203.0.113.5 from 198.51.100.66"},
		{"\xff\x00", password, "Too many authentication failures for %FF%00 from 198.51.100.66"},
	} {
		_, err := h.login(c.name, c.secret, "", attacker)
		if throttled := strings.HasPrefix(c.line, "Too many"); throttled != isThrottled(err) || !throttled && err != auth.ErrRefused {
			t.Errorf("%q: %v", c.name, err)
		}
		h.wantLines(c.line)
	}
}

func TestUnknownNameTakesAsLongAsAWrongPassword(t *testing.T) {
	h := build(t)
	h.register("alice", auth.Owner)
	known, unknown := time.Hour, time.Hour
	for range 8 { // the collector works too, once more and once less
		for name, least := range map[string]*time.Duration{"alice": &known, "nobody": &unknown} {
			before := fuzztest.Worked(t)
			if _, err := h.login(name, wrong, "", home); err != auth.ErrRefused {
				t.Fatal(err)
			}
			*least = min(*least, fuzztest.Worked(t)-before)
		}
		h.pass(time.Hour)
	}
	if 3*unknown < 2*known || 3*known < 2*unknown {
		t.Errorf("known %v, unknown %v of work", known, unknown)
	}
}

func TestAddressMayFailFiveTimesAMinute(t *testing.T) {
	for _, c := range []struct {
		name       string
		from, next netip.Addr
	}{
		{"IPv4", attacker, attacker},
		{"a /64", netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::ffff:1")},
		{"not known", netip.Addr{}, netip.Addr{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := build(t)
			h.add("alice", auth.Owner)
			for i := range 5 {
				if _, err := h.login(fmt.Sprintf("user%d", i), wrong, "", c.from); err != auth.ErrRefused {
					t.Fatalf("attempt %d: %v", i, err)
				}
			}
			h.lines()
			_, err := h.login("alice", password, "", c.next)
			var throttled *auth.Throttled
			if !errors.As(err, &throttled) || throttled.RetryAfter != 12*time.Second {
				t.Fatalf("the sixth: %v, want to come back after 12 s", err)
			}
			if got := h.lines(); len(got) != 1 || !strings.HasPrefix(got[0], "Too many authentication failures for alice from ") {
				t.Errorf("the auth log has %q", got)
			}
			h.mustLogin("", home) // from elsewhere
			h.pass(throttled.RetryAfter)
			if _, err := h.login("alice", password, "", c.from); err != nil {
				t.Errorf("after the wait: %v", err)
			}
		})
	}
}

func TestSuccessesAreNotCounted(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	for range 12 {
		h.mustLogin("", home)
	}
}

func TestStrangerCannotLockTheOwnerOut(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	device := h.mustLogin("", home).Device
	bot := func(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("198.51.%d.1", i)) }
	for i := range 10 {
		if _, err := h.login("alice", wrong, "", bot(i)); err != auth.ErrRefused {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	if _, err := h.login("alice", password, "", bot(11)); !isThrottled(err) {
		t.Errorf("the eleventh from a new device: %v", err)
	}
	if _, err := h.login("alice", password, "made up", bot(12)); !isThrottled(err) {
		t.Errorf("with a device made up: %v", err)
	}
	h.mustLogin(device, home)

	h.pass(90 * time.Second) // one fifteenth part of the budget comes back
	h.mustLogin("", bot(13))
}

func TestKnownDeviceIsLimitedToo(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	h.add("bob", auth.Author)
	device := h.mustLogin("", home).Device
	for i := range 10 {
		from := netip.MustParseAddr(fmt.Sprintf("198.51.%d.1", i))
		if _, err := h.login("alice", wrong, device, from); err != auth.ErrRefused {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	if _, err := h.login("alice", password, device, home); !isThrottled(err) {
		t.Errorf("the eleventh from a stolen device: %v", err)
	}
	h.mustLogin("", home) // the account itself is not throttled
	s, err := h.login("bob", password, device, home)
	if err != nil || s.Device == device {
		t.Errorf("somebody else's device was taken for bob's: %v", err)
	}
}

func TestOwnerGetsInWhereNoAddressIsKnown(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	device := h.mustLogin("", netip.Addr{}).Device
	for range 5 {
		if _, err := h.login("bob", wrong, "", netip.Addr{}); err != auth.ErrRefused {
			t.Fatal(err)
		}
	}
	if _, err := h.login("alice", password, "", netip.Addr{}); !isThrottled(err) {
		t.Errorf("a new device: %v", err)
	}
	h.mustLogin(device, netip.Addr{})
}

func TestSessionSlidesAndEnds(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name  string
		seen  []time.Duration // how long between visits
		alive bool
	}{
		{"two weeks without a visit", []time.Duration{14 * day}, false},
		{"nearly two weeks", []time.Duration{14*day - time.Second}, true},
		{"a visit in between", []time.Duration{10 * day, 10 * day}, true},
		{"90 days with visits", []time.Duration{13 * day, 13 * day, 13 * day, 13 * day, 13 * day, 13 * day, 12 * day}, false},
		{"nearly 90 days", []time.Duration{13 * day, 13 * day, 13 * day, 13 * day, 13 * day, 13 * day, 12*day - time.Second}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := build(t)
			h.add("alice", auth.Owner)
			s := h.mustLogin("", home)
			var err error
			for _, pause := range c.seen {
				h.pass(pause)
				_, err = h.Session(t.Context(), s.Token)
			}
			if alive := err == nil; alive != c.alive || !alive && err != auth.ErrNoSession {
				t.Errorf("alive %v (%v), want %v", alive, err, c.alive)
			}
		})
	}
}

func TestVisitsAreWrittenOnceAnHour(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	s := h.mustLogin("", home)
	seen := func() (at int64) {
		t.Helper()
		if _, err := h.Session(t.Context(), s.Token); err != nil {
			t.Fatal(err)
		}
		if err := h.db.QueryRow(t.Context(), "SELECT seen_at FROM sessions").Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	begun := h.clock().Unix()
	h.pass(59 * time.Minute)
	if got := seen(); got != begun {
		t.Error("written within the hour")
	}
	h.pass(time.Minute)
	if got := seen(); got != h.clock().Unix() {
		t.Error("not written after an hour")
	}
}

func TestLogoutEndsTheSession(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	first, second := h.mustLogin("", home), h.mustLogin("", home)
	h.lines()
	for range 2 {
		if err := h.Logout(t.Context(), first.Token, home); err != nil {
			t.Fatal(err)
		}
	}
	h.wantLines("User logged out alice from 203.0.113.5")
	if _, err := h.Session(t.Context(), first.Token); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("after the logout: %v", err)
	}
	if _, err := h.Session(t.Context(), second.Token); err != nil {
		t.Errorf("the other session: %v", err)
	}
	for _, token := range []string{"", "x", first.Device} {
		if _, err := h.Session(t.Context(), token); err != auth.ErrNoSession {
			t.Errorf("token %q: %v", token, err)
		}
	}
}

func TestEndedSessionsAndOldDevicesAreForgotten(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	for range 52 {
		h.mustLogin("", home)
		h.pass(24 * time.Hour)
	}
	for query, most := range map[string]int{
		"SELECT COUNT(*) FROM sessions": 14,
		"SELECT COUNT(*) FROM devices":  50,
	} {
		var got int
		if err := h.db.QueryRow(t.Context(), query).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != most {
			t.Errorf("%s: %d, want %d", query, got, most)
		}
	}
}

func TestHostileAgentIsStoredClean(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	if _, err := h.Login(t.Context(), "alice", password, "", home, "A\x00B\xff\n"+strings.Repeat("ä", 4000)); err != nil {
		t.Fatal(err)
	}
	var agent string
	if err := h.db.QueryRow(t.Context(), "SELECT agent FROM sessions").Scan(&agent); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(agent, "AB") || len(agent) > 310 || strings.ContainsAny(agent, "\x00\n\uFFFD") {
		t.Errorf("stored %q", agent)
	}
}

func TestWaitingLoginRespectsItsContext(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Login(ctx, "alice", wrong, "", home, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	h.wantLines()
}

func TestManyLoginsAtOnceStayWithinTheBudget(t *testing.T) {
	h := build(t)
	h.register("alice", auth.Owner)
	var all sync.WaitGroup
	var mu sync.Mutex
	read := 0
	for range 20 {
		all.Go(func() {
			_, err := h.login("alice", wrong, "", attacker)
			if err == auth.ErrRefused {
				mu.Lock()
				read++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if lines := h.lines(); read != 5 || len(lines) != 20 {
		t.Errorf("%d passwords were looked at, %d lines written; want 5 and 20", read, len(lines))
	}
}
