// Package mail sends a letter to the owner by their own mail server.
package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	library "github.com/wneessen/go-mail"
)

const (
	patience = 20 * time.Second // with the whole of a conversation
	farewell = 2 * time.Second
)

// Security is how the way to the mail server is kept private.
type Security string

// The kinds of security. There is no "if the server can": whoever stands in
// between could say that it cannot.
const (
	TLS      Security = "tls"      // from the first byte
	StartTLS Security = "starttls" // from the command of that name, before anything is said
	None     Security = "none"     // not at all: without a password, or on the same machine
)

// Server is a mail server that takes letters from its users.
type Server struct {
	Host     string
	Port     int    // 0 is the usual one: 465, 587 or 25, as Security is
	User     string // empty: the server wants to know nobody
	Password string
	Security Security
	From     string // the address letters are sent from, with a name or without

	roots *x509.CertPool // whose certificates are believed; nil: the system's
}

// Letter is a text for one person.
type Letter struct {
	To, Subject, Text string
}

// String is without the password, for logs.
func (s Server) String() string {
	return string(s.Security) + " " + s.address()
}

// LogValue is without the password.
func (s Server) LogValue() slog.Value {
	return slog.StringValue(s.String())
}

// Send gives a letter to the server, in at most 20 seconds. An error is an
// [*Error], whatever went wrong.
func (s Server) Send(ctx context.Context, letter Letter) error {
	from, to, err := s.check(letter)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	l := &line{ctx: ctx, server: s}
	defer l.hangUp()
	if err := s.hand(ctx, l, s.options(l, from, to), compose(from, to, letter)); err != nil {
		return s.explain(ctx, err, from, to)
	}
	return nil
}

// hand has one conversation with the server.
func (s Server) hand(ctx context.Context, l *line, options []library.Option, message *library.Msg) error {
	client, err := library.NewClient(s.host(), options...)
	if err != nil {
		return err
	}
	conversation, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	if err := client.SendWithSMTPClient(conversation, message); err != nil {
		return err
	}
	// The letter is taken. How the server says good-bye changes nothing.
	l.end(farewell)
	_ = client.CloseWithSMTPClient(conversation)
	return nil
}

func (s Server) options(l *line, from, to address) []library.Option {
	options := []library.Option{
		library.WithDialContextFunc(l.dial),
		library.WithTimeout(patience),
		library.WithHELO(from.domain()),
		library.WithTLSConfig(s.tls()),
		library.WithTLSPolicy(library.NoTLS),
		library.WithoutNoop(),
		library.WithoutRset(), // after it the letter would seem lost if the server hung up
	}
	if from.ascii() && to.ascii() { // else the letter is lost at the next server that has no SMTPUTF8
		options = append(options, library.WithoutSMTPUTF8())
	}
	if s.Security == StartTLS {
		options = append(options, library.WithTLSPolicy(library.TLSMandatory))
	}
	if s.User != "" {
		options = append(options, s.login(), library.WithUsername(s.User), library.WithPassword(s.Password))
	}
	return options
}

// login lets the library choose among what the server offers. On an unencrypted
// line it is allowed to send a password because line.dial has seen that the
// line leads to this machine.
func (s Server) login() library.Option {
	if s.Security == None {
		return library.WithOpportunisticSMTPAuth(library.SMTPAuthCramMD5, library.SMTPAuthPlainNoEnc, library.SMTPAuthLoginNoEnc)
	}
	return library.WithOpportunisticSMTPAuth(library.SMTPAuthPlain, library.SMTPAuthLogin, library.SMTPAuthCramMD5)
}

func (s Server) tls() *tls.Config {
	return &tls.Config{ServerName: s.host(), RootCAs: s.roots, MinVersion: tls.VersionTLS12}
}

// host is without the brackets that people write around IPv6.
func (s Server) host() string {
	return strings.TrimSuffix(strings.TrimPrefix(s.Host, "["), "]")
}

func (s Server) address() string {
	port := s.Port
	if port == 0 {
		port = map[Security]int{TLS: 465, StartTLS: 587, None: 25}[s.Security]
	}
	return net.JoinHostPort(s.host(), strconv.Itoa(port))
}
