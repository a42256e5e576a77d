package test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// syslogd is a private rsyslogd that keeps the facilities apart as Debian does.
type syslogd struct {
	t       testing.TB
	dir     string
	socket  string
	auth    string
	daemon  string
	process *process
}

// newSyslogd starts one that listens on a socket of its own.
func newSyslogd(t testing.TB) *syslogd {
	t.Helper()
	dir := t.TempDir()
	l := &syslogd{t: t, dir: dir, socket: filepath.Join(dir, "log"), auth: filepath.Join(dir, "auth.log"), daemon: filepath.Join(dir, "daemon.log")}
	write(t, filepath.Join(dir, "rsyslog.conf"), fmt.Sprintf(`
global(workDirectory=%q)
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket=%q)
module(load="builtin:omfile" Template="RSYSLOG_TraditionalFileFormat")
auth,authpriv.* action(type="omfile" file=%q)
daemon.* action(type="omfile" file=%q)
`, dir, l.socket, l.auth, l.daemon))
	l.start()
	return l
}

// start starts rsyslogd, the first time or again.
func (l *syslogd) start() {
	l.t.Helper()
	l.process = launch(l.t, exec.Command(peer(l.t, "rsyslogd"), "-n", "-f", filepath.Join(l.dir, "rsyslog.conf"), "-i", filepath.Join(l.dir, "pid")))
	eventually(l.t, 10*time.Second, "rsyslogd listens", func() error {
		conn, err := net.Dial("unixgram", l.socket)
		if err == nil {
			conn.Close()
		}
		return err
	})
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
