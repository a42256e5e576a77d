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
	dir := bareFail2banFolder(t)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root(t), "contrib", "fail2ban"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// bareFail2banFolder is one with nothing of hark in it.
func bareFail2banFolder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
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
	return matchesIn(t, fail2banFolder(t), filter, log)
}

// matchesIn are those that the filter in a folder finds.
func matchesIn(t testing.TB, dir, filter, log string) []string {
	t.Helper()
	regex := peer(t, "fail2ban-regex")
	out, err := exec.Command(regex, "-c", dir, "-o", "ip", log, filepath.Join(dir, "filter.d", filter+".conf")).CombinedOutput()
	if err != nil {
		t.Fatalf("fail2ban-regex: %v\n%s", err, out)
	}
	return strings.Fields(string(out))
}

// newFail2ban starts one whose jails read a log file and record whom they ban. Nothing but the
// place of the log, the action and the treatment of loopback differs from what is shipped.
func newFail2ban(t testing.TB, log string) *fail2ban {
	t.Helper()
	return newFail2banActing(t, log, "record")
}

// newFail2banActing starts one whose jails ban by an action of its own.
func newFail2banActing(t testing.TB, log, action string) *fail2ban {
	t.Helper()
	dir := fail2banFolder(t)
	write(t, filepath.Join(dir, "jail.d", "test.local"), fmt.Sprintf(`[hark-auth]
backend = polling
logpath = %[1]s
action = %[2]s
ignoreself = false
[hark-mention]
backend = polling
logpath = %[1]s
action = %[2]s
ignoreself = false
`, log, action))
	return startFail2ban(t, dir)
}

// startFail2ban starts one with the jails of a folder, and has the action "record", which only
// writes down whom it is called for.
func startFail2ban(t testing.TB, dir string) *fail2ban {
	t.Helper()
	server := peer(t, "fail2ban-server")
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
	launch(t, exec.Command(server, "-c", dir, "-s", f.socket, "-p", filepath.Join(dir, "pid"), "-f", "start"))
	eventually(t, 20*time.Second, "the jails are up", func() error {
		_, err := f.client("status", "hark-mention") // the last
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

// waitForFailures waits until a jail has counted as many failures as wanted.
func (f *fail2ban) waitForFailures(jail string, want int) {
	f.t.Helper()
	eventually(f.t, 20*time.Second, fmt.Sprintf("%s has counted %d failures", jail, want), func() error {
		status, err := f.client("status", jail)
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
		slices.Sort(want)
		if !slices.Equal(got, want) {
			return fmt.Errorf("banned are %q", got)
		}
		return nil
	})
}
