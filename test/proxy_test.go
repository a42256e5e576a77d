package test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

func TestBehindNginxOnASocketWhoeverFailsIsBannedAndNotTheProxy(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "hark.sock")
	s := newSite(t, "HARK_ADDR=unix:"+socket, "HARK_TRUSTED_PROXIES=127.0.0.1/32")
	log := strings.TrimPrefix(s.setting("HARK_AUTH_LOG"), "file:")
	write(t, log, "")
	jail := newFail2ban(t, log)
	startNginx(t, s, "unix:"+socket)
	s.start()
	s.owner()

	forger := from(t, "127.0.0.43")
	for range 5 {
		req, err := formRequest(s.url+"/login", url.Values{"username": {ownerName}, "password": {"not the right words"}})
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Forwarded-For", "198.51.100.9, 127.0.0.1")
		req.Header.Set("Origin", s.url)
		if a := forger.must(req, nil); a.status != http.StatusUnauthorized {
			t.Errorf("a wrong login is answered %d, want 401", a.status)
		}
	}
	from(t, "127.0.0.44").login(s)
	jail.waitForBans("127.0.0.43")
	if got := lines(t, log); len(got) != 6 || got[5] != "Accepted login for wren from 127.0.0.44" {
		t.Errorf("the log holds %q", got)
	}
}
