package test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"hark/internal/authlog"
)

func TestHostileNamesBanTheirSendersAndNobodyElse(t *testing.T) {
	t.Parallel()
	syslog := newSyslogd(t)
	write(t, syslog.auth, "")
	jail := newFail2ban(t, syslog.auth)
	log, err := authlog.Open("syslog:"+syslog.socket, "hark")
	if err != nil {
		t.Fatal(err)
	}
	var senders []string
	for i, name := range authlog.HostileNames(netip.MustParseAddr("198.51.100.1")) {
		from := netip.AddrFrom4([4]byte{203, 0, 113, byte(i + 1)})
		senders = append(senders, from.String())
		log.Failure(name, authlog.Password, from)
		log.Failure(name, authlog.Passkey, from)
		log.Failure(name, authlog.IndieAuth, from)
		log.Invalid(name, authlog.Password, from)
		log.Throttled(name, from)
	}
	if err := log.Close(); err != nil || log.Failed() > 0 {
		t.Fatalf("%d lines did not reach rsyslogd: %v", log.Failed(), err)
	}
	jail.waitForFailures("hark-auth", 5*len(senders))
	jail.waitForBans(senders...)
	for _, line := range waitForLines(t, syslog.auth, 5*len(senders)) {
		if len(line) > 150 {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
}

func TestFalsePingsBanTheirSenderAndHonestFailuresDoNot(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	log := strings.TrimPrefix(s.setting("HARK_AUTH_LOG"), "file:")
	write(t, log, "")
	jail := newFail2ban(t, log)
	s.start()
	target := s.publish(s.owner(), "Rain", "<p>Eleven millimetres.</p>")
	nothing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }))
	defer nothing.Close()

	honest := from(t, "127.0.0.51")
	for n := range 5 {
		for _, pair := range []url.Values{
			{"source": {nothing.URL + "/" + strconv.Itoa(n)}, "target": {target}},
			{"source": {s.url + "/"}, "target": {target}},
			{"source": {nothing.URL + "/page"}, "target": {s.url + "/2026/nothing-" + strconv.Itoa(n)}},
		} {
			honest.post(s.url+"/webmention", pair)
		}
	}
	for range 60 {
		if honest.post(s.url+"/webmention", url.Values{"source": {nothing.URL}, "target": {s.url + "/none"}}).status == http.StatusTooManyRequests {
			break
		}
	}
	eventually(t, 20*time.Second, "each honest failure is logged", func() error {
		all := strings.Join(lines(t, log), "\n")
		for reason, times := range map[string]int{"gone": 5, "duplicate": 5, "no-target": 5, "rate-limited": 1} {
			if got := strings.Count(all, "Webmention rejected ("+reason+") from 127.0.0.51"); got < times {
				return fmt.Errorf("%s is logged %d times, want %d", reason, got, times)
			}
		}
		return nil
	})
	// A line says unreachable after days of trying, and a flood over its budget makes one a minute.
	later, err := authlog.Open("file:"+log, "hark")
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		later.Rejected(authlog.Pingback, authlog.Unreachable, netip.MustParseAddr("127.0.0.51"))
		later.Rejected(authlog.Pingback, authlog.RateLimited, netip.MustParseAddr("127.0.0.51"))
	}
	later.Close()

	for range 3 {
		spam(t, s, "127.0.0.52", "buy")
	}
	for range 4 {
		spam(t, s, "127.0.0.53", "buy")
	}
	jail.waitForFailures("hark-mention", 7)
	jail.waitForBans("127.0.0.53")
	spam(t, s, "127.0.0.52", "buy")
	jail.waitForBans("127.0.0.52", "127.0.0.53")
}
