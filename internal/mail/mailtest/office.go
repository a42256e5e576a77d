// Package mailtest has a mail server that keeps what it is handed.
package mailtest

import (
	"bytes"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// Office is open until its test ends.
type Office struct {
	Port string // at 127.0.0.1, without encryption

	mu      sync.Mutex
	letters []string
	shut    bool
}

// Letter is one as its reader sees it.
type Letter struct{ Subject, Text string }

// Open opens an office.
func Open(t testing.TB) *Office {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	o := &Office{Port: port}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return counter{o}, nil }))
	server.Domain = "post.example"
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Close()
		if err := <-done; err != nil {
			t.Errorf("the post office: %v", err)
		}
	})
	return o
}

// Shut has letters refused for now, or taken again.
func (o *Office) Shut(shut bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.shut = shut
}

// Take gives the letters that came since it was last called. Their lines end as
// mail has them, in CR LF.
func (o *Office) Take(t testing.TB) (letters []Letter) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, raw := range o.letters {
		letters = append(letters, read(t, raw))
	}
	o.letters = nil
	return letters
}

func read(t testing.TB, raw string) Letter {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	return Letter{subject, string(text)}
}

// counter is where one sender hands in letters.
type counter struct{ *Office }

func (c counter) Mail(string, *smtp.MailOptions) error { return nil }
func (c counter) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (c counter) Reset()                               {}
func (c counter) Logout() error                        { return nil }

func (c counter) Data(r io.Reader) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shut {
		return &smtp.SMTPError{Code: 451, Message: "come back later"}
	}
	var letter bytes.Buffer
	if _, err := letter.ReadFrom(r); err != nil {
		return err
	}
	c.letters = append(c.letters, letter.String())
	return nil
}
