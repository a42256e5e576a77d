package mail

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

var hello = Letter{To: "alice@there.example", Subject: "A new answer", Text: "Bob answered.\n"}

// refused is the sentence of an error that has to be an *Error without the
// password.
func refused(t *testing.T, err error) string {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	for _, secret := range []string{password, base64.StdEncoding.EncodeToString([]byte(password)),
		base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password))} {
		if strings.Contains(e.Error(), secret) || strings.Contains(fmt.Sprintf("%v %+v", e.Err, err), secret) {
			t.Errorf("the password stands in %v", e)
		}
	}
	return e.Text
}

func (o *office) one(t *testing.T) (taken, *mail.Message) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.letters) != 1 {
		t.Fatalf("%d letters were taken", len(o.letters))
	}
	m, err := mail.ReadMessage(strings.NewReader(o.letters[0].text))
	if err != nil {
		t.Fatal(err)
	}
	return o.letters[0], m
}

func TestALetterIsSentHoweverTheLineIsSecured(t *testing.T) {
	for _, security := range []Security{TLS, StartTLS, None} {
		for _, mechanism := range []string{"", "PLAIN", "LOGIN", "CRAM-MD5"} {
			t.Run(string(security)+" "+mechanism, func(t *testing.T) {
				o := newOffice(t)
				if mechanism != "" {
					o.mechanisms = []string{mechanism}
				}
				if err := o.open(t, security).Send(t.Context(), hello); err != nil {
					t.Fatal(err)
				}
				got, _ := o.one(t)
				if got.from != "hark@blog.example" || got.to != "alice@there.example" || !slices.Equal(o.used, o.mechanisms) {
					t.Errorf("from %s to %s by %v", got.from, got.to, o.used)
				}
				if o.insecure != (security == None && mechanism != "") || o.names[0] != "blog.example" {
					t.Errorf("insecure %t, greeted as %q", o.insecure, o.names)
				}
			})
		}
	}
}

