package settings

import (
	"cmp"
	address "net/mail"
	"strconv"
	"strings"

	"hark/internal/mail"
)

// How often the owner is written to about mentions that wait.
const (
	Never  = "never"
	Hourly = "hourly"
	Daily  = "daily"
)

// Letters is how the owner is written to.
type Letters struct {
	Every string // Never, Hourly, Daily
	To    string // the owner's address

	Server   string // the host of the owner's mail server
	Port     string
	Security string // tls, starttls, none
	User     string // empty: the server asks for none
	Password string
	From     string // empty: as To
}

// MailServer is the owner's mail server, as letters go to it.
func (l Letters) MailServer() mail.Server {
	port, _ := strconv.Atoi(l.Port) // it was checked; else it is the usual one
	return mail.Server{Host: l.Server, Port: port, User: l.User, Password: l.Password, Security: mail.Security(l.Security), From: cmp.Or(l.From, l.To)}
}

// DefaultLetters write to nobody.
var DefaultLetters = Letters{Every: Never, Port: "587", Security: "starttls"}

func (l *Letters) fields() map[string]*string {
	return map[string]*string{
		"letters": &l.Every, "letters_to": &l.To, "smtp_server": &l.Server, "smtp_port": &l.Port,
		"smtp_security": &l.Security, "smtp_user": &l.User, "smtp_password": &l.Password, "smtp_from": &l.From,
	}
}

// check lets a half-filled form be kept as long as nobody is to be written to.
func (l *Letters) check() error {
	for _, field := range []*string{&l.To, &l.Server, &l.Port, &l.User, &l.From} {
		*field = strings.TrimSpace(*field)
	}
	port, err := strconv.Atoi(l.Port)
	switch {
	case l.Every != Never && l.Every != Hourly && l.Every != Daily:
		return &Invalid{"letters", "Choose one of the three."}
	case err != nil || port < 1 || port > 65535:
		return &Invalid{"smtp_port", "A port is a number up to 65535; mail servers take letters at 465, 587 or 25."}
	case l.Security != "tls" && l.Security != "starttls" && l.Security != "none":
		return &Invalid{"smtp_security", "Choose one of the three."}
	case l.To != "" && !isMailbox(l.To):
		return &Invalid{"letters_to", "That is no e-mail address."}
	case l.From != "" && !isMailbox(l.From):
		return &Invalid{"smtp_from", "That is no e-mail address."}
	case strings.ContainsAny(l.Server, "/: \t") || len(l.Server) > 253:
		return &Invalid{"smtp_server", "Write the name of the server alone, like mail.example.org."}
	case l.Every != Never && l.To == "":
		return &Invalid{"letters_to", "To which address?"}
	case l.Every != Never && l.Server == "":
		return &Invalid{"smtp_server", "Which mail server sends the letters?"}
	}
	return nil
}

func isMailbox(s string) bool {
	box, err := address.ParseAddress(s)
	return err == nil && box.Address == s && len(s) <= 254
}
