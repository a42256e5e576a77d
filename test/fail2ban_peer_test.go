package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// fail2ban is a private fail2ban-server with the filters and jails that hark ships.
// Its action writes to a file instead of a firewall.
type fail2ban struct {
	t      testing.TB
	dir    string
	socket string
}

// fail2banFolder lays the shipped filters and jails beside Debian's common.conf, as an
// administrator would in /etc/fail2ban.
func fail2banFolder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root(t), "contrib", "fail2ban"))); err != nil {
		t.Fatal(err)
	}
	common, err := os.ReadFile("/etc/fail2ban/filter.d/common.conf")
	if err != nil {
		missing(t, "fail2ban")
	}
	write(t, filepath.Join(dir, "filter.d", "common.conf"), string(common))
	return dir
}

// matches are the addresses that a shipped filter finds in a log, one for each line it counts.
func matches(t testing.TB, filter, log string) []string {
	t.Helper()
	regex := peer(t, "fail2ban-regex")
	dir := fail2banFolder(t)
	out, err := exec.Command(regex, "-c", dir, "-o", "ip", log, filepath.Join(dir, "filter.d", filter+".conf")).CombinedOutput()
	if err != nil {
		t.Fatalf("fail2ban-regex: %v\n%s", err, out)
	}
	return strings.Fields(string(out))
}

// newFail2ban starts one whose jail reads a log file and records whom it bans. Nothing but the
// place of the log, the action and the treatment of loopback differs from what is shipped.
func newFail2ban(t testing.TB, authLog string) *fail2ban {
	return newFail2banActing(t, authLog, "record")
}

// newFail2banActing starts one whose jail bans by an action of its own.
func newFail2banActing(t testing.TB, authLog, action string) *fail2ban {
	t.Helper()
	server := peer(t, "fail2ban-server")
	dir := fail2banFolder(t)
	f := &fail2ban{t: t, dir: dir, socket: filepath.Join(dir, "socket")}
	write(t, filepath.Join(dir, "fail2ban.conf"), fmt.Sprintf(`[DEFAULT]
loglevel = INFO
logtarget = STDOUT
syslogsocket = auto
socket = %s
pidfile = %s
dbfile = %s
dbpurgeage = 1d
dbmaxmatches = 10
[Definition]
[Thread]
`, f.socket, filepath.Join(dir, "pid"), filepath.Join(dir, "bans.sqlite3")))
	write(t, filepath.Join(dir, "action.d", "record.conf"), fmt.Sprintf(`[Definition]
actionban = echo "ban <ip>" >> %[1]s
actionunban = echo "unban <ip>" >> %[1]s
`, filepath.Join(dir, "actions")))
	write(t, filepath.Join(dir, "jail.d", "test.local"), fmt.Sprintf(`[hark-auth]
backend = polling
logpath = %s
action = %s
ignoreself = false
[hark-mention]
enabled = false
`, authLog, action))
	launch(t, exec.Command(server, "-c", dir, "-s", f.socket, "-p", filepath.Join(dir, "pid"), "-f", "start"))
	eventually(t, 20*time.Second, "the jail hark-auth is up", func() error {
		_, err := f.client("status", "hark-auth")
		return err
	})
	return f
}

func (f *fail2ban) client(args ...string) (string, error) {
	out, err := exec.Command(peer(f.t, "fail2ban-client"), append([]string{"-c", f.dir, "-s", f.socket}, args...)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("fail2ban-client: %w: %s", err, out)
	}
	return string(out), nil
}

// waitForFailures waits until the jail has counted as many failures as wanted.
func (f *fail2ban) waitForFailures(want int) {
	f.t.Helper()
	eventually(f.t, 20*time.Second, fmt.Sprintf("fail2ban has counted %d failures", want), func() error {
		status, err := f.client("status", "hark-auth")
		if err == nil && !strings.Contains(status, fmt.Sprintf("Total failed:\t%d\n", want)) {
			err = fmt.Errorf("it says %s", status)
		}
		return err
	})
}

// waitForBans waits until the action was called for the wanted addresses, in any order, and for no others.
func (f *fail2ban) waitForBans(want ...string) {
	f.t.Helper()
	eventually(f.t, 20*time.Second, fmt.Sprintf("banned: %q", want), func() error {
		actions, err := os.ReadFile(filepath.Join(f.dir, "actions"))
		if err != nil {
			return err
		}
		var got []string
		for line := range strings.Lines(string(actions)) {
			got = append(got, strings.TrimPrefix(strings.TrimSpace(line), "ban "))
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			return fmt.Errorf("banned are %q", got)
		}
		return nil
	})
}
