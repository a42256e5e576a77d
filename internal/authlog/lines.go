package authlog

import (
	"log/slog"
	"net/netip"
)

// Priorities are a syslog facility times eight plus a severity (RFC 3164 4.1.1).
const (
	authNotice   = 4*8 + 5
	authInfo     = 4*8 + 6
	daemonNotice = 3*8 + 5
)

// Method is how somebody tried to prove who they are. It stands in parentheses
// after the user; a password, the usual way, is not named.
type Method string

// The methods.
const (
	Password     Method = ""
	Token        Method = "token"
	RecoveryCode Method = "recovery-code"
	SecondFactor Method = "second-factor"
	Passkey      Method = "passkey"
	IndieAuth    Method = "indieauth"
	Reset        Method = "reset"
)

// Protocol is how a ping came.
type Protocol string

// The protocols.
const (
	Pingback   Protocol = "Pingback"
	Webmention Protocol = "Webmention"
)

// Reason is why a ping was refused. Log, metrics and desk share this one list.
type Reason string

// Reasons that count against the sender: the filters ban for these.
const (
	Malformed Reason = "malformed"  // XML, form, chunking, charset, parameter count, unknown method
	NoLink    Reason = "no-link"    // the source was read and does not link
	BadSource Reason = "bad-source" // scheme, userinfo, private address
	Blocked   Reason = "blocked"    // a rule of the owner
	TooLarge  Reason = "too-large"  // more bytes than a ping may have
	BadMethod Reason = "method"     // an HTTP method that the door does not take
)

// Reasons that honest senders on a shared host produce: never banned for.
const (
	RateLimited Reason = "rate-limited" // over a budget
	NoTarget    Reason = "no-target"    // nothing of ours that takes mentions
	Unreachable Reason = "unreachable"  // the source did not answer
	Duplicate   Reason = "duplicate"    // already known
	Gone        Reason = "gone"         // the source is no more
)

// Counted reports whether refusals for this reason count against the sender.
func (r Reason) Counted() bool {
	switch r {
	case Malformed, NoLink, BadSource, Blocked, TooLarge, BadMethod:
		return true
	}
	return false
}

// Reasons lists every reason.
func Reasons() []Reason {
	return []Reason{
		Malformed, NoLink, BadSource, Blocked, TooLarge, BadMethod,
		RateLimited, NoTarget, Unreachable, Duplicate, Gone,
	}
}

// Accepted says that user logged in.
func (l *Log) Accepted(user string, how Method, from netip.Addr) {
	l.observe(LoggedIn, how, from)
	l.put(authInfo, "Accepted login for "+token(user)+how.suffix()+l.from(from))
}

// Failure says that a known user gave a wrong proof.
func (l *Log) Failure(user string, how Method, from netip.Addr) {
	l.observe(Failed, how, from)
	l.put(authNotice, "Authentication failure for "+token(user)+how.suffix()+l.from(from))
}

// Invalid says that there is no such user.
func (l *Log) Invalid(user string, how Method, from netip.Addr) {
	l.observe(Failed, how, from)
	l.put(authNotice, "Invalid user "+token(user)+how.suffix()+l.from(from))
}

// UnknownToken says that an API token came that nobody has.
func (l *Log) UnknownToken(from netip.Addr) {
	l.observe(Failed, Token, from)
	l.put(authNotice, "Authentication failure for API User"+l.from(from))
}

// Throttled says that an attempt was refused unread, after too many failures.
func (l *Log) Throttled(user string, from netip.Addr) {
	l.observe(Throttled, Password, from)
	l.put(authNotice, "Too many authentication failures for "+token(user)+l.from(from))
}

// LoggedOut says that user logged out.
func (l *Log) LoggedOut(user string, from netip.Addr) {
	l.put(authInfo, "User logged out "+token(user)+l.from(from))
}

// Rejected says that a ping was refused.
func (l *Log) Rejected(p Protocol, why Reason, from netip.Addr) {
	l.put(daemonNotice, string(p)+" rejected ("+string(why)+")"+l.from(from))
}

// Name is the method in one word.
func (m Method) Name() string {
	if m == Password {
		return "password"
	}
	return string(m)
}

func (m Method) suffix() string {
	if m == Password {
		return ""
	}
	return " (" + string(m) + ")"
}

// from ends every line. An address that is not known is written as a word that
// no filter takes for one, and the administrator is told once.
func (l *Log) from(addr netip.Addr) string {
	if !addr.IsValid() {
		l.warned.Do(func() {
			slog.Warn("the address of a client is not known, so fail2ban cannot act on it; " +
				"behind a proxy, HARK_TRUSTED_PROXIES must name it and the proxy must send X-Forwarded-For")
		})
		return " from unknown"
	}
	return " from " + addr.Unmap().WithZone("").String()
}
