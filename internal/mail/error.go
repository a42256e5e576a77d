package mail

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"

	library "github.com/wneessen/go-mail"
)

// Error is why a letter was not sent: a sentence for the owner, and what is
// behind it for the log. The password is in neither.
type Error struct {
	Text string
	Err  error // nil if the letter or the server's description was at fault
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Text
	}
	return e.Text + " (" + e.Err.Error() + ")"
}

func (e *Error) Unwrap() error { return e.Err }

// check finds what cannot work before anybody is called.
func (s Server) check(letter Letter) (from, to address, err error) {
	host := s.host()
	if host == "" || strings.ContainsAny(host, "/@[] \t\r\n\x00") {
		return from, to, &Error{Text: fmt.Sprintf("The name of the mail server, %q, cannot be used.", s.Host)}
	}
	if s.Port < 0 || s.Port > 65535 {
		return from, to, &Error{Text: fmt.Sprintf("The mail server cannot have the port %d.", s.Port)}
	}
	if s.Security != TLS && s.Security != StartTLS && s.Security != None {
		return from, to, &Error{Text: fmt.Sprintf("The security of the mail server is tls, starttls or none, not %q.", s.Security)}
	}
	from, ok := parse(s.From)
	if !ok {
		return from, to, &Error{Text: fmt.Sprintf("No letter can be sent from the address %q.", s.From)}
	}
	to, ok = parse(letter.To)
	if !ok {
		return from, to, &Error{Text: fmt.Sprintf("No letter can be sent to the address %q.", letter.To)}
	}
	return from, to, nil
}

// explain makes a sentence of what went wrong in a conversation.
func (s Server) explain(ctx context.Context, err error, from, to address) *Error {
	if ctx.Err() != nil { // what follows from it says nothing
		err = fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	var refused *library.SendError
	text := s.connection(err)
	if text == "" && errors.As(err, &refused) {
		text = refusal(refused, from, to)
	}
	if text == "" {
		text = login(err)
	}
	if text == "" {
		text = fmt.Sprintf("The conversation with the mail server at %s broke off.", s.address())
	}
	return &Error{Text: text, Err: s.hide(err)}
}

// connection is what went wrong with the line itself.
func (s Server) connection(err error) string {
	var unknown *net.DNSError
	var dial *dialError
	var untrusted *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	var alert tls.AlertError
	var slow net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "The sending was broken off."
	case errors.As(err, &unknown) && unknown.IsNotFound:
		return fmt.Sprintf("There is no mail server with the name %s.", s.host())
	case errors.As(err, &dial):
		return fmt.Sprintf("No mail server answers at %s.", s.address())
	case errors.Is(err, errOpenLine):
		return "A password is not sent over an unencrypted connection. Choose tls or starttls."
	case errors.As(err, &untrusted):
		return fmt.Sprintf("The mail server at %s shows a certificate that cannot be trusted.", s.address())
	case errors.As(err, &plain), errors.As(err, &alert):
		return fmt.Sprintf("No encrypted connection to the mail server at %s could be made.", s.address())
	case errors.As(err, &slow) && slow.Timeout():
		return fmt.Sprintf("The mail server at %s took too long. Perhaps it wants another security, or another port.", s.address())
	}
	return ""
}

// login is what went wrong before the letter was offered. The library has
// words for it and no types.
func login(err error) string {
	var answer *textproto.Error
	said := err.Error()
	switch {
	case strings.Contains(said, "does not support STARTTLS"):
		return "The mail server offers no STARTTLS."
	case strings.Contains(said, "does not support SMTP AUTH"), errors.Is(err, library.ErrNoSupportedAuthDiscovered):
		return "The mail server offers no way to give it the password."
	case !errors.As(err, &answer):
		return ""
	case !strings.Contains(said, "SMTP AUTH failed"):
		return "The mail server does not want to talk now."
	case answer.Code < 500:
		return "The mail server cannot check the password now."
	}
	return "The mail server refused the password."
}

// refusal is what the server did not like of the letter.
func refusal(e *library.SendError, from, to address) string {
	if code := e.ErrorCode(); code == 530 || code == 502 && e.Reason == library.ErrSMTPMailFrom {
		return "The mail server wants a user name and a password."
	}
	if e.ErrorCode() == 0 {
		return "" // it said nothing
	}
	switch e.Reason {
	case library.ErrSMTPMailFrom:
		return fmt.Sprintf("The mail server takes no letter from %s.", from.Address)
	case library.ErrSMTPRcptTo:
		return fmt.Sprintf("The mail server takes no letter to %s.", to.Address)
	}
	return "The mail server did not take the letter."
}

// maxError is how many bytes of an error are kept.
const maxError = 1000

// hide makes an error fit for the log: without the password, should the server
// repeat it as it stands or as it was sent, and not endless.
func (s Server) hide(err error) error {
	text := err.Error()
	if s.Password != "" {
		encode := base64.StdEncoding.EncodeToString
		text = strings.NewReplacer(
			encode([]byte("\x00"+s.User+"\x00"+s.Password)), "[password]",
			encode([]byte(s.Password)), "[password]",
			s.Password, "[password]",
		).Replace(text)
	}
	if len(text) > maxError {
		text = strings.ToValidUTF8(text[:maxError], "") + "…"
	}
	if text == err.Error() {
		return err
	}
	return errors.New(text)
}
