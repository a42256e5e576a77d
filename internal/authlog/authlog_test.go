package authlog

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// capture is a standard error that a test reads afterwards.
func capture(t *testing.T) *os.File {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

func captured(t *testing.T, file *os.File) []string {
	t.Helper()
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
}

// listen is a syslogd on a socket with a short path, which sockets need.
func listen(t *testing.T, path string) *net.UnixConn {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hark")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "log")
}

func receive(t *testing.T, conn net.PacketConn) string {
	t.Helper()
	buffer := make([]byte, 4096)
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, _, err := conn.ReadFrom(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:n])
}

func TestDatagramIsWhatSyslogWrites(t *testing.T) {
	path := socketPath(t)
	syslogd := listen(t, path)
	l, err := open("syslog:"+path, "hark", capture(t))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.Accepted("alice", Password, attacker)
	l.Failure("alice", Password, attacker)
	l.Rejected(Pingback, NoLink, attacker)
	for _, want := range []string{
		`^<38>[A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d hark\[%d\]: Accepted login for alice from 203\.0\.113\.66$`,
		`^<37>[A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d hark\[%d\]: Authentication failure for alice from 203\.0\.113\.66$`,
		`^<29>[A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d hark\[%d\]: Pingback rejected \(no-link\) from 203\.0\.113\.66$`,
	} {
		if got := receive(t, syslogd); !regexp.MustCompile(fmt.Sprintf(want, os.Getpid())).MatchString(got) {
			t.Errorf("got %q, want %s", got, want)
		}
	}
}

func TestDatagramToAnotherMachineNamesThisOne(t *testing.T) {
	syslogd, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer syslogd.Close()
	l, err := open("syslog+udp://"+syslogd.LocalAddr().String(), "idno(blog.example)", capture(t))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.Failure("alice", Password, attacker)
	want := fmt.Sprintf(` %s idno(blog.example)[%d]: Authentication failure for alice from 203.0.113.66`,
		newTag("").host, os.Getpid())
	if got := receive(t, syslogd); !strings.HasPrefix(got, "<37>") || !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want <37>… and at the end %q", got, want)
	}
}

// hung is a destination that takes no line before it is closed.
type hung chan struct{}

func (h hung) write(line) error { <-h; return nil }
func (h hung) reopen() error    { return nil }
func (h hung) Close() error     { return nil }

