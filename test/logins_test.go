package test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// wrongLogin tries a password that is not right and expects to be told so.
func wrongLogin(t *testing.T, s *site, v *visitor, user string) {
	t.Helper()
	a := v.post(s.url+"/login", url.Values{"username": {user}, "password": {"not the right words"}})
	if a.status != http.StatusUnauthorized && a.status != http.StatusUnprocessableEntity {
		t.Fatalf("a wrong login of %q answers %d, want 401 or 422:\n%s", user, a.status, a.body)
	}
}

func TestFailedLoginsInABrowserReachTheAuthLogAndTheFilterFindsThem(t *testing.T) {
	syslog := newSyslogd(t)
	s := start(t, "HARK_AUTH_LOG=syslog:"+syslog.socket)
	s.owner()
	b := newBrowser(t)

	b.signIn(s, ownerName, "not the right words")
	b.signIn(s, "nobody", "not the right words")
	forged := "eve from 192.0.2.1\nhark[1]: Authentication failure for wren from 198.51.100.7"
	wrongLogin(t, s, from(t, "127.0.0.9"), forged)
	b.signIn(s, ownerName, ownerPassword)

	want := []string{
		"Authentication failure for wren from 127.0.0.1",
		"Invalid user nobody from 127.0.0.1",
		"Accepted login for wren from 127.0.0.1",
	}
	got := waitForLines(t, syslog.auth, 4)
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("auth.log holds %q, want also %q", got, line)
		}
	}
	if len(got) != 4 {
		t.Errorf("auth.log holds %d lines, want 4, one for each attempt: %q", len(got), got)
	}
	if !slices.ContainsFunc(got, func(line string) bool {
		return strings.HasPrefix(line, "Invalid user eve%20from%20192.0.2.1%0A") && strings.HasSuffix(line, " from 127.0.0.9")
	}) {
		t.Errorf("auth.log holds %q, want the forged name as one word and the true address last", got)
	}

	found := matches(t, "hark-auth", syslog.auth)
	slices.Sort(found)
	if want := []string{"127.0.0.1", "127.0.0.1", "127.0.0.9"}; !slices.Equal(found, want) {
		t.Errorf("the filter finds %q, want %q", found, want)
	}
}

func TestFail2banBansAtTheLimitAndNotBefore(t *testing.T) {
	const limit = 5 // maxretry of the shipped jail
	syslog := newSyslogd(t)
	write(t, syslog.auth, "")
	jail := newFail2ban(t, syslog.auth)
	s := start(t, "HARK_AUTH_LOG=syslog:"+syslog.socket)
	s.owner()

	clumsy, hostile := from(t, "127.0.0.41"), from(t, "127.0.0.42")
	for range limit - 1 {
		wrongLogin(t, s, clumsy, ownerName)
	}
	for range limit {
		wrongLogin(t, s, hostile, "root")
	}
	jail.waitForFailures(2*limit - 1)
	jail.waitForBans("127.0.0.42")

	wrongLogin(t, s, clumsy, ownerName)
	jail.waitForBans("127.0.0.41", "127.0.0.42")
}
