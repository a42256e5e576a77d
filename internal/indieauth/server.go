package indieauth

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hark/internal/answer"
)

// Server is where somebody shows whose address is theirs. Two that are equal are
// the same one.
type Server struct {
	Issuer        string // empty for one that says nothing of itself
	Authorization string // its authorization endpoint
}

// Secure tells whether nobody on the way can read or change what is said there.
func (s Server) Secure() bool { return strings.HasPrefix(s.Authorization, "https://") }

// Pointers are the addresses by which the page of a user leads to their server,
// each empty where it has none.
type Pointers struct {
	Metadata      string // of the document that ReadMetadata reads
	Authorization string // the endpoint itself, as older pages name it
}

// Point finds the pointers of a page (section 4.1): of each kind the first Link
// header, else the first link element. at is where the page was found in the end.
func Point(at *url.URL, header http.Header, body []byte) Pointers {
	p := Pointers{}
	for _, l := range answer.Links(header) {
		p.add(at, l)
	}
	base, elements := answer.Elements(at, header, body)
	for _, e := range elements {
		if e.Name == "link" {
			p.add(base, e.Link)
		}
	}
	return p
}

// add keeps an address that a link names, if it is the first of its kind.
func (p *Pointers) add(base *url.URL, l answer.Link) {
	for name, field := range map[string]*string{"indieauth-metadata": &p.Metadata, "authorization_endpoint": &p.Authorization} {
		if *field == "" && hasRel(l.Rel, name) {
			*field = resolve(base, l.Href)
		}
	}
}

// resolve is the one spelling of an address that a page names, empty for one that
// cannot be visited.
func resolve(base *url.URL, href string) string {
	to, err := base.Parse(strings.TrimSpace(href))
	if err != nil || strings.TrimSpace(href) == "" {
		return ""
	}
	to.Fragment, to.RawFragment = "", ""
	canonical, err := Client(to.String())
	if err != nil {
		return ""
	}
	return canonical
}

// Why a document does not describe a server.
var (
	errNoMetadata = errors.New("indieauth: this is not the JSON that describes a server")
	errIssuer     = errors.New("indieauth: the server names an issuer that it cannot be")
	errNoProof    = errors.New("indieauth: the server takes no proof of the kind S256")
)

// maxMetadata bounds what a server says of itself, in bytes.
const maxMetadata = 64 << 10

// ReadMetadata reads what a server says of itself at the address to which a user's
// page points (section 4.1.1).
func ReadMetadata(address string, body []byte) (Server, error) {
	var said struct {
		Issuer        string   `json:"issuer"`
		Authorization string   `json:"authorization_endpoint"`
		Challenges    []string `json:"code_challenge_methods_supported"`
	}
	if len(body) > maxMetadata || json.Unmarshal(body, &said) != nil {
		return Server{}, errNoMetadata
	}
	endpoint, err := Client(said.Authorization)
	if err != nil {
		return Server{}, errNoMetadata
	}
	if !issues(said.Issuer, address) {
		return Server{}, errIssuer
	}
	if said.Challenges != nil && !slices.Contains(said.Challenges, "S256") {
		return Server{}, errNoProof
	}
	return Server{Issuer: said.Issuer, Authorization: endpoint}, nil
}

// issues tells whether an issuer may stand in the document at an address: it has to
// be what the address begins with, and has neither query nor fragment. One that is
// only the beginning of the host's name is another host.
func issues(issuer, address string) bool {
	canonical, err := Client(issuer)
	if err != nil || strings.ContainsAny(issuer, "?#") {
		return false
	}
	one, err := url.Parse(canonical)
	if err != nil {
		return false
	}
	other, err := url.Parse(address)
	return err == nil && origin(one) == origin(other) && strings.HasPrefix(address, strings.TrimSuffix(issuer, "/"))
}
