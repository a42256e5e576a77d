package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// syslogd is a private rsyslogd that keeps the facilities apart as Debian does.
type syslogd struct {
	t      testing.TB
	socket string
	auth   string
	daemon string
}

// newSyslogd starts one that listens on a socket of its own.
func newSyslogd(t testing.TB) *syslogd {
	t.Helper()
	rsyslogd := peer(t, "rsyslogd")
	dir := t.TempDir()
	l := &syslogd{t: t, socket: filepath.Join(dir, "log"), auth: filepath.Join(dir, "auth.log"), daemon: filepath.Join(dir, "daemon.log")}
	write(t, filepath.Join(dir, "rsyslog.conf"), fmt.Sprintf(`
global(workDirectory=%q)
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket=%q)
module(load="builtin:omfile" Template="RSYSLOG_TraditionalFileFormat")
auth,authpriv.* action(type="omfile" file=%q)
daemon.* action(type="omfile" file=%q)
`, dir, l.socket, l.auth, l.daemon))
	launch(t, exec.Command(rsyslogd, "-n", "-f", filepath.Join(dir, "rsyslog.conf"), "-i", filepath.Join(dir, "pid")))
	eventually(t, 10*time.Second, "rsyslogd listens", func() error {
		_, err := os.Stat(l.socket)
		return err
	})
	return l
}

// lines are the messages of a log file from a "hark[PID]: " on.
func lines(t testing.TB, file string) []string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(content)) {
		_, message, ok := strings.Cut(line, "]: ")
		if !ok {
			t.Errorf("a line in %s that is not hark's: %q", filepath.Base(file), line)
			continue
		}
		found = append(found, strings.TrimSuffix(message, "\n"))
	}
	return found
}

// waitForLines returns the messages of a log file once there are as many as wanted.
func waitForLines(t testing.TB, file string, want int) []string {
	t.Helper()
	var got []string
	eventually(t, 10*time.Second, fmt.Sprintf("%s holds %d lines", filepath.Base(file), want), func() error {
		got = lines(t, file)
		if len(got) < want {
			return fmt.Errorf("it holds %q", got)
		}
		return nil
	})
	return got
}

func write(t testing.TB, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
