package site

import (
	"cmp"
	"encoding/xml"
	"time"
)

// The elements of RSS 2.0, with the modules that readers expect: the whole text,
// the author's name, where the feed itself is, and its hub.
type (
	rssRoot struct {
		XMLName xml.Name   `xml:"rss"`
		Version string     `xml:"version,attr"`
		Atom    string     `xml:"xmlns:atom,attr"`
		Content string     `xml:"xmlns:content,attr"`
		DC      string     `xml:"xmlns:dc,attr"`
		Channel rssChannel `xml:"channel"`
	}
	rssChannel struct {
		Title       string     `xml:"title"`
		Link        string     `xml:"link"`
		Description string     `xml:"description"`
		Language    string     `xml:"language,omitempty"`
		Built       string     `xml:"lastBuildDate"`
		Links       []atomLink `xml:"atom:link"`
		Items       []rssItem  `xml:"item"`
	}
	rssItem struct {
		Title       string   `xml:"title,omitempty"`
		Link        string   `xml:"link"`
		GUID        rssGUID  `xml:"guid"`
		Published   string   `xml:"pubDate"`
		Creator     string   `xml:"dc:creator"`
		Categories  []string `xml:"category"`
		Description string   `xml:"description"`
		Content     rssHTML  `xml:"content:encoded"`
		Language    string   `xml:"dc:language,omitempty"`
		Enclosure   *rssFile `xml:"enclosure"`
	}
	rssGUID struct {
		Permanent bool   `xml:"isPermaLink,attr"`
		Address   string `xml:",chardata"`
	}
	// rssFile is a file. RSS wants its length, and where nobody knows it 0, as
	// the RSS Best Practices Profile says of enclosures.
	rssFile struct {
		Address string `xml:"url,attr"`
		Length  int64  `xml:"length,attr"`
		Type    string `xml:"type,attr"`
	}
	rssHTML struct {
		HTML string `xml:",cdata"`
	}
)

func rssFeed(f feed) ([]byte, error) {
	channel := rssChannel{
		Title:       legal(f.title),
		Link:        f.home,
		Description: legal(f.description),
		Language:    f.language,
		Built:       rssTime(f.updated()),
		Links:       []atomLink{{Rel: "self", Type: "application/rss+xml", Href: f.self}},
	}
	if f.hub != "" {
		channel.Links = append(channel.Links, atomLink{Rel: "hub", Href: f.hub})
	}
	for _, it := range f.items {
		channel.Items = append(channel.Items, it.rss(f.author))
	}
	return writeXML(rssRoot{
		Version: "2.0",
		Atom:    "http://www.w3.org/2005/Atom",
		Content: "http://purl.org/rss/1.0/modules/content/",
		DC:      "http://purl.org/dc/elements/1.1/",
		Channel: channel,
	})
}

func (it item) rss(author string) rssItem {
	r := rssItem{
		Title:       legal(it.title),
		Link:        it.address,
		GUID:        rssGUID{it.id == it.address, it.id},
		Published:   rssTime(it.published),
		Creator:     legal(cmp.Or(it.author.name, author)),
		Description: legal(cmp.Or(it.summary, it.name)),
		Content:     rssHTML{legal(it.content)},
	}
	r.Language = it.lang
	if len(it.files) > 0 { // RSS has room for one
		r.Enclosure = &rssFile{it.files[0].address, it.files[0].bytes, it.files[0].mediaType}
	}
	for _, tag := range it.tags {
		r.Categories = append(r.Categories, legal(tag))
	}
	return r
}

// rssTime is a date as RSS wants it (RFC 822, with a year of four digits).
func rssTime(t time.Time) string { return t.Format(time.RFC1123Z) }