func TestAHungDestinationDelaysNobody(t *testing.T) {
	stderr, destination := capture(t), make(hung)
	l := start(destination, newConsole(stderr, newTag("hark")), "")
	const more = 10
	for range 1 + queueLength + more { // one is being written
		l.Failure("alice", Password, attacker)
	}
	if n := len(captured(t, stderr)); n < more || uint64(n) != l.Failed() {
		t.Errorf("%d lines on standard error, counted %d, want %d", n, l.Failed(), more)
	}
	close(destination)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAHungSyslogLosesNothing(t *testing.T) {
	path := socketPath(t)
	syslogd := listen(t, path)
	stderr := capture(t)
	l, err := open("syslog:"+path, "hark", stderr)
	if err != nil {
		t.Fatal(err)
	}
	const lines = 3000 // more than any socket's buffer and our queue hold
	for range lines {
		l.Failure("alice", Password, attacker)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	fallen := len(captured(t, stderr))
	if uint64(fallen) != l.Failed() || fallen == 0 {
		t.Errorf("%d lines on standard error, counted %d", fallen, l.Failed())
	}
	taken := 0
	for buffer := make([]byte, 4096); ; taken++ {
		syslogd.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if _, _, err := syslogd.ReadFrom(buffer); err != nil {
			break
		}
	}
	if taken+fallen != lines {
		t.Errorf("%d taken and %d fallen of %d", taken, fallen, lines)
	}
}

func TestSyslogGoneAndBack(t *testing.T) {
	path := socketPath(t)
	first := listen(t, path)
	stderr := capture(t)
	l, err := open("syslog:"+path, "hark", stderr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.Failure("first", Password, attacker)
	if got := receive(t, first); !strings.Contains(got, "first") {
		t.Fatalf("got %q", got)
	}

	first.Close()
	os.Remove(path)
	l.Failure("second", Password, attacker)
	if err := l.Reopen(); err != nil { // waits for the line before it
		t.Fatal(err)
	}
	if got := captured(t, stderr); len(got) != 1 || !strings.HasSuffix(got[0], "]: Authentication failure for second from 203.0.113.66") {
		t.Errorf("standard error has %q, want the second line", got)
	}

	back := listen(t, path)
	l.Failure("third", Password, attacker)
	if got := receive(t, back); !strings.Contains(got, "third") {
		t.Errorf("got %q, want the third line", got)
	}
	if l.Failed() != 1 {
		t.Errorf("counted %d failed lines, want 1", l.Failed())
	}
}

func TestRestartedSyslogMissesNothing(t *testing.T) {
	path := socketPath(t)
	first := listen(t, path)
	l, err := open("syslog:"+path, "hark", capture(t))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.Failure("first", Password, attacker)
	receive(t, first)
	first.Close()
	os.Remove(path)
	second := listen(t, path)
	l.Failure("second", Password, attacker)
	if got := receive(t, second); !strings.Contains(got, "second") || l.Failed() != 0 {
		t.Errorf("got %q and %d failed, want the line by one reconnect", got, l.Failed())
	}
}

func TestFileIsReopenedAfterRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "auth.log")
	l, err := open("file:"+path, "hark", capture(t))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.Failure("before", Password, attacker)
	if err := l.Reopen(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	l.Failure("between", Password, attacker)
	if err := l.Reopen(); err != nil {
		t.Fatal(err)
	}
	l.Failure("after", Password, attacker)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	rotated, _ := os.ReadFile(path + ".1")
	current, _ := os.ReadFile(path)
	if strings.Count(string(rotated), "\n") != 2 || !strings.Contains(string(rotated), "between") {
		t.Errorf("the rotated file has %q", rotated)
	}
	want := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d \S+ hark\[\d+\]: Authentication failure for after from 203\.0\.113\.66\n$`)
	if !want.Match(current) {
		t.Errorf("the new file has %q", current)
	}
}

func TestClosedLogStillTells(t *testing.T) {
	stderr := capture(t)
	l, err := open("file:"+filepath.Join(t.TempDir(), "auth.log"), "hark", stderr)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	l.Failure("late", Password, attacker)
	if got := captured(t, stderr); len(got) != 1 || l.Failed() != 1 {
		t.Errorf("standard error has %q, counted %d", got, l.Failed())
	}
	if err := l.Reopen(); err == nil {
		t.Error("a closed log was reopened")
	}
	if err := l.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

func TestJournalGetsTheMessageAlone(t *testing.T) {
	path := socketPath(t)
	journal, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer journal.Close()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	stderr, err := conn.(*net.UnixConn).File()
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	l, err := open("stderr", "hark", stderr)
	if err != nil {
		t.Fatal(err)
	}
	l.Failure("alice", Password, attacker)
	l.Close()
	accepted, err := journal.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	buffer := make([]byte, 200)
	n, err := accepted.Read(buffer)
	if got := string(buffer[:n]); err != nil || got != "Authentication failure for alice from 203.0.113.66\n" {
		t.Errorf("the journal got %q, %v", got, err)
	}
}

func TestWrongDestinationSaysWhatIsRight(t *testing.T) {
	for _, destination := range []string{
		"", "Syslog", "syslog:", "syslog:log", "syslog+udp:host:514", "syslog+udp://host", "syslog+udp://:514",
		"syslog+udp://host:99999", "syslog+udp://host:514/x", "file:", "file:auth.log", "/var/log/auth.log",
		"file:/nowhere/that/exists/auth.log",
	} {
		l, err := Open(destination, "hark")
		if err == nil {
			l.Close()
			t.Errorf("%q was taken", destination)
			continue
		}
		if !strings.Contains(err.Error(), "HARK_AUTH_LOG") || !strings.Contains(err.Error(), "must be") {
			t.Errorf("%q: %v", destination, err)
		}
	}
}

func TestAutoAlwaysOpens(t *testing.T) {
	l, err := open("auto", "hark-test", capture(t))
	if err != nil {
		t.Fatal(err)
	}
	l.Rejected(Webmention, Gone, netip.Addr{})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, system := systemSocket(); !system && len(captured(t, l.stderr.(*console).file)) != 1 {
		t.Error("without a system log the line is not on standard error")
	}
}
