package test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
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
	t.Parallel()
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
	t.Parallel()
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
	jail.waitForFailures("hark-auth", 2*limit-1)
	jail.waitForBans("127.0.0.42")

	wrongLogin(t, s, clumsy, ownerName)
	jail.waitForBans("127.0.0.41", "127.0.0.42")
}

func TestLoginsGoOnWhileTheSystemLogIsHungOrGoneAndNoLineIsLost(t *testing.T) {
	t.Parallel()
	syslog := newSyslogd(t)
	s := start(t, "HARK_AUTH_LOG=syslog:"+syslog.socket)
	s.owner()
	hasty := from(t, "127.0.0.57")
	tries := 0
	try := func(times int) {
		t.Helper()
		for range times {
			tries++
			begun := time.Now()
			hasty.post(s.url+"/login", url.Values{"username": {"root"}, "password": {"not the right words"}})
			if took := time.Since(begun); took > 5*time.Second {
				t.Fatalf("attempt %d waited %v", tries, took)
			}
		}
	}
	arrived := func(want int) {
		t.Helper()
		eventually(t, 10*time.Second, fmt.Sprintf("%d lines are in the system log or on standard error", want), func() error {
			logged, fallen := len(lines(t, syslog.auth)), strings.Count(s.process.output.String(), " from 127.0.0.57\n")
			if logged+fallen != want {
				return fmt.Errorf("%d are in the one and %d on the other", logged, fallen)
			}
			return nil
		})
	}
	try(1)
	arrived(tries)

	length, err := os.ReadFile("/proc/sys/net/unix/max_dgram_qlen")
	if err != nil {
		t.Skip("how much a socket holds is not known here")
	}
	holds, err := strconv.Atoi(strings.TrimSpace(string(length)))
	if err != nil {
		t.Fatal(err)
	}
	_ = syslog.process.cmd.Process.Signal(syscall.SIGSTOP)
	try(holds + 50)
	eventually(t, 10*time.Second, "what a hung system log does not take is on standard error", func() error {
		if !strings.Contains(s.process.output.String(), "]: Too many authentication failures for root from 127.0.0.57\n") {
			return errors.New("no line is")
		}
		return nil
	})
	_ = syslog.process.cmd.Process.Signal(syscall.SIGCONT)
	arrived(tries)

	syslog.process.end(syscall.SIGKILL, time.Second)
	try(3)
	arrived(tries)
	before := len(lines(t, syslog.auth))
	syslog.start()
	eventually(t, 10*time.Second, "lines come to the system log again", func() error {
		try(1)
		if len(lines(t, syslog.auth)) == before {
			return errors.New("none has come")
		}
		return nil
	})
	arrived(tries)
}

func TestAfterTheMoveFromKnownItsOldFilterStillFinds(t *testing.T) {
	t.Parallel()
	syslog := newSyslogd(t)
	s := start(t, "HARK_AUTH_LOG=syslog:"+syslog.socket, "HARK_AUTH_LOG_IDENT=idno(blog.example)")
	s.owner()
	wrongLogin(t, s, from(t, "127.0.0.54"), ownerName)
	wrongLogin(t, s, from(t, "127.0.0.55"), "nobody")
	from(t, "127.0.0.56").login(s)
	waitForLines(t, syslog.auth, 3)

	dir := bareFail2banFolder(t)
	write(t, filepath.Join(dir, "filter.d", "old.conf"), `[INCLUDES]
before = common.conf
[Definition]
_daemon = idno
failregex = ^%(__prefix_line)sAuthentication failure for .* from <HOST>$
            ^%(__prefix_line)sInvalid user .* from <HOST>$
`)
	if got, want := matchesIn(t, dir, "old", syslog.auth), []string{"127.0.0.54", "127.0.0.55"}; !slices.Equal(got, want) {
		t.Errorf("the old filter finds %q, want %q", got, want)
	}
}
