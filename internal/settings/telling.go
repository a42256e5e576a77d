package settings

import (
	"net/url"
	"slices"
	"strings"
)

// Telling is whom the site tells of what is written here.
type Telling struct {
	Hub   string // the address of a WebSub hub that is told of new posts; empty: none
	Never Hosts  // sites that are never told that a post links to them

	Targets Targets // to which a post can be copied, if its writer wants that
}

// DefaultTelling is the choice before any was made: no hub, and every site that
// is linked to.
var DefaultTelling = Telling{}

// maxHub is how long the address of a hub may be, in bytes.
const maxHub = 2048

func (t *Telling) fields() map[string]*string {
	return map[string]*string{"hub": &t.Hub, "never": (*string)(&t.Never), "targets": (*string)(&t.Targets)}
}

func (t *Telling) check() error {
	t.Hub = strings.TrimSpace(t.Hub)
	if text := wrongHub(t.Hub); text != "" {
		return &Invalid{"hub", text}
	}
	if err := t.Never.check("never"); err != nil {
		return err
	}
	return t.Targets.check("targets")
}

// isAddress tells whether somebody can be told at an address.
func isAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil
}

// wrongHub says why an address cannot be a hub's, empty if it can.
func wrongHub(address string) string {
	if address == "" {
		return ""
	}
	u, err := url.Parse(address)
	switch {
	case len(address) > maxHub:
		return "That is too long for an address: 2048 letters at most."
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return "Write the whole address of the hub, like https://hub.example.org/."
	case !isPlain(address):
		return "Write the address as a browser copies it, without spaces and special letters."
	case u.User != nil:
		return "The address of a hub holds no user name: every reader sees it."
	case strings.Contains(address, "#"):
		return "The address of a hub has no part after a #."
	}
	return ""
}

// isPlain tells whether an address can stand in a Link header, between < and >.
func isPlain(address string) bool {
	return !strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' || r == '"' })
}

// With is the list with host in it, as the last if it was not there. A host that
// names none changes nothing.
func (h Hosts) With(host string) Hosts {
	host, ok := hostName(host)
	if all := h.All(); ok && !slices.Contains(all, host) {
		return join(append(all, host))
	}
	return h
}

// Covering are the entries that stand for a host: itself, and domains above it.
func (h Hosts) Covering(host string) (entries []string) {
	for _, one := range h.All() {
		if Hosts(one).Have(host) {
			entries = append(entries, one)
		}
	}
	return entries
}

// Without is the list without host. A domain above it stays.
func (h Hosts) Without(host string) Hosts {
	host, _ = hostName(host)
	return join(slices.DeleteFunc(h.All(), func(one string) bool { return one == host }))
}

func join(hosts []string) Hosts { return Hosts(strings.Join(hosts, "\n")) }
