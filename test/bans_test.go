package test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// behindProxy is a hark that believes what any address of loopback says of its clients.
func behindProxy(t *testing.T) *site {
	s := start(t, "HARK_TRUSTED_PROXIES=127.0.0.0/8")
	s.owner()
	return s
}

// asked is the status of an answer to a client behind the proxy.
func (s *site) asked(client, path string) int {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("X-Forwarded-For", client)
	return from(s.t, "127.0.0.1").must(req, nil).status
}

func (s *site) soon(client string, want int) {
	s.t.Helper()
	eventually(s.t, 5*time.Second, fmt.Sprintf("%s is answered %d", client, want), func() error {
		if got := s.asked(client, "/"); got != want {
			return fmt.Errorf("it is answered %d", got)
		}
		return nil
	})
}

func TestBansAreMadeAndLiftedWhileTheSiteRuns(t *testing.T) {
	t.Parallel()
	s := behindProxy(t)
	s.command("", "ban", "add", "203.0.113.5", "--for", "1h", "--why", "rude")
	s.command("", "ban", "add", "203.0.113.5", "--for=7d", "--why", "very rude")
	s.command("", "ban", "add", "2001:db8::5", "--source", "fail2ban-hark-auth", "--for=-1s")
	s.soon("203.0.113.5", http.StatusForbidden)
	s.soon("2001:db8::77", http.StatusForbidden)
	for _, path := range []string{"/", "/healthz", "/robots.txt", "/nowhere"} {
		if got := s.asked("203.0.113.5", path); got != http.StatusForbidden {
			t.Errorf("%s is answered %d, want 403", path, got)
		}
		if got := s.asked("203.0.113.6", path); got == http.StatusForbidden {
			t.Errorf("%s is answered 403 to a neighbour", path)
		}
	}
	list := s.command("", "ban", "list")
	if lines := strings.Split(list, "\n"); len(lines) != 2 || !strings.Contains(list, "very rude") || !strings.Contains(list, "by fail2ban-hark-auth") {
		t.Errorf("the list is\n%s", list)
	}
	s.command("", "ban", "flush", "--source", "fail2ban-hark-auth")
	s.soon("2001:db8::77", http.StatusOK)
	for range 2 {
		s.command("", "ban", "del", "203.0.113.5")
	}
	s.soon("203.0.113.5", http.StatusOK)

	for _, wrong := range [][]string{{"127.0.0.1"}, {"127.0.0.9/32"}, {"0.0.0.0/0"}, {"unknown"}, {"203.0.113.5", "--for", "soon"}} {
		cmd := s.cmd(append([]string{"ban", "add"}, wrong...)...)
		if out, err := cmd.CombinedOutput(); err == nil || strings.Count(string(out), "\n") != 1 {
			t.Errorf("ban add %v: %v, says %q", wrong, err, out)
		}
	}
	elsewhere := s.cmd("ban", "add", "203.0.113.5", "--data", t.TempDir())
	if out, err := elsewhere.CombinedOutput(); err == nil || !strings.Contains(string(out), "no site in") {
		t.Errorf("where no site is: %v, says %q", err, out)
	}
}

func TestBehindAProxyFail2banHasHarkRefuseWhomItBans(t *testing.T) {
	t.Parallel()
	s := behindProxy(t)
	log := strings.TrimPrefix(s.setting("HARK_AUTH_LOG"), "file:")
	jail := newFail2banActing(t, log, fmt.Sprintf("hark-deny[hark=%s, data=%s]", os.Getenv("HARK_BINARY"), s.data))
	fail := func(client string) {
		t.Helper()
		req, err := formRequest(s.url+"/login", url.Values{"username": {"root"}, "password": {"not the right words"}})
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Forwarded-For", client)
		req.Header.Set("Origin", s.url)
		from(t, "127.0.0.1").must(req, nil)
	}
	for _, client := range []string{"203.0.113.5", "2001:db8::5"} {
		for range 5 {
			fail(client)
		}
		s.soon(client, http.StatusForbidden)
	}
	s.soon("203.0.113.6", http.StatusOK)
	if list := s.command("", "ban", "list"); strings.Count(list, "by fail2ban-hark-auth") != 2 {
		t.Errorf("banned are\n%s", list)
	}
	if _, err := jail.client("set", "hark-auth", "unbanip", "203.0.113.5"); err != nil {
		t.Fatal(err)
	}
	s.soon("203.0.113.5", http.StatusOK)
	if _, err := jail.client("stop", "hark-auth"); err != nil {
		t.Fatal(err)
	}
	s.soon("2001:db8::5", http.StatusOK)
}
