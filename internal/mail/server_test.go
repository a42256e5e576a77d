package mail

import (
	"bufio"
	"crypto/hmac"
	"crypto/md5"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

const (
	user     = "hark@blog.example"
	password = "correct horse battery"
)

// office is a mail server that keeps what it takes.
type office struct {
	mechanisms []string // how it may be given a password; none: it asks for none
	certain    tls.Certificate
	roots      *x509.CertPool
	mail, rcpt error // its answers, nil to take the letter
	data       error

	mu       sync.Mutex
	letters  []taken
	used     []string // mechanisms
	names    []string // by which it was greeted
	insecure bool     // a password came over an unencrypted line
	utf8     bool     // the last letter was said to need SMTPUTF8
}

type taken struct {
	from, to, text string
}

// newOffice has a certificate for 127.0.0.1 that only its roots vouch for.
func newOffice(t *testing.T) *office {
	t.Helper()
	lender := httptest.NewTLSServer(nil)
	defer lender.Close()
	roots := x509.NewCertPool()
	roots.AddCert(lender.Certificate())
	return &office{certain: lender.TLS.Certificates[0], roots: roots}
}

// open starts the server and describes it to a client.
func (o *office) open(t *testing.T, security Security) Server {
	t.Helper()
	server := smtp.NewServer(smtp.BackendFunc(o.session))
	server.Domain = "mail.example"
	server.AllowInsecureAuth = true
	server.ErrorLog = quiet{}
	server.EnableSMTPUTF8 = true
	listener := listen(t)
	address := listener.Addr().(*net.TCPAddr)
	if security != None {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{o.certain}}
	}
	if security == TLS {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	s := Server{Host: "127.0.0.1", Port: address.Port, Security: security, From: "hark <hark@blog.example>", roots: o.roots}
	if len(o.mechanisms) > 0 {
		s.User, s.Password = user, password
	}
	return s
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// script is a server that says fixed lines, each after a line of the client,
// the first at once, and then does nothing.
func script(t *testing.T, lines ...string) Server {
	t.Helper()
	listener := listen(t)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go say(conn, lines)
		}
	}()
	return Server{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Security: None, From: "hark@blog.example"}
}

func say(conn net.Conn, lines []string) {
	heard := bufio.NewReader(conn)
	for i, line := range lines {
		if i > 0 {
			if _, err := heard.ReadString('\n'); err != nil {
				return
			}
		}
		if line == "hang up" {
			conn.Close()
			return
		}
		io.WriteString(conn, line+"\r\n")
	}
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func (o *office) session(c *smtp.Conn) (smtp.Session, error) {
	return &session{office: o, conn: c}, nil
}

// session is one conversation.
type session struct {
	*office
	conn  *smtp.Conn
	known bool
	taken
}

func (s *session) AuthMechanisms() []string { return s.mechanisms }

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if !slices.Contains(s.mechanisms, mechanism) {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used = append(s.used, mechanism)
	if _, encrypted := s.conn.TLSConnectionState(); !encrypted {
		s.insecure = true
	}
	switch mechanism {
	case "LOGIN":
		return &loginServer{let: s.let}, nil
	case "CRAM-MD5":
		return &cramServer{s: s}, nil
	}
	return sasl.NewPlainServer(func(_, u, p string) error { return s.let(u, p) }), nil
}

func (s *session) let(u, p string) error {
	if u != user || p != password {
		return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "No entry with " + p}
	}
	s.known = true
	return nil
}

func (s *session) Mail(from string, options *smtp.MailOptions) error {
	s.mu.Lock()
	s.utf8 = options.UTF8
	s.names = append(s.names, s.conn.Hostname())
	s.mu.Unlock()
	if len(s.mechanisms) > 0 && !s.known {
		return smtp.ErrAuthRequired
	}
	s.taken = taken{from: from}
	return s.mail
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return s.rcpt
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil || s.data != nil {
		return s.data
	}
	s.text = string(text)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letters = append(s.letters, s.taken)
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// loginServer speaks LOGIN, which no specification holds.
type loginServer struct {
	step int
	name string
	let  func(user, password string) error
}

func (l *loginServer) Next(response []byte) ([]byte, bool, error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.name = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.let(l.name, string(response))
}

// cramServer speaks CRAM-MD5 (RFC 2195).
type cramServer struct {
	s         *session
	challenge string
}

func (c *cramServer) Next(response []byte) ([]byte, bool, error) {
	if c.challenge == "" {
		c.challenge = fmt.Sprintf("<%d@mail.example>", time.Now().UnixNano())
		return []byte(c.challenge), false, nil
	}
	sum := hmac.New(md5.New, []byte(password))
	io.WriteString(sum, c.challenge)
	if string(response) != user+" "+hex.EncodeToString(sum.Sum(nil)) {
		return nil, true, c.s.let("", "")
	}
	return nil, true, c.s.let(user, password)
}
