package indieauth

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"hark/internal/answer"
)

const (
	maxName      = 100 // runes
	maxRedirects = 100 // that an app may name
)

// ErrOtherClient says that the document at an app's address is that of another.
var ErrOtherClient = errors.New("its document is that of another app")

// Information is what an app says of itself. All of it may be missing, and none
// of it is proven but that it stands at the app's address.
type Information struct {
	Name      string
	Page      string   // about the app, canonical
	Logo      string   // the address of a picture
	Redirects []string // where answers may go beside the app's own host
	Renews    bool     // it can use refresh tokens
}

// Takes tells whether an answer may go where the request says: to the app's own
// origin, or to exactly one of the addresses that it names (section 4.2.2).
func (i Information) Takes(r *Request) bool {
	return r.AtHome() || slices.Contains(i.Redirects, r.Redirect)
}

// ReadClient reads what stands at the address of an app: its metadata as JSON, or
// HTML with an h-app. at is where that was found in the end. What another host
// says, to which the app's led, says nothing of the app.
func ReadClient(client string, at *url.URL, header http.Header, body []byte) (Information, error) {
	asked, err := url.Parse(client)
	if err != nil || at == nil || origin(asked) != origin(at) {
		return Information{}, errors.New("its address leads to another host")
	}
	info := Information{}
	for _, l := range answer.Links(header) {
		if hasRel(l.Rel, "redirect_uri") {
			info.addRedirect(at, l.Href)
		}
	}
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if kind == "application/json" || strings.HasSuffix(kind, "+json") {
		if err := info.readJSON(client, at, body); err != nil {
			return Information{}, err
		}
		return info, nil
	}
	if kind == "text/html" || kind == "application/xhtml+xml" || kind == "" {
		info.readHTML(at, header, body)
	}
	return info, nil
}

// document is an OAuth Client ID Metadata Document (section 4.2.1).
type document struct {
	ID        string   `json:"client_id"`
	Name      string   `json:"client_name"`
	Page      string   `json:"client_uri"`
	Logo      string   `json:"logo_uri"`
	Redirects []string `json:"redirect_uris"`
	Grants    []string `json:"grant_types"`
}

func (i *Information) readJSON(client string, at *url.URL, body []byte) error {
	var d document
	if !utf8.Valid(body) || json.Unmarshal(body, &d) != nil {
		return errors.New("its document is not the JSON that describes an app")
	}
	// The document must not be one that the app's host keeps for somebody else.
	if id, err := Client(d.ID); err != nil || id != client || spellAt(at) != client {
		return ErrOtherClient
	}
	i.setName(d.Name)
	if page, err := Client(d.Page); err == nil && strings.HasPrefix(client, page) {
		i.Page = page
	}
	i.setLogo(at, d.Logo)
	for _, redirect := range d.Redirects {
		i.addRedirect(at, redirect)
	}
	i.Renews = slices.Contains(d.Grants, "refresh_token")
	return nil
}

func spellAt(at *url.URL) string {
	canonical, err := Client(at.String())
	if err != nil {
		return ""
	}
	return canonical
}

func (i *Information) setName(name string) {
	name = answer.Line(name)
	if runes := []rune(name); len(runes) > maxName {
		name = string(runes[:maxName-1]) + "…"
	}
	i.Name = name
}

func (i *Information) setLogo(base *url.URL, address string) {
	if u, err := base.Parse(strings.TrimSpace(address)); err == nil && address != "" && (u.Scheme == "https" || u.Scheme == "http") && u.User == nil {
		i.Logo = u.String()
	}
}

func (i *Information) addRedirect(base *url.URL, address string) {
	u, err := base.Parse(strings.TrimSpace(address))
	if err != nil || len(i.Redirects) == maxRedirects {
		return
	}
	i.Redirects = append(i.Redirects, u.String())
	if u.IsAbs() && address != u.String() { // as it stands, too: a request is compared letter by letter
		i.Redirects = append(i.Redirects, strings.TrimSpace(address))
	}
}

func hasRel(rels, rel string) bool {
	return slices.ContainsFunc(strings.Fields(rels), func(one string) bool { return strings.EqualFold(one, rel) })
}
