package authlog

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
)

// tag is what stands between the time and the message.
type tag struct {
	host  string // this machine, without its domain (RFC 3164 4.1.2)
	ident string // "hark[4711]: "
}

func newTag(ident string) tag {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	host, _, _ = strings.Cut(host, ".")
	return tag{host: host, ident: ident + "[" + strconv.Itoa(os.Getpid()) + "]: "}
}

// stamped is a line as a log file has it: ISO time with offset, host, ident.
func (t tag) stamped(l line) string {
	return l.at.Format("2006-01-02T15:04:05-07:00") + " " + t.host + " " + t.ident + l.message + "\n"
}

// logFile appends lines to a file of our own.
type logFile struct {
	path string
	tag  tag
	file *os.File
}

func newFile(path string, tag tag) (*logFile, error) {
	f := &logFile{path: path, tag: tag}
	if err := f.open(); err != nil {
		return nil, fmt.Errorf("HARK_AUTH_LOG is file:%s, which must be a file that hark can write: %w", path, err)
	}
	return f, nil
}

func (f *logFile) open() (err error) {
	f.file, err = os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	return err
}

func (f *logFile) write(l line) error {
	_, err := f.file.WriteString(f.tag.stamped(l))
	return err
}

func (f *logFile) reopen() error {
	old := f.file
	if err := f.open(); err != nil {
		f.file = old // better the rotated file than none
		return fmt.Errorf("reopen the auth log: %w", err)
	}
	return old.Close()
}

func (f *logFile) Close() error {
	return f.file.Close()
}

// console is standard error. Several goroutines may write to it.
type console struct {
	mu   sync.Mutex
	file *os.File
	tag  tag
	bare bool
}

// newConsole looks whether standard error leads to the systemd journal, which
// gives it as a socket. The journal adds time and ident itself, and filters
// would not match lines that have them twice.
func newConsole(file *os.File, tag tag) *console {
	info, err := file.Stat()
	return &console{file: file, tag: tag, bare: err == nil && info.Mode()&os.ModeSocket != 0}
}

func (c *console) write(l line) error {
	text := l.message + "\n"
	if !c.bare {
		text = c.tag.stamped(l)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.file.WriteString(text)
	return err
}

func (c *console) reopen() error { return nil }

func (c *console) Close() error { return nil }
