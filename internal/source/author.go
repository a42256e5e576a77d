package source

import (
	"context"
	"net/url"
	"strings"

	"hark/internal/fetch"
	"hark/internal/mf2"
)

// name finds who says it: the author, else the site, else the host.
func (r *reading) name() {
	author := r.whoSays()
	r.Site = Line(r.siteName(), NameLength)
	r.AuthorName = Line(author.Name, NameLength)
	r.AuthorURL = webOnly(author.URL)
	r.AuthorPhoto = webOnly(author.Photo)
	r.NamedAuthor = r.AuthorName != ""
	for _, name := range []string{r.Site, r.source.address.Hostname(), r.source.address.String()} {
		if r.AuthorName == "" {
			r.AuthorName = Line(strings.TrimPrefix(name, "www."), NameLength)
		}
	}
	if r.AuthorURL == "" {
		r.AuthorURL = (&url.URL{Scheme: r.source.address.Scheme, Host: r.source.address.Host, Path: "/"}).String()
	}
}

func (r *reading) siteName() string {
	name := r.head.first("og:site_name")
	fill(&name, r.linked.site)
	fill(&name, r.head.site())
	return name
}

// whoSays goes through the ways in which a page names its author.
func (r *reading) whoSays() mf2.Author {
	var a mf2.Author
	if r.entry != nil {
		a = r.authorOfEntry()
	}
	if a.Name == "" && r.linked.author != "" {
		a.Name = r.linked.author
		fill(&a.URL, r.linked.authorURL)
		fill(&a.Photo, r.linked.authorPhoto)
	}
	if a.Name == "" {
		a.Name = r.head.writer()
		fill(&a.URL, r.head.authorPage)
	}
	if a.Name == "" && r.mf2 != nil {
		if owner, ok := r.mf2.Owner(); ok {
			return owner
		}
	}
	return a
}

// authorOfEntry ends the authorship algorithm, but for its last question: where
// the entry only names a page of its author, and that is not this one, it has to
// be asked.
func (r *reading) authorOfEntry() mf2.Author {
	a, page := r.entry.Author, r.entry.AuthorPage
	if page == "" {
		return a
	}
	person, ok := r.mf2.Person(page)
	if !ok {
		r.author = page
		return mf2.Author{Name: a.Name, URL: page, Photo: a.Photo}
	}
	person.URL = ownAddress(person.URL, page)
	fill(&person.Photo, a.Photo)
	return person
}

// introduce asks the page of the author who says it.
func (e *Entry) introduce(ctx context.Context, address string, get Getter) {
	person, ok := ask(ctx, address, get)
	name := Line(person.Name, NameLength)
	if !ok || name == "" {
		return
	}
	e.AuthorName, e.NamedAuthor = name, true
	e.AuthorURL = ownAddress(webOnly(person.URL), e.AuthorURL)
	replace(&e.AuthorPhoto, webOnly(person.Photo))
}

// ownAddress is the address that an author's page gives for its author, if it is
// on the page's own site: else anybody's page could speak for anybody.
func ownAddress(said, page string) string {
	if siteOf(said) != siteOf(page) {
		return page
	}
	return said
}

// siteOf is the host of an address without www., for who asks whether two
// addresses belong to the same site.
func siteOf(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || !isWeb(u) {
		return ""
	}
	return strings.TrimPrefix(fetch.Host(u), "www.")
}

// replace sets a value to a better one, if that is known.
func replace(value *string, with string) {
	if with != "" {
		*value = with
	}
}

// ask fetches the page of an author and looks for its representative h-card.
func ask(ctx context.Context, address string, get Getter) (mf2.Author, bool) {
	page, err := get(ctx, address)
	if err != nil || page.Status < 200 || page.Status > 299 {
		return mf2.Author{}, false
	}
	s, err := Read(page)
	if err != nil || s.root == nil {
		return mf2.Author{}, false
	}
	document, err := mf2.Parse(s.root, s.address)
	if err != nil {
		return mf2.Author{}, false
	}
	if person, ok := document.Person(s.address.String()); ok {
		return person, true
	}
	return document.Person(address)
}

// Photo is the address of the photo of the person whom the page is about, empty for
// none.
func (s *Source) Photo() string {
	if s.root == nil {
		return ""
	}
	document, err := mf2.Parse(s.root, s.address)
	if err != nil {
		return ""
	}
	if person, ok := document.Person(s.address.String()); ok && person.Photo != "" {
		return person.Photo
	}
	owner, _ := document.Owner()
	return owner.Photo
}
