package settings

import (
	"fmt"
	"net/url"
	"strings"

	"hark/internal/fetch"
)

// Mode says which verified mentions are shown without being asked about.
type Mode string

// The modes, from the most open to the most careful.
const (
	ShowAll       Mode = "all"       // whatever truly links
	HoldDoubtful  Mode = "doubtful"  // all but what something speaks against
	HoldStrangers Mode = "strangers" // only authors that were shown before
	HoldAll       Mode = "none"      // nothing
)

// Answers is what the owner has chosen about what others say.
type Answers struct {
	Mode     Mode
	Bridges  Hosts  // sites that carry other people's words; no author lives there
	Suspects Hosts  // sites whose mentions wait
	Aliases  Hosts  // other hosts under which this site is reached, or was
	Akismet  string // the key of Akismet's service; empty: it is not asked
}

// DefaultAnswers are the choices before any was made.
var DefaultAnswers = Answers{Mode: HoldDoubtful, Bridges: "brid.gy"}

func (a *Answers) fields() map[string]*string {
	return map[string]*string{
		"mode": (*string)(&a.Mode), "bridges": (*string)(&a.Bridges), "suspects": (*string)(&a.Suspects),
		"aliases": (*string)(&a.Aliases), "akismet": &a.Akismet,
	}
}

// Check brings what was typed into the form that is kept, or is an *Invalid.
func (a *Answers) Check() error {
	a.Akismet = strings.TrimSpace(a.Akismet)
	for field, hosts := range map[string]*Hosts{"bridges": &a.Bridges, "suspects": &a.Suspects, "aliases": &a.Aliases} {
		if err := hosts.check(field); err != nil {
			return err
		}
	}
	switch {
	case len(a.Akismet) > 64 || strings.ContainsFunc(a.Akismet, notInKey):
		return &Invalid{"akismet", "A key of Akismet consists of letters and digits."}
	case a.Mode != ShowAll && a.Mode != HoldDoubtful && a.Mode != HoldStrangers && a.Mode != HoldAll:
		return &Invalid{"mode", "Choose one of the four."}
	}
	return nil
}

func notInKey(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
}

// Hosts is a list of host names, one a line, in lower case and ASCII.
type Hosts string

// mostHosts bounds a list; each mention is held against it.
const mostHosts = 10_000

// All lists them.
func (h Hosts) All() []string { return strings.Fields(string(h)) }

// Have tells whether host, or a domain above it, is in the list.
func (h Hosts) Have(host string) bool {
	for _, one := range h.All() {
		if host == one || strings.HasSuffix(host, "."+one) {
			return true
		}
	}
	return false
}

// check brings what was typed into the form that is kept. Whole addresses are
// taken for their hosts.
func (h *Hosts) check(field string) error {
	typed := strings.FieldsFunc(string(*h), func(r rune) bool { return r == ',' || r == ';' || r <= ' ' })
	if len(typed) > mostHosts {
		return &Invalid{field, fmt.Sprintf("That is a long list: %d hosts at most.", mostHosts)}
	}
	kept := make([]string, 0, len(typed))
	for _, word := range typed {
		host, ok := hostName(word)
		if !ok {
			return &Invalid{field, fmt.Sprintf("“%s” is no host. Write one a line, like example.org.", word)}
		}
		kept = append(kept, host)
	}
	*h = Hosts(strings.Join(kept, "\n"))
	return nil
}

// hostName reads a host, with its port if it has one, out of what was typed.
func hostName(word string) (host string, ok bool) {
	if !strings.Contains(word, "://") {
		word = "https://" + word
	}
	u, err := url.Parse(word)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return "", false
	}
	host = fetch.Host(u)
	return host, len(host) <= 253 && !strings.Contains(host, "..") && !strings.ContainsFunc(host, notInHost)
}

// notInHost tells what cannot stand in a host that names something.
func notInHost(r rune) bool {
	return notInKey(r) && !strings.ContainsRune(".-_:[]", r)
}
