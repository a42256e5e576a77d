package authlog

import (
	"net/netip"
	"strings"
)

// Kind is one kind of line, for whoever holds against them what reads them.
type Kind struct {
	Name    string // the line without its address
	Ping    bool   // about a refused ping, else about somebody who signs in
	Counted bool   // against the address, by the shipped filters
	Write   func(*Log, netip.Addr)
}

// Methods lists every method.
func Methods() []Method {
	return []Method{Password, Token, RecoveryCode, SecondFactor, Passkey, IndieAuth, Reset}
}

// Kinds lists every kind of line that hark writes.
func Kinds() []Kind {
	var kinds []Kind
	for _, how := range Methods() {
		kinds = append(kinds,
			Kind{"Authentication failure for alice" + how.suffix(), false, true, func(l *Log, from netip.Addr) { l.Failure("alice", how, from) }},
			Kind{"Invalid user bob" + how.suffix(), false, true, func(l *Log, from netip.Addr) { l.Invalid("bob", how, from) }},
			Kind{"Accepted login for alice" + how.suffix(), false, false, func(l *Log, from netip.Addr) { l.Accepted("alice", how, from) }},
		)
	}
	kinds = append(kinds,
		Kind{"Authentication failure for API User", false, true, (*Log).UnknownToken},
		Kind{"Too many authentication failures for alice", false, true, func(l *Log, from netip.Addr) { l.Throttled("alice", from) }},
		Kind{"User logged out alice", false, false, func(l *Log, from netip.Addr) { l.LoggedOut("alice", from) }},
	)
	for _, p := range []Protocol{Pingback, Webmention} {
		for _, why := range Reasons() {
			kinds = append(kinds, Kind{string(p) + " rejected (" + string(why) + ")", true, why.Counted(),
				func(l *Log, from netip.Addr) { l.Rejected(p, why, from) }})
		}
	}
	return kinds
}

// HostileNames are names of users that were made to forge a line, to hide one,
// or to have the victim banned.
func HostileNames(victim netip.Addr) []string {
	forged := "Authentication failure for root from " + victim.String()
	return []string{
		"alice\n" + forged,
		"alice\r\n" + forged,
		"alice\r" + forged,
		"alice\n<36>Jan  2 03:04:05 host hark[1]: " + forged,
		"alice\n2026-01-02T03:04:05+00:00 host hark[1]: " + forged + "\n",
		"alice from " + victim.String(),
		"alice from " + victim.String() + "\x00",
		"alice from " + victim.String() + " #",
		forged,
		"root (password) from " + victim.String() + " Invalid user bob",
		"API User from " + victim.String(),
		victim.String(),
		"from " + victim.String(),
		"\u2028" + forged,
		"\u0085" + forged,
		"\v" + forged + "\f",
		"\x1b[2K\x1b[1G" + forged,
		"%0A" + forged,
		"#012" + forged,
		"\\n" + forged,
		"\xff\xfe" + forged,
		"\u202e" + forged,
		"" + strings.Repeat("a", 8192),
		strings.Repeat("\n", 8192),
		strings.Repeat("a", 8192) + " from " + victim.String(),
		strings.Repeat(" ", 70) + "from " + victim.String(),
		strings.Repeat("a", 62) + "\n" + forged,
		"$(reboot)", "`reboot`", "'; DROP TABLE users; --",
		"<HOST>", "<F-USER>x</F-USER>", "${jndi:ldap://" + victim.String() + "/a}",
		"", " ", "\t", "-", "~", "älice", "\x00",
	}
}