func TestTheLetterIsAsItShouldBe(t *testing.T) {
	o := newOffice(t)
	letter := Letter{
		To:      "Älice Müller <alice@bücher.example>",
		Subject: "Björn antwortet: „Über Reiher“ " + strings.Repeat("und mehr ", 10),
		Text:    "Grüße!\n.\n..ein Punkt\nFrom hier\n" + strings.Repeat("lang ", 300) + "\nEnde \xff",
	}
	if err := o.open(t, TLS).Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	envelope, m := o.one(t)
	if envelope.to != "alice@xn--bcher-kva.example" {
		t.Errorf("to %s", envelope.to)
	}
	words := new(mime.WordDecoder)
	for name, want := range map[string]string{
		"Subject":                   strings.TrimSpace(letter.Subject),
		"From":                      `"hark" <hark@blog.example>`,
		"To":                        "Älice Müller <alice@xn--bcher-kva.example>",
		"Auto-Submitted":            "auto-generated",
		"Content-Type":              "text/plain; charset=UTF-8",
		"Content-Transfer-Encoding": "quoted-printable",
		"Mime-Version":              "1.0",
		"User-Agent":                "",
		"X-Mailer":                  "",
	} {
		if got, err := words.DecodeHeader(m.Header.Get(name)); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	if date, err := m.Header.Date(); err != nil || time.Since(date).Abs() > time.Minute {
		t.Errorf("Date: %v, %v", date, err)
	}
	if id := m.Header.Get("Message-Id"); !strings.HasPrefix(id, "<") || !strings.HasSuffix(id, "@blog.example>") || len(id) < 30 {
		t.Errorf("Message-ID: %s", id)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	want := strings.ReplaceAll(letter.Text, "\xff", "\uFFFD")
	if got := strings.TrimSuffix(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"); err != nil || got != want {
		t.Errorf("text: %q, %v", got, err)
	}
	for line := range strings.Lines(envelope.text) {
		if len(line) > 78+2 || strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("the line %q", line)
		}
	}
}

func TestSMTPUTF8IsAskedForOnlyWhereAnAddressNeedsIt(t *testing.T) {
	for to, want := range map[string]bool{"alice@there.example": false, "Älice <alice@bücher.example>": false, "älice@there.example": true} {
		o := newOffice(t)
		letter := hello
		letter.To = to
		if err := o.open(t, None).Send(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
		if o.one(t); o.utf8 != want {
			t.Errorf("to %s: %t", to, o.utf8)
		}
	}
}

func TestTwoLettersHaveTwoNames(t *testing.T) {
	from, _ := parse("hark@blog.example")
	if a, b := compose(from, from, hello).GetMessageID(), compose(from, from, hello).GetMessageID(); a == b {
		t.Errorf("both are %s", a)
	}
}

func TestASubjectCannotAddAHeader(t *testing.T) {
	for _, subject := range []string{"Hello\r\nBcc: eve@evil.example", "Hello\nBcc: eve@evil.example\n\nBuy", "Hello\rBcc: eve@evil.example",
		"Hello\x00\u2028Bcc: eve@evil.example", "Hällo\r\nBcc: eve@evil.example", strings.Repeat("x", 5000) + "\r\nBcc: eve@evil.example"} {
		o := newOffice(t)
		letter := hello
		letter.Subject = subject
		if err := o.open(t, None).Send(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
		envelope, m := o.one(t)
		if m.Header.Get("Bcc") != "" || envelope.to != "alice@there.example" || m.Header.Get("Auto-Submitted") == "" {
			t.Errorf("%q became\n%s", subject, envelope.text)
		}
	}
}

func TestANameCannotAddAHeader(t *testing.T) {
	o := newOffice(t)
	s := o.open(t, None)
	s.From = "=?utf-8?q?hark=0D=0ABcc=3A_eve=40evil=2Eexample?= <hark@blog.example>"
	if err := s.Send(t.Context(), hello); err != nil {
		t.Fatal(err)
	}
	if _, m := o.one(t); m.Header.Get("Bcc") != "" {
		t.Errorf("the letter has %v", m.Header)
	}
}

func TestWhatCannotWorkIsSaidBeforeAnybodyIsCalled(t *testing.T) {
	called := listen(t)
	good := Server{Host: "127.0.0.1", Port: called.Addr().(*net.TCPAddr).Port, Security: TLS, From: "hark@blog.example"}
	for _, c := range []struct {
		change func(*Server, *Letter)
		want   string
	}{
		{func(s *Server, l *Letter) { l.To = "alice" }, `No letter can be sent to the address "alice".`},
		{func(s *Server, l *Letter) { l.To = "" }, `No letter can be sent to the address "".`},
		{func(s *Server, l *Letter) { l.To = "a@b.example, c@d.example" }, `No letter can be sent to the address "a@b.example, c@d.example".`},
		{func(s *Server, l *Letter) { l.To = "a@b.example>\r\nRCPT TO:<c@d.example" }, `No letter can be sent to the address "a@b.example>\r\nRCPT TO:<c@d.example".`},
		{func(s *Server, l *Letter) { l.To = "a@b_.exam ple" }, `No letter can be sent to the address "a@b_.exam ple".`},
		{func(s *Server, l *Letter) { s.From = "hark@" }, `No letter can be sent from the address "hark@".`},
		{func(s *Server, l *Letter) { s.From = "\"a\nb\"@blog.example" }, `No letter can be sent from the address "\"a\nb\"@blog.example".`},
		{func(s *Server, l *Letter) { s.Host = "" }, `The name of the mail server, "", cannot be used.`},
		{func(s *Server, l *Letter) { s.Host = "unix:///run/smtp" }, `The name of the mail server, "unix:///run/smtp", cannot be used.`},
		{func(s *Server, l *Letter) { s.Host = "mail.example\r\n" }, `The name of the mail server, "mail.example\r\n", cannot be used.`},
		{func(s *Server, l *Letter) { s.Port = 65536 }, "The mail server cannot have the port 65536."},
		{func(s *Server, l *Letter) { s.Port = -1 }, "The mail server cannot have the port -1."},
		{func(s *Server, l *Letter) { s.Security = "" }, `The security of the mail server is tls, starttls or none, not "".`},
	} {
		s, letter := good, hello
		c.change(&s, &letter)
		if got := refused(t, s.Send(t.Context(), letter)); got != c.want {
			t.Errorf("got %s\nwant %s", got, c.want)
		}
	}
	called.(*net.TCPListener).SetDeadline(time.Now().Add(20 * time.Millisecond))
	if conn, err := called.Accept(); err == nil {
		conn.Close()
		t.Error("somebody was called")
	}
}

func TestAWrongPasswordIsSaidWithoutThePassword(t *testing.T) {
	for _, mechanism := range []string{"PLAIN", "LOGIN", "CRAM-MD5"} {
		o := newOffice(t)
		o.mechanisms = []string{mechanism}
		s := o.open(t, TLS)
		s.User = "eve" // the server's answer repeats the password
		if got := refused(t, s.Send(t.Context(), hello)); got != "The mail server refused the password." {
			t.Errorf("%s: %s", mechanism, got)
		}
		if len(o.letters) > 0 {
			t.Errorf("%s: the letter was taken", mechanism)
		}
	}
}

func TestAServerThatWantsAPasswordSaysSo(t *testing.T) {
	for _, answer := range []*smtp.SMTPError{nil, {Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Must issue a STARTTLS command first"}} {
		o := newOffice(t)
		if o.mechanisms = []string{"PLAIN"}; answer != nil {
			o.mechanisms, o.mail = nil, answer
		}
		s := o.open(t, TLS)
		s.User = ""
		if got := refused(t, s.Send(t.Context(), hello)); got != "The mail server wants a user name and a password." {
			t.Errorf("got %s", got)
		}
	}
}

func TestAServerThatTakesNoPasswordIsToldNone(t *testing.T) {
	o := newOffice(t)
	s := o.open(t, TLS)
	s.User, s.Password = user, password
	o.mechanisms = nil
	if got := refused(t, s.Send(t.Context(), hello)); got != "The mail server offers no way to give it the password." {
		t.Errorf("got %s", got)
	}
	if len(o.letters) > 0 {
		t.Error("the letter was taken")
	}
}

func TestOnlyThisMachineIsReachedOverLoopback(t *testing.T) {
	for _, c := range []struct {
		addr net.Addr
		want bool
	}{
		{&net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}, true},
		{&net.TCPAddr{IP: net.IPv6loopback}, true},
		{&net.TCPAddr{IP: net.IPv4(192, 168, 0, 1)}, false},
		{&net.TCPAddr{IP: net.IPv4(203, 0, 113, 5)}, false},
		{&net.UnixAddr{}, false},
	} {
		if got := loopback(c.addr); got != c.want {
			t.Errorf("%v: %t", c.addr, got)
		}
	}
}

func TestALineToAnotherMachineIsGivenUpBeforeAnythingIsSaid(t *testing.T) {
	outside := outsideAddress(t)
	listener, err := net.Listen("tcp", net.JoinHostPort(outside, "0"))
	if err != nil {
		t.Skip("this machine cannot listen on ", outside)
	}
	defer listener.Close()
	heard := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		io.WriteString(conn, "220 mail.example\r\n")
		said, _ := io.ReadAll(conn)
		heard <- string(said)
	}()
	s := Server{Host: outside, Port: listener.Addr().(*net.TCPAddr).Port, Security: None, User: user, Password: password, From: "hark@blog.example"}
	if got := refused(t, s.Send(t.Context(), hello)); got != "A password is not sent over an unencrypted connection. Choose tls or starttls." {
		t.Errorf("got %s", got)
	}
	if said := <-heard; said != "" {
		t.Errorf("the server heard %q", said)
	}
}

// outsideAddress is one of this machine's that is no loopback address.
func outsideAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Skip(err)
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && n.IP.To4() != nil {
			return n.IP.String()
		}
	}
	t.Skip("this machine has loopback addresses only")
	return ""
}

