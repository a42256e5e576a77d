package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	jails "hark/internal/fail2ban"
)

func TestFail2banIsSetUpByOneCommandAndTestedByAnother(t *testing.T) {
	t.Parallel()
	dir := bareFail2banFolder(t)
	write(t, filepath.Join(dir, "jail.d", "mine.local"), "[hark-auth]\naction = record\nignoreself = false\n")
	s := newSite(t)
	log := strings.TrimPrefix(s.setting("HARK_AUTH_LOG"), "file:")
	dirFlag := "--dir=" + dir
	if said := s.refused("fail2ban", "install", dirFlag); !strings.Contains(said, "no log at "+log) {
		t.Errorf("before the log is there: %s", said)
	}
	s.start()
	s.owner()
	if said := s.refused("fail2ban", "test", dirFlag); !strings.Contains(said, "filter.d/hark-auth.conf is missing") {
		t.Errorf("before anything is installed: %s", said)
	}
	if said := s.command("", "fail2ban", "install", dirFlag); !strings.Contains(said, "read "+log) || !strings.Contains(said, "fail2ban-client reload") {
		t.Errorf("install says\n%s", said)
	}

	jail := startFail2ban(t, dir)
	said := s.command("", "fail2ban", "test", dirFlag)
	for _, row := range []string{
		"Authentication failure for alice (passkey) counted",
		"Accepted login for alice not counted",
		"Pingback rejected (malformed) counted",
		"Webmention rejected (gone) not counted",
		"Authentication failure for (a name made to forge a line) counted",
		"All is as it should be.",
	} {
		if !strings.Contains(strings.Join(strings.Fields(said), " "), row) {
			t.Errorf("test does not say %q:\n%s", row, said)
		}
	}
	hostile := from(t, "127.0.0.58")
	for range 5 {
		wrongLogin(t, s, hostile, "root")
	}
	jail.waitForBans("127.0.0.58")

	filter := filepath.Join(dir, "filter.d", "hark-auth.conf")
	text, err := os.ReadFile(filter)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filter, strings.Replace(string(text), "Invalid user", "Unknown user", 2))
	if said := s.refused("fail2ban", "test", dirFlag); !strings.Contains(said, `"Invalid user bob" is not counted`) {
		t.Errorf("with a broken filter: %s", said)
	}
	if said := s.refused("fail2ban", "uninstall", dirFlag); !strings.Contains(said, filter) {
		t.Errorf("uninstall: %s", said)
	}
	s.command("", "fail2ban", "install", dirFlag, "--force")
	s.command("", "fail2ban", "uninstall", dirFlag)
	for _, place := range []string{"filter.d", "jail.d", "action.d"} {
		if found, _ := filepath.Glob(filepath.Join(dir, place, "hark*")); len(found) > 0 {
			t.Errorf("left are %q", found)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "jail.d", "mine.local")); err != nil {
		t.Error(err)
	}
}

func TestFail2banStartsWithJailsThatReadTheJournal(t *testing.T) {
	t.Parallel()
	dir := bareFail2banFolder(t)
	if err := jails.CanReadJournal(t.Context()); err != nil {
		missing(t, "python3-systemd")
	}
	s := newSite(t, "HARK_AUTH_LOG=auto")
	s.command("", "fail2ban", "install", "--dir="+dir)
	startFail2ban(t, dir)
	s.command("", "fail2ban", "test", "--dir="+dir)

	s = newSite(t, "HARK_AUTH_LOG=syslog+udp://127.0.0.1:514")
	if said := s.refused("fail2ban", "install", "--dir="+dir); !strings.Contains(said, "--log") {
		t.Errorf("where the lines come to is not known: %s", said)
	}
	if out, err := exec.Command(peer(t, "fail2ban-client"), "-c", dir, "-t").CombinedOutput(); err != nil {
		t.Errorf("fail2ban does not like its settings: %v\n%s", err, out)
	}
}
