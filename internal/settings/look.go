package settings

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"hark/internal/look"
)

// Look is what the owner has chosen of how the site looks. Its zero value is the
// look before anything was chosen.
type Look struct {
	look.Choice
	Picture  string // the path of a picture at the top of every page
	Alt      string // what it shows; empty: the name of the site
	Size     string // its width and height in pixels, like 640x120
	Position string // name: in place of the name; empty: above it
	Links    string // one a line: a name, then an address
	Footer   string // in Markdown
	CSS      string // the owner's own style sheet
}

// Bounds of a look, in bytes, and in links.
const (
	MaxCSS    = 64 << 10
	maxFooter = 8 << 10
	mostLinks = 12
)

// Link is one of the owner's links of the navigation.
type Link struct{ Name, Address string }

func (l *Look) fields() map[string]*string {
	return map[string]*string{
		"theme": &l.Theme, "accent": &l.Accent, "type": &l.Type, "width": &l.Width,
		"picture": &l.Picture, "picture_alt": &l.Alt, "picture_size": &l.Size, "picture_position": &l.Position,
		"links": &l.Links, "footer": &l.Footer, "css": &l.CSS,
	}
}

// Navigation are the owner's links.
func (l Look) Navigation() (links []Link) {
	for line := range strings.Lines(l.Links) {
		if link, ok := linkIn(line); ok {
			links = append(links, link)
		}
	}
	return links
}

// Pixels are the width and height of the picture, 0 where there is none.
func (l Look) Pixels() (width, height int) {
	w, h, _ := strings.Cut(l.Size, "x")
	width, _ = strconv.Atoi(w)
	height, _ = strconv.Atoi(h)
	return width, height
}

// Check brings what was typed into the form that is kept, or is an *Invalid.
func (l *Look) Check() error {
	if field, text := l.Choice.Check(); field != "" {
		return &Invalid{field, text}
	}
	l.Alt, l.Footer = oneLine(l.Alt), strings.TrimSpace(lines.Replace(l.Footer))
	l.CSS = strings.TrimSpace(lines.Replace(l.CSS))
	if err := l.checkLinks(); err != nil {
		return err
	}
	switch {
	case utf8.RuneCountInString(l.Alt) > 300:
		return &Invalid{"picture_alt", "One line: 300 letters at most."}
	case l.Picture != "" && !strings.HasPrefix(l.Picture, "/media/"):
		return &Invalid{"picture", "The picture has to be uploaded here."}
	case l.Position != "" && l.Position != "name":
		return &Invalid{"picture_position", "Choose one of the two."}
	case len(l.Footer) > maxFooter:
		return &Invalid{"footer", "That is too long to stand beneath every page: 8 KB at most."}
	}
	return checkCSS(l.CSS)
}

var lines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "")

func (l *Look) checkLinks() error {
	var kept []string
	for line := range strings.Lines(lines.Replace(l.Links)) {
		if line = oneLine(line); line == "" {
			continue
		}
		link, ok := linkIn(line)
		if !ok {
			return &Invalid{"links", fmt.Sprintf("“%s” is no link. Write a name, a space and an address: one of this site like /tag/rain, or one like https://example.org/.", line)}
		}
		if utf8.RuneCountInString(link.Name) > 40 || len(link.Address) > 2048 {
			return &Invalid{"links", fmt.Sprintf("“%s” is too long for a link: 40 letters at most for the name.", link.Name)}
		}
		kept = append(kept, link.Name+" "+link.Address)
	}
	if len(kept) > mostLinks {
		return &Invalid{"links", fmt.Sprintf("Those are %d links: %d at most, so that people find what they look for.", len(kept), mostLinks)}
	}
	l.Links = strings.Join(kept, "\n")
	return nil
}

// linkIn reads a line: what follows the last space is the address.
func linkIn(line string) (Link, bool) {
	line = oneLine(line)
	space := strings.LastIndexByte(line, ' ')
	if space < 0 {
		return Link{}, false
	}
	link := Link{strings.TrimSpace(line[:space]), line[space+1:]}
	return link, leads(link.Address)
}

// leads tells whether an address can stand in a link: a path of this site, or an
// address of the web or of a mailbox.
func leads(address string) bool {
	u, err := url.Parse(address)
	switch {
	case err != nil || strings.ContainsAny(address, "\\<>\""):
		return false
	case u.Scheme == "" && u.Host == "":
		return strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//")
	case u.Scheme == "mailto":
		return u.Opaque != ""
	}
	return (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil
}

// elsewhere is what a style sheet loads from other hosts. Browsers would refuse it,
// since pages allow nothing of others; it is said here, so that nobody wonders.
var elsewhere = regexp.MustCompile(`(?i)url\(\s*["']?\s*(?:[a-z][a-z0-9+.-]*:|//)`)

func checkCSS(css string) error {
	switch {
	case len(css) > MaxCSS:
		return &Invalid{"css", fmt.Sprintf("That is too much for one style sheet: %d KB at most.", MaxCSS>>10)}
	case !utf8.ValidString(css):
		return &Invalid{"css", "There are letters in this that cannot be read. Save the file as UTF-8, then copy it anew."}
	case strings.Contains(strings.ToLower(css), "@import"):
		return &Invalid{"css", "@import does nothing here. Put all rules into this one sheet."}
	case elsewhere.MatchString(css):
		return &Invalid{"css", "This loads something from another place, and pages of this site load nothing from others. Upload it here, and write its path: url(/media/…)."}
	}
	return nil
}

// SaveLook keeps it as Save does.
func (s *Store) SaveLook(ctx context.Context, l Look) error {
	if err := l.Check(); err != nil {
		return err
	}
	was := Default.Look
	return s.write(ctx, l.fields(), was.fields())
}
