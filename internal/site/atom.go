package site

import (
	"bytes"
	"encoding/xml"
	"strings"
	"time"
)

// The elements of Atom (RFC 4287), with in-reply-to of its threading extension
// (RFC 4685).
type (
	atomRoot struct {
		XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Thread   string      `xml:"xmlns:thr,attr"`
		Lang     string      `xml:"xml:lang,attr,omitempty"`
		ID       string      `xml:"id"`
		Title    string      `xml:"title"`
		Subtitle string      `xml:"subtitle,omitempty"`
		Updated  string      `xml:"updated"`
		Links    []atomLink  `xml:"link"`
		Author   atomPerson  `xml:"author"`
		Entries  []atomEntry `xml:"entry"`
	}
	atomLink struct {
		Rel    string `xml:"rel,attr"`
		Type   string `xml:"type,attr,omitempty"`
		Href   string `xml:"href,attr"`
		Title  string `xml:"title,attr,omitempty"`
		Length int64  `xml:"length,attr,omitempty"` // in bytes
	}
	atomPerson struct {
		Name string `xml:"name"`
		URI  string `xml:"uri,omitempty"`
	}
	atomEntry struct {
		Lang       string         `xml:"xml:lang,attr,omitempty"`
		ID         string         `xml:"id"`
		Title      string         `xml:"title"`
		Links      []atomLink     `xml:"link"`
		Published  string         `xml:"published"`
		Updated    string         `xml:"updated"`
		Author     *atomPerson    `xml:"author"`
		InReplyTo  []atomReply    `xml:"thr:in-reply-to"`
		Categories []atomCategory `xml:"category"`
		Summary    string         `xml:"summary,omitempty"`
		Content    atomContent    `xml:"content"`
	}
	atomReply struct {
		Ref  string `xml:"ref,attr"`
		Href string `xml:"href,attr"`
	}
	atomCategory struct {
		Term string `xml:"term,attr"`
	}
	atomContent struct {
		Type string `xml:"type,attr"`
		HTML string `xml:",cdata"`
	}
)

func atomFeed(f feed) ([]byte, error) {
	root := atomRoot{
		Thread:   "http://purl.org/syndication/thread/1.0",
		Lang:     f.language,
		ID:       f.id,
		Title:    legal(f.title),
		Subtitle: legal(f.description),
		Updated:  machine(f.updated()),
		Links:    []atomLink{{Rel: "self", Type: "application/atom+xml", Href: f.self}, {Rel: "alternate", Type: "text/html", Href: f.home}},
		Author:   atomPerson{legal(f.author), f.home},
	}
	if f.hub != "" {
		root.Links = append(root.Links, atomLink{Rel: "hub", Href: f.hub})
	}
	for _, it := range f.items {
		root.Entries = append(root.Entries, it.atom())
	}
	return writeXML(root)
}

func (it item) atom() atomEntry {
	e := atomEntry{
		Lang:      it.lang,
		ID:        it.id,
		Title:     legal(it.name),
		Links:     []atomLink{{Rel: "alternate", Type: "text/html", Href: it.address}},
		Published: machine(it.published),
		Updated:   machine(it.updated),
		Content:   atomContent{"html", legal(it.content)},
	}
	if it.author != (person{}) {
		e.Author = &atomPerson{legal(it.author.name), it.author.url}
	}
	for _, r := range it.responses {
		switch r.property {
		case "in-reply-to":
			e.InReplyTo = append(e.InReplyTo, atomReply{r.target, r.target})
		case "mention-of":
		default:
			e.Links = append(e.Links, atomLink{Rel: "related", Href: r.target})
		}
	}
	for _, f := range it.files {
		e.Links = append(e.Links, atomLink{"enclosure", f.mediaType, f.address, legal(f.title), f.bytes})
	}
	for _, tag := range it.tags {
		e.Categories = append(e.Categories, atomCategory{legal(tag)})
	}
	if it.title != "" {
		e.Summary = legal(it.summary)
	}
	return e
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func writeXML(root any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if err := xml.NewEncoder(&b).Encode(root); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// legal leaves out the characters that no XML document may hold (XML 1.0,
// section 2.2), in whatever way they are written.
func legal(s string) string {
	if strings.IndexFunc(s, illegal) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if illegal(r) {
			return -1
		}
		return r
	}, s)
}

func illegal(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\uFFFE' || r == '\uFFFF'
}
