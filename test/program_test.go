package test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestMain runs the tests, or is the bare server that a benchmark compares hark with.
func TestMain(m *testing.M) {
	if address, file, bare := strings.Cut(os.Getenv(bareAnswer), " "); bare {
		fmt.Fprintln(os.Stderr, serveBare(address, file))
		os.Exit(1)
	}
	os.Exit(withProgram(m))
}

// withProgram builds the program that every test starts, unless HARK_BINARY names one.
func withProgram(m *testing.M) int {
	if os.Getenv("HARK_BINARY") != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "hark-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "hark")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, "hark/cmd/server")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
		return 1
	}
	os.Setenv("HARK_BINARY", program)
	return m.Run()
}

// site is one running hark with its own data and address.
type site struct {
	t        testing.TB
	url      string
	data     string
	settings []string
	process  *process
}

// newSite prepares a hark that may read any page on loopback. Later settings win.
func newSite(t testing.TB, settings ...string) *site {
	t.Helper()
	address := freeAddress(t, "127.0.0.5")
	data := filepath.Join(t.TempDir(), "data")
	own := []string{
		"HARK_ADDR=" + address,
		"HARK_URL=http://" + address,
		"HARK_DATA=" + data,
		"HARK_AUTH_LOG=file:" + filepath.Join(t.TempDir(), "auth.log"),
		"HARK_FETCH_ALLOW=127.0.0.0/8",
	}
	return &site{t: t, url: "http://" + address, data: data, settings: append(own, settings...)}
}

// start prepares and starts a hark and waits until it is healthy.
func start(t testing.TB, settings ...string) *site {
	t.Helper()
	s := newSite(t, settings...)
	s.start()
	return s
}

// start starts the program and waits for its first healthy answer.
func (s *site) start() {
	s.t.Helper()
	s.process = launch(s.t, s.cmd("serve"))
	eventually(s.t, 20*time.Second, "hark is healthy", func() error {
		if s.process.ended() {
			s.t.Fatalf("hark ended at its start:\n%s", s.process.output)
		}
		return s.healthy()
	})
}

func (s *site) healthy() error {
	res, err := http.Get(s.url + "/healthz")
	if err != nil {
		return err
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("/healthz answers %s", res.Status)
	}
	return nil
}

// stop ends the program as a service manager does, and expects a clean end.
func (s *site) stop() {
	s.t.Helper()
	if code := s.process.end(syscall.SIGTERM, 15*time.Second); code != 0 {
		s.t.Errorf("hark ended with status %d after SIGTERM:\n%s", code, s.process.output)
	}
}

// setting is the value that hark gets for an environment variable.
func (s *site) setting(name string) string {
	value := ""
	for _, setting := range s.settings {
		if v, ok := strings.CutPrefix(setting, name+"="); ok {
			value = v
		}
	}
	return value
}

func (s *site) cmd(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Getenv("HARK_BINARY"), args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.t.TempDir(), "TZ=" + os.Getenv("TZ")}, s.settings...)
	cmd.Dir = s.t.TempDir()
	return cmd
}

// command runs one of the owner's commands and returns what it printed.
func (s *site) command(stdin string, args ...string) string {
	s.t.Helper()
	cmd := s.cmd(args...)
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("hark %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return strings.TrimSpace(string(out))
}

// refused runs a command that has to fail, and returns what it said on one line.
func (s *site) refused(args ...string) string {
	s.t.Helper()
	cmd := s.cmd(args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	err := cmd.Run()
	if failed := (*exec.ExitError)(nil); !errors.As(err, &failed) || strings.Count(said.String(), "\n") != 1 {
		s.t.Errorf("hark %s: %v, says %q; want a failure and one line", strings.Join(args, " "), err, &said)
	}
	return said.String()
}

const (
	ownerName     = "wren"
	ownerPassword = "four plain words suffice"
)

// owner makes the owner's account and a token that may do everything.
func (s *site) owner() (token string) {
	s.t.Helper()
	s.command(ownerPassword+"\n", "user", "add", ownerName, "--password-stdin")
	return s.command("", "token", "create", "--user", ownerName, "--scope", "create update delete undelete media")
}

// process is a running program and what it printed.
type process struct {
	cmd    *exec.Cmd
	output *output
	done   chan struct{}
}

// launch starts a program that ends with the test at the latest.
func launch(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, output: &output{}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	go func() {
		_ = cmd.Wait() // the state is read from cmd
		close(p.done)
	}()
	t.Cleanup(func() {
		p.end(syscall.SIGTERM, 10*time.Second)
		if t.Failed() {
			t.Logf("%s printed:\n%s", filepath.Base(cmd.Path), p.output)
		}
	})
	return p
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// end sends a signal, waits, and at last kills. It returns the exit status, -1 for a killed process.
func (p *process) end(signal os.Signal, patience time.Duration) int {
	_ = p.cmd.Process.Signal(signal) // it may have ended by itself
	select {
	case <-p.done:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
	return p.cmd.ProcessState.ExitCode()
}

// output collects what a program prints, readable while it runs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// eventually asks again and again until check has no complaint.
func eventually(t testing.TB, patience time.Duration, what string, check func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("not within %s: %s: %v", patience, what, err)
		case <-tick.C:
		}
	}
}

// freeAddress is a port on a loopback address that nobody listens on.
func freeAddress(t testing.TB, host string) string {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// peer is the path of a program that a test meets for real: the first of the patterns that matches.
func peer(t testing.TB, patterns ...string) string {
	t.Helper()
	for _, pattern := range patterns {
		for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/sbin") {
			if found, _ := filepath.Glob(filepath.Join(dir, pattern)); len(found) > 0 {
				return found[len(found)-1]
			}
		}
	}
	missing(t, strings.Join(patterns, " or "))
	return ""
}

// missing skips a test whose peer is not on this machine; under CI every peer must be.
func missing(t testing.TB, what string) {
	t.Helper()
	message := fmt.Sprintf("%s is not on this machine (scripts/peers.sh and scripts/npm-peers.sh bring it)", what)
	if os.Getenv("CI") != "" {
		t.Fatal(message)
	}
	t.Skip(message)
}

// root is the top folder of the project.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		_, err := os.Stat(filepath.Join(dir, "go.mod"))
		if err == nil {
			return dir
		}
		if !errors.Is(err, os.ErrNotExist) || dir == filepath.Dir(dir) {
			t.Fatalf("no go.mod above the tests: %v", err)
		}
		dir = filepath.Dir(dir)
	}
}