func TestStartTLSIsNotLeftOutWhereTheServerHasNone(t *testing.T) {
	o := newOffice(t)
	o.mechanisms = []string{"PLAIN"}
	s := o.open(t, None)
	s.Security = StartTLS
	if got := refused(t, s.Send(t.Context(), hello)); got != "The mail server offers no STARTTLS." {
		t.Errorf("got %s", got)
	}
	if len(o.used)+len(o.letters) > 0 {
		t.Errorf("it was told a password by %v, took %v", o.used, o.letters)
	}
}

func TestACertificateOfNobodyIsNotBelieved(t *testing.T) {
	for _, security := range []Security{TLS, StartTLS} {
		o := newOffice(t)
		o.mechanisms = []string{"PLAIN"}
		unknown, another := o.open(t, security), o.open(t, security)
		unknown.roots = nil
		another.Host = "localhost" // the certificate names 127.0.0.1
		for name, s := range map[string]Server{"by an unknown authority": unknown, "for another name": another} {
			want := "The mail server at " + s.address() + " shows a certificate that cannot be trusted."
			if got := refused(t, s.Send(t.Context(), hello)); got != want {
				t.Errorf("%s, %s: %s", security, name, got)
			}
		}
		if len(o.used)+len(o.letters) > 0 {
			t.Errorf("%s: it was told a password by %v", security, o.used)
		}
	}
}

func TestTheOwnerReadsWhatTheServerDoesNotLike(t *testing.T) {
	no := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Not here"}
	later := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Later"}
	for _, c := range []struct {
		mail, rcpt, data error
		want             string
	}{
		{no, nil, nil, "The mail server takes no letter from hark@blog.example."},
		{nil, no, nil, "The mail server takes no letter to alice@there.example."},
		{nil, later, nil, "The mail server takes no letter to alice@there.example."},
		{nil, nil, no, "The mail server did not take the letter."},
	} {
		o := newOffice(t)
		o.mail, o.rcpt, o.data = c.mail, c.rcpt, c.data
		err := o.open(t, None).Send(t.Context(), hello)
		if got := refused(t, err); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		if !strings.Contains(err.Error(), "Not here") && !strings.Contains(err.Error(), "Later") {
			t.Errorf("the log does not read what the server said: %v", err)
		}
	}
}

func TestAServerThatIsNotThereIsSaid(t *testing.T) {
	listener := listen(t)
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	s := Server{Host: "127.0.0.1", Port: port, Security: TLS, From: "hark@blog.example"}
	if got := refused(t, s.Send(t.Context(), hello)); got != "No mail server answers at "+s.address()+"." {
		t.Errorf("got %s", got)
	}
}

func TestAServerThatHangsDoesNotHoldTheSender(t *testing.T) {
	for name, s := range map[string]Server{
		"says nothing":       script(t),
		"greets":             script(t, "220 mail.example"),
		"hears EHLO":         script(t, "220 mail.example", "250 mail.example"),
		"hears MAIL":         script(t, "220 mail.example", "250 mail.example", "250 OK"),
		"without end":        script(t, "220-mail.example", "220-mail.example"),
		"with TLS expecting": {Host: "127.0.0.1", Port: script(t).Port, Security: TLS, From: "hark@blog.example"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		start := time.Now()
		err := s.Send(ctx, hello)
		cancel()
		if got := refused(t, err); !strings.Contains(got, "took too long") || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		if time.Since(start) > 2*time.Second {
			t.Errorf("%s: held for %v", name, time.Since(start))
		}
	}
}

func TestSendingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	err := script(t, "220 mail.example").Send(ctx, hello)
	if got := refused(t, err); got != "The sending was broken off." || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAServerThatSpeaksNoMailIsSaid(t *testing.T) {
	wantsTLS := script(t, "220 mail.example")
	wantsTLS.Security = TLS
	for _, c := range []struct {
		s    Server
		want string
	}{
		{wantsTLS, "No encrypted connection to the mail server at " + wantsTLS.address() + " could be made."},
		{script(t, "554 mail.example does not talk to you"), "The mail server does not want to talk now."},
		{script(t, "HTTP/1.1 400 Bad Request"), ""},
		{script(t, "hang up"), ""},
		{script(t, "220 mail.example", "250 mail.example", "hang up"), ""},
		{script(t, "220 mail.example", strings.Repeat("250-x\r\n", maxAnswers/7)), ""},
		{script(t, "220 "+strings.Repeat("x", 2*maxAnswers)), ""},
		{script(t, "554 "+strings.Repeat("x", maxAnswers/2)), "The mail server does not want to talk now."},
	} {
		if c.want == "" {
			c.want = "The conversation with the mail server at " + c.s.address() + " broke off."
		}
		err := c.s.Send(t.Context(), hello)
		if got := refused(t, err); got != c.want {
			t.Errorf("got %s\nwant %s", got, c.want)
		}
		if len(err.Error()) > 2*maxError {
			t.Errorf("the log reads %d bytes", len(err.Error()))
		}
	}
}

func TestALetterThatIsTakenIsSentThoughTheServerHangsUp(t *testing.T) {
	listener := listen(t)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		heard := bufio.NewReader(conn)
		for _, answer := range []string{"220 mail.example", "250 mail.example", "250 OK", "250 OK", "354 Go ahead"} {
			io.WriteString(conn, answer+"\r\n")
			heard.ReadString('\n')
		}
		for line := ""; line != ".\r\n"; {
			if line, err = heard.ReadString('\n'); err != nil {
				return
			}
		}
		io.WriteString(conn, "250 Taken\r\n")
	}()
	s := Server{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Security: None, From: "hark@blog.example"}
	if err := s.Send(t.Context(), hello); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestTheUsualPortGoesWithTheSecurity(t *testing.T) {
	for s, want := range map[*Server]string{
		{Host: "mail.example", Security: TLS}:               "mail.example:465",
		{Host: "mail.example", Security: StartTLS}:          "mail.example:587",
		{Host: "localhost", Security: None}:                 "localhost:25",
		{Host: "mail.example", Security: TLS, Port: 4465}:   "mail.example:4465",
		{Host: "[2001:db8::1]", Security: TLS}:              "[2001:db8::1]:465",
		{Host: "2001:db8::1", Security: StartTLS, Port: 25}: "[2001:db8::1]:25",
	} {
		if got := s.address(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAServerIsPrintedWithoutItsPassword(t *testing.T) {
	s := Server{Host: "mail.example", Security: TLS, User: user, Password: password}
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("mail", "server", s)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("mail", "server", &s)
	fmt.Fprintf(&logged, "%v %+v %s", s, &s, s)
	if strings.Contains(logged.String(), password) || !strings.Contains(logged.String(), "mail.example:465") {
		t.Errorf("got %s", logged.String())
	}
}

func FuzzAddress(f *testing.F) {
	for _, text := range []string{"alice@example.org", "Alice <alice@example.org>", `"a b"@bücher.example`, "=?utf-8?q?a=0D=0Ab?= <a@b.example>", "a@[127.0.0.1]"} {
		f.Add(text, "Subject")
	}
	f.Fuzz(func(t *testing.T, text, subject string) {
		a, ok := parse(text)
		if !ok {
			return
		}
		var out strings.Builder
		if _, err := compose(a, a, Letter{Subject: subject, Text: subject}).WriteTo(&out); err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(strings.NewReader(out.String()))
		if err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		if len(m.Header) != 9 {
			t.Errorf("%d headers:\n%s", len(m.Header), out.String())
		}
	})
}
